"""The columns of a snapshot that lists are filtered, sorted and counted by (archive/publishing/columns.py makes them).

A column is read when it is first needed and kept as long as its snapshot is in use: a process holds some 20 bytes a fact, and
looks through two million of them in a few milliseconds.
"""

import json
import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Iterable
from threading import RLock
from time import monotonic
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Mask = NDArray[np.bool_]
Positions = NDArray[np.integer[Any]]
Made = TypeVar("Made")

TABLE = "list_columns"
REVIEWED, DONATED, COUNTS = 1, 2, 4  # of the column `flags`
# Kind -> the columns, and their types as numpy writes them. `story` and `statement` are the position of the row that counts
# for a story or statement: the row itself, where it is no reprint.
COLUMNS = {
    "outlets": {"id": "i4", "day": "i4", "name": "i4"},
    "stations": {"id": "i4", "day": "i4", "name": "i4"},
    "articles": {"id": "i4", "outlet": "i4", "day": "i4", "story": "i4"},
    "facts": {
        "id": "i4", "article": "i4", "station": "i4", "type": "i2", "at": "i4", "as_of": "i4", "reported_on": "i4",
        "value": "f8", "high": "f8", "qualifier": "i4", "flags": "u1", "sure": "i2", "statement": "i4",
    },
}  # fmt: skip
_IDLE = 120.0  # seconds after which the columns of a snapshot are forgotten where another was published and nobody looked at them
_MADE = 300  # small things that are kept of one snapshot besides its columns
_SELECTED = 16  # lists, of four bytes a row


class _Kept:
    """What was made once, by its key; the least recently used is forgotten."""

    def __init__(self, size: int) -> None:
        self._size, self._made, self._lock = size, OrderedDict[object, Any](), RLock()

    def get(self, key: object, make: Callable[[], Made]) -> Made:
        with self._lock:
            if key in self._made:
                self._made.move_to_end(key)
                found: Made = self._made[key]
                return found
        value = make()
        with self._lock:
            self._made[key] = value
            if len(self._made) > self._size:
                self._made.popitem(last=False)
        return value


class Columns:
    """The columns of one snapshot, and what was made of them."""

    def __init__(self) -> None:
        self._arrays: dict[str, Array] = {}
        self._lock = RLock()
        self.made, self.selected = _Kept(_MADE), _Kept(_SELECTED)
        self.used_at = monotonic()

    def array(self, connection: sqlite3.Connection, name: str) -> Array:
        """A column by its name, as `facts.type`."""
        with self._lock:
            if name not in self._arrays:
                kind, _, column = name.partition(".")
                self._arrays[name] = np.frombuffer(_data(connection, name), COLUMNS[kind][column])
            return self._arrays[name]


class Data:
    """A snapshot as lists look at it: a connection, and the columns that all connections to the snapshot share."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.columns = _columns(_data(connection, "mark"))

    def __getitem__(self, name: str) -> Array:
        return self.columns.array(self.connection, name)

    def made(self, key: object, make: Callable[[], Made]) -> Made:
        """What was made once for this snapshot."""
        return self.columns.made.get(key, make)

    def selected(self, key: object, make: Callable[[], Made]) -> Made:
        """A list that was made for this snapshot: few are kept, because they may be large."""
        return self.columns.selected.get(key, make)

    def numbered(self, kind: str, numbers: Iterable[int] | Array) -> Positions:
        """The positions of the rows with these numbers, in the order of the list."""

        def invert() -> Array:
            ids = self[f"{kind}.id"]
            found = np.full(int(ids.max(initial=0)) + 2, -1, np.int32)
            found[ids] = np.arange(len(ids), dtype=np.int32)
            return found

        inverse = self.made(("inverse", kind), invert)
        wanted = numbers if isinstance(numbers, np.ndarray) else np.fromiter(numbers, np.int64)
        found = inverse[np.where((wanted >= 0) & (wanted < len(inverse)), wanted, len(inverse) - 1)]
        return np.sort(found[found >= 0])

    def raw(self, name: str) -> bytes:
        """What is stored under a name; empty: nothing."""
        return _data(self.connection, name)

    @property
    def qualifiers(self) -> list[str]:
        """The qualifiers of facts, by the numbers that the column has, from 1 on; the most frequent first."""
        return self.made("qualifiers", lambda: ["", *json.loads(_data(self.connection, "qualifiers"))])

    @property
    def types(self) -> dict[str, int]:
        """The fact types, and the numbers that the column has."""
        return self.made(
            "types", lambda: dict(self.connection.execute("select id, position from fact_types order by position"))
        )


_KEPT: dict[bytes, Columns] = {}  # by the mark of the snapshot
_LOCK = RLock()


def _columns(mark: bytes) -> Columns:
    """The columns of a snapshot; of those that are served no more, nothing is kept."""
    now = monotonic()
    with _LOCK:
        if mark not in _KEPT:
            for other in [other for other, columns in _KEPT.items() if now - columns.used_at > _IDLE]:
                del _KEPT[other]
        found = _KEPT.setdefault(mark, Columns())
        found.used_at = now
        return found


def positions(ids: Array, numbers: Array) -> NDArray[np.int32]:
    """Where numbers stand among ids; -1 for those that do not."""
    if not len(ids):
        return np.full(len(numbers), -1, np.int32)
    order = np.argsort(ids, kind="stable")
    at = np.minimum(np.searchsorted(ids, numbers, sorter=order), len(ids) - 1)
    found = order[at].astype(np.int32)
    return np.where(ids[found] == numbers, found, -1).astype(np.int32)


def _data(connection: sqlite3.Connection, name: str) -> bytes:
    pieces = connection.execute(f"select data from {TABLE} where name = ? order by piece", [name])
    return b"".join(piece for (piece,) in pieces)
