"""Lists of articles, facts, stations and outlets: which rows a reader wants, in which order, how many, and of what kinds.

Everything is a mask over the columns of the snapshot (archive/search/columns.py): a place, a type or a range of values is
a comparison of one column, and what facts are asked of an article or a station is asked of its facts. So any combination of
filters takes the same few milliseconds, and rows, counts and downloads cannot differ.
"""

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from archive.search import named, words
from archive.search.columns import COUNTS, REVIEWED, Array, Data, Mask, Positions
from archive.search.wanted import BY_VALUE, By, ListKind, SearchError, Sort, Wanted, is_asked
from archive.sql.rows import in_time
from archive.text import fold

SECONDS = 3.0  # a search that takes longer is given up, and says so
_MORE = 8  # times as many rows are looked up where those before did not fill a page
# What is asked of facts, and so of what the facts are about.
OF_FACTS = (
    "place",
    "station",
    "outlet",
    "type",
    "qualifier",
    "since",
    "until",
    "latest",
    "min",
    "max",
    "reviewed",
    "donor",
    "sure",
)
# What other kinds are asked themselves.
_OF_ARTICLES = ("outlet", "since", "until")
_OF_STATIONS = ("place", "station")
_OF_OUTLETS = ("outlet",)
_OWN = {
    ListKind.ARTICLES: _OF_ARTICLES,
    ListKind.STATIONS: _OF_STATIONS,
    ListKind.OUTLETS: _OF_OUTLETS,
    ListKind.FACTS: OF_FACTS,
}
_COUNTS_FOR = {ListKind.ARTICLES: "articles.story", ListKind.FACTS: "facts.statement"}


class Numbers(NamedTuple):
    """The numbers of rows in the order shown, and where the following ones begin (empty: there are none). Besides, how many rows
    stand before these, and where the page before begins; None where words are looked for row by row."""

    numbers: list[int]
    next: str
    before: int | None = None
    previous: str | None = None


@dataclass(frozen=True)
class Choice:
    """A value that a list can be narrowed to: what an address has for it, its name (empty: the value's own word) and how
    many rows it leaves; None where they cannot be counted."""

    key: str
    name: str
    count: int | None


@dataclass(frozen=True)
class Selected:
    """Rows in the order shown, by their positions; whether each is still to be looked into for the words; and how many
    reprints are folded into them."""

    at: Positions
    is_open: bool
    folded: int


def numbers(
    connection: sqlite3.Connection, kind: ListKind, wanted: Wanted, after: str = "", size: int = 5000
) -> Numbers:
    """The numbers of the rows that a reader wants, in the order shown, a page at a time.

    Args:
        connection: the published snapshot.
        kind: what is listed.
        wanted: what is looked for.
        after: the end of the page before, as its `next` has it; empty: the first page.
        size: how many numbers a page has.

    Returns:
        The numbers of a page.

    Raises:
        SearchError: the search cannot be made, or takes too long.
    """
    data, kind = Data(connection), ListKind(kind)
    with in_time(connection, SECONDS, too_long()):
        selected = select(data, kind, wanted)
        start = _start(data, kind, selected.at, after)
        if selected.is_open:
            page = _looked_up(data, kind, wanted, selected.at, start, size + 1)
        else:
            page = selected.at[start : start + size + 1]
        ids = data[f"{kind}.id"]
        found = ids[page[:size]].tolist()
        previous = f"~{ids[selected.at[start - size - 1]]}" if start > size else ""
    following = f"~{found[-1]}" if len(page) > size else ""
    return Numbers(found, following) if selected.is_open else Numbers(found, following, start, previous)


def fact_ids(connection: sqlite3.Connection, wanted: Wanted, after: str = "", size: int = 5000) -> Numbers:
    """Returns the numbers of a page of facts (see `numbers`)."""
    return numbers(connection, ListKind.FACTS, wanted, after, size)


def article_ids(connection: sqlite3.Connection, wanted: Wanted, after: str = "", size: int = 5000) -> Numbers:
    """Returns the numbers of a page of articles (see `numbers`)."""
    return numbers(connection, ListKind.ARTICLES, wanted, after, size)


def station_ids(connection: sqlite3.Connection, wanted: Wanted, after: str = "", size: int = 5000) -> Numbers:
    """Returns the numbers of a page of stations (see `numbers`)."""
    return numbers(connection, ListKind.STATIONS, wanted, after, size)


def outlet_ids(connection: sqlite3.Connection, wanted: Wanted, after: str = "", size: int = 5000) -> Numbers:
    """Returns the numbers of a page of outlets (see `numbers`)."""
    return numbers(connection, ListKind.OUTLETS, wanted, after, size)


@dataclass(frozen=True)
class Total:
    """How many rows a list has (None: the words are too frequent to be counted), and how many reprints they fold."""

    count: int | None
    folded: int


def total(connection: sqlite3.Connection, kind: ListKind, wanted: Wanted) -> Total:
    """Returns how many rows a list has. Raises SearchError."""
    data, kind = Data(connection), ListKind(kind)
    with in_time(connection, SECONDS, too_long()):
        selected = select(data, kind, wanted)
    return Total(None, 0) if selected.is_open else Total(len(selected.at), selected.folded)


def without(connection: sqlite3.Connection, kind: ListKind, wanted: Wanted) -> list[Choice]:
    """What an empty list would have without one of its filters, the most rows first.

    Args:
        connection: the published snapshot.
        kind: what is listed.
        wanted: what finds nothing.

    Returns:
        The names of parameters, and how many rows there are without them.
    """
    unset, found = Wanted(), list[Choice]()
    for name in ("q", *OF_FACTS):
        if getattr(wanted, name) != getattr(unset, name):
            left = total(connection, kind, replace(wanted, **{name: getattr(unset, name)})).count
            if left != 0:
                found.append(Choice(name, "", left))
    return sorted(found, key=lambda one: (one.count is not None, -(one.count or 0)))


# Which rows


def select(data: Data, kind: ListKind, wanted: Wanted) -> Selected:
    """Returns the rows of a list."""
    return data.selected((kind, wanted), lambda: _sorted(data, kind, wanted))


def _sorted(data: Data, kind: ListKind, wanted: Wanted) -> Selected:
    mask, is_open = _matching(data, kind, wanted)
    kept = _kept(data, kind, wanted, mask)
    folded = int(np.count_nonzero(mask)) - len(kept)
    return Selected(_in_order(data, kind, wanted, kept, is_open).astype(np.int32), is_open, folded)


def _matching(data: Data, kind: ListKind, wanted: Wanted) -> tuple[Mask, bool]:
    """What fulfils the filters; and whether the words are still to be looked for."""
    mask = _filtered(data, kind, wanted)
    if not wanted.q:
        return mask, False
    if kind == ListKind.OUTLETS:
        return mask & _named_so(data, wanted.q), False
    found = data.selected(("hits", kind, wanted.q), lambda: words.hits(data, kind, wanted.q))
    if found is not None:
        return mask & mask_of(len(mask), found), False
    at = np.flatnonzero(mask)
    if len(at) > words.LOOKED_UP:
        return mask, True
    return mask_of(len(mask), words.among(data, kind, wanted.q, at)), False


def mask_of(length: int, at: Positions) -> Mask:
    """Returns a mask of so many rows in which these are set."""
    mask = np.zeros(length, bool)
    mask[at] = True
    return mask


def _named_so(data: Data, written: str) -> Mask:
    """The outlets whose name or host holds each word."""
    wanted = [word.lower() for word in fold(written).split()]
    rows = dict(data.connection.execute("select id, name || ' ' || host from outlets").fetchall())
    names = [fold(rows[int(number)]).lower() for number in data["outlets.id"]]
    return np.array([all(word in name for word in wanted) for name in names], bool)


def _kept(data: Data, kind: ListKind, wanted: Wanted, mask: Mask) -> Positions:
    """The positions of the rows that are shown: of reprints, the row that counts for all, or the first that matches."""
    at = np.flatnonzero(mask)
    if wanted.reprints or kind not in _COUNTS_FOR:
        return at
    first = data[_COUNTS_FOR[kind]][at]
    kept = first == at
    others = np.flatnonzero(~kept)
    others = others[~mask[first[others]]]
    _, unique = np.unique(first[others], return_index=True)
    kept[others[unique]] = True
    return at[kept]


def _filtered(data: Data, kind: ListKind, wanted: Wanted) -> Mask:
    """What fulfils all filters but the words."""
    own = _TESTS[kind](data, wanted, _OWN[kind])
    if not any(name not in _OWN[kind] and _is_asked(wanted, name) for name in OF_FACTS):
        return own
    return own & _having(data, kind, facts_with(data, wanted, asked_of_facts(kind)))


def asked_of_facts(kind: ListKind) -> list[str]:
    """What is asked of the facts of rows of a kind. An article is asked itself when it was published, and by whom."""
    return [name for name in OF_FACTS if kind != ListKind.ARTICLES or name not in _OF_ARTICLES]


def _is_asked(wanted: Wanted, name: str) -> bool:
    return is_asked(getattr(wanted, name))


def _having(data: Data, kind: ListKind, facts: Mask) -> Mask:
    """The rows that have any of these facts."""
    return mask_of(len(data[f"{kind}.id"]) + 1, rows_of(data, kind, np.flatnonzero(facts)))[:-1]


def rows_of(data: Data, kind: ListKind, facts: Positions) -> Array:
    """For each of these facts, the row of a kind that it is of: -1 for none."""
    return facts if kind == ListKind.FACTS else row_of_each(data, kind)[facts]


def row_of_each(data: Data, kind: ListKind) -> Array:
    """For each fact, the article, station or outlet that it is of: -1 for none."""
    if kind == ListKind.STATIONS:
        return data["facts.station"]
    articles = data["facts.article"]
    if kind == ListKind.ARTICLES:
        return articles
    return data.made("outlet of each fact", lambda: data["articles.outlet"][articles])


def facts_with(data: Data, wanted: Wanted, names: Iterable[str]) -> Mask:
    """The facts that fulfil some of the filters."""
    mask = np.ones(len(data["facts.id"]), bool)
    for name in names:
        if _is_asked(wanted, name):
            mask &= _FACT_TESTS[name](data, wanted)
    return mask


def _articles(data: Data, wanted: Wanted, names: Iterable[str]) -> Mask:
    mask = np.ones(len(data["articles.id"]), bool)
    for name in names:
        if name == "outlet" and wanted.outlet:
            mask &= _outlet(data, wanted)[data["articles.outlet"]]
        elif _is_asked(wanted, name):
            mask &= _in_days(data["articles.day"], name, getattr(wanted, name))
    return mask


def _stations(data: Data, wanted: Wanted, names: Iterable[str]) -> Mask:
    mask = np.ones(len(data["stations.id"]), bool)
    for name in names:
        if _is_asked(wanted, name):
            mask &= (_place if name == "place" else _station)(data, wanted)[:-1]
    return mask


def _outlets(data: Data, wanted: Wanted, names: Iterable[str]) -> Mask:
    return _outlet(data, wanted)[:-1] if wanted.outlet and "outlet" in names else np.ones(len(data["outlets.id"]), bool)


_TESTS: dict[ListKind, Callable[[Data, Wanted, Iterable[str]], Mask]] = {
    ListKind.ARTICLES: _articles,
    ListKind.FACTS: facts_with,
    ListKind.STATIONS: _stations,
    ListKind.OUTLETS: _outlets,
}


# One row more than there are: -1, for none, meets it.
def _place(data: Data, wanted: Wanted) -> Mask:
    """Which stations lie in a place."""

    def make() -> Mask:
        keys = [place.key for place in named.places(data, wanted.place)]
        marks = ", ".join("?" * len(keys))
        within = data.connection.execute(f"select station_id from station_places where place in ({marks})", keys)
        return mask_of(len(data["stations.id"]) + 1, data.numbered(ListKind.STATIONS, (number for (number,) in within)))

    return data.made(("place", wanted.place), make)


def _station(data: Data, wanted: Wanted) -> Mask:
    found = data.connection.execute(
        "select id from stations where key = ?1 union select number from other_keys where kind = 'station' and key = ?1",
        [wanted.station],
    )
    return mask_of(len(data["stations.id"]) + 1, data.numbered(ListKind.STATIONS, (number for (number,) in found)))


def _outlet(data: Data, wanted: Wanted) -> Mask:
    keys = [one.key for one in named.outlets(data, wanted.outlet)]
    marks = ", ".join("?" * len(keys))
    found = data.connection.execute(f"select id from outlets where key in ({marks})", keys)
    return mask_of(len(data["outlets.id"]) + 1, data.numbered(ListKind.OUTLETS, (number for (number,) in found)))


def _in_days(days: Array, name: str, written: str) -> Mask:
    """Which days are not before, or not after, a year, a month or a day. What is known of a date decides: a year that holds
    the day counts."""
    digits = written.replace("-", "")
    if name == "until":
        latest = int(digits.ljust(8, "9"))
        return (days <= latest) & (days > 0)
    earliest = int(digits.ljust(8, "0"))
    mask: Mask = days >= earliest
    for unknown in (100, 10_000):
        if earliest % unknown:
            mask |= (days % unknown == 0) & (days // unknown == earliest // unknown)
    return mask


def day_of_facts(data: Data, wanted: Wanted) -> Array:
    """Returns the day of each fact, of the kind that is asked for."""
    return data[f"facts.{By(wanted.by) if wanted.by else 'at'}"]


def latest(data: Data, wanted: Wanted) -> Positions:
    """Returns the last fact of each station and type until a date, of those that count (see `fact_dates`)."""

    def find() -> Positions:
        days = day_of_facts(data, wanted)
        met = ((data["facts.flags"] & COUNTS) > 0) & (days > 0)
        if wanted.until:
            met &= _in_days(days, "until", wanted.until)
        newest = np.flatnonzero(met)
        newest = newest[np.argsort(-days[newest], kind="stable")]
        what = data["facts.station"][newest].astype(np.int64) << 16 | data["facts.type"][newest]
        return newest[np.unique(what, return_index=True)[1]].astype(np.int32)

    return data.selected(("latest", wanted.until, wanted.by), find)


def _donated(data: Data, wanted: Wanted) -> Mask:
    found = data.connection.execute(
        "select id from facts where donor != '' and (instr(donor, ?1) or instr(donor, ?2))",
        [wanted.donor, fold(wanted.donor)],
    )
    return mask_of(len(data["facts.id"]), data.numbered(ListKind.FACTS, (number for (number,) in found)))


def _qualified(data: Data, wanted: Wanted) -> Mask:
    asked = fold(wanted.qualifier)  # 圖書 is 图书
    mask: Mask = np.isin(
        data["facts.qualifier"], [n for n, one in enumerate(data.qualifiers) if one and fold(one) == asked]
    )
    return mask


_FACT_TESTS: dict[str, Callable[[Data, Wanted], Mask]] = {
    "place": lambda data, wanted: _place(data, wanted)[data["facts.station"]],
    "station": lambda data, wanted: _station(data, wanted)[data["facts.station"]],
    "outlet": lambda data, wanted: _outlet(data, wanted)[data["articles.outlet"]][data["facts.article"]],
    "type": lambda data, wanted: data["facts.type"] == data.types.get(wanted.type, -1),
    "qualifier": _qualified,
    "since": lambda data, wanted: _in_days(day_of_facts(data, wanted), "since", wanted.since),
    "until": lambda data, wanted: _in_days(day_of_facts(data, wanted), "until", wanted.until),
    "latest": lambda data, wanted: mask_of(len(data["facts.id"]), latest(data, wanted)),
    "min": lambda data, wanted: data["facts.high"] >= wanted.min,
    "max": lambda data, wanted: data["facts.value"] <= wanted.max,
    "reviewed": lambda data, wanted: (data["facts.flags"] & REVIEWED) > 0,
    "donor": _donated,
    "sure": lambda data, wanted: data["facts.sure"] >= round((wanted.sure or 0) * 1000),
}


# In which order


def _in_order(data: Data, kind: ListKind, wanted: Wanted, kept: Positions, is_open: bool) -> Positions:
    order = wanted.order(kind)
    if order == Sort.RELEVANCE:
        return _by_rank(data, kind, wanted, kept) if wanted.q and kind not in _NAMED and not is_open else kept
    if order == Sort.DATE and kind not in _NAMED and wanted.by == "":
        return kept
    if order in BY_VALUE and kind == ListKind.STATIONS:
        all_ = _by_value(_values_of_stations(data, wanted), order)
    else:
        all_ = data.made(("order", kind, order, wanted.by), lambda: _order(data, kind, order, wanted).astype(np.int32))
    return all_ if len(kept) == len(all_) else all_[mask_of(len(all_), kept)[all_]]


_NAMED = (ListKind.STATIONS, ListKind.OUTLETS)


def _order(data: Data, kind: ListKind, order: Sort, wanted: Wanted) -> Positions:
    """All rows of a kind in an order; those without a date or a value last."""
    if order == Sort.NAME:
        return np.argsort(data[f"{kind}.name"], kind="stable")
    if order in BY_VALUE:
        return _by_value(data["facts.value"], order)
    days = day_of_facts(data, wanted) if kind == ListKind.FACTS else data[f"{kind}.day"]
    return np.argsort(np.where(days == 0, 99_999_999, days) if order == Sort.OLDEST else -days, kind="stable")


def _by_value(values: Array, order: Sort) -> Positions:
    return np.argsort(values if order == Sort.SMALLEST else -values, kind="stable")


def _values_of_stations(data: Data, wanted: Wanted) -> Array:
    """The last number of each station of the type that is asked for; NaN where it has none."""
    at = latest(data, wanted)
    at = at[data["facts.type"][at] == data.types.get(wanted.type, -1)]
    values = np.full(len(data["stations.id"]), np.nan)
    values[data["facts.station"][at]] = data["facts.value"][at]
    return values


def _by_rank(data: Data, kind: ListKind, wanted: Wanted, kept: Positions) -> Positions:
    """Those whose title or subject holds the words first, the newest of them first."""
    is_best = np.isin(kept, words.best(data, kind, wanted.q))
    return np.concatenate((kept[is_best], kept[~is_best]))


def _start(data: Data, kind: ListKind, at: Positions, after: str) -> int:
    """Where the rows behind another one begin. What stands before ~ in a position is only for people."""
    if not after:
        return 0
    number = after.rpartition("~")[2]
    if "~" in after and number.isdecimal() and len(number) < 19:
        for position in data.numbered(kind, [int(number)]):
            met = np.flatnonzero(at == position)
            if len(met):
                return int(met[0]) + 1
    raise SearchError(
        "after：不是这些结果中的位置，请从第一页重新开始。",
        "after: not a position in these results. Start again from the first page.",
    )


def _looked_up(data: Data, kind: ListKind, wanted: Wanted, at: Positions, start: int, size: int) -> Positions:
    """The first rows from a position on that hold the words."""
    page, step = np.array([], np.int64), 2 * size
    while start < len(at) and len(page) < size:
        part = at[start : start + step]
        page = np.concatenate((page, words.among(data, kind, wanted.q, part)))
        start, step = start + step, step * _MORE
    return page[:size]


def too_long() -> SearchError:
    """The error of a search that is given up."""
    return SearchError(
        "搜索耗时过长，请加词或减少筛选条件。", "This search takes too long. Add a word, or leave a filter out."
    )
