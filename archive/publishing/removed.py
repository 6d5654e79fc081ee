"""What people's decisions took out of a snapshot or brought into it, counted by name, in its table `removed`.

With these counts, a snapshot is compared with the one before it as if nobody had decided anything: no decision ever looks
like a loss, and none hides one.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

COUNTED = {
    "articles": "select count(*) from articles",
    "stations": "select count(*) from stations where id in (select station_id from facts)",
    "facts": "select count(*) from facts where current",
}
_TABLE = """
create table removed (
    what text not null, -- articles, stations or facts
    why text not null, -- confirmed, corrected, rejected, merged or taken down
    count integer not null, -- below 0: so many came in
    primary key (what, why)
) without rowid
"""
_NOTE = "insert into removed values (?, ?, ?) on conflict do update set count = count + excluded.count"


def begin(connection: sqlite3.Connection, merged: int) -> None:
    """Begin the account in a draft of a snapshot, `merged` being how many stations fewer there are by people's decisions."""
    connection.execute(_TABLE)
    if merged:
        connection.execute(_NOTE, ["stations", "merged", merged])


@contextmanager
def noted(connection: sqlite3.Connection, why: str) -> Iterator[None]:
    """Note what a step of publication removes, under this name."""
    before = counts(connection)
    yield
    now = counts(connection)
    changed = [(name, why, before[name] - now[name]) for name in COUNTED if before[name] != now[name]]
    connection.executemany(_NOTE, changed)


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """How many articles, stations with facts, and current facts there are."""
    return {name: connection.execute(question).fetchone()[0] for name, question in COUNTED.items()}


def account(connection: sqlite3.Connection) -> dict[str, dict[str, int]]:
    """What was removed, articles, stations and facts each: name of the reason -> count."""
    removed: dict[str, dict[str, int]] = {name: {} for name in COUNTED}
    if connection.execute(
        "select 1 from sqlite_master where name = 'removed'"
    ).fetchone():  # an older version kept none
        for what, why, count in connection.execute("select what, why, count from removed order by why"):
            removed[what][why] = count
    return removed
