"""Whether a text is about what this archive collects: party-service stations, communities and their party life."""

import re
from dataclasses import dataclass

from archive.plugins import words
from archive.text import clean, fold

_STATION = re.compile(
    r"党群(?:服务|活动|驿站|中心|工作|阵地)|党员(?:活动|服务)(?:室|站|中心)|党建(?:阵地|驿站|服务站)|红色(?:驿站|物业|管家)|先锋驿站"
    r"|(?:社区|公共|便民)服务(?:中心|站)|便民中心"
)
_COMMUNITY = re.compile(r"社区|小区|街道|居委会|村委会|居民|业主|网格")
_PARTY = re.compile(r"党员|党支部|党总支|党委|党工委|党组织|党小组|党建|党群|支部")
_PLACE = re.compile(r"街道|[镇乡村]")
_ANY_COMMUNITY = re.compile(r"党群|小区|社区|(?:公共|便民|党员)服务(?:中心|站)|便民中心")
# Whatever is on topic holds one of these, in either script (a mirror's notes may part a word, and leave 党 whole).
_SIGNS = "党 黨 支部 驿站 驛站 红色物业 紅色物業 红色管家 紅色管家 便民 社区服务 社區服務 公共服务 公共服務".split()
_LIKELY = sorted(
    {sign.encode(charset) for sign in _SIGNS for charset in ("utf-8", "gb18030")}
    | {sign.encode("big5") for sign in _SIGNS if sign.encode("big5", "ignore").decode("big5") == sign}
    | {b"&#20826;", b"&#40680;", b"&#x515a;", b"&#x515A;", b"&#x9ee8;", b"&#x9EE8;"}
)
_CODED = ("content-encoding", "transfer-encoding")
# 党, 小区, 社区 and 服务 with up to a pinyin note between the characters.
_FIRST_LOOK = re.compile(r"[党黨]|[小社][^。]{0,9}?[区區]|便民|公共服")
_NEIGHBOURS = "村 寨 居民 街道 镇 鎮 乡 鄉 驿站 驛站 党 黨 志愿 志願".split()  # either script
_OFTEN = 3
# Of plug-ins. A first look would have to know all their forms, and is left out.
_FURTHER = (*words("stations"), *words("topic"))


@dataclass(frozen=True)
class Topic:
    """Whether a text belongs here, and the words that decide it."""

    on: bool
    reason: str


def decide(text: str) -> Topic:
    """Decide by the words alone, notes of mirrors left aside: a station is named, or a community and its party members both are."""
    folded = fold(clean(text).text)
    station = _STATION.search(folded)
    if station:
        return Topic(True, f"names {station[0]}")
    if further := next((word for word in _FURTHER if word in folded), None):
        return Topic(True, f"speaks of {further}")
    community, party = _COMMUNITY.search(folded), _PARTY.search(folded)
    if community and party:
        return Topic(True, f"speaks of {community[0]} and {party[0]}")
    missing = "no party life" if community else "no community" if party else "neither community nor party life"
    return Topic(False, missing)


def is_worth_folding(raw: str) -> bool:
    """A first look at a text as published, notes and all, in either script: false where `may_hold_facts` would be."""
    return bool(_FURTHER) or _FIRST_LOOK.search(raw) is not None or _speaks_of_neighbours(raw)


def _speaks_of_neighbours(text: str) -> bool:
    """Whether a text comes back to villages, towns or residents: a word in passing is not enough."""
    return sum(map(text.count, _NEIGHBOURS)) >= _OFTEN


def may_hold_facts(folded: str) -> bool:
    """Whether extracting is worth while: a community or station is spoken of, or party and place both are. Elsewhere
    a number of households or donors is about something else. Wider than `decide`: texts come here by hand as well."""
    if _ANY_COMMUNITY.search(folded) or (_PARTY.search(folded) and _PLACE.search(folded)):
        return True
    return _speaks_of_neighbours(folded) or any(word in folded for word in _FURTHER)


def is_likely(body: bytes, headers: tuple[tuple[str, str], ...] = ()) -> bool:
    """A first look at a page's bytes, long before they are read: false where no word of the topic stands in them in any
    charset that Chinese pages come in. Bytes that are packed are not looked into."""
    return bool(_FURTHER) or any(name.lower() in _CODED for name, _ in headers) or any(sign in body for sign in _LIKELY)
