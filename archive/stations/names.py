"""Names of stations in comparable form, and the places they are named with."""

import re
from collections.abc import Iterable
from functools import lru_cache

from archive.model import Fact, NamedStation, SubjectKind
from archive.plugins import words
from archive.text import fold

_OF = re.compile(r"(?<=小区|社区)的(?=党群|党员|便民|公共)")
_QUOTES = re.compile(r"[\s“”\"'「」『』《》]")
# 中心, 站, 驿站 of one 小区 are one station; what it is a station of is what distinguishes stations.
_WORDS = re.compile(
    rf"(?:{''.join(f'{word}|' for word in words('stations'))}党群服务活动中心|党群活动服务中心"
    r"|(?:党群|党员|党建|社区|公共|便民)(?:服务|活动)?(?:中心|驿站|站|点)|阵地)$"
)
_TAIL = 4  # characters that two forms of one station's name share at the end: 臻锦园小区 and 东方名苑臻锦园小区
# What may stand before a name without being part of it: 岳塘区宝塔街道|云盘社区.
_ABOVE = re.compile(r"^(?:[一-鿿]{2,8}?(?:省|自治区|市|自治州|区|县|街道|镇|乡))+(?=[一-鿿]{2})")


@lru_cache(10_000)
def normal(name: str) -> str:
    """A name in its comparable form: simplified, without quotes or blanks, and without the 的 of 雷锋小区的党群服务站."""
    return _OF.sub("", _QUOTES.sub("", fold(name)))


@lru_cache(10_000)
def core(name: str) -> str:
    """What a station is a station of: 臻锦园小区, without the places above that a name may begin with."""
    served = _WORDS.sub("", normal(name))
    return _ABOVE.sub("", served) or served


def tail(name: str) -> str:
    """The last characters of a core: names of one station share them."""
    return core(name)[-_TAIL:]


def place(station: Fact | NamedStation) -> str:
    """The places above a station that the article names, largest first, joined by blanks."""
    return " ".join(map(normal, station.places))


def key(station: Fact | NamedStation) -> str:
    """What makes two mentions the same name: the name, and all the places that the text puts it in."""
    return f"{normal(station.subject)}|{place(station)}|{station.division}"


def serving(fact: Fact, stations: Iterable[str]) -> str | None:
    """The station that a fact is about: the one it names, or for an estate or community the only one of these (normal
    names) that serves it; None where that could be several."""
    name = normal(fact.subject)
    if fact.subject_kind == SubjectKind.STATION:
        return name
    found = {
        station
        for station in stations
        if fact.subject_kind in (SubjectKind.ESTATE, SubjectKind.COMMUNITY) and name in station
    }
    return found.pop() if len(found) == 1 else None


def served(facts: Iterable[Fact], stations: Iterable[NamedStation]) -> dict[str, Fact | NamedStation]:
    """Subject of a fact -> the station that the fact is about, where there is one; `stations` are those that the article
    names."""
    facts = list(facts)
    named: dict[str, Fact | NamedStation] = {normal(station.subject): station for station in stations}
    named |= {normal(fact.subject): fact for fact in facts if fact.subject_kind == SubjectKind.STATION}
    found: dict[str, Fact | NamedStation] = {}
    for fact in facts:
        name = None if fact.subject in found else serving(fact, named)
        if name:
            found[fact.subject] = named[name]
    return found
