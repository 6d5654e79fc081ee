"""The schema of archive.db: schema.sql is its truth, and a number made of that text says which one a database has.

Nobody has to raise the number: any change of the schema is another version, and so is whatever came before this one.
"""

import re
import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from archive.facts import fact_types

_TEXT = Path(__file__).with_name("schema.sql").read_text("utf-8")


def version_of(text: str) -> int:
    """The version of a schema, 1 to 2³¹ - 1: comments and blanks do not count."""
    normal = " ".join(re.sub(r"--[^\n]*", "", text).split())
    return int.from_bytes(sha256(normal.encode()).digest()[:4], "big") % (2**31 - 1) + 1


VERSION = version_of(_TEXT)


def is_current(connection: sqlite3.Connection) -> bool:
    """Whether a database has the tables that schema.sql says."""
    return connection.execute("pragma user_version").fetchone()[0] == VERSION


def create(connection: sqlite3.Connection) -> None:
    """Make all tables in an empty database, all of them or none."""
    connection.executescript(f"begin;\n{_TEXT}\npragma user_version = {VERSION};\ncommit;")


def views() -> list[str]:
    """The statements that make the views, each after those that it rests on."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(_TEXT)
        return [
            sql for (sql,) in connection.execute("select sql from sqlite_master where type = 'view' order by rowid")
        ]


def refresh_fact_types(connection: sqlite3.Connection) -> None:
    """Bring the table of fact types in line with their declarations. One that is declared no more goes when no fact is of it."""
    rows = [(number, t.id, t.zh, t.en, t.unit) for number, t in enumerate(fact_types().values())]
    with connection:
        connection.executemany(
            "insert into fact_types (position, id, zh, en, unit) values (?, ?, ?, ?, ?)"
            " on conflict (id) do update set position = excluded.position, zh = excluded.zh,"
            " en = excluded.en, unit = excluded.unit",
            rows,
        )
        former = {type_ for (type_,) in connection.execute("select id from fact_types")} - fact_types().keys()
        connection.executemany(
            "delete from fact_types where id = ?1 and not exists (select 1 from facts where type = ?1)"
            " and not exists (select 1 from candidates where type = ?1)",
            [(type_,) for type_ in former],
        )
