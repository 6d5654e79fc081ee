"""A station's page: its latest numbers, what happened when, every statement with its sources, its articles, names and neighbours."""

import json
import sqlite3
from collections.abc import Iterable
from itertools import islice, pairwise
from typing import NamedTuple, TypedDict

from archive.places.houses import are_apart, is_former
from archive.site.chart import Chart, Kind, Mark, Series
from archive.site.place import places_of_station
from archive.site.shared import FACT
from archive.sql.rows import Row, rows

# What a station has at a time. Money, gifts and events are no quantity that grows or shrinks.
_LASTING = frozenset(
    "party_members households residents volunteers buildings floor_area site_area party_branches party_groups grids estates"
    " communities stations".split()
)
# What the summary shows, the most telling first.
_TELLING = (
    "party_members households residents volunteers investment opened_on floor_area buildings party_branches services activities"
    " donation_money cases grids communities"
).split()
_EVENTS = frozenset("started_on opened_on donation_money donation_goods activities".split())
_UNTYPICAL = ("planned", "each")  # qualifiers of numbers that say nothing of a station as it is
_MAX_TILES = 6
_MAX_CHARTS = 6
_MAX_FACTS = 1000  # facts of one station that a page shows; its download has all
_MAX_ARTICLES = 30
_MAX_NEIGHBOURS = 8
_BEFORE = 8  # characters before an address that may call it a former one


class Trend(NamedTuple):
    """What a number was at an earlier date that a text states, and by how much it differs now."""

    before: Row
    difference: float


class Tile(NamedTuple):
    """The latest statement of a type, with those that contradict it, the number before it, and how many more there are of the type."""

    statement: Row
    against: list[Row]
    trend: Trend | None
    more: int


class Contradiction(TypedDict):
    """Two facts that state different numbers for one date."""

    one: Row
    other: Row


class StationPage(TypedDict):
    """A station. Statements have all their `sources`, the fact that counts for them first."""

    station: Row
    places: list[Row]  # that it lies in, the topmost first
    tiles: list[Tile]
    contradictions: list[Contradiction]
    charts: dict[str, Chart]  # type -> its numbers, where they differ over time
    # year -> what happened in it, the earliest first; those without a date last. An address has the one `before` that it replaces
    events: dict[str, list[Row]]
    groups: dict[str, list[Row]]  # type -> its statements, the latest first
    facts: int  # that are shown
    articles: list[Row]  # the newest
    near: list[Row]  # other stations of `nearby`, with `place`, the smallest place that has any
    nearby: Row | None
    names: list[Row]
    former_keys: list[str]  # addresses that lead here, of names and of stations that are one with this


def station(connection: sqlite3.Connection, station_id: int) -> StationPage | None:
    """Returns the page of a station, None if there is no such station."""
    found = rows(connection, "select * from stations where id = ?", station_id)
    if not found:
        return None
    facts = _facts(connection, station_id)
    statements = _fold(facts)
    groups: dict[str, list[Row]] = {}
    for statement in statements:
        groups.setdefault(statement["type"], []).append(statement)
    places = places_of_station(connection, station_id)
    nearby = next((place for place in reversed(places) if place["stations"] > 1), None)
    contradictions = _contradictions(connection, station_id, statements)
    return {
        "station": found[0],
        "places": places,
        "tiles": _tiles(groups, contradictions),
        "contradictions": contradictions,
        "charts": _charts(groups),
        "events": _events(groups, _former(connection, groups.get("address", []))),
        "groups": groups,
        "facts": len(facts),
        "articles": _articles(connection, station_id),
        "near": _near(connection, station_id, nearby) if nearby else [],
        "nearby": nearby,
        "names": rows(
            connection,
            "select name, place from station_names where station_id = ? order by length(name) desc, key",
            station_id,
        ),
        "former_keys": [
            row["key"]
            for row in rows(
                connection,
                "select key from other_keys where kind = 'station' and number = ? order by key limit 100",
                station_id,
            )
        ],
    }


def _facts(connection: sqlite3.Connection, station_id: int) -> list[Row]:
    """The facts of a station by type, the latest first; of one statement the one that counts for it first."""
    return rows(
        connection,
        "with chosen as materialized (select d.id from fact_dates d join fact_types on fact_types.id = d.type"
        " where station_id = ? order by fact_types.position, at desc"
        f" limit {_MAX_FACTS}) {FACT} join fact_types on fact_types.id = facts.type where facts.id in chosen"
        " order by fact_types.position, coalesce(as_of, reported_on) desc, facts.id != statement, facts.id",
        station_id,
    )


def _fold(facts: list[Row]) -> list[Row]:
    """Facts that make one statement, made one with all their sources, the one that counts for it first."""
    folded: dict[int, Row] = {}
    for fact in facts:
        folded.setdefault(fact["statement"], fact | {"sources": []})["sources"].append(fact)
    return list(folded.values())


def _at(statement: Row) -> str:
    """The date of a statement: that which it states, else that of the report; empty where neither is known."""
    return statement["as_of"] or statement["reported_on"] or ""


def _tiles(groups: dict[str, list[Row]], contradictions: list[Contradiction]) -> list[Tile]:
    """The summary: the latest of each telling type."""
    telling = [groups[type_] for type_ in _TELLING if type_ in groups]
    tiles = []
    for of_type in telling[:_MAX_TILES]:
        # The number of all before that of some; `of_type` has the latest first, and `min` finds the first.
        latest = min(
            of_type, key=lambda one: (one["qualifier"] in _UNTYPICAL, one["qualifier"] not in ("", "registered"))
        )
        against = [
            pair["other"] if latest["id"] == pair["one"]["statement"] else pair["one"]
            for pair in contradictions
            if latest["id"] in (pair["one"]["statement"], pair["other"]["statement"])
        ]
        trend = None if against else _trend(latest, of_type)
        tiles.append(Tile(latest, against, trend, len(of_type) - 1))
    return tiles


def _trend(latest: Row, of_type: Iterable[Row]) -> Trend | None:
    """The number before the latest: both of one qualifier, as of dates that texts state, and exact enough to subtract."""
    for before in of_type:
        if (
            _is_comparable(latest)
            and _is_comparable(before)
            and before["qualifier_key"] == latest["qualifier_key"]
            and before["as_of"] < latest["as_of"]
        ):
            return Trend(before, latest["value"] - before["value"])
    return None


def _is_comparable(statement: Row) -> bool:
    return bool(
        statement["type"] in _LASTING
        and statement["as_of"]
        and statement["value"] is not None
        and statement["value_high"] is None
        and statement["approx"] in ("exact", "about")
    )


def _charts(groups: dict[str, list[Row]]) -> dict[str, Chart]:
    """The charts of the most telling types that have one."""
    order = [*_TELLING, *(type_ for type_ in groups if type_ not in _TELLING)]
    drawn = ((type_, _chart(type_, groups[type_])) for type_ in order if type_ in groups)
    return dict(islice(((type_, chart) for type_, chart in drawn if chart), _MAX_CHARTS))


def _chart(type_: str, statements: list[Row]) -> Chart | None:
    """The numbers of a type over time, a series a qualifier; None where fewer than two differ."""
    series: dict[str, Series] = {}
    for statement in statements:
        if statement["value"] is not None and _at(statement) and type_ in _LASTING:
            qualifier = statement["qualifier"]
            series.setdefault(qualifier, {"label": qualifier, "marks": []})["marks"].append(_mark(statement))
    drawn = [one for one in series.values() if _has_changed(one["marks"])]
    if not drawn:
        return None
    for one in drawn:
        one["marks"].sort(key=lambda mark: mark["at"])
    return {"kind": Kind.DOTS, "series": drawn, "unit": statements[0]["unit"], "joined": True}


def _mark(statement: Row) -> Mark:
    return {
        "at": _at(statement),
        "value": statement["value"],
        "high": statement["value_high"],
        "approx": statement["approx"],
        "reported": not statement["as_of"],
    }


def _has_changed(marks: list[Mark]) -> bool:
    return len({mark["value"] for mark in marks}) > 1 and len({mark["at"] for mark in marks}) > 1


def _former(connection: sqlite3.Connection, addresses: list[Row]) -> set[int]:
    """Returns which of the facts are former addresses by the words of their texts."""
    written = rows(
        connection,
        'select facts.id, substr(text, max(1, start - ?1 + 1), min(start, ?1) + "end" - start) as words'
        " from facts join revisions on revisions.article_id = facts.article_id and number = revision"
        " where facts.id in (select value from json_each(?2))",
        [_BEFORE, json.dumps([one["id"] for one in addresses])],
    )
    return {one["id"] for one in written if is_former(one["words"])}


def _events(groups: dict[str, list[Row]], former: set[int]) -> dict[str, list[Row]]:
    """What happened at a station, by year."""
    happened = [statement for type_, of_type in groups.items() if type_ in _EVENTS for statement in of_type]
    happened += _moves([one for one in groups.get("address", []) if one["id"] not in former])
    by_year: dict[str, list[Row]] = {}
    for statement in sorted(happened, key=lambda statement: (not _at(statement), _at(statement))):
        by_year.setdefault(_at(statement)[:4], []).append(statement)
    return by_year


def _moves(addresses: list[Row]) -> list[Row]:
    """The addresses that replace one before, each with that as `before`; none where the texts leave a doubt about the order."""
    first: dict[int, Row] = {}  # of each story: its copies may have damaged the address
    for one in sorted(filter(_at, addresses), key=_at):
        first.setdefault(one["story"], one)
    stays: list[list[Row]] = []
    for one in first.values():
        possible = [stay for stay in stays if not any(are_apart(other["quote"], one["quote"]) for other in stay)]
        if stays and stays[-1] in possible:
            stays[-1].append(one)
        elif possible or (stays and not _is_before(stays[-1][-1], one)):
            return []
        else:
            stays.append([one])
    return [
        later[0] | {"before": next(one for one in reversed(earlier) if are_apart(one["quote"], later[0]["quote"]))}
        for earlier, later in pairwise(stays)
    ]


def _is_before(one: Row, other: Row) -> bool:
    """Whether the date of a statement is certainly before that of another one, to the year or month if one is known no better."""
    known = min(len(_at(one)), len(_at(other)))
    return _at(one)[:known] < _at(other)[:known]


def _contradictions(connection: sqlite3.Connection, station_id: int, statements: list[Row]) -> list[Contradiction]:
    """Pairs of statements of one type, for one date, that give different numbers."""
    by_fact = {source["id"]: source for statement in statements for source in statement["sources"]}
    pairs = rows(connection, "select one_fact, other_fact from contradictions where station_id = ?", station_id)
    return [
        {"one": by_fact[pair["one_fact"]], "other": by_fact[pair["other_fact"]]}
        for pair in pairs
        if pair["one_fact"] in by_fact and pair["other_fact"] in by_fact
    ]


def _articles(connection: sqlite3.Connection, station_id: int) -> list[Row]:
    """The newest articles that say something of a station."""
    return rows(
        connection,
        "select articles.key, articles.title, articles.published, articles.gone_at, outlets.name as outlet, reprint"
        " from article_dates join articles using (id) join outlets on outlets.id = articles.outlet_id"
        " where article_dates.id in (select article_id from fact_dates where station_id = ?)"
        f" order by article_dates.published desc, articles.id desc limit {_MAX_ARTICLES}",
        station_id,
    )


def _near(connection: sqlite3.Connection, station_id: int, place: Row) -> list[Row]:
    """Other stations of a place, those with the most articles first."""
    return rows(
        connection,
        "select key, name, statements from station_places join stations on stations.id = station_id"
        f" where station_places.place = ? and station_id != ? order by articles desc, name limit {_MAX_NEIGHBOURS}",
        [place["key"], station_id],
    )
