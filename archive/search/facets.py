"""What a list can be narrowed to, with how many rows each choice leaves: places, outlets, fact types and years."""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial

import numpy as np

from archive.search import lists, named
from archive.search.columns import TABLE, Array, Data, Positions
from archive.search.lists import Choice
from archive.search.named import Named
from archive.search.wanted import ListKind, Wanted
from archive.sql.rows import in_time

_LARGE = 1 << 26  # cells of a table of what occurs together; a larger one is sorted instead
_SPARSE = 64  # fewer than one cell in so many: sorting those that are met is faster than looking through the table
_FIRST_YEAR, _YEARS = 1900, 300
_MOST = 100  # outlets that are listed
_PLACES = 3000  # places within one that are counted
_UNSET = Wanted()
# The filters that a choice replaces.
_OUTLET, _TYPE, _YEARS_ASKED = ("outlet",), ("type",), ("since", "until", "latest")


@dataclass(frozen=True)
class Facets:
    """What a list can be narrowed to. `places` are those within the place that is asked for, `above` the way down to it."""

    above: list[Named]
    places: list[Choice]
    outlets: list[Choice]
    types: list[Choice]
    years: list[Choice]


def facets(connection: sqlite3.Connection, kind: ListKind, wanted: Wanted) -> Facets:
    """Count what a list can be narrowed to: what is asked for already stands beside what could be asked for in its place.

    Args:
        connection: the published snapshot.
        kind: what is listed.
        wanted: what is looked for.

    Returns:
        The choices with their counts; without, where the words are too frequent to be counted.

    Raises:
        SearchError: the list cannot be made, or takes too long.
    """
    data, kind = Data(connection), ListKind(kind)
    wanted = replace(wanted, sort="")
    with in_time(connection, lists.SECONDS, lists.too_long()):
        if wanted == _UNSET and (whole := _stored(data, kind)):
            return whole
        return data.made(("facets", kind, wanted), lambda: _counted(data, kind, wanted))


def store(connection: sqlite3.Connection) -> None:
    """Count in a draft of a snapshot what its lists can be narrowed to where nothing is asked for, for `facets`."""
    for kind in ListKind:
        packed = json.dumps(asdict(_counted(Data(connection), kind, _UNSET)), ensure_ascii=False)
        connection.execute(f"insert into {TABLE} values (?, 0, ?)", [f"facets.{kind}", packed.encode()])


def _stored(data: Data, kind: ListKind) -> Facets | None:
    """What was counted at publication; None while that goes on."""
    packed = data.raw(f"facets.{kind}")
    return data.made(("facets", kind), lambda: _unpacked(packed)) if packed else None


def _unpacked(packed: bytes) -> Facets:
    read = json.loads(packed)
    choices = {name: [Choice(**one) for one in read[name]] for name in ("places", "outlets", "types", "years")}
    return Facets([], **choices)


def _counted(data: Data, kind: ListKind, wanted: Wanted) -> Facets:
    counting, whole = _Counting(data, kind, wanted), _stored(data, kind)

    def count(
        besides: tuple[str, ...], of_whole: list[Choice] | None, counted: Callable[[], list[Choice]]
    ) -> list[Choice]:
        """Where nothing else is asked for, the whole list was counted already."""
        return counted() if of_whole is None or _besides(wanted, besides) != _UNSET else of_whole

    place = named.places(data, wanted.place)[0].key if wanted.place else ""
    years = count(_YEARS_ASKED, whole.years if whole else None, counting.years)
    if wanted.latest:  # the last facts until the end of each year would have to be found
        years = [replace(one, count=None) for one in years]
    return Facets(
        [Named(key, name, "", 0) for key, name in named.path(data, place)],
        counting.places(place),
        count(_OUTLET, whole.outlets if whole else None, counting.outlets),
        count(_TYPE, whole.types if whole else None, counting.types),
        years,
    )


def _besides(wanted: Wanted, besides: tuple[str, ...]) -> Wanted:
    return replace(wanted, **{name: getattr(_UNSET, name) for name in besides})


@dataclass(frozen=True)
class _Shown:
    """The rows of a list, and their facts that fulfil what is asked, with the row that each is of."""

    rows: Positions
    is_open: bool
    facts: Positions
    row_of_fact: Array


class _Counting:
    """Counts the rows of one list by what they have."""

    def __init__(self, data: Data, kind: ListKind, wanted: Wanted) -> None:
        self._data, self._kind, self._wanted = data, kind, wanted
        self._cases: dict[Wanted, _Shown] = {}

    def places(self, place: str) -> list[Choice]:
        """Those within a place."""
        lies_in, found = self._data.made(("within", place), lambda: _within(self._data, place))
        if not found:
            return []
        station = self._data["facts.station"]
        own = lies_in if self._kind == ListKind.STATIONS else None
        return self._choices((), found, lambda facts: lies_in[station[facts]], own)

    def outlets(self) -> list[Choice]:
        """Those with the most rows."""
        if self._kind == ListKind.OUTLETS:
            return []
        ids = self._data["outlets.id"].tolist()
        names = {
            id_: (key, name) for id_, key, name in self._data.connection.execute("select id, key, name from outlets")
        }
        own = self._data["articles.outlet"] if self._kind == ListKind.ARTICLES else None
        found = [names[id_] for id_ in ids]
        of_fact = partial(lists.rows_of, self._data, ListKind.OUTLETS)
        return self._choices(_OUTLET, found, of_fact, own)[:_MOST]

    def types(self) -> list[Choice]:
        """Fact types."""
        known = {number: name for name, number in self._data.types.items()}
        found = [(known.get(number, ""), "") for number in range(max(known, default=0) + 1)]
        column = self._data["facts.type"]
        return self._choices(_TYPE, found, lambda facts: column[facts])

    def years(self) -> list[Choice]:
        """The years that there are, the earliest first."""
        days = lists.day_of_facts(self._data, self._wanted)
        own = _year(self._data["articles.day"]) if self._kind == ListKind.ARTICLES else None
        found = [(str(_FIRST_YEAR + number), "") for number in range(_YEARS)]
        return sorted(
            self._choices(_YEARS_ASKED, found, lambda facts: _year(days[facts]), own), key=lambda one: one.key
        )

    def _choices(
        self,
        besides: tuple[str, ...],
        values: list[tuple[str, str]],
        of_fact: Callable[[Positions], Array],
        own: Array | None = None,
    ) -> list[Choice]:
        """The values (key, name) that rows have without some of the filters, the most frequent first. `of_fact` says which
        value each fact has, by its number; `own` which one each row has, where rows have one of their own."""
        case, size = self._case(besides), len(values)
        if own is not None:
            counts = _frequencies(own[case.rows], size)
        elif self._kind == ListKind.FACTS:
            counts = _frequencies(of_fact(case.rows), size)
        else:
            number = len(self._data[f"{self._kind}.id"])
            counts = _together(case.row_of_fact, of_fact(case.facts), number, size)
        found = [Choice(*value, int(count)) for value, count in zip(values, counts.tolist(), strict=True) if count]
        found.sort(key=lambda one: -(one.count or 0))
        return [replace(one, count=None) for one in found] if case.is_open else found

    def _case(self, besides: tuple[str, ...]) -> _Shown:
        """The list without some of its filters."""
        wanted = _besides(self._wanted, besides)
        if wanted not in self._cases:
            self._cases[wanted] = self._shown(wanted)
        return self._cases[wanted]

    def _shown(self, wanted: Wanted) -> _Shown:
        selected = lists.select(self._data, self._kind, wanted)
        if self._kind == ListKind.FACTS:
            return _Shown(selected.at, selected.is_open, selected.at, selected.at)
        row_of_fact = lists.row_of_each(self._data, self._kind)
        # The last is the row of facts of none, which is not shown.
        is_shown = lists.mask_of(len(self._data[f"{self._kind}.id"]) + 1, selected.at)
        met = is_shown[row_of_fact] & lists.facts_with(self._data, wanted, lists.asked_of_facts(self._kind))
        facts = np.flatnonzero(met).astype(np.int32)
        return _Shown(selected.at, selected.is_open, facts, row_of_fact[facts])


def _within(data: Data, place: str) -> tuple[Array, list[tuple[str, str]]]:
    """For each station (and for none), which of the places within another it lies in; and these, as (key, name)."""
    found = data.connection.execute(
        "select key, name from places where parent = ? order by articles desc, key limit ?", [place, _PLACES]
    ).fetchall()
    lies_in = np.full(len(data["stations.id"]) + 1, -1, np.int32)
    for index, (key, _) in enumerate(found):
        within = data.connection.execute("select station_id from station_places where place = ?", [key])
        lies_in[data.numbered(ListKind.STATIONS, (number for (number,) in within))] = index
    return lies_in, found


def _year(days: Array) -> Array:
    """The years of days, as numbers from the first year on; -1 for those before and after all."""
    years = days // 10_000 - _FIRST_YEAR
    return np.where((years >= 0) & (years < _YEARS), years, -1)


def _frequencies(values: Array, size: int) -> Array:
    """How often each of the numbers below `size` occurs; -1 is none."""
    return np.bincount(values[values >= 0], minlength=size)[:size]


def _together(rows: Array, values: Array, number: int, size: int) -> Array:
    """With how many different rows each value occurs."""
    met = values >= 0
    cells = values[met].astype(np.int64) * number + rows[met]
    if len(cells) * _SPARSE > number * size <= _LARGE:
        table = np.zeros(number * size, bool)
        table[cells] = True
        return table.reshape(size, number).sum(axis=1)
    cells = cells[np.diff(cells, prepend=-1) != 0]  # facts of one row stand side by side mostly
    return np.bincount(np.unique(cells) // number, minlength=size)
