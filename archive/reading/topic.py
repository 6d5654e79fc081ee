"""Whether a text is about what this archive collects: party-service stations, communities and their party life."""

import re
from dataclasses import dataclass

from archive.plugins import words
from archive.text import clean, fold

# Words in simplified characters. The first look at bytes (first_look.py) knows the topic by the same.
STATIONS = (
    "党群服务 党群活动 党群驿站 党群中心 党群工作 党群阵地 党员活动室 党员活动站 党员活动中心 党员服务室 党员服务站 党员服务中心 党建阵地 党建驿站"
    " 党建服务站 红色驿站 红色物业 红色管家 先锋驿站 社区服务中心 社区服务站 公共服务中心 公共服务站 便民服务中心 便民服务站 便民中心"
).split()
COMMUNITY = "社区 小区 街道 居委会 村委会 居民 业主 网格".split()
PARTY = "党员 党支部 党总支 党委 党工委 党组织 党小组 党建 党群 支部".split()
_STATION, _COMMUNITY, _PARTY = (re.compile("|".join(of)) for of in (STATIONS, COMMUNITY, PARTY))
_PLACE = re.compile(r"街道|[镇乡村]")
_ANY_COMMUNITY = re.compile(r"党群|小区|社区|(?:公共|便民|党员)服务(?:中心|站)|便民中心")
# 党, 小区, 社区 and 服务 with up to a pinyin note between the characters.
_FIRST_LOOK = re.compile(r"[党黨]|[小社][^。]{0,9}?[区區]|便民|公共服")
_NEIGHBOURS = "村 寨 居民 街道 镇 鎮 乡 鄉 驿站 驛站 党 黨 志愿 志願".split()  # either script
_OFTEN = 3
FURTHER = (*words("stations"), *words("topic"))  # of plug-ins


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
    if further := next((word for word in FURTHER if word in folded), None):
        return Topic(True, f"speaks of {further}")
    community, party = _COMMUNITY.search(folded), _PARTY.search(folded)
    if community and party:
        return Topic(True, f"speaks of {community[0]} and {party[0]}")
    missing = "no party life" if community else "no community" if party else "neither community nor party life"
    return Topic(False, missing)


def is_worth_folding(raw: str) -> bool:
    """A first look at a text as published, notes and all, in either script: false where `may_hold_facts` would be."""
    return bool(FURTHER) or _FIRST_LOOK.search(raw) is not None or _speaks_of_neighbours(raw)


def _speaks_of_neighbours(text: str) -> bool:
    """Whether a text comes back to villages, towns or residents: a word in passing is not enough."""
    return sum(map(text.count, _NEIGHBOURS)) >= _OFTEN


def may_hold_facts(folded: str) -> bool:
    """Whether extracting is worth while: a community or station is spoken of, or party and place both are. Elsewhere
    a number of households or donors is about something else. Wider than `decide`: texts come here by hand as well."""
    if _ANY_COMMUNITY.search(folded) or (_PARTY.search(folded) and _PLACE.search(folded)):
        return True
    return _speaks_of_neighbours(folded) or any(word in folded for word in FURTHER)
