"""Rows that know whether they change: what is written again unchanged touches nothing."""

import json
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

Value = str | int | float | None
Row = dict[str, Any]  # of a query, by its columns
_STEPS = 10_000  # of SQLite's machine between two looks at the clock


def is_empty(connection: sqlite3.Connection) -> bool:
    """Whether nothing has been made in a database yet."""
    return connection.execute("select 1 from sqlite_master limit 1").fetchone() is None


class Upserted(NamedTuple):
    """The number of a row, and whether it was inserted or changed."""

    id: int
    changed: bool


def upsert(connection: sqlite3.Connection, table: str, key: str, row: Mapping[str, Value]) -> Upserted:
    """Insert a row, or update the one that has the same value in the column `key`, if it differs.

    Args:
        connection: the database.
        table: the name of a table with a column `id`.
        key: the name of a column that is unique.
        row: the values by column.

    Returns:
        The number of the row, and whether anything changed.
    """
    columns = ", ".join(f'"{name}"' for name in row)
    old = connection.execute(f'select id, {columns} from {table} where "{key}" = ?', [row[key]]).fetchone()
    if old and list(old[1:]) == list(row.values()):
        return Upserted(old[0], False)
    return Upserted(put(connection, table, row, old and old[0]), True)


def put(connection: sqlite3.Connection, table: str, row: Mapping[str, Value], id_: int | None) -> int:
    """Insert a row if `id_` is None, else update the row with that number. Returns the number."""
    values = list(row.values())
    if id_ is None:
        columns = ", ".join(f'"{name}"' for name in row)
        cursor = connection.execute(f"insert into {table} ({columns}) values ({', '.join('?' * len(row))})", values)
        assert cursor.lastrowid is not None
        return cursor.lastrowid
    changes = ", ".join(f'"{name}" = ?' for name in row)
    connection.execute(f"update {table} set {changes} where id = ?", [*values, id_])
    return id_


def packed(value: object) -> str:
    """A value as the JSON that the database holds."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def rows(connection: sqlite3.Connection, sql: str, arguments: object = None) -> list[Row]:
    """Run a query.

    Args:
        connection: the database.
        sql: the query.
        arguments: its parameters by position (a list) or by name (a dict), or its only one.

    Returns:
        The rows, by columns.
    """
    given = arguments if isinstance(arguments, dict | list) else [] if arguments is None else [arguments]
    cursor = connection.execute(sql, given)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def count(connection: sqlite3.Connection, sql: str, arguments: Mapping[str, Value] | Sequence[Value] = ()) -> int:
    """How many rows a query has."""
    return int(connection.execute(f"select count(*) from (\n{sql}\n)", arguments).fetchone()[0])


@contextmanager
def in_time(connection: sqlite3.Connection, seconds: float, late: Exception) -> Iterator[None]:
    """Interrupt what takes longer than a time in seconds. Raises `late` then."""
    deadline = time.monotonic() + seconds
    connection.set_progress_handler(lambda: int(time.monotonic() > deadline), _STEPS)
    try:
        yield
    except sqlite3.OperationalError as error:
        if "interrupted" not in str(error):
            raise
        raise late from None
    finally:
        connection.set_progress_handler(None, 0)
