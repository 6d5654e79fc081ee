"""Who gave and who got, where the clause of a donation says so: 爱心企业向锦帆社区捐赠大米200袋.

Only bodies and groups are named (a company, the residents, the members of a branch), never a private person.
"""

import re

from archive.facts.document import Document

TYPES = frozenset(["donation_money", "donation_goods"])

_GAVE = r"(?:捐赠|捐献|捐款|捐资|捐出|捐助|赠送|赠予|捐)"
_HOW = r"(?:自发|主动|踊跃|纷纷|共同|一次性|无偿|积极|还|又|也|再次|集体|共|累计)*"
_TO = re.compile(
    rf"(?:^|[,。;:]|(?P<donor>[^,。;:向为给]{{2,24}}?)){_HOW}(?:向|为|给)(?P<recipient>[^,。;:向为给]{{2,24}}?){_HOW}{_GAVE}"
)
_BY = re.compile(rf"(?:^|[,。;:])(?P<donor>[^,。;:]{{2,24}}?){_HOW}{_GAVE}")
_FROM = re.compile(rf"(?:收到|接受|接收)(?:了|到)?(?P<donor>[^,。;:]{{2,20}}?){_GAVE}")
_BODY = re.compile(
    r"(?:公司|集团|企业|超市|协会|商会|学会|基金会|慈善总会|银行|医院|学校|大学|单位|机构|商户|商家|合作社|物业|委员会|党委|党支部|党总支|支部|社区|小区"
    r"|街道|党员|居民|业主|群众|村民|市民|干部|职工|师生|志愿者|人士|乡贤|家庭|服务队)$"
)
_COUNTED = re.compile(
    r"^.*?(?:\d+|[一二三四五六七八九十百千几数]+)(?:余|多)?(?:名|位|家|个|户)|^(?:共有|辖区|来自|一些|部分|广大)"
)
_DATE = re.compile(r"^.*?(?:\d{1,2}[日号](?:上午|下午)?|今天|昨天|近日|日前|目前|当天)[,]?")


def parties(document: Document, start: int, end: int) -> tuple[str, str]:
    """(donor, recipient) of the donation at `start`..`end` in the script published; empty where none is named."""
    sentence, _ = document.sentence(start)
    said = document.text[sentence:end]
    for pattern in (_TO, _FROM, _BY):
        matches = [match for match in pattern.finditer(said) if match.end() + sentence <= end]
        if matches:
            found = matches[-1]
            donor = _body(document, sentence, found.span("donor"))
            recipient = ""
            if "recipient" in pattern.groupindex:
                recipient = document.published_text(*(sentence + at for at in found.span("recipient")))
            return donor, recipient
    return "", ""


def _body(document: Document, offset: int, span: tuple[int, int]) -> str:
    """The donor's name without what counts or dates it; empty where it is no body or group."""
    if span[0] < 0:
        return ""
    start, end = offset + span[0], offset + span[1]
    for pattern in (_DATE, _COUNTED):
        match = pattern.match(document.text[start:end])
        start += match.end() if match else 0
    name = document.text[start:end]
    return document.published_text(start, end) if len(name) > 1 and _BODY.search(name) else ""
