"""Search with filters over a published snapshot: articles or facts, the newest first or the best first.

Two ways lead to a page of results. The newest rows are walked one by one until the page is full: where nothing narrows the
search much, that is soon. Or what few rows match, of a filter or of the words, is gathered whole, filtered and sorted. In between,
the newest rows are walked with a list at hand of those that the index names. Large archives are walked a little first,
because common words are met at once and cost the index most.
"""

import json
import re
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple, TypedDict

from archive.errors import ArchiveError
from archive.facts import fact_types
from archive.search import fts
from archive.sql.rows import Row, in_time, rows
from archive.text import clean, fold

SIZE = 20
_GATHER = 20_000  # rows that may be gathered; more are walked
_ALL = 1 << 62
_LARGE = 50_000  # rows from which an archive is walked a little first
_FIRST = {"articles": 400, "facts": 2000}  # rows that are walked first: under 10 ms
_PROMISING = 5  # results among these from which the walk goes on as far as a page will likely take
_LOOKED_UP = 300  # rows whose text may be looked into
_LEFT = (
    0.3  # share of what the index of pairs names that holds the frequent pairs, too, if these are not part of the query
)
_SORTED = 2000  # rows of one filter that are sooner sorted than met among the newest
_MANY = 400  # rows of one filter that are soon met when the newest are walked, once it is known which they are
_SECONDS = 3.0  # a search that takes longer is given up, and says so
_TOO_LONG = "This search takes too long. Add a word, or leave a filter out. 搜索耗时过长，请加词或减少筛选条件。"
_AROUND = 60  # characters shown on either side of a hit
_CURSOR = re.compile(r"([0-9T:+\-]{0,25})~([0-9]{1,18})")


class SearchError(ArchiveError):
    """A search that cannot be made; the message says what to change."""


class UnknownError(SearchError):
    """A place or an outlet that this snapshot does not have; another part of the archive may."""


class SearchKind(StrEnum):
    """What is searched."""

    ARTICLES = "articles"
    FACTS = "facts"


class Sort(StrEnum):
    """What comes first: the newest, or the best."""

    DATE = "date"
    RELEVANCE = "relevance"


class _Key(NamedTuple):
    """Where a result stands among all: its date (ISO 8601; empty where none is known) and its number."""

    day: str
    number: int


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
    sort: Sort = Sort.DATE

    @classmethod
    def of(cls, given: Mapping[str, str]) -> "Wanted":
        """From the parameters of an address. Raises SearchError, naming the one that is wrong."""
        values = {name: str(given.get(name) or "").strip()[:200] for name in cls.__dataclass_fields__}
        for name in ("since", "until"):
            if values[name] and not re.fullmatch(r"[0-9]{4}", values[name]):
                raise SearchError(f"{name}: a year has four digits, {values[name]!r} has not. 年份须为四位数字。")
        if values["type"] and values["type"] not in fact_types():
            raise SearchError(f"type: there is no fact type {values['type']!r}. 没有这种事实类型。")
        if values["sort"] not in ["", *Sort]:
            raise SearchError(f"sort: {' or '.join(Sort)}, not {values['sort']!r}.")
        reviewed, sort = values.pop("reviewed"), values.pop("sort")
        return cls(**values, reviewed=reviewed not in ("", "0"), sort=Sort(sort or Sort.DATE))

    def parameters(self) -> dict[str, str]:
        """The parameters of the address of this search, without what is empty."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {k: "1" if v is True else str(v) for k, v in values.items() if v and (k, v) != ("sort", Sort.DATE)}


@dataclass(frozen=True)
class ResultPage:
    """A page of results. `total` is None where there are more than were counted; `next` leads to the following page."""

    rows: list[Row]
    total: int | None
    next: str
    sort: Sort


@dataclass(frozen=True)
class _Filter:
    """One thing that a reader asks for: a condition on `d` (one row a result), and SQL for the numbers of at most `rows`
    results, where that is a way in."""

    condition: str
    values: list[object]
    rows: int = _ALL
    exact: bool = False
    entry: str = ""
    entry_values: list[object] = field(default_factory=list)
    partial: bool = False  # the entry names more than fulfil the condition
    pairs: str = ""  # the query to the index of pairs, which names no fewer than fulfil the condition


def find(connection: sqlite3.Connection, kind: str, wanted: Wanted, after: str = "", size: int = SIZE) -> ResultPage:
    """Search a snapshot.

    Args:
        connection: the published snapshot.
        kind: a SearchKind.
        wanted: what is searched for.
        after: the end of the page before, as its `next` has it; empty: the first page.
        size: how many results a page has.

    Returns:
        A page of results.

    Raises:
        SearchError: the search cannot be made, or takes too long.
    """
    cursor = _CURSOR.fullmatch(after) if after else None
    if after and cursor is None:
        raise SearchError(
            "after: not a position in these results. Start again from the first page. 请从第一页重新开始。"
        )
    position = _Key(cursor[1], int(cursor[2])) if cursor else None
    with in_time(connection, _SECONDS, SearchError(_TOO_LONG)):
        page, total, sort = _page(connection, kind, wanted, position, size + 1)
        more = "~".join(map(str, page[size - 1])) if len(page) > size else ""
        rows = _shown(connection, kind, [number for _, number in page[:size]], wanted.q)
    return ResultPage(rows, total, more, sort)


class _Found(NamedTuple):
    """The results of a page, how many there are in all (None: more than were counted), and what comes first."""

    keys: list[_Key]
    total: int | None
    sort: Sort


def _page(connection: sqlite3.Connection, kind: str, wanted: Wanted, position: _Key | None, size: int) -> _Found:
    """The first results behind a position, by the way that meets them soonest."""
    filters = _filters(connection, kind, wanted)
    words = _by_pairs(connection, kind, wanted)
    if words and _are_many(words, wanted, filters):
        page = _newest(connection, wanted, filters, words, position, size)
        if len(page) < size and not position:
            return _Found(page, len(page), Sort.DATE)
        is_known = not filters and not words.partial and words.rows <= _GATHER
        return _Found(page, words.rows if is_known else None, Sort.DATE)
    met = None if words else _met_at_once(connection, kind, wanted, filters, position, size)
    if met is not None:
        return _Found(met, None, Sort.DATE)
    if wanted.q:
        filters.append(words or _words(connection, kind, wanted.q))
    return _filtered(connection, kind, wanted, filters, position, size)


def _filtered(
    connection: sqlite3.Connection, kind: str, wanted: Wanted, filters: list[_Filter],
    position: _Key | None, size: int,
) -> _Found:  # fmt: skip
    """The first results behind a position, by the filter that the fewest rows fulfil."""
    way_in = min(filters, default=None, key=lambda one: one.rows)
    if way_in is None or way_in.rows > _GATHER:
        walked = _walked(connection, kind, filters, position, size)
        return _Found(walked, _known_total(connection, kind, filters), Sort.DATE)
    is_alone = all(one is way_in or one.rows == _ALL for one in filters)
    if way_in.rows <= _MANY or wanted.sort != Sort.DATE or not is_alone:
        keys, total, sort = _gathered(connection, kind, wanted, filters, way_in)
        start = _behind(keys, position)
        return _Found(keys[start : start + size], total, sort)
    if way_in.rows <= _SORTED:
        return _Found(*_sorted(connection, kind, filters, way_in, position, size), Sort.DATE)
    named = [_named(one) if one is way_in else one for one in filters]
    is_known = len(filters) == 1 and not way_in.partial
    walked = _walked(connection, kind, named, position, size)
    return _Found(walked, way_in.rows if is_known else None, Sort.DATE)


def places_of(connection: sqlite3.Connection, written: str) -> list[str]:
    """The keys of the places that a reader may mean: a code, a path, or a name at any level."""
    rows = connection.execute(
        "select key from places where key in (?1, ?2) or folded = ?2 union select place from place_names where folded = ?3",
        [written, fold(written), fold(written.replace(" ", ""))],
    )
    return [key for (key,) in rows][:500]


def _known_total(connection: sqlite3.Connection, kind: str, filters: list[_Filter]) -> int | None:
    """How many results there are, where that was counted when the snapshot was published."""
    if not filters:
        return _total(connection, kind)
    return filters[0].rows if len(filters) == 1 and filters[0].exact else None


def _filters(connection: sqlite3.Connection, kind: str, wanted: Wanted) -> list[_Filter]:
    of_facts = kind == SearchKind.FACTS
    date = "d.at" if of_facts else "d.published"
    found: list[_Filter] = []
    if wanted.outlet:
        found.append(_outlets(connection, kind, wanted.outlet))
    if wanted.place:
        found.append(_places(connection, kind, wanted.place, wanted.type))
    number = "id" if of_facts else "distinct article_id"
    if wanted.type:
        condition = "d.type = ?" if of_facts else _HAS_FACT.format("type = ?")
        counted = _total(connection, f"facts:type:{wanted.type}")
        entry = f"select {number} from fact_dates where type = ?"
        found.append(_Filter(condition, [wanted.type], counted, of_facts, entry, [wanted.type]))
    if wanted.reviewed:
        # Of an article, the fact that is of the type must be the one that was reviewed.
        has_reviewed = _HAS_FACT.format("review != '' and (? = '' or type = ?)")
        condition = "d.reviewed" if of_facts else has_reviewed
        values: list[object] = [] if of_facts else [wanted.type, wanted.type]
        entry = f"select {number} from fact_dates where reviewed"
        found.append(_Filter(condition, values, _total(connection, "reviewed"), of_facts, entry, partial=not of_facts))
    if wanted.since:
        found.append(_Filter(f"{date} >= ?", [wanted.since]))
    if wanted.until:
        found.append(_Filter(f"{date} < ? and {date} != ''", [str(int(wanted.until) + 1)]))
    return found


_HAS_FACT = "exists (select 1 from facts where article_id = d.id and current and {})"


def _behind(keys: list[_Key], position: _Key | None) -> int:
    """Where the results behind a position begin."""
    numbers = [number for _, number in keys] if position else []
    return numbers.index(position[1]) + 1 if position and position[1] in numbers else len(numbers)


def _words(connection: sqlite3.Connection, kind: str, written: str) -> _Filter:
    """What the words find, by the index where they are rare enough to be gathered.

    The index pays for every frequent character of a phrase. So the query has the rarest two neighbours first, then
    more of them, until few enough rows are left to look up whether the rest stands there too.
    """
    wanted, unwanted = fts.parse_query(written)
    pieces = fts.without_breaks(wanted)
    exact = not unwanted and pieces == wanted
    count, hits, partial = 0, "[]", True
    tokens = sorted({token for piece in pieces for token in piece.split()})
    marks = ", ".join("?" * len(tokens))
    counts = dict(connection.execute(f"select term, doc from {kind}_tokens where term in ({marks})", tokens).fetchall())
    if pieces and len(counts) == len(tokens):
        longest = max(len(piece.split()) for piece in pieces)
        for length in (2, 3, 4):
            if length < longest or len(pieces) > 1 or unwanted:
                part = fts.rarest_part(pieces, counts, length)
                count, hits = _hits(connection, f"{kind}_search", part, _LOOKED_UP)
                if count <= _LOOKED_UP:
                    break
        else:
            count, hits, partial = *_hits(connection, f"{kind}_search", _all_of(pieces), _GATHER), not exact
    return _of_hits(kind, written, count, hits, partial)


def _by_pairs(connection: sqlite3.Connection, kind: str, wanted: Wanted) -> _Filter | None:
    """What the words find, by the index of pairs: at once, whatever characters they are of. None where there is no such
    index, or nothing to look for.

    A pair that every other article holds costs the index most and narrows least: such are looked up in the rows that the
    others name. Where all are frequent they are queried, but not counted: the newest hits are near.
    """
    phrases, unwanted = fts.parse_query(wanted.q)
    pieces = fts.without_breaks(phrases)
    pairs = fts.in_pairs(pieces)
    if kind != SearchKind.ARTICLES or not pairs or not connection.execute(_IS_PAIRED).fetchone():
        return None
    queried = set(pairs)
    marks = ", ".join("?" * len(pairs))
    sql = f"select doc, pair from articles_frequent where pair in ({marks}) order by doc desc"
    frequent = connection.execute(sql, sorted(pairs)).fetchall()
    if len(frequent) < len(pairs):
        left = 1.0
        for count, pair in frequent:
            left *= count / max(1, _total(connection, kind))
            if left > _LEFT:
                queried.remove(pair)
    exact = pieces == phrases and all(len(piece.split()) <= 2 for piece in pieces) and queried == pairs
    partial, match = bool(unwanted) or not exact, _all_of(sorted(queried))
    if len(frequent) == len(pairs) and wanted.sort == Sort.DATE:
        return replace(_looked_into(kind, wanted.q), partial=partial, pairs=match)
    count, hits = _hits(connection, "articles_pairs", match, _GATHER)
    entry = "select id from articles_newest where position in (select value from json_each(?))"
    return replace(_of_hits(kind, wanted.q, count, hits, partial), entry=entry, pairs=match)


_IS_PAIRED = "select 1 from sqlite_master where name = 'articles_newest'"


def _are_many(words: _Filter, wanted: Wanted, others: list[_Filter]) -> bool:
    """Whether the newest hits are sooner met one by one than all gathered, and no other filter leads to them sooner."""
    narrowest = min((one.rows for one in others), default=_ALL)
    least = _MANY if wanted.sort == Sort.DATE else _GATHER
    return words.rows > least and (narrowest > _GATHER or narrowest >= words.rows)


def _newest(
    connection: sqlite3.Connection,
    wanted: Wanted,
    filters: list[_Filter],
    words: _Filter,
    after: _Key | None,
    size: int,
) -> list[_Key]:
    """The first results behind a position, the newest first, of those that the index of pairs names: in this very order."""

    def position(of: str, *values: object) -> int | None:
        return connection.execute(of, values).fetchone()[0]

    begin, end = 1, _ALL
    if after:
        begin = position(_BEHIND, *after) or position(_OLDER, after[0]) or _ALL
    if wanted.since:
        end = position(_OLDEST_SINCE, wanted.since) or 0
    if wanted.until:
        begin = max(begin, position(_OLDER, str(int(wanted.until) + 1)) or _ALL)
    others = [*filters, *([words] if words.partial else [])]
    found = connection.execute(
        "select d.published, d.id from articles_pairs p cross join articles_newest n on n.position = p.rowid"
        " cross join article_dates d on d.id = n.id where p.articles_pairs match ? and p.rowid between ? and ?"
        f" and {' and '.join(one.condition for one in others) or '1'} order by p.rowid limit ?",
        [words.pairs, begin, end, *(value for one in others for value in one.values), size],
    )
    return [_Key(*row) for row in found]


# Positions among the newest: behind an article of a time, behind a time, and the last that is no older than a time.
_BEHIND = "select min(position) from articles_newest where published = ? and id < ?"
_OLDER = "select min(position) from articles_newest where published = (select max(published) from articles_newest where published < ?)"
_OLDEST_SINCE = "select max(position) from articles_newest where published = (select min(published) from articles_newest where published >= ?)"


def _of_hits(kind: str, written: str, count: int, hits: str, partial: bool) -> _Filter:
    return replace(
        _looked_into(kind, written),
        rows=count,
        entry="select value from json_each(?)",
        entry_values=[hits],
        partial=partial,
    )


def _named(one: _Filter) -> _Filter:
    """A filter whose condition is that its way in names the row; where that names more, what holds of it as well."""
    condition = f"d.id in ({one.entry})" + (f" and {one.condition}" if one.partial else "")
    return _Filter(condition, [*one.entry_values, *(one.values if one.partial else [])])


def _all_of(pieces: list[str]) -> str:
    return " AND ".join(f'"{piece}"' for piece in pieces)


def _hits(connection: sqlite3.Connection, index: str, match: str, most: int) -> tuple[int, str]:
    """How many rows an index finds, and their numbers as JSON; one more than `most` where there are more.

    In one row: Python hands its lock over at every row, and other readers wait for it.
    """
    sql = f"select count(*), json_group_array(rowid) from (select rowid from {index} where {index} match ? limit ?)"
    count, numbers = connection.execute(sql, [match, most + 1]).fetchone()
    return count, numbers


def _looked_into(kind: str, written: str) -> _Filter:
    """The words as a condition on a row's indexed text: faster, for one row, than asking the index."""
    wanted, unwanted = fts.parse_query(written)
    columns = ("c0",) if kind == SearchKind.FACTS else ("c0", "c1")
    holds = " or ".join(f"instr(' ' || {column} || ' ', ?)" for column in columns)
    conditions = [*(f"({holds})" for _ in wanted), *(f"not ({holds})" for _ in unwanted)]
    values: list[object] = [f" {phrase} " for phrase in (*wanted, *unwanted) for _ in columns]
    if not wanted:
        conditions.append("0")
    return _Filter(
        f"exists (select 1 from {kind}_search_content where id = d.id and {' and '.join(conditions)})", values
    )


def _met_at_once(
    connection: sqlite3.Connection,
    kind: str,
    wanted: Wanted,
    filters: list[_Filter],
    after: _Key | None,
    size: int,
) -> list[_Key] | None:
    """A full page of results among the newest rows of a large archive, if they are there."""
    if not wanted.q or wanted.sort != Sort.DATE or _total(connection, kind) < _LARGE:
        return None
    all_ = [*filters, _looked_into(kind, wanted.q)]
    page = _walked(connection, kind, all_, after, size, _FIRST[kind])
    if _PROMISING <= len(page) < size:
        page = _walked(connection, kind, all_, after, size, 3 * size * _FIRST[kind] // len(page) // 2)
    return page if len(page) == size else None


def _outlets(connection: sqlite3.Connection, kind: str, written: str) -> _Filter:
    outlet = _outlet(connection, written)
    rows = _total(connection, f"{kind}:outlet:{outlet}")
    if kind == SearchKind.ARTICLES:
        return _Filter("d.outlet_id = ?", [outlet], rows, True, "select id from articles where outlet_id = ?", [outlet])
    condition = "exists (select 1 from article_dates where id = d.article_id and outlet_id = ?)"
    entry = "select facts.id from articles cross join facts on article_id = articles.id where outlet_id = ? and current"
    return _Filter(condition, [outlet], rows, True, entry, [outlet])


def _places(connection: sqlite3.Connection, kind: str, written: str, type_: str) -> _Filter:
    keys: list[object] = [*places_of(connection, written)]
    if not keys:
        raise UnknownError(f"place: no station lies in {written!r}. 没有站点位于此地。")
    marks = ", ".join("?" * len(keys))
    rows = connection.execute(f"select sum({kind}) from places where key in ({marks})", keys).fetchone()[0]
    if kind == SearchKind.ARTICLES:
        condition = f"exists (select 1 from article_places where place in ({marks}) and published = d.published and article_id = d.id)"
        entry = f"select article_id from article_places where place in ({marks})"
    else:
        condition = f"exists (select 1 from station_places where station_id = d.station_id and place in ({marks}))"
        entry = (
            "select f.id from station_places cross join fact_dates f on f.station_id = station_places.station_id"
            f" where place in ({marks})"
        )
        if type_:
            return _Filter(condition, keys, rows, False, f"{entry} and f.type = ?", [*keys, type_])
    return _Filter(condition, keys, rows, len(keys) == 1, entry, keys)


def _gathered(
    connection: sqlite3.Connection, kind: str, wanted: Wanted, filters: list[_Filter], way_in: _Filter
) -> tuple[list[_Key], int, Sort]:
    """All results as (date, number), sorted, how many, and by what they are sorted."""
    rows = _keys(connection, kind, way_in, [one for one in filters if one is not way_in or one.partial])
    if wanted.sort == Sort.RELEVANCE and wanted.q:
        best = connection.execute(
            f"select rowid from {kind}_search where {kind}_search match ? order by rank limit {_GATHER}",
            [fts.query(wanted.q)],
        )
        rank = {number: order for order, (number,) in enumerate(best)}
        return sorted(rows, key=lambda row: rank.get(row[1], _GATHER)), len(rows), Sort.RELEVANCE
    return rows, len(rows), Sort.DATE


def _sorted(
    connection: sqlite3.Connection,
    kind: str,
    filters: list[_Filter],
    way_in: _Filter,
    position: _Key | None,
    size: int,
) -> tuple[list[_Key], int | None]:
    """The first results behind a position, the newest first, of what one filter names, and how many there are, where that came
    out: no more is looked into than it takes."""
    others = [one for one in filters if one is not way_in or one.partial]
    keys = _keys(connection, kind, way_in, [])
    behind = [key for key in keys if position is None or key < position]
    if not others:
        return behind[:size], len(keys)
    page: list[_Key] = []
    for at in range(0, len(behind), 2 * size):
        page += _keys(connection, kind, _of_numbers(number for _, number in behind[at : at + 2 * size]), others)
        if len(page) >= size:
            return page[:size], None
    return page, None if position else len(page)


def _keys(connection: sqlite3.Connection, kind: str, way_in: _Filter, others: list[_Filter]) -> list[_Key]:
    """What a filter names and others let through, as (date, number), the newest first."""
    table, date = _DATES[kind]
    (packed,) = connection.execute(  # in one row, as in _hits
        f"with hits (id) as materialized (select distinct * from ({way_in.entry})) select json_group_array(json_array({date}, d.id))"
        f" from hits cross join {table} d on d.id = hits.id where {' and '.join(one.condition for one in others) or '1'}",
        [*way_in.entry_values, *(value for one in others for value in one.values)],
    ).fetchone()
    return sorted((_Key(day, number) for day, number in json.loads(packed)), reverse=True)


def _of_numbers(numbers: Iterable[int]) -> _Filter:
    return _Filter("1", [], entry="select value from json_each(?)", entry_values=[json.dumps(list(numbers))])


_DATES = {"articles": ("article_dates", "d.published"), "facts": ("fact_dates", "d.at")}


def _walked(
    connection: sqlite3.Connection,
    kind: str,
    filters: list[_Filter],
    after: _Key | None,
    size: int,
    most: int = 0,
) -> list[_Key]:
    """The first results behind a position, the newest first; of about the next `most` rows only, where `most` is given."""
    table, date = _DATES[kind]
    conditions = [one.condition for one in filters]
    values = [value for one in filters for value in one.values]
    index = "fact_dates_type" if "d.type = ?" in conditions else f"{table}_newest"
    source = f"from {table} d indexed by {index}"
    if after:
        conditions.append(f"{date} <= ? and ({date} < ? or d.id < ?)")
        values += [after[0], after[0], after[1]]
    if most:
        begin = [f"{date} <= ?"] if after else []
        given: list[object] = [after[0]] if after else []
        if index == "fact_dates_type":
            begin.append("d.type = ?")
            given += filters[conditions.index("d.type = ?")].values
        last = connection.execute(
            f"select {date} {source} where {' and '.join(begin) or '1'} order by {date} desc limit 1 offset ?",
            [*given, most],
        ).fetchone()
        if last:
            conditions.insert(0, f"{date} >= ?")
            values.insert(0, last[0])
    found = connection.execute(
        f"select {date}, d.id {source} where {' and '.join(conditions) or '1'} order by 1 desc, 2 desc limit ?",
        [*values, size],
    )
    return [_Key(*row) for row in found]


def _outlet(connection: sqlite3.Connection, written: str) -> int:
    row = connection.execute(
        "select id from outlets where ?1 in (name, key) or (?1 glob '[0-9]*' and id = cast(?1 as integer)) limit 1",
        [written],
    ).fetchone()
    if row is None:
        raise UnknownError(f"outlet: there is no outlet {written!r}. 没有这家媒体。")
    return int(row[0])


def _total(connection: sqlite3.Connection, name: str) -> int:
    row = connection.execute("select count from totals where name = ?", [name]).fetchone()
    return int(row[0]) if row else 0


# What is shown


def _shown(connection: sqlite3.Connection, kind: str, numbers: list[int], q: str) -> list[Row]:
    """The rows of these numbers, in this order, with what was found marked."""
    marks = ", ".join("?" * len(numbers))
    found = {row["id"]: row for row in rows(connection, _ROWS[kind].format(marks=marks), numbers)}
    pattern = fts.marker(q)
    return [_marked(kind, found[number], pattern) for number in numbers]


_ROWS = {
    "articles": "select articles.id, articles.key, url, title, text, articles.published, outlets.name as outlet, articles.outlet_id, gone_at, revision,"
    " article_dates.facts,"
    " (select original_id from reprints where article_id = articles.id) as original_id,"
    " (select key from reprints join articles original on original.id = original_id where article_id = articles.id) as original_key"
    " from articles join article_dates on article_dates.id = articles.id join outlets on outlets.id = articles.outlet_id"
    " where articles.id in ({marks})",
    "facts": "select facts.id, evidence, facts.type, subject, value, value_high, unit, approx, measure, qualifier, date, as_of, reported_on, quote, start, review,"
    " corrections, reviewed_value, reviewed_value_high, extracted, facts.article_id, articles.key as article_key, title, published, outlets.name as outlet, facts.station_id, stations.key as station_key,"
    " stations.name as station, coalesce(statement, facts.id) as statement,"
    " (select evidence from facts first where first.id = statement) as statement_key from facts left join statement_facts on fact_id = facts.id join articles on articles.id = facts.article_id join outlets on outlets.id = articles.outlet_id"
    " left join stations on stations.id = facts.station_id where facts.id in ({marks})",
}


def _marked(kind: str, row: Row, pattern: re.Pattern[str] | None) -> Row:
    if kind == SearchKind.FACTS:
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
