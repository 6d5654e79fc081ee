"""Rows of lists to take away: one flat row a fact, article, station or outlet, with all that names, dates and cites it.

The codebook says what each column means (archive.publishing.codebook.LISTS). What a text does not state is null.
"""

import json
import re
import sqlite3
from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from archive.places.divisions import LEVELS, path_of
from archive.publishing.codebook import LISTS, TEXT, Column
from archive.sql.rows import Row, rows

_REVIEWS = {"": "none", "confirm": "confirmed", "correct": "corrected"}
_PRECISIONS = {4: "year", 7: "month", 10: "day"}  # characters of an ISO date
_DIGITS = 6  # of the codes of provinces, cities and districts, as the national list writes them
# The level of a place that the national list does not have, by the end of its name.
_ENDINGS = {
    "province": re.compile(r"(?:省|自治区)$"),
    "town": re.compile(r"(?:街道|镇|乡)$"),
    "community": re.compile(r"(?:社区|村)$"),
    "district": re.compile(r"[区县旗]$"),
    "city": re.compile(r"[市州盟]$"),
}


class Origin(NamedTuple):
    """Where rows are from: the address of the site, without a stroke at its end, and the snapshot."""

    address: str
    snapshot: str


def columns(kind: str, texts: bool = False) -> tuple[Column, ...]:
    """The columns of the rows of a list; with `texts`, articles have their full text as well."""
    return (*LISTS[kind], TEXT) if texts and kind == "articles" else LISTS[kind]


def flat(
    connection: sqlite3.Connection, kind: str, numbers: Sequence[int], origin: Origin, texts: bool = False
) -> list[list[Any]]:
    """Rows of a list, in the order of their numbers.

    Args:
        connection: the published snapshot.
        kind: facts, articles, stations or outlets.
        numbers: the numbers of the items; one that the snapshot does not have has no row.
        origin: where the rows are from.
        texts: whether articles have their full text.

    Returns:
        The rows, with a value for each of `columns`.
    """
    in_order = itemgetter(*(column.name for column in columns(kind, texts)))
    sql, complete = _KINDS[kind]
    found = rows(connection, sql, json.dumps(list(numbers)))
    return [[None if value == "" else value for value in in_order(complete(row, origin))] for row in found]


_WANTED = "from (select key as ordinal, value as wanted from json_each(?)) cross join {0} on {0}.id = wanted"
_FACTS = f"""
select facts.evidence as fact, facts.type, fact_types.zh as type_zh, fact_types.en as type_en, facts.subject, facts.value,
    facts.value_high, facts.approx as approximation, facts.qualifier, facts.unit, facts.measure, facts.as_of, facts.date,
    facts.reported_on, facts.donor, facts.recipient, facts.quote, facts.start, facts."end", facts.probability,
    facts.subject_probability, facts.review, facts.reviewed_at, facts.extracted, facts.repaired as damaged,
    articles.title as article_title, articles.url as article_url, articles.key as article_key, outlets.name as outlet,
    outlets.key as outlet_key, captures.fetched_at as captured_at, original.key as original_key, statements.sources,
    stations.name as station, stations.key as station_key, stations.place, stations.division, stations.division_name
{_WANTED.format("facts")}
join fact_types on fact_types.id = facts.type
join articles on articles.id = facts.article_id
join outlets on outlets.id = articles.outlet_id
join captures on captures.id = articles.capture_id
left join reprints on reprints.article_id = facts.article_id
left join articles original on original.id = reprints.original_id
left join statement_facts on statement_facts.fact_id = facts.id
left join stations on stations.id = statement_facts.station_id
left join statements on statements.fact_id = statement_facts.statement
order by ordinal
"""
_ARTICLES = f"""
select articles.title, outlets.name as outlet, outlets.key as outlet_key, articles.published, articles.url,
    articles.key as article, articles.source, articles.authors, articles.editor,
    articles.provenance, original.key as original_key,
    article_dates.facts, length(articles.text) as characters, articles.text, articles.revision as versions,
    articles.gone_at, articles.missing_pages != '[]' as incomplete, captures.fetched_at as captured_at
{_WANTED.format("articles")}
join article_dates on article_dates.id = articles.id
join outlets on outlets.id = articles.outlet_id
join captures on captures.id = articles.capture_id
left join reprints on reprints.article_id = articles.id
left join articles original on original.id = reprints.original_id
order by ordinal
"""
_STATIONS = f"""
select name as station, key as station_key, place, division, division_name, articles, facts, statements, latest
{_WANTED.format("stations")} order by ordinal
"""
_OUTLETS = f"""
with wanted_outlets as (select outlets.*, ordinal {_WANTED.format("outlets")})
select name as outlet, key as outlet_key, host, articles, last_fetched_at, coalesce(sum(reprint), 0) as reprints,
    min(nullif(published, '')) as first, max(published) as latest,
    coalesce((select count from totals where totals.name = 'facts:outlet:' || wanted_outlets.id), 0) as facts
from wanted_outlets left join article_dates on article_dates.outlet_id = wanted_outlets.id
group by wanted_outlets.id order by ordinal
"""


def _fact(row: Row, origin: Origin) -> Row:
    read = json.loads(row["extracted"])
    as_of = row["as_of"] or ""
    return {
        **row,
        **_station_of(row, origin),
        **_copy_of(row, origin),
        "value": _number(row["value"]),
        "value_high": _number(row["value_high"]),
        "read_value": _number(read.get("value", row["value"])),
        "read_value_high": _number(read.get("value_high", row["value_high"])),
        "as_of_precision": _PRECISIONS.get(len(as_of)),
        "confidence": _share(row["probability"]),
        "subject_confidence": _share(row["subject_probability"]),
        "review": _REVIEWS[row["review"]],
        "reviewed_at": (row["reviewed_at"] or "")[:10],
        "damaged": bool(row["damaged"]),
        "link": f"{origin.address}/fact/{row['fact']}",
        "article_link": f"{origin.address}/article/{row['article_key']}",
        "snapshot": origin.snapshot,
    }


def _article(row: Row, origin: Origin) -> Row:
    return {
        **row,
        **_copy_of(row, origin),
        "incomplete": bool(row["incomplete"]),
        "link": f"{origin.address}/article/{row['article']}",
        "snapshot": origin.snapshot,
    }


def _station(row: Row, origin: Origin) -> Row:
    return {**row, **_station_of(row, origin), "link": _station_link(row, origin), "snapshot": origin.snapshot}


def _outlet(row: Row, origin: Origin) -> Row:
    return {**row, "link": f"{origin.address}/outlet/{row['outlet_key']}", "snapshot": origin.snapshot}


_KINDS: dict[str, tuple[str, Callable[[Row, Origin], Row]]] = {
    "facts": (_FACTS, _fact),
    "articles": (_ARTICLES, _article),
    "stations": (_STATIONS, _station),
    "outlets": (_OUTLETS, _outlet),
}


def _station_of(row: Row, origin: Origin) -> Row:
    """The places that a station lies in, and its address."""
    place = _places(row["place"] or "", row["division"] or "", row["division_name"] or "")
    return {**place, "station_link": _station_link(row, origin)}


def _station_link(row: Row, origin: Origin) -> str | None:
    return f"{origin.address}/station/{row['station_key']}" if row["station_key"] else None


@lru_cache(20_000)
def _places(place: str, division: str, division_name: str) -> Row:
    """Names and codes by level, as columns: by the national list where that is certain, else by names alone, without codes."""
    found: Row = {f"{level}{end}": None for level in LEVELS.values() for end in ("", "_code")}
    if not division:
        levels = ((_level(name), name) for name in place.split())
        return found | {level: name for level, name in levels if level}
    for digits, level in LEVELS.items():
        name = _name(division[:digits], division_name)
        if digits <= len(division) and name:
            found |= {level: name, f"{level}_code": division[:digits].ljust(_DIGITS, "0")}
    return found


def _name(code: str, names: str) -> str:
    """The own name of a division on the way down to one with these names; empty where its level has none (市辖区)."""
    if len(code) == max(LEVELS):
        return names.rsplit(maxsplit=1)[-1]
    above, here = path_of(code[:-1]), path_of(code)
    return here[-1] if len(here) > len(above) else ""


def _level(name: str) -> str | None:
    return next((level for level, ending in _ENDINGS.items() if ending.search(name)), None)


def _copy_of(row: Row, origin: Origin) -> Row:
    original = row["original_key"]
    return {"original": original is None, "reprint_of": original and f"{origin.address}/article/{original}"}


def _number(value: float | None) -> float | None:
    """A number, without a decimal point where it is whole."""
    return int(value) if value is not None and value == int(value) else value


def _share(thousandths: int | None) -> float | None:
    return None if thousandths is None else thousandths / 1000
