"""Takedowns: listed articles leave a snapshot, listed names are blacked out in it. The captures stay as they are. A
snapshot says by their numbers which entries of the list are applied in it: one that lacks any is not shown.

A name is found however it is typeset (naming.py), in every text column of every table. It is replaced by as many
■ as it takes characters, so that every offset still holds; a fact whose words hold it is not published. Pages, search,
exports and feeds all come from the snapshot.
"""

import sqlite3
from collections.abc import Iterable, Iterator

from archive import reprints
from archive.decisions.records import TakedownKind
from archive.decisions.reviews import Reviews
from archive.publishing.keys import list_taken_down, note_keys, remember_removed
from archive.publishing.naming import Names
from archive.publishing.removed import noted
from archive.reprints import copies

_UNNAMED = """
delete from station_names where id not in (select station_name_id from facts where station_name_id is not null);
delete from stations where id not in (select station_id from facts where station_id is not null)
"""

# A fact whose words end within a name: the article shows it blacked out.
_CUT = """
select facts.id from facts join articles on articles.id = article_id
where current and substr(text, start + 1, "end" - start) != quote
"""


def take_down(connection: sqlite3.Connection, reviews: Reviews) -> None:
    """Remove from a snapshot what is listed, from the free pages of its file too. The keys of what was removed stay, in
    `taken_down`."""
    _note_applied(connection, reviews)
    listed = reviews.takedowns()
    if not listed:
        list_taken_down(connection, reviews)
        return
    note_keys(connection)
    urls = {
        same for kind, value in listed if kind == TakedownKind.ARTICLE for same in copies.addresses(connection, value)
    }
    with noted(connection, "taken down"):
        _remove(connection, urls)
        _black_out(connection, [value for kind, value in listed if kind == TakedownKind.NAME])
        remove_unnamed(connection)
    remember_removed(connection, reviews, urls)
    list_taken_down(connection, reviews)
    connection.commit()
    connection.execute("vacuum")


def applied(snapshot: sqlite3.Connection) -> set[int]:
    """The numbers of the entries of the list that are applied in a snapshot."""
    if not snapshot.execute("select 1 from sqlite_master where name = 'applied_takedowns'").fetchone():
        return set()  # of an older version
    return {number for (number,) in snapshot.execute("select number from applied_takedowns")}


def remove_unnamed(connection: sqlite3.Connection) -> None:
    """Take out of a snapshot the stations that no fact is about."""
    for statement in _UNNAMED.split(";\n"):
        connection.execute(statement)


def _note_applied(connection: sqlite3.Connection, reviews: Reviews) -> None:
    """Before the list is read: an entry that is added later is applied by the next pass."""
    connection.execute("create table if not exists applied_takedowns (number integer primary key)")
    numbers = [(number,) for number in reviews.takedowns_in_force()]
    connection.executemany("insert or ignore into applied_takedowns values (?)", numbers)


def _remove(connection: sqlite3.Connection, urls: Iterable[str]) -> None:
    for url in urls:
        row = connection.execute("select id from articles where url = ?", [url]).fetchone()
        if row:
            drop_facts(connection, "article_id = ?", row)
            reprints.remove(connection, row[0])
            for table, column in (("revisions", "article_id"), ("articles", "id")):
                connection.execute(f"delete from {table} where {column} = ?", row)
        connection.execute("delete from former_facts where url = ?", [url])
        connection.execute(
            "update captures set url = '', page_key = null, stem = null, reason = 'taken down' where url = ?", [url]
        )
        for table, column in _text_columns(connection):  # links to it, reviews of it: JSON, where an address is quoted
            connection.execute(
                f'update "{table}" set "{column}" = replace("{column}", ?1, \'"■"\') where instr("{column}", ?1)',
                [f'"{url}"'],
            )


def _black_out(connection: sqlite3.Connection, names: list[str]) -> None:
    if not names:
        return
    listed = Names(names)
    connection.create_function("blacked", 1, listed.blacked, deterministic=True)
    holding = "quote != blacked(quote) or subject != blacked(subject) or qualifier != blacked(qualifier)"
    drop_facts(connection, holding)
    connection.execute(f"delete from former_facts where {holding}")
    for table, column in _text_columns(connection):
        holding = f'"{column}" != blacked("{column}")'
        connection.execute(f'update or ignore "{table}" set "{column}" = blacked("{column}") where {holding}')
        if connection.execute(
            f'select 1 from "{table}" where {holding} limit 1'
        ).fetchone():  # two that now look the same
            connection.execute(f'update "{table}" set "{column}" = blacked("{column}") || rowid where {holding}')
    drop_facts(connection, f"id in ({_CUT})")


def drop_facts(connection: sqlite3.Connection, which: str, arguments: Iterable[object] = ()) -> None:
    """Remove from a snapshot the facts that a condition of SQL names."""
    chosen = [(fact_id,) for (fact_id,) in connection.execute(f"select id from facts where {which}", tuple(arguments))]
    for table, column in (("fact_mentions", "fact_id"), ("facts", "id")):
        connection.executemany(f"delete from {table} where {column} = ?", chosen)


def _text_columns(connection: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """The text columns of all tables."""
    tables = connection.execute("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")
    for (table,) in tables.fetchall():
        for _, column, kind, *_ in connection.execute(f'pragma table_info("{table}")').fetchall():
            if kind.lower() == "text":
                yield table, column
