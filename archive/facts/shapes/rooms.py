"""Shape `rooms`: the list of a station's rooms or functions (会议室、阅读室、书画室…). One fact, the whole list."""

import re
from collections.abc import Iterator

from archive.facts.document import Document
from archive.facts.shapes.found import Found
from archive.facts.types import FactType

_ITEM = r"[一-鿿“”\"A-Za-z0-9+·]{2,16}?"
_LIST = re.compile(
    rf"{_ITEM}(?:、{_ITEM})+(?:(?:和|及|以及|、){_ITEM})?(?=等|依次|[一二三四五六七八九十\d]{{1,2}}[个大](?:功能)?(?:区域|功能|板块|空间|场所|分区|区)|一应|先后|[,。;!?:\n(]|$)"
)
_LONGEST = 400  # characters of a list: a longer one is no list of rooms
_CHUNK = re.compile(r"[^,。;!?:\n(]+")
_FLOORS = re.compile(
    r"(?:[一二三四五六]|底)[楼层][^,。;]{2,16}(?:[,;][二三四五六][楼层][^,。;]{2,16}){2,}"
)  # 一楼归老人,二楼…,三楼…
_ROOM = re.compile(
    r"(?:室|厅|区|角|站|中心|墙|馆|吧|台|园|所|之家|点|廊|食堂|超市|屋|书吧|用房|厨房|公社|训练营|办公室|书房|书院|空间|窗口|客厅|驿站|课堂|阵地|工作室|舞台|学校|广场)[”\"]?$"
)
_ACT = re.compile(r"[他她们]|走进|视察|察看|参观|来到|成立|建成")  # somebody does something: no list of what is there
_DISTRICT = re.compile(r"(?:落?[在于到])?[一-鿿]{1,3}区")
_PLACE = re.compile(r"(?:社区|小区|街道|镇|村|县|市|景区|新区|开发区)$")


def find_rooms(document: Document, type_: FactType) -> list[Found]:
    """Lists of three or more rooms, behind a verb of having or made of nothing else."""
    text, found = document.text, []
    verbs = re.compile(rf"(?:{'|'.join(sorted(type_.verbs, key=len, reverse=True))})(?:了|起)?")
    for match in _lists(text):
        first = match[0].split("、", 1)[0]
        verb = list(verbs.finditer(first))
        start = match.start() + (verb[-1].end() if verb else 0)
        introduced = bool(verb) or re.search(rf"(?:{verbs.pattern}|:|是)$", text[: match.start()][-6:])
        items = re.split(r"、|以及|和|及", text[start : match.end()])
        if _ACT.search(items[0]) or any(start <= quantity.start < match.end() for quantity in document.quantities):
            continue  # 5个社区党群服务中心、15个党群服务站: counted, not listed
        if all(_DISTRICT.fullmatch(item) for item in items):
            continue  # 镜湖区、弋江区和经开区
        rooms = [item for item in items if _ROOM.search(item) and not _PLACE.search(item)]
        enough = 6 if introduced else 10  # in ten; a list that nothing introduces must be rooms throughout
        if len(items) >= 3 and len(rooms) * 10 >= len(items) * enough and all(1 < len(item) <= 14 for item in items):
            found.append(Found(type_, start, match.end()))
    for match in _FLOORS.finditer(text):
        found.append(Found(type_, match.start(), match.end()))
    return found


def _lists(text: str) -> Iterator[re.Match[str]]:
    """Lists of items, looked for only between stops that have what parts items."""
    for chunk in _CHUNK.finditer(text):
        if "、" in chunk[0] and len(chunk[0]) <= _LONGEST:
            yield from _LIST.finditer(text, chunk.start(), chunk.end() + 1)
