"""Places and stations side by side, with how many stations are behind each number."""

import re
import sqlite3
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import combinations
from typing import Any, NamedTuple, TypedDict
from urllib.parse import quote

from archive.errors import LocalizedError
from archive.facts import AMOUNTS, COMPARED, LASTING, fact_types
from archive.model import AddressKind
from archive.search import named
from archive.search.columns import Data
from archive.search.wanted import UnknownError
from archive.site.addresses import lookup
from archive.site.chart import Chart, Kind, Mark, Series
from archive.site.place import above, places_formerly
from archive.sql.rows import Row, rows
from archive.text import fold

MOST = 6  # places and stations side by side
_OFFERED = 10  # of what a name may mean
_DRAWN = 30  # dates of a station in the chart
_STATION = re.compile(r"[0-9a-f]{24}")
_DATE = re.compile(r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?")
_UNTIL = "select count(*) as stations, sum(value) as total, sum(inexact) as inexact, min(since) as since, max(at) as until from ({each})"
# Of each station of a place. Nothing sorts behind ~, so that a year or month holds all its days.
_LAST_UNTIL = (
    "select n.at, n.at as since, value, inexact from station_places cross join station_numbers n on n.type = :type"
    " and n.station_id = station_places.station_id and n.at = (select max(at) from station_numbers"
    " where type = :type and station_id = station_places.station_id and at <= :at || '~') where place = :place"
)
_AMOUNTS_UNTIL = (
    "select max(at) as at, min(at) as since, sum(value) as value, max(inexact) as inexact from station_places cross join station_numbers n"
    " on n.type = :type and n.station_id = station_places.station_id and n.at <= :at || '~' where place = :place group by n.station_id"
)
_FAR_APART = 2  # years between the dates of two numbers that hardly compare


class Caution(StrEnum):
    """Why numbers that stand side by side do not compare."""

    COVERAGE = "coverage"  # not all stations of a place report the number
    TIME = "time"  # they are of different years
    WITHIN = "within"  # one lies in the other
    KINDS = "kinds"  # a place has the sum of its stations, a station only its own number


@dataclass(frozen=True)
class Comparison:
    """What a reader compares: the keys of places and stations, the fact type that is drawn, and until when."""

    of: tuple[str, ...] = ()
    type: str = ""
    at: str = ""

    @classmethod
    def of_parameters(cls, given: dict[str, str]) -> "Comparison":
        """From the parameters of an address. Raises LocalizedError, naming the one that is wrong."""
        keys = tuple(dict.fromkeys(key.strip() for key in given.get("of", "").split(",") if key.strip()))
        type_, at = given.get("type", "").strip(), given.get("at", "").strip()
        if len(keys) > MOST or any(len(key) > 200 for key in keys):
            raise LocalizedError(f"最多比较{MOST}个地方或站点。", f"Compare at most {MOST} places or stations.")
        if type_ and type_ not in COMPARED:
            raise LocalizedError("这个指标不能比较。", f"type: {type_} is nothing that can be compared.")
        if at and not _DATE.fullmatch(at):
            raise LocalizedError(
                "日期写作2023、2023-06或2023-06-30。", "at: write a date as 2023, 2023-06 or 2023-06-30."
            )
        return cls(keys, type_, at)

    def parameters(self, **changed: Any) -> dict[str, str]:
        """The parameters of the address of this comparison, or of one with some fields changed."""
        other = replace(self, **changed)
        found = {"of": ",".join(other.of), "type": other.type, "at": other.at}
        return {name: value for name, value in found.items() if value}

    def without(self, key: str) -> dict[str, str]:
        """The parameters of the address without a place or station."""
        return self.parameters(of=tuple(one for one in self.of if one != key))


class Number(NamedTuple):
    """A number of a place or a station. Of a place it is the sum over `reporting` of its `stations`."""

    total: float
    inexact: bool
    unit: str
    reporting: int
    stations: int
    since: str
    until: str
    evidence: str  # the key of its fact; empty where it is a sum


@dataclass(frozen=True)
class Subject:
    """A place or a station that is compared."""

    kind: str  # place or station
    key: str
    name: str
    level: str  # of a place: its kind
    above: list[Row]
    stations: int
    numbers: dict[str, Number]  # by fact type
    id: int = 0  # of a station


class ComparePage(TypedDict):
    """Places and stations side by side."""

    comparison: Comparison
    subjects: list[Subject]
    unknown: list[str]  # keys that lead to nothing
    having: bool  # whether any has a number of the type
    types: list[str]  # that any of them has
    amounts: tuple[str, ...]  # the fact types that count amounts once each
    type: str  # that is drawn; empty: there is none
    chart: Chart | None  # none of one place alone
    cautions: list[Caution]
    missing: list[Subject]  # that have no number of the type
    neighbours: list[Row]  # what may be compared with the only one


def compare(connection: sqlite3.Connection, comparison: Comparison) -> ComparePage:
    """Returns the page of a comparison. Until a date, it has the numbers of one type only: those of all types of a large place
    would take too long."""
    subjects: list[Subject] = []
    unknown: list[str] = []
    for key in comparison.of:
        subject = _station(connection, key) if _STATION.fullmatch(key) else _place(connection, key)
        if subject is None:
            unknown.append(key)
        elif subject.key not in {other.key for other in subjects}:
            subjects.append(subject)
    types = [type_ for type_ in COMPARED if any(type_ in subject.numbers for subject in subjects)]
    best = max(types, key=lambda type_: sum(type_ in subject.numbers for subject in subjects), default="")
    type_ = comparison.type or best
    if comparison.at and type_:
        subjects = [_until(connection, subject, type_, comparison.at) for subject in subjects]
    having = [subject for subject in subjects if type_ in subject.numbers]
    return {
        "comparison": replace(comparison, of=tuple(subject.key for subject in subjects)),
        "subjects": subjects,
        "unknown": unknown,
        "having": bool(having),
        "types": types,
        "amounts": AMOUNTS,
        "type": type_,
        "chart": _chart(connection, having, type_, comparison.at),
        "cautions": _cautions(having, type_) if len(having) > 1 else [],
        "missing": [subject for subject in subjects if type_ not in subject.numbers],
        "neighbours": _neighbours(connection, subjects[0]) if len(subjects) == 1 else [],
    }


def offered(connection: sqlite3.Connection, name: str) -> list[Row]:
    """Find what a reader may mean by a name.

    Args:
        connection: the published snapshot.
        name: the name of a place or a station, in part or whole, or its key.

    Returns:
        Places and stations (kind, key, name, place), the likely ones first.
    """
    try:
        places = named.places(Data(connection), name)[:_OFFERED]
    except UnknownError:
        places = []
    found = [{"kind": "place", "key": one.key, "name": one.name, "place": one.parent} for one in places]
    found += rows(
        connection,
        "select 'station' as kind, key, name, place from stations where key = ?1 or instr(name, ?2)"
        f" order by articles desc, name limit {_OFFERED}",
        [name, fold(name)],
    )
    same = [row for row in found if name in (row["key"], row["name"])]
    return same if len(same) == 1 else found


def _place(connection: sqlite3.Connection, key: str) -> Subject | None:
    found = rows(connection, "select * from places where key = ?", key) or places_formerly(connection, key)
    if len(found) != 1:
        return None
    place = found[0]
    upper, numbers = above(connection, place), _numbers_of_place(connection, place)
    return Subject("place", place["key"], place["name"], place["kind"], upper, place["stations"], numbers)


def _numbers_of_place(connection: sqlite3.Connection, place: Row) -> dict[str, Number]:
    found = rows(connection, "select * from place_numbers where place = ? and total is not null", place["key"])
    return {row["type"]: _number(row, row["type"], place["stations"]) for row in found}


def _until(connection: sqlite3.Connection, subject: Subject, type_: str, at: str) -> Subject:
    """A place or station with its number of one type until a date."""
    if subject.kind == "station":
        number = _numbers_of_station(connection, subject.id, at).get(type_)
    else:
        query = _UNTIL.format(each=_AMOUNTS_UNTIL if type_ in AMOUNTS else _LAST_UNTIL)
        (row,) = rows(connection, query, {"type": type_, "at": at, "place": subject.key})
        number = _number(row, type_, subject.stations) if row["stations"] else None
    return replace(subject, numbers={type_: number} if number else {})


def _number(row: Row, type_: str, stations: int) -> Number:
    unit = fact_types()[type_].unit
    return Number(row["total"], bool(row["inexact"]), unit, row["stations"], stations, row["since"], row["until"], "")


def _station(connection: sqlite3.Connection, key: str) -> Subject | None:
    destination = lookup(connection, AddressKind.STATION, key)
    number = destination.number
    if destination.to:
        number = lookup(connection, AddressKind.STATION, destination.to).number
    found = rows(connection, "select * from stations where id = ?", number) if number is not None else []
    if not found:
        return None
    station = found[0]
    deepest = rows(
        connection,
        "select places.* from station_places join places on places.key = place where station_id = ? order by level desc limit 1",
        number,
    )
    places = [*above(connection, deepest[0]), *deepest] if deepest else []
    numbers = _numbers_of_station(connection, station["id"])
    return Subject("station", station["key"], station["name"], "", places, 1, numbers, station["id"])


def _numbers_of_station(connection: sqlite3.Connection, station_id: int, at: str = "") -> dict[str, Number]:
    found: dict[str, Number] = {}
    for row in rows(
        connection,
        "select n.type, n.at, n.value, inexact, evidence from station_numbers n join facts on facts.id = fact_id"
        f" where n.station_id = ? and n.type in ({', '.join('?' * len(COMPARED))}) and n.at <= ? || '~' order by n.at",
        [station_id, *COMPARED, at],
    ):
        type_, unit = row["type"], fact_types()[row["type"]].unit
        evidence = "" if type_ in AMOUNTS else row["evidence"]
        number = Number(row["value"], bool(row["inexact"]), unit, 1, 1, row["at"], row["at"], evidence)
        before = found.get(type_)
        if before and type_ in AMOUNTS:
            total, inexact = number.total + before.total, number.inexact or before.inexact
            number = number._replace(total=total, inexact=inexact, since=before.since)
        found[type_] = number
    return found


def _chart(connection: sqlite3.Connection, having: list[Subject], type_: str, at: str) -> Chart | None:
    """Dots in time where all are stations; else a bar each, as sums over changing stations are no line."""
    if not having or (len(having) == 1 and having[0].kind == "place"):
        return None
    unit = fact_types()[type_].unit
    if type_ in LASTING and all(subject.kind == "station" for subject in having):
        series: list[Series] = [{"label": one.name, "marks": _dots(connection, one.id, type_, at)} for one in having]
        return {"kind": Kind.DOTS, "unit": unit, "joined": True, "source_labels": True, "series": series}
    marks: list[Mark] = [
        {
            "at": one.name,
            "value": one.numbers[type_].total,
            "approx": "about" if one.numbers[type_].inexact else "exact",
            "n": one.numbers[type_].reporting,
            "of": one.stations,
            "page": f"/{one.kind}/{quote(one.key)}",
        }
        for one in having
    ]
    return {"kind": Kind.LYING, "unit": unit, "source": True, "series": [{"label": "", "marks": marks}]}


def _dots(connection: sqlite3.Connection, station_id: int, type_: str, at: str) -> list[Mark]:
    """The numbers of a station at their dates, the latest ones."""
    found = rows(
        connection,
        "select n.at, n.stated, n.value, n.value_high, approx from station_numbers n join facts on facts.id = fact_id"
        f" where n.type = ? and n.station_id = ? and n.at <= ? || '~' order by n.at desc limit {_DRAWN}",
        [type_, station_id, at],
    )
    return [
        {
            "at": row["at"],
            "value": row["value"],
            "high": row["value_high"],
            "approx": row["approx"],
            "reported": not row["stated"],
        }
        for row in reversed(found)
    ]


def _cautions(having: list[Subject], type_: str) -> list[Caution]:
    numbers = [subject.numbers[type_] for subject in having]
    years = [int(date[:4]) for number in numbers for date in (number.since, number.until)]
    found = {
        Caution.WITHIN: any(_lies_in(a, b) or _lies_in(b, a) for a, b in combinations(having, 2)),
        Caution.KINDS: len({subject.kind for subject in having}) > 1,
        Caution.COVERAGE: any(number.reporting < number.stations for number in numbers),
        Caution.TIME: type_ in LASTING and max(years) - min(years) >= _FAR_APART,
    }
    return [caution for caution, applies in found.items() if applies]


def _lies_in(inner: Subject, outer: Subject) -> bool:
    return outer.kind == "place" and outer.key in {place["key"] for place in inner.above}


def _neighbours(connection: sqlite3.Connection, subject: Subject) -> list[Row]:
    """Places beside a place, or stations beside a station, those with the most articles first."""
    parent = subject.above[-1]["key"] if subject.above else ""
    if subject.kind == "place":
        query = "select 'place' as kind, key, name from places where parent = ? and key != ? order by articles desc, name limit 8"
    else:
        query = (
            "select 'station' as kind, key, name from station_places join stations on stations.id = station_id"
            " where station_places.place = ? and key != ? order by articles desc, name limit 8"
        )
    return rows(connection, query, [parent, subject.key])
