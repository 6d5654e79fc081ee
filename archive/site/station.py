"""A station's page: every statement with its sources, its numbers over time, its coverage."""

import sqlite3
from typing import TypedDict

from archive.site.shared import FACT, Chart, ChartKind, Series, shown
from archive.sql.rows import Row, count, rows

# What a station has at a time. Money, gifts and events are no quantity that grows or shrinks.
_LASTING = frozenset(
    "party_members households residents volunteers buildings floor_area site_area party_branches party_groups grids estates"
    " communities stations".split()
)
_REPORTED = "报道 reported"
_MAX_FACTS = 1000  # facts of one station that a page shows; its download has all


class Contradiction(TypedDict):
    """Two facts that state different numbers for one date."""

    one: Row
    other: Row


class StationPage(TypedDict):
    """A station: its statements by type, each with its sources; its numbers over time; its names; its articles by year."""

    station: Row
    groups: dict[str, list[Row]]
    facts: int  # that are shown
    facts_of_station: int
    series: list[Chart]
    names: list[Row]
    coverage: list[Row]
    contradictions: list[Contradiction]


def station(connection: sqlite3.Connection, station_id: int) -> StationPage | None:
    """Returns the page of a station, None if there is no such station."""
    found = rows(connection, "select * from stations where id = ?", station_id)
    if not found:
        return None
    facts = rows(
        connection,
        FACT
        + " join fact_types on fact_types.id = facts.type where facts.station_id = ? and current"
        + " order by fact_types.position, coalesce(as_of, reported_on) desc, facts.id != statement, facts.id"
        + f" limit {_MAX_FACTS}",
        station_id,
    )
    statements = _fold([shown(fact) for fact in facts])
    groups: dict[str, list[Row]] = {}
    for statement in statements:
        groups.setdefault(statement["type_label"], []).append(statement)
    return {
        "station": found[0],
        "groups": groups,
        "facts": len(facts),
        "facts_of_station": count(
            connection, "select 1 from facts where station_id = :id and current", {"id": station_id}
        ),
        "series": _series(statements),
        "names": rows(
            connection,
            "select name, place from station_names where station_id = ? order by length(name) desc, key",
            station_id,
        ),
        "coverage": rows(
            connection,
            "select substr(published, 1, 4) as year, count(*) as articles, sum(reprint) as reprints from article_dates"
            " where published != '' and id in (select article_id from facts where station_id = ? and current)"
            " group by year order by year",
            station_id,
        ),
        "contradictions": _contradictions(connection, station_id, statements),
    }


def _fold(facts: list[Row]) -> list[Row]:
    """Facts that make one statement, made one with all their sources, the one that counts for it first."""
    folded: dict[int, Row] = {}
    for fact in facts:
        folded.setdefault(fact["statement"], fact | {"sources": []})["sources"].append(fact)
    return list(folded.values())


def _series(statements: list[Row]) -> list[Chart]:
    """Charts of the numbers of one type for at least two dates: a line a qualifier, a gap where it says nothing. A date that
    is only that of the report says so."""
    grouped: dict[str, dict[str, dict[str, float]]] = {}
    for statement in statements:
        at = statement["as_of"] or (statement["reported_on"] and f"{statement['reported_on']} {_REPORTED}")
        if statement["value"] is not None and at and statement["type"] in _LASTING:
            lines = grouped.setdefault(statement["type_label"], {})
            lines.setdefault(statement["qualifier_label"], {}).setdefault(at, statement["value"])
    charts: list[Chart] = []
    for label, of_type in grouped.items():
        lines = {qualifier: points for qualifier, points in of_type.items() if len(points) > 1}
        dates = sorted({date for points in lines.values() for date in points})
        if dates:
            series: list[Series] = [
                {"label": name or label, "values": [points.get(date) for date in dates]}
                for name, points in lines.items()
            ]
            charts.append({"kind": ChartKind.LINE, "label": label, "labels": dates, "series": series})
    return charts


def _contradictions(connection: sqlite3.Connection, station_id: int, statements: list[Row]) -> list[Contradiction]:
    """Pairs of statements of one type, for one date, that give different numbers."""
    by_fact = {source["id"]: source for statement in statements for source in statement["sources"]}
    pairs = rows(connection, "select one_fact, other_fact from contradictions where station_id = ?", station_id)
    return [
        {"one": by_fact[pair["one_fact"]], "other": by_fact[pair["other_fact"]]}
        for pair in pairs
        if pair["one_fact"] in by_fact and pair["other_fact"] in by_fact
    ]
