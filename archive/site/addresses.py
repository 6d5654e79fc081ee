"""What a permanent address (/article/KEY, /station/KEY, /outlet/KEY, /fact/KEY) shows: a row of the snapshot, that of
another key, the parts of what was split, or a note that something was taken down."""

import sqlite3
from dataclasses import dataclass, field
from typing import NamedTuple

from archive.model import AddressKind
from archive.sql.rows import Row, rows


class Keyed(NamedTuple):
    """A table, and the column that holds its keys."""

    table: str
    column: str


KINDS: dict[str, Keyed] = {
    AddressKind.ARTICLE: Keyed("articles", "key"),
    AddressKind.STATION: Keyed("stations", "key"),
    AddressKind.OUTLET: Keyed("outlets", "key"),
    AddressKind.FACT: Keyed("facts", "evidence"),
}


@dataclass(frozen=True)
class Destination:
    """What the site shows under a key: the row with this `number`; or that of another key, `to`; or several `parts` (key,
    name, place), of which a row with a number is one; or that it was `taken_down`, and on which `day` (in Beijing; empty where that is
    not known). The key is unknown where all are empty."""

    number: int | None = None
    to: str = ""
    parts: list[Row] = field(default_factory=list)
    taken_down: bool = False
    day: str = ""


def lookup(connection: sqlite3.Connection, kind: str, key: str) -> Destination:
    """Find what the site shows under a key.

    Args:
        connection: the published snapshot.
        kind: an AddressKind.
        key: the key.

    Returns:
        Where the key leads.
    """
    table, column = KINDS[kind]
    found = rows(connection, f"select id, {_NAMED[kind]} from {table} where {column} = ?", key)
    if kind == AddressKind.FACT:
        others = rows(
            connection, "select successor as key from former_facts where key = ? and successor is not null", key
        )
    else:
        others = rows(
            connection,
            f"select {_NAMED[kind]} from other_keys join {table} on {table}.id = number"
            " where other_keys.kind = ? and other_keys.key = ? order by 1",
            [kind, key],
        )
    if found:
        return Destination(found[0].pop("id"), parts=[*found, *others] if others else [])
    if len(others) > 1:
        return Destination(parts=others)
    if others:
        return Destination(to=others[0]["key"])
    gone = connection.execute("select day from taken_down where kind = ? and key = ?", [kind, key]).fetchone()
    return Destination(taken_down=True, day=gone[0]) if gone else Destination()


def key_of_number(connection: sqlite3.Connection, kind: str, number: int) -> str:
    """Returns the key of the row that has a number, or had it before it was taken down; empty if there is none. `kind` is
    an AddressKind."""
    table, column = KINDS[kind]
    found = connection.execute(
        f"select {column} from {table} where id = ?1 union all"
        " select key from taken_down where kind = ?2 and number = ?1 limit 1",
        [number, kind],
    ).fetchone()
    return str(found[0]) if found else ""


# What names one part of what was split.
_NAMED: dict[str, str] = {
    AddressKind.ARTICLE: "articles.key as key, title as name, '' as place",
    AddressKind.STATION: "stations.key as key, name, place",
    AddressKind.OUTLET: "outlets.key as key, name, '' as place",
    AddressKind.FACT: "evidence as key",
}
