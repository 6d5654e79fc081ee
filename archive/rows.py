"""Rows that know whether they change: what is written again unchanged touches nothing."""

import json
import sqlite3
from collections.abc import Mapping

Value = str | int | float | None


def upsert(connection: sqlite3.Connection, table: str, key: str, row: Mapping[str, Value]) -> tuple[int, bool]:
    """Insert a row, or bring the one with the same `key` column in line; gives its id and whether anything changed."""
    names = list(row)
    quoted = ", ".join(f'"{name}"' for name in names)
    old = connection.execute(f'select id, {quoted} from {table} where "{key}" = ?', [row[key]]).fetchone()
    values = list(row.values())
    if old is None:
        marks = ", ".join("?" * len(names))
        cursor = connection.execute(f"insert into {table} ({quoted}) values ({marks})", values)
        assert cursor.lastrowid is not None
        return cursor.lastrowid, True
    if list(old[1:]) == values:
        return old[0], False
    changes = ", ".join(f'"{name}" = ?' for name in names)
    connection.execute(f"update {table} set {changes} where id = ?", [*values, old[0]])
    return old[0], True


def packed(value: object) -> str:
    """A value as the JSON that the database holds."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
