"""Stations: which real place of service a fact is about.

A station is known by its folded name and by the smallest places above it that the article names (town, else
district, else city): two stations of one name in two towns stay two. A fact about the 小区 that a station
serves belongs to the station's page too.
"""

import re

from archive.records import Fact
from archive.text import fold

_OF = re.compile(r"(?<=小区|社区)的(?=党群|党员|便民|公共)")
_QUOTES = re.compile(r"[\s“”\"'「」『』《》]")


def normal_name(name: str) -> str:
    """A name in its comparable form: simplified, without quotes or blanks, and without the 的 of 雷锋小区的党群服务站."""
    return _OF.sub("", _QUOTES.sub("", fold(name)))


def place_of(fact: Fact) -> str:
    """The places above a station that the article names, largest first, joined by blanks."""
    return " ".join(map(normal_name, fact.places))


def key_of(fact: Fact) -> str:
    """What makes two mentions the same station."""
    place = place_of(fact).split(" ")[-1]
    return f"{normal_name(fact.subject)}|{place}"


def station_of(fact: Fact, stations: dict[str, int]) -> int | None:
    """The station of a fact about the estate or community that exactly one of an article's stations serves.

    `stations` maps the normal names of the article's stations to their ids.
    """
    name = normal_name(fact.subject)
    serving = {
        number
        for station, number in stations.items()
        if fact.subject_kind in ("estate", "community") and name in station
    }
    return serving.pop() if len(serving) == 1 else None
