"""Which names are one station.

Two names are one where what they serve is the same (臻锦园小区; 东方名苑臻锦园小区 ends with it) and the places named with
them agree: they share a town, a district or a division code, and contradict each other in none. A name that no town or
district goes with joins the only station it can be, and stays alone where it could be several. What people decided
(`same`, `different`) goes before all of this. The outcome depends on the set of names alone, not on their order.
"""

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, pairwise
from typing import NamedTuple

from archive.model import SubjectKind
from archive.places.divisions import path_of
from archive.sql.rows import upsert
from archive.stations.names import core
from archive.stations.names import tail as tail_of

_LEVELS = (
    (SubjectKind.TOWN, re.compile(r"(?:街道|镇|乡)$")),
    (SubjectKind.DISTRICT, re.compile(r"[区县]$")),
    (SubjectKind.CITY, re.compile(r"[市州盟]$")),
)
_NEAR = {SubjectKind.TOWN, SubjectKind.DISTRICT}
_DISTRICT = 6  # digits of a district's code
_UNIT = re.compile(r"(?:小区|社区|村|街道|镇|家园|花园|片区)$")
_MIN_EXTRA = 2  # characters that a longer form has before the shorter one: 金阳光小区 is not 阳光小区


class Whereabouts(NamedTuple):
    """A place that a name lies in: its level (`code` for the code of a district), and its name."""

    level: str
    place: str


@dataclass(frozen=True)
class StationName:
    """A name as articles say it, with the places they say with it."""

    id: int
    key: str
    name: str
    place: str
    division: str
    station_id: int | None

    @cached_property
    def core(self) -> str:
        """What it is a station of."""
        return core(self.name)

    @cached_property
    def places(self) -> dict[str, str]:
        """Level -> place, as far as the article says."""
        found: dict[str, str] = {}
        for token in self.place.split():
            for level, form in _LEVELS:
                if form.search(token):
                    found[level] = token
                    break
        return found

    @cached_property
    def is_placed(self) -> bool:
        """Whether a town or district is known."""
        return len(self.division) >= _DISTRICT or bool(self.places.keys() & _NEAR)

    def whereabouts(self) -> Iterator[Whereabouts]:
        """Yields what two names in one place have in common: a town, a district, or the code of a district."""
        if len(self.division) >= _DISTRICT:
            yield Whereabouts("code", self.division[:_DISTRICT])
        yield from (Whereabouts(level, self.places[level]) for level in _NEAR & self.places.keys())


@dataclass(frozen=True)
class Decisions:
    """Pairs of keys of names that people decided to be the same station, and to be different ones."""

    same: frozenset[tuple[str, str]] = frozenset()
    different: frozenset[tuple[str, str]] = frozenset()


UNDECIDED = Decisions()


def group(names: Iterable[StationName], decided: Decisions = UNDECIDED) -> list[list[StationName]]:
    """Put names together into stations.

    Args:
        names: the names.
        decided: what people decided about pairs of them.

    Returns:
        The names of each station, in the order of their keys.
    """
    groups = _Groups(sorted(names, key=lambda n: n.key), decided)
    by_key = {name.key: name for name in groups.names}
    for one, other in sorted(decided.same):
        if one in by_key and other in by_key:
            groups.join(by_key[one], by_key[other], forced=True)
    placed = [name for name in groups.names if name.is_placed]
    for a, b in _neighbours(placed):
        if _serve_the_same(a, b) and _share_a_place(a, b):
            groups.join(a, b)
    of_city = [name for name in groups.names if not name.is_placed and SubjectKind.CITY in name.places]
    bare = [name for name in groups.names if not name.is_placed and SubjectKind.CITY not in name.places]
    _join_weak(groups, of_city, placed)
    _join_weak(groups, bare, placed + of_city)
    return groups.result()


def _neighbours(names: list[StationName]) -> list[tuple[StationName, StationName]]:
    """The pairs that have a town or district in common, in order: of a country's namesakes few have."""
    at: dict[Whereabouts, list[int]] = defaultdict(list)
    for number, name in enumerate(names):
        for where in name.whereabouts():
            at[where].append(number)
    pairs = {pair for numbers in at.values() for pair in combinations(numbers, 2)}
    return [(names[a], names[b]) for a, b in sorted(pairs)]


def _join_weak(groups: "_Groups", weak: list[StationName], stronger: list[StationName]) -> None:
    """Join names that no town or district goes with to each other, and to the only stronger station that each can be."""
    alike: dict[tuple[str, str | None], list[StationName]] = defaultdict(list)
    for name in weak:
        alike[name.core, name.places.get(SubjectKind.CITY)].append(name)
    for names in alike.values():
        for a, b in combinations(names, 2):
            groups.join(a, b)
    of_core: dict[str, list[StationName]] = defaultdict(list)
    for name in stronger:
        of_core[name.core].append(name)
    for name in weak:
        able = {groups.root(other): other for other in of_core[name.core]}
        able = {root: other for root, other in able.items() if groups.may_join(name, other)}
        if len(able) == 1:
            groups.join(name, *able.values())


def likely(name: StationName, others: Iterable[StationName]) -> set[int]:
    """Returns the ids of the stations that a name which no text states any more is likely one of: those whose names serve the
    same in a place that both name, else those that serve the same and contradict it in no place."""
    able = [other for other in others if _serve_the_same(name, other) and not _contradict(name, other)]
    near = [other for other in able if _share_a_place(name, other)]
    return {other.station_id for other in near or able if other.station_id is not None}


class _Groups:
    """Names on their way into groups."""

    def __init__(self, names: list[StationName], decided: Decisions) -> None:
        self.names = names
        self._decided = decided
        self._members = {name.id: [name] for name in names}
        self._root = {name.id: name.id for name in names}

    def root(self, name: StationName) -> int:
        return self._root[name.id]

    def may_join(self, a: StationName, b: StationName) -> bool:
        """Whether no two of their groups contradict each other."""
        return not any(
            _contradict(x, y) or self._are_different(x, y)
            for x in self._members[self.root(a)]
            for y in self._members[self.root(b)]
        )

    def join(self, a: StationName, b: StationName, *, forced: bool = False) -> None:
        if self.root(a) == self.root(b) or not (forced or self.may_join(a, b)):
            return
        keep, lose = sorted((self.root(a), self.root(b)))
        for member in self._members[lose]:
            self._root[member.id] = keep
        self._members[keep] = sorted(self._members[keep] + self._members.pop(lose), key=lambda n: n.key)

    def result(self) -> list[list[StationName]]:
        return sorted(self._members.values(), key=lambda members: members[0].key)

    def _are_different(self, a: StationName, b: StationName) -> bool:
        return bool({(a.key, b.key), (b.key, a.key)} & self._decided.different)


def _serve_the_same(a: StationName, b: StationName) -> bool:
    short, long = sorted((a.core, b.core), key=len)
    if short == long:
        return True
    extra = len(long) - len(short)
    return long.endswith(short) and extra >= _MIN_EXTRA and len(_UNIT.sub("", short)) >= 2


def _share_a_place(a: StationName, b: StationName) -> bool:
    if a.division and b.division and min(len(a.division), len(b.division)) >= _DISTRICT:
        return a.division.startswith(b.division) or b.division.startswith(a.division)
    mine, theirs = a.places, b.places
    return any(mine.get(level) and mine.get(level) == theirs.get(level) for level in _NEAR)


def _contradict(a: StationName, b: StationName) -> bool:
    if a.division and b.division and not (a.division.startswith(b.division) or b.division.startswith(a.division)):
        return True
    mine, theirs = a.places, b.places
    return any(mine[level] != theirs[level] for level in mine.keys() & theirs.keys())


# Rows

_UNUSED = " and ".join(
    f"not exists (select 1 from {table} where station_name_id = station_names.id)" for table in ("facts", "candidates")
)


def tails(connection: sqlite3.Connection, name_ids: Iterable[int]) -> set[str]:
    """Returns the tails of those names, given by their ids, that have no station yet or no fact any more."""
    found = set()
    for name_id in name_ids:
        row = connection.execute(
            f"select tail, station_id is null or ({_UNUSED}) from station_names where id = ?",
            [name_id],
        ).fetchone()
        if row and row[1]:
            found.add(row[0])
    return found


def settle(connection: sqlite3.Connection, touched: Iterable[str], decided: Decisions = UNDECIDED) -> None:
    """Put the names with these tails into stations again, and lead their facts there."""
    done: set[str] = set()
    taken: set[int] = set()
    for tail in sorted(touched):
        if tail in done:
            continue
        together = sorted(_with_decided(tail, decided))
        done.update(together)
        marks = ",".join("?" * len(together))
        before = {
            row[0]
            for row in connection.execute(f"select station_id from station_names where tail in ({marks})", together)
            if row[0]
        }
        connection.execute(
            f"delete from station_names where tail in ({marks}) and {_UNUSED}",
            together,
        )
        _write(connection, group(_names(connection, together), decided), taken)
        for station_id in before - taken:
            _remove_if_empty(connection, station_id)


def merged(connection: sqlite3.Connection, touched: Iterable[str], decided: Decisions) -> int:
    """Returns by how many stations with facts the decisions about names with these tails reduce their number; below 0 if they
    split more than they merged."""
    with_facts = {number for (number,) in connection.execute("select distinct station_name_id from facts")}
    fewer, done = 0, set[str]()
    for tail in sorted(touched):
        if tail not in done:
            together = sorted(_with_decided(tail, decided))
            done.update(together)
            named = _names(connection, together)
            alone, settled = (
                sum(any(name.id in with_facts for name in members) for members in group(named, decisions))
                for decisions in (UNDECIDED, decided)
            )
            fewer += alone - settled
    return fewer


def _names(connection: sqlite3.Connection, tails_: Iterable[str]) -> list[StationName]:
    """The names with these tails."""
    given = list(tails_)
    marks = ",".join("?" * len(given))
    columns = "id, key, name, place, division, station_id"
    found = connection.execute(f"select {columns} from station_names where tail in ({marks})", given)
    return [StationName(*row) for row in found]


def _with_decided(tail: str, decided: Decisions) -> set[str]:
    """A tail, and those of the names that people decided to be the same as one with it."""
    pairs = [{tail_of(one.split("|")[0]), tail_of(other.split("|")[0])} for one, other in decided.same]
    found = {tail}
    while more := {t for pair in pairs if pair & found for t in pair} - found:
        found |= more
    return found


def _write(connection: sqlite3.Connection, groups: list[list[StationName]], taken: set[int]) -> None:
    """Bring the rows in line with the groups; `taken` are the stations that are some group's already."""
    for members in groups:
        # A station keeps its number while any of its names does: its address is cited.
        known = sorted({name.station_id for name in members if name.station_id} - taken)
        name = max(members, key=lambda n: (len(n.name), n.key))
        place = max((n.place for n in members), key=lambda p: (len(p.split()), p))
        division = _common_division(members)
        row = {
            "key": members[0].key,
            "name": name.name,
            "place": place,
            "division": division,
            "division_name": " ".join(path_of(division)),
        }
        if known:
            _rename(connection, known[0], members[0].key)
        station_id = upsert(connection, "stations", "key", row).id
        taken.add(station_id)
        for member in members:
            if member.station_id != station_id:
                connection.execute("update station_names set station_id = ? where id = ?", [station_id, member.id])
                connection.execute("update facts set station_id = ? where station_name_id = ?", [station_id, member.id])


def _common_division(members: list[StationName]) -> str:
    codes = sorted({name.division for name in members if name.division}, key=lambda code: (len(code), code))
    agree = all(longer.startswith(shorter) for shorter, longer in pairwise(codes))
    return codes[-1] if codes and agree else ""


def _rename(connection: sqlite3.Connection, station_id: int, key: str) -> None:
    """Give a station its new key; one that has it gives way."""
    holder = connection.execute("select id from stations where key = ?", [key]).fetchone()
    if holder is None or holder[0] != station_id:
        if holder:
            connection.execute("update stations set key = key || ' (' || id || ')' where id = ?", holder)
        connection.execute("update stations set key = ? where id = ?", [key, station_id])


def _remove_if_empty(connection: sqlite3.Connection, station_id: int) -> None:
    if connection.execute("select 1 from station_names where station_id = ?", [station_id]).fetchone() is None:
        connection.execute("update facts set station_id = null where station_id = ?", [station_id])
        connection.execute("delete from stations where id = ?", [station_id])
