"""Shape `address`: where a station stands (座落于东方名苑臻锦园小区9号楼二单元一楼)."""

import re

from archive.facts.document import Document
from archive.facts.shapes.found import Found
from archive.facts.types import FactType

_EXACT = re.compile(r"\d+号|[路街巷道弄]|楼|栋|幢|单元|大厦|广场|交汇|村$|小区$|[东南西北]侧")
_STANDS = r"(?<=服务中心|群服务站|区服务站|活动中心)(?:就|位)?在(?=[^,。;在]{2,20}(?:[路街巷弄号楼层栋院]|小区|大厦|广场)[,。;])"
_STATION = re.compile(r"办公点|社区(?=,?[搬迁])|服务中心|服务站|驿站|活动中心|阵地|中心|该站")


def find_addresses(document: Document, type_: FactType) -> list[Found]:
    """The place named after 位于 and its like, in a sentence that speaks of a station."""
    text, found = document.text, []
    verbs = "|".join(sorted(type_.verbs, key=len, reverse=True))
    cue = re.compile(rf"(?:{verbs})了?|{_STANDS}")
    for match in cue.finditer(text):
        _, end = document.clause(match.start(), match.end())
        address = text[match.end() : end]
        described = re.search(r"的(?=[^的]*(?:服务中心|服务站|驿站|阵地|中心))", address)
        if described:  # 坐落在城南一路9号的环城社区党群服务中心
            address = address[: described.start()]
        elif not _STATION.search(text[document.sentence(match.start())[0] : match.start() + 1]):
            continue
        sized = any(
            match.end() <= q.start < match.end() + len(address) for q in document.quantities if q.is_measured(("m2",))
        )
        if 4 <= len(address) <= 40 and _EXACT.search(address) and not sized:  # 搬进了600平方米的新楼 says how large
            found.append(Found(type_, match.end(), match.end() + len(address)))
    return found
