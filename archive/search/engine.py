"""A page of what a reader looks for over a published snapshot: articles, facts, stations or outlets, with what was found marked."""

import json
import re
import sqlite3
from collections import defaultdict
from dataclasses import dataclass
from typing import TypedDict

import numpy as np

from archive.facts import LASTING
from archive.search import fts, lists
from archive.search.columns import Data
from archive.search.wanted import ListKind, Sort, Wanted
from archive.sql.rows import Row, in_time, rows
from archive.text import clean, fold

SIZE = 20
_AROUND = 60  # characters shown on either side of a hit


@dataclass(frozen=True)
class ResultPage:
    """A page of results. `total` is None where there are more than were counted; `folded` counts the reprints that have no
    row of their own; `next` leads to the following page. `before` counts the rows before this page, and `previous` leads to
    the page before; None where that is not known."""

    rows: list[Row]
    total: int | None
    next: str
    sort: Sort
    folded: int = 0
    before: int | None = None
    previous: str | None = None


def find(connection: sqlite3.Connection, kind: str, wanted: Wanted, after: str = "", size: int = SIZE) -> ResultPage:
    """Search a snapshot.

    Args:
        connection: the published snapshot.
        kind: a ListKind.
        wanted: what is searched for.
        after: the end of the page before, as its `next` has it; empty: the first page.
        size: how many results a page has.

    Returns:
        A page of results.

    Raises:
        SearchError: the search cannot be made, or takes too long.
    """
    kind = ListKind(kind)
    page = lists.numbers(connection, kind, wanted, after, size)
    total = lists.total(connection, kind, wanted)
    order = wanted.order(kind)
    if (
        order == Sort.RELEVANCE
        and kind in (ListKind.ARTICLES, ListKind.FACTS)
        and (not wanted.q or total.count is None)
    ):
        order = Sort.DATE  # nothing to rank by, or too much to be ranked
    with in_time(connection, lists.SECONDS, lists.too_long()):
        shown = _shown(connection, kind, page.numbers, wanted.q)
        if kind == ListKind.STATIONS:
            shown = _with_numbers(connection, shown, wanted)
    return ResultPage(shown, total.count, page.next, order, total.folded, page.before, page.previous)


def _shown(connection: sqlite3.Connection, kind: ListKind, numbers: list[int], q: str) -> list[Row]:
    """The rows of these numbers, in this order, with what was found marked."""
    marks = ", ".join("?" * len(numbers))
    found = {row["id"]: row for row in rows(connection, _ROWS[kind].format(marks=marks), numbers)}
    pattern = fts.marker(q)
    return [_marked(kind, found[number], pattern) for number in numbers]


_ROWS = {
    ListKind.ARTICLES: "select articles.id, articles.key, url, title, text, articles.published, outlets.name as outlet, articles.outlet_id, gone_at, revision,"
    " article_dates.facts,"
    " (select count(*) from reprints where original_id = articles.id) as reprints,"
    " (select original_id from reprints where article_id = articles.id) as original_id,"
    " (select key from reprints join articles original on original.id = original_id where article_id = articles.id) as original_key"
    " from articles join article_dates on article_dates.id = articles.id join outlets on outlets.id = articles.outlet_id"
    " where articles.id in ({marks})",
    ListKind.FACTS: "select facts.id, evidence, facts.type, subject, value, value_high, unit, approx, measure, qualifier, date, as_of, reported_on, quote, start, review,"
    " corrections, reviewed_value, reviewed_value_high, extracted, facts.article_id, articles.key as article_key, title, published, outlets.name as outlet, statement_facts.station_id, stations.key as station_key,"
    " stations.name as station, coalesce(statement, facts.id) as statement,"
    " (select evidence from facts first where first.id = statement) as statement_key,"
    " coalesce((select sources from statements where statements.fact_id = coalesce(statement, facts.id)), 1) as sources from facts left join statement_facts on fact_id = facts.id join articles on articles.id = facts.article_id join outlets on outlets.id = articles.outlet_id"
    " left join stations on stations.id = statement_facts.station_id where facts.id in ({marks})",
    ListKind.STATIONS: "select id, key, name, place, division_name, articles, facts, statements, latest from stations where id in ({marks})",
    ListKind.OUTLETS: "select id, key, name, host, articles, last_fetched_at,"
    " (select max(published) from article_dates where outlet_id = outlets.id) as latest,"
    " (select count from totals where totals.name = 'statements:outlet:' || outlets.id) as statements"
    " from outlets where id in ({marks})",
}


def _with_numbers(connection: sqlite3.Connection, stations: list[Row], wanted: Wanted) -> list[Row]:
    """Stations with `numbers`: fact type -> the fact that states the last one until the date that is asked for."""
    data = Data(connection)
    at = lists.latest(data, wanted)
    at = at[np.isin(data["facts.station"][at], data.numbered(ListKind.STATIONS, (one["id"] for one in stations)))]
    at = at[np.isin(data["facts.type"][at], [data.types.get(name, -1) for name in LASTING])]
    found = rows(
        connection,
        "select statement_facts.station_id, evidence, type, value, value_high, approx, unit, as_of, coalesce(as_of, reported_on) as at"
        " from facts join statement_facts on fact_id = facts.id where facts.id in (select value from json_each(?))",
        [json.dumps(data["facts.id"][at].tolist())],
    )
    numbers = defaultdict[int, dict[str, Row]](dict)
    for row in found:
        numbers[row.pop("station_id")][row.pop("type")] = row
    return [station | {"numbers": numbers[station["id"]]} for station in stations]


def _marked(kind: ListKind, row: Row, pattern: re.Pattern[str] | None) -> Row:
    if kind in (ListKind.STATIONS, ListKind.OUTLETS):
        return row | {"name_marked": segments(row["name"], pattern)}
    if kind == ListKind.FACTS:
        return row | {
            "quote_marked": segments(row["quote"], pattern),
            "subject_marked": segments(row["subject"], pattern),
        }
    text = row.pop("text")
    return row | {"title_marked": segments(row["title"], pattern), "snippet": segments(text, pattern, _AROUND)}


class Marked(TypedDict):
    """A stretch of a text, and whether a search found it."""

    text: str
    hit: bool


def segments(text: str, pattern: re.Pattern[str] | None, around: int | None = None) -> list[Marked]:
    """Cut a text at what a search found.

    Args:
        text: the text.
        pattern: what was searched for; None: nothing.
        around: the number of characters on either side of the first hit that are kept; None: all.

    Returns:
        The text as stretches.
    """
    # A hit as it was typed needs no folding of the whole text.
    if around is not None and pattern and (hit := pattern.search(text)):
        start, end = _about(text, hit.span(), around)
        return _cut_out(segments(text[start:end], pattern), text, start, end)
    spans: list[tuple[int, int]] = []
    if pattern:
        cleaned = clean(text)
        spans = [cleaned.span(*match.span()) for match in pattern.finditer(fold(cleaned.text))]
    start, end = 0, len(text)
    if around is not None:
        start, end = _about(text, spans[0] if spans else (0, 0), around)
    found, at = list[Marked](), start
    for left, right in spans:
        if left >= at and right <= end:
            found += [{"text": text[at:left], "hit": False}, {"text": text[left:right], "hit": True}]
            at = right
    found.append({"text": text[at:end], "hit": False})
    return _cut_out(found, text, start, end)


def _about(text: str, hit: tuple[int, int], around: int) -> tuple[int, int]:
    return max(0, hit[0] - around), min(len(text), max(hit[1] + around, 2 * around))


def _cut_out(found: list[Marked], text: str, start: int, end: int) -> list[Marked]:
    if start:
        found.insert(0, {"text": "…", "hit": False})
    if end < len(text):
        found.append({"text": "…", "hit": False})
    return [segment for segment in found if segment["text"]]
