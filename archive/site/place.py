"""A place: what lies in it, what its stations are reported with, and how many of them are behind each number."""

import sqlite3
from collections import defaultdict
from typing import NamedTuple, TypedDict
from urllib.parse import quote

from archive.facts import AMOUNTS, COMPARED
from archive.places.divisions import path_of
from archive.site.chart import Chart, Kind, Mark
from archive.sql.rows import Row, count, rows
from archive.text import fold

_MAX_LISTED = 200  # places listed on one page; the downloads have all
_MAX_STATIONS = 50
_COLUMNS = 4  # numbers of a station in the list of a place
_FORMS = 12  # ways of writing a place
STATIONS_OF_PLACE = (
    "select id, key, name, stations.place, articles, statements, latest from station_places join stations on stations.id = station_id"
    " where station_places.place = :key order by articles desc, name"
)
PLACES_WITHIN = "select * from places where parent = :key order by articles desc, name"
_SORTED = (
    "select id, key, name, stations.place, stations.articles, stations.latest from station_places"
    " join stations on stations.id = station_places.station_id {join} where station_places.place = :key"
    " order by {order}, stations.articles desc, stations.name limit :most"
)
_ORDERS = {"name": "stations.name", "articles": "stations.articles", "latest": "coalesce(stations.latest, '')"}


class StayingSet(NamedTuple):
    """Stations that are reported in two years, and the sums of their numbers in each: a change that no change of stations
    makes."""

    stations: int
    years: tuple[str, str]
    totals: tuple[float, float]


class Trend(TypedDict):
    """The numbers of one type by year. `chart` has the sum of each year with the stations behind it."""

    type: str
    chart: Chart
    staying: StayingSet | None


class PlacePage(TypedDict):
    """A place. The places above it begin with the topmost; those below it and its stations are no more than a page bears, and
    the counts count all."""

    place: Row
    above: list[Row]
    below: list[Row]
    places_within: int
    names: list[Row]
    numbers: list[Row]  # of each type: how many stations, the sum, the span of time
    chosen: Row | None  # that of the numbers which the summary and the trend are about
    amounts: tuple[str, ...]  # the fact types that count amounts once each
    year: str  # of the last article of the archive
    trend: Trend | None
    compared: list[Row]  # those of the numbers that are added up, the main ones first
    columns: list[str]  # fact types of the list of stations
    sort: str
    stations: list[Row]


def place(connection: sqlite3.Connection, key: str, type_: str = "", sort: str = "") -> PlacePage | None:
    """Collect what the page of a place shows.

    Args:
        connection: the published snapshot.
        key: the key of the place.
        type_: the fact type that the summary and the trend are about; anything else: the first that the place has.
        sort: by what the stations are sorted: `name`, `articles`, `latest` or a fact type, with `-` before it the other way;
            anything else: those with the most articles first.

    Returns:
        The page, None if there is no such place.
    """
    found = rows(connection, "select * from places where key = ?", key)
    if not found:
        return None
    numbers = numbers_of(connection, key)
    compared = [row for type_of in COMPARED for row in numbers if row["type"] == type_of and row["total"] is not None]
    chosen = next((row for row in compared if row["type"] == type_), compared[0] if compared else None)
    columns = [row["type"] for row in compared][:_COLUMNS]
    if sort.removeprefix("-") not in [*_ORDERS, *columns]:
        sort = "-articles"
    return {
        "place": found[0],
        "above": above(connection, found[0]),
        "below": _below(connection, key),
        "places_within": count(connection, PLACES_WITHIN, {"key": key}),
        "names": _forms(connection, found[0]),
        "numbers": numbers,
        "chosen": chosen,
        "amounts": AMOUNTS,
        "year": last_year(connection),
        "trend": _trend(connection, found[0], chosen["type"], chosen["unit"]) if chosen else None,
        "compared": compared,
        "columns": columns,
        "sort": sort,
        "stations": _stations(connection, key, columns, sort),
    }


def numbers_of(connection: sqlite3.Connection, key: str) -> list[Row]:
    """Returns what the stations of a place are reported with: a row a fact type, in their order."""
    return rows(
        connection,
        "select place_numbers.*, fact_types.unit from place_numbers join fact_types on fact_types.id = type"
        " where place = ? order by position",
        key,
    )


def last_year(connection: sqlite3.Connection) -> str:
    """Returns the year of the last article, empty if none is dated."""
    return str(connection.execute("select coalesce(substr(max(published), 1, 4), '') from article_dates").fetchone()[0])


def above(connection: sqlite3.Connection, place_: Row) -> list[Row]:
    """Returns the places above one, the topmost first."""
    found: list[Row] = []
    parent = place_["parent"]
    while parent and len(found) < 5:
        found[:0] = rows(connection, "select * from places where key = ?", parent)
        parent = found[0]["parent"]
    return found


def places_formerly(connection: sqlite3.Connection, key: str) -> list[Row]:
    """The places that an address led to before the division of their stations was known, or when it was taken for another
    one: those with the names that the key holds or its code has, each with `path`, the names down to it."""
    names = [fold(name) for name in (path_of(key) if key.isdecimal() else key.split())]
    found = rows(connection, "select * from places where folded = ? order by key limit 50", names[-1]) if names else []
    paths = [[step["name"] for step in above(connection, one)] + [one["name"]] for one in found]
    return [
        one | {"path": " ".join(path)}
        for one, path in zip(found, paths, strict=True)
        if {*names} <= (met := {fold(name) for name in path}) or met <= {*names}
    ]


def places_of_station(connection: sqlite3.Connection, station_id: int | None) -> list[Row]:
    """Returns the places that a station lies in, the topmost first; none where no article says where it is."""
    return rows(
        connection,
        "select places.key, places.name, places.stations from station_places join places on places.key = station_places.place"
        " where station_id = ? order by level",
        [station_id],
    )


def children(connection: sqlite3.Connection, key: str, most: int = _MAX_LISTED) -> list[Row]:
    """Returns at most `most` places directly below one (below none: the topmost), those with the most coverage first, each
    with a few of its own.
    """
    tops = rows(connection, f"{PLACES_WITHIN} limit {most}", {"key": key})
    marks = ", ".join("?" * len(tops))
    below = rows(
        connection, f"select key, parent, name, articles from places where parent in ({marks}) order by articles desc, name",
        [top["key"] for top in tops],
    )  # fmt: skip
    return [top | {"below": [row for row in below if row["parent"] == top["key"]][:9]} for top in tops]


def _below(connection: sqlite3.Connection, key: str) -> list[Row]:
    """The places directly below one: those of the national list in its order, then the others."""
    found = rows(connection, f"{PLACES_WITHIN} limit {_MAX_LISTED}", {"key": key})
    return sorted(found, key=lambda row: (not row["key"].isdecimal(), row["key"]))


def _forms(connection: sqlite3.Connection, place_: Row) -> list[Row]:
    """How articles write a place otherwise."""
    return rows(
        connection,
        "select name, stations from place_names where place = ? and stations and name != ? order by stations desc, name"
        f" limit {_FORMS}",
        [place_["key"], place_["name"]],
    )


def _stations(connection: sqlite3.Connection, key: str, columns: list[str], sort: str) -> list[Row]:
    """The first stations of a place in an order, each with `numbers`: fact type -> its last one."""
    by, down = sort.removeprefix("-"), "desc" if sort.startswith("-") else ""
    join = ""
    order = f"{_ORDERS.get(by)} {down}"
    if by in columns:
        join = "left join station_latest l on l.station_id = stations.id and l.type = :by"
        order = f"l.total is null, l.total {down}"
    query = _SORTED.format(join=join, order=order)
    found = rows(
        connection,
        query,
        {"key": key, "by": by, "most": _MAX_STATIONS} if join else {"key": key, "most": _MAX_STATIONS},
    )
    numbers: dict[int, dict[str, Row]] = defaultdict(dict)
    for row in latest_numbers(connection, [station["id"] for station in found], columns):
        numbers[row["station_id"]][row["type"]] = row
    return [station | {"numbers": numbers[station["id"]]} for station in found]


def latest_numbers(connection: sqlite3.Connection, stations: list[int], types: list[str]) -> list[Row]:
    """Returns the last number of each of some stations and fact types, each with the key of its fact."""
    return rows(
        connection,
        "select station_latest.*, evidence from station_latest join facts on facts.id = fact_id"
        f" where station_latest.station_id in ({_marks(stations)}) and station_latest.type in ({_marks(types)})",
        [*stations, *types],
    )


def _marks(values: list[int] | list[str]) -> str:
    return ", ".join("?" * len(values))


def _trend(connection: sqlite3.Connection, place_: Row, type_: str, unit: str) -> Trend:
    """The numbers of a place by year: of each station and year the last one, of amounts their sum."""
    by_year = yearly(connection, place_["key"], type_)
    facts = f"/facts?place={quote(place_['key'])}&type={type_}&since={{0}}&until={{0}}{'' if type_ in AMOUNTS else '&latest=1'}"
    marks: list[Mark] = [
        {
            "at": year,
            "value": sum(values.values()),
            "n": len(values),
            "of": place_["stations"],
            "page": facts.format(year),
        }
        for year, values in sorted(by_year.items())
    ]
    chart: Chart = {"kind": Kind.BARS, "unit": unit, "series": [{"label": "", "marks": marks}]}
    return {"type": type_, "chart": chart, "staying": None if type_ in AMOUNTS else _staying(by_year)}


def yearly(connection: sqlite3.Connection, key: str, type_: str) -> dict[str, dict[int, float]]:
    """Returns year -> station -> its last number of that year, or the sum of its amounts."""
    value = "sum(value)" if type_ in AMOUNTS else "value"
    found: dict[str, dict[int, float]] = defaultdict(dict)
    for year, station_id, number, _ in connection.execute(
        f"select substr(at, 1, 4) as year, n.station_id, {value}, max(at) from station_places"
        " cross join station_numbers n on n.type = :type and n.station_id = station_places.station_id"
        " where place = :key group by n.station_id, year",
        {"key": key, "type": type_},
    ):
        found[year][station_id] = number
    return found


def _staying(by_year: dict[str, dict[int, float]]) -> StayingSet | None:
    """The two years that have the most stations in common, of equal ones the latest and the farthest apart."""
    years = sorted(by_year)
    pairs = [
        (len(by_year[first].keys() & by_year[last].keys()), last, -int(first), first)
        for number, first in enumerate(years)
        for last in years[number + 1 :]
    ]
    stations, last, _, first = max(pairs, default=(0, "", 0, ""))
    if not stations:
        return None
    both = by_year[first].keys() & by_year[last].keys()
    one, other = (sum(by_year[year][station] for station in both) for year in (first, last))
    return StayingSet(stations, (first, last), (one, other))
