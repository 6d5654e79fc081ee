"""The index of words of a snapshot: an FTS5 table for articles, facts and stations each, without their texts.

A row of an index has the number of a position in the list (archive/search/columns.py): the newest article or fact is at 0.
So the first rows that hold some words are the newest that do. `{kind}_positions` says which row stands at a position.
"""

import json
import sqlite3

from archive.search.columns import Data
from archive.search.fts import tokens
from archive.search.wanted import ListKind

# Kind -> the columns, and what is indexed in them. Rows that hold words in the last column are the best hits. The longest text
# is in the first: FTS5 notes any other column with each word.
INDEXED = {
    ListKind.ARTICLES: {"text": "text", "title": "title"},
    ListKind.FACTS: {
        "quote": "quote || ' | ' || (select zh || ' ' || en from fact_types where id = type)",
        "subject": "subject",
    },
    ListKind.STATIONS: {
        "place": "place",
        "name": "name || (select coalesce(group_concat(' | ' || names.name, ''), '') from station_names names"
        " where station_id = stations.id)",
    },
}
_IN_MEMORY = 256 << 20  # bytes of an index that are gathered before they are written


def lay_index(connection: sqlite3.Connection) -> None:
    """Add the index to a draft of a snapshot that has its columns."""
    data = Data(connection)
    for kind in INDEXED:
        connection.execute(f"create table {kind}_positions (position integer primary key, id integer not null)")
        connection.execute(
            f"insert into {kind}_positions select key, value from json_each(?)",
            [json.dumps(data[f"{kind}.id"].tolist())],
        )
        index(connection, kind)


def index(connection: sqlite3.Connection, kind: ListKind) -> None:
    """Make the index of a kind, in the order of its positions."""
    name, columns = f"{kind}_search", INDEXED[kind]
    connection.create_function("tokens", 1, tokens, deterministic=True)
    connection.execute(
        f"create virtual table {name} using fts5 ({', '.join(columns)}, content = '', tokenize = 'ascii')"
    )
    for option, value in (("hashsize", _IN_MEMORY), ("automerge", 0)):
        connection.execute(f"insert into {name} ({name}, rank) values (?, ?)", [option, value])
    connection.execute(
        f"insert into {name} (rowid, {', '.join(columns)})"
        f" select position, {', '.join(f'tokens({text})' for text in columns.values())}"
        f" from {kind}_positions positions cross join {kind} on {kind}.id = positions.id order by position"
    )
    connection.execute(f"insert into {name} ({name}) values ('optimize')")
