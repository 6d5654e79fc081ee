"""The index of words of a snapshot: an FTS5 table for articles, facts and stations each, without their texts.

A row of an index has the number of the row that it is of, not its position in a list. So only changed texts change the
index.
"""

import sqlite3

from archive.search.fts import tokens
from archive.search.wanted import ListKind

# Kind -> the columns, and what is indexed in them. Rows that hold words in the last column are the best hits. The longest text
# is in the first: FTS5 notes any other column with each word.
INDEXED = {
    ListKind.ARTICLES: {"text": "text", "title": "title"},
    ListKind.FACTS: {
        "quote": "quote || ' | ' || (select zh || ' ' || en from {0}.fact_types types where types.id = type)",
        "subject": "subject",
    },
    ListKind.STATIONS: {
        "place": "place",
        "name": "name || (select coalesce(group_concat(' | ' || name, ''), '') from"
        " (select name from {0}.station_names where station_id = stations.id order by id))",
    },
}
_LISTED = {ListKind.FACTS: "where current"}  # which rows are, where not all are
_IN_MEMORY = 64 << 20  # bytes of an index that are gathered before they are written


def make_index(connection: sqlite3.Connection, snapshot: str = "main") -> None:
    """Make the index.

    Args:
        connection: where it is made.
        snapshot: which database of the connection has the texts.
    """
    connection.create_function("tokens", 1, tokens, deterministic=True)
    for kind in INDEXED:
        name = f"{kind}_search"
        _create(connection, kind)
        for option, value in (("hashsize", _IN_MEMORY), ("automerge", 0)):
            connection.execute(f"insert into {name} ({name}, rank) values (?, ?)", [option, value])
        _write(connection, kind, f"select * from ({_texts(kind, snapshot)}) order by id")
        connection.execute(f"insert into {name} ({name}) values ('optimize')")


def _create(connection: sqlite3.Connection, kind: ListKind) -> None:
    columns = ", ".join(INDEXED[kind])
    connection.execute(f"create virtual table {kind}_search using fts5 ({columns}, content = '', tokenize = 'ascii')")


def _texts(kind: ListKind, snapshot: str) -> str:
    """SQL for the numbers of the rows of a kind, and what is indexed of them."""
    columns = (f"{text.format(snapshot)} as {column}" for column, text in INDEXED[kind].items())
    return f"select id, {', '.join(columns)} from {snapshot}.{kind} {_LISTED.get(kind, '')}"


def _write(connection: sqlite3.Connection, kind: ListKind, texts: str) -> None:
    """Add the words of texts to an index."""
    columns = INDEXED[kind]
    connection.execute(
        f"insert into {kind}_search (rowid, {', '.join(columns)})"
        f" select id, {', '.join(f'tokens({column})' for column in columns)} from ({texts})"
    )
