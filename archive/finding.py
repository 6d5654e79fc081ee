"""Search with filters over a published snapshot: articles or facts, the newest first or the best first.

Two ways lead to a page of results, and the smaller number of rows decides. What few rows match (of a filter or of the
words) is gathered whole, filtered and sorted. Otherwise the newest are walked one by one until the page is full: where
nothing narrows the search, that is soon.
"""

import re
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from archive import search
from archive.facts import fact_types
from archive.text import clean, fold

Row = dict[str, Any]
KINDS = ("articles", "facts")
SORTS = ("date", "relevance")
SIZE = 20
_GATHER = 10_000  # rows that may be gathered; more are walked
_SECONDS = 2.0  # a search that takes longer is given up, and says so
_AROUND = 60  # characters shown on either side of a hit
_CURSOR = re.compile(r"([0-9T:+\-]{0,25})~([0-9]{1,18})")


class SearchError(Exception):
    """A search that cannot be made; the message says what to change."""


@dataclass(frozen=True)
class Wanted:
    """What a reader looks for. Empty fields ask for nothing."""

    q: str = ""
    place: str = ""
    outlet: str = ""
    type: str = ""
    since: str = ""
    until: str = ""
    reviewed: bool = False
    sort: str = "date"

    @classmethod
    def of(cls, given: Mapping[str, str]) -> "Wanted":
        """From the parameters of an address. Raises SearchError, naming the one that is wrong."""
        said = {name: str(given.get(name) or "").strip()[:200] for name in cls.__dataclass_fields__}
        for name in ("since", "until"):
            if said[name] and not re.fullmatch(r"[0-9]{4}", said[name]):
                raise SearchError(f"{name}: a year has four digits, {said[name]!r} has not. 年份须为四位数字。")
        if said["type"] and said["type"] not in fact_types():
            raise SearchError(f"type: there is no fact type {said['type']!r}. 没有这种事实类型。")
        if said["sort"] not in ("", *SORTS):
            raise SearchError(f"sort: {' or '.join(SORTS)}, not {said['sort']!r}.")
        return cls(**said | {"reviewed": said["reviewed"] not in ("", "0"), "sort": said["sort"] or "date"})  # type: ignore[arg-type]

    def parameters(self) -> dict[str, str]:
        """The parameters of the address of this search, without what is not asked for."""
        said = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {k: "1" if v is True else str(v) for k, v in said.items() if v and (k, v) != ("sort", "date")}


@dataclass(frozen=True)
class Found:
    """A page of results. `total` is None where there are more than were counted; `next` leads to the following page."""

    rows: list[Row]
    total: int | None
    next: str
    sort: str


@dataclass(frozen=True)
class _Entry:
    """One filter as a way in: at most so many rows, or exactly; SQL for their numbers."""

    rows: int
    exact: bool
    sql: str
    values: list[object]


@dataclass
class _Plan:
    """SQL over `d` (one row a result): conditions, and the narrowest way to enter."""

    conditions: list[str] = field(default_factory=list)
    values: list[object] = field(default_factory=list)
    entries: list["_Entry"] = field(default_factory=list)

    def add(self, condition: str, *values: object) -> None:
        self.conditions.append(condition)
        self.values += values


def find(connection: sqlite3.Connection, kind: str, wanted: Wanted, after: str = "", size: int = SIZE) -> Found:
    """The results of a search over `articles` or `facts`. Raises SearchError."""
    cursor = _CURSOR.fullmatch(after) if after else None
    if after and cursor is None:
        raise SearchError("after: not a place in these results. Start again from the first page. 请从第一页重新开始。")
    plan = _plan(connection, kind, wanted)
    total: int | None
    with _in_time(connection):
        small = min(plan.entries, default=None, key=lambda entry: entry.rows)
        if small and small.rows <= _GATHER:
            keys, counted, sort = _gathered(connection, kind, wanted, plan, small)
            start, total = 0, counted
            if cursor:
                ids = [number for _, number in keys]
                start = ids.index(int(cursor[2])) + 1 if int(cursor[2]) in ids else len(ids)
            page = keys[start : start + size + 1]
        else:
            page = _walked(connection, kind, plan, (cursor[1], int(cursor[2])) if cursor else None, size + 1)
            total = _known_total(connection, kind, wanted, plan)
            sort = "date"
        more = "~".join(map(str, page[size - 1])) if len(page) > size else ""
        rows = _shown(connection, kind, [number for _, number in page[:size]], wanted.q)
    return Found(rows, total, more, sort)


def places_of(connection: sqlite3.Connection, written: str) -> list[str]:
    """The keys of the places that a reader may mean: a code, a path, or a name at any level."""
    rows = connection.execute("select key from places where key = ?1 or name = ?1", [fold(written)])
    return [key for (key,) in rows][:500]


def _known_total(connection: sqlite3.Connection, kind: str, wanted: Wanted, plan: _Plan) -> int | None:
    """How many results there are, where that was counted when the snapshot was published."""
    if wanted.since or wanted.until or len(plan.entries) > 1:
        return None
    if plan.entries:
        return plan.entries[0].rows if plan.entries[0].exact else None
    return _total(connection, kind)


def _plan(connection: sqlite3.Connection, kind: str, wanted: Wanted) -> _Plan:
    plan = _Plan()
    of_facts = kind == "facts"
    date = "coalesce(d.as_of, '')" if of_facts else "d.published"
    number = "id" if of_facts else "distinct article_id as id"
    if of_facts:
        plan.add("d.current")
    if wanted.q:
        match = search.query(wanted.q)
        hits = f"select rowid as id from {kind}_search where {kind}_search match ?"
        counted = connection.execute(f"select count(*) from ({hits} limit {_GATHER + 1})", [match]).fetchone()[0]
        plan.entries.append(_Entry(counted, False, hits, [match]))
        plan.add(f"exists (select 1 from {kind}_search where rowid = d.id and {kind}_search match ?)", match)
    if wanted.outlet:
        outlet = _outlet(connection, wanted.outlet)
        counted = _total(connection, f"{kind}:outlet:{outlet}")
        plan.entries.append(_Entry(counted, True, _OF_OUTLET[kind], [outlet]))
        plan.add(_OUTLET[kind], outlet)
    if wanted.place:
        _place(connection, kind, wanted.place, plan)
    if wanted.type:
        sql = f"select {number} from facts where current and type = ?"
        plan.entries.append(_Entry(_total(connection, f"facts:type:{wanted.type}"), of_facts, sql, [wanted.type]))
    if wanted.reviewed:
        sql = f"select {number} from facts where current and review != ''"
        plan.entries.append(_Entry(_total(connection, "reviewed"), of_facts, sql, []))
    of_fact = [("type = ?", [wanted.type])] if wanted.type else []
    of_fact += [("review != ''", [])] if wanted.reviewed else []
    if of_facts:
        for condition, values in of_fact:
            plan.add(f"d.{condition}", *values)
    elif of_fact:
        said = " and ".join(condition for condition, _ in of_fact)
        plan.add(
            f"exists (select 1 from facts where article_id = d.id and current and {said})",
            *[value for _, values in of_fact for value in values],
        )
    if wanted.since:
        plan.add(f"{date} >= ?", wanted.since)
    if wanted.until:
        plan.add(f"{date} < ? and {date} != ''", str(int(wanted.until) + 1))
    return plan


_OF_OUTLET = {
    "articles": "select id from articles where outlet_id = ?",
    "facts": "select facts.id from articles cross join facts on article_id = articles.id where outlet_id = ? and current",
}
_OUTLET = {
    "articles": "d.outlet_id = ?",
    "facts": "exists (select 1 from article_dates where id = d.article_id and outlet_id = ?)",
}


def _place(connection: sqlite3.Connection, kind: str, written: str, plan: _Plan) -> None:
    keys = places_of(connection, written)
    if not keys:
        raise SearchError(f"place: no station lies in {written!r}. 没有站点位于此地。")
    marks = ", ".join("?" * len(keys))
    counted = connection.execute(f"select sum({kind}) from places where key in ({marks})", keys).fetchone()[0]
    if kind == "facts":
        entry = f"select facts.id from station_places cross join facts on facts.station_id = station_places.station_id where place in ({marks}) and current"
        plan.add(f"exists (select 1 from station_places where station_id = d.station_id and place in ({marks}))", *keys)
    else:
        entry = f"select article_id as id from article_places where place in ({marks})"
        plan.add(
            f"exists (select 1 from article_places where place in ({marks}) and published = d.published and article_id = d.id)",
            *keys,
        )
    plan.entries.append(_Entry(counted, len(keys) == 1, entry, list(keys)))


def _gathered(
    connection: sqlite3.Connection, kind: str, wanted: Wanted, plan: _Plan, entry: _Entry
) -> tuple[list[tuple[str, int]], int, str]:
    """All results as (date, number), sorted, how many, and by what they are sorted."""
    table, date = ("facts", "coalesce(d.as_of, '')") if kind == "facts" else ("article_dates", "d.published")
    rows = connection.execute(
        f"with hits as materialized ({entry.sql}) select distinct {date}, d.id from hits cross join {table} d on d.id = hits.id"
        f" where {' and '.join(plan.conditions) or '1'} order by 1 desc, 2 desc",
        [*entry.values, *plan.values],
    ).fetchall()
    if wanted.sort == "relevance" and wanted.q:
        best = connection.execute(
            f"select rowid from {kind}_search where {kind}_search match ? order by rank limit {_GATHER}",
            [search.query(wanted.q)],
        )
        rank = {number: place for place, (number,) in enumerate(best)}
        return sorted(rows, key=lambda row: rank.get(row[1], _GATHER)), len(rows), "relevance"
    return rows, len(rows), "date"


def _walked(
    connection: sqlite3.Connection, kind: str, plan: _Plan, after: tuple[str, int] | None, size: int
) -> list[tuple[str, int]]:
    """The first results behind a place, the newest first."""
    if kind == "facts":
        date = "coalesce(d.as_of, '')"
        index = "facts_type_newest" if "d.type = ?" in plan.conditions else "facts_newest"
        source = f"facts d indexed by {index}"
    else:
        date, source = "d.published", "article_dates d indexed by article_dates_newest"
    conditions, values = list(plan.conditions), list(plan.values)
    if after:
        conditions.append(f"{date} <= ? and ({date} < ? or d.id < ?)")
        values += [after[0], after[0], after[1]]
    return connection.execute(
        f"select {date}, d.id from {source} where {' and '.join(conditions) or '1'} order by 1 desc, 2 desc limit ?",
        [*values, size],
    ).fetchall()


def _outlet(connection: sqlite3.Connection, written: str) -> int:
    row = connection.execute(
        "select id from outlets where name = ?1 or (?1 glob '[0-9]*' and id = cast(?1 as integer)) limit 1", [written]
    ).fetchone()
    if row is None:
        raise SearchError(f"outlet: there is no outlet {written!r}. 没有这家媒体。")
    return int(row[0])


def _total(connection: sqlite3.Connection, name: str) -> int:
    row = connection.execute("select count from totals where name = ?", [name]).fetchone()
    return int(row[0]) if row else 0


@contextmanager
def _in_time(connection: sqlite3.Connection) -> Iterator[None]:
    """Give up what takes too long."""
    deadline = time.monotonic() + _SECONDS
    connection.set_progress_handler(lambda: int(time.monotonic() > deadline), 10_000)
    try:
        yield
    except sqlite3.OperationalError as error:
        if "interrupted" not in str(error):
            raise
        raise SearchError(
            "This search takes too long. Add a word, or leave a filter out. 搜索耗时过长，请加词或减少筛选条件。"
        ) from None
    finally:
        connection.set_progress_handler(None, 0)


# What is shown


def _shown(connection: sqlite3.Connection, kind: str, numbers: list[int], q: str) -> list[Row]:
    """The rows of these numbers, in this order, with what was found marked."""
    marks = ", ".join("?" * len(numbers))
    cursor = connection.execute(_ROWS[kind].format(marks=marks), numbers)
    names = [column[0] for column in cursor.description]
    rows = {row[0]: dict(zip(names, row, strict=True)) for row in cursor}
    pattern = search.marker(q)
    return [_marked(kind, rows[number], pattern) for number in numbers]


_ROWS = {
    "articles": "select articles.id, url, title, text, published, outlets.name as outlet, articles.outlet_id, gone_at, revision,"
    " (select count(*) from facts where article_id = articles.id and current) as facts,"
    " (select original_id from reprints where article_id = articles.id) as original_id"
    " from articles join outlets on outlets.id = outlet_id where articles.id in ({marks})",
    "facts": "select facts.id, evidence, facts.type, subject, value, value_high, unit, approx, qualifier, date, as_of, quote, review,"
    " reviewed, reviewed_value, reviewed_value_high, facts.article_id, title, published, outlets.name as outlet, facts.station_id,"
    " stations.name as station from facts join articles on articles.id = facts.article_id join outlets on outlets.id = articles.outlet_id"
    " left join stations on stations.id = facts.station_id where facts.id in ({marks})",
}


def _marked(kind: str, row: Row, pattern: re.Pattern[str] | None) -> Row:
    if kind == "facts":
        return row | {
            "quote_marked": segments(row["quote"], pattern),
            "subject_marked": segments(row["subject"], pattern),
        }
    text = row.pop("text")
    return row | {"title_marked": segments(row["title"], pattern), "snippet": segments(text, pattern, _AROUND)}


def segments(text: str, pattern: re.Pattern[str] | None, around: int | None = None) -> list[Row]:
    """A text as segments {text, hit}; with `around`, only what stands about the first hit, or the beginning."""
    spans: list[tuple[int, int]] = []
    if pattern:
        cleaned = clean(text)
        spans = [cleaned.span(*match.span()) for match in pattern.finditer(fold(cleaned.text))]
    start, end = 0, len(text)
    if around is not None:
        first = spans[0] if spans else (0, 0)
        start, end = max(0, first[0] - around), min(len(text), max(first[1] + around, 2 * around))
    found, at = [], start
    for left, right in spans:
        if left >= at and right <= end:
            found += [{"text": text[at:left], "hit": False}, {"text": text[left:right], "hit": True}]
            at = right
    found.append({"text": text[at:end], "hit": False})
    if start:
        found.insert(0, {"text": "…", "hit": False})
    if end < len(text):
        found.append({"text": "…", "hit": False})
    return [segment for segment in found if segment["text"]]
