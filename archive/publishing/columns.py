"""The columns that lists are filtered, sorted and counted by: one array a column, in the order in which rows are shown.

A position in the arrays of a kind stands for a row: the newest article or fact is at 0, and so is the station or outlet
with the most articles. Numbers of one kind in the arrays of another are positions, too. Days are YYYYMMDD, with 00 for a
month or day that is not known; 0 where there is no date.
"""

import json
import secrets
import sqlite3

import numpy as np

from archive.search.columns import COLUMNS, COUNTS, DONATED, REVIEWED, TABLE, Array, positions

_PIECE = 4 << 20  # bytes of one row of the table: far below what guarded connections read
# With rowid: to compare a key, SQLite reads the whole row of a table without, megabytes for each column that it passes.
_TABLE = f"""
create table {TABLE} (
    name text not null, -- of the kind and the column
    piece integer not null,
    data blob not null,
    primary key (name, piece)
)
"""


def _day(column: str) -> str:
    return f"cast(replace(substr(coalesce({column}, '') || '-00-00', 1, 10), '-', '') as integer)"


# The columns of each kind, in the order of the list.
_QUERIES = {
    "outlets": (
        f"select id, coalesce((select {_day('max(published)')} from article_dates where outlet_id = outlets.id), 0),"
        " row_number() over (order by name, id) from outlets order by articles desc, name, id"
    ),
    "stations": (
        f"select id, {_day('latest')}, row_number() over (order by name, id) from stations order by articles desc, name, id"
    ),
    "articles": (
        f"select articles.id, outlet_id, {_day('published')}, coalesce(original_id, articles.id) from articles"
        " left join reprints on article_id = articles.id order by coalesce(published, '') desc, articles.id desc"
    ),
    "facts": (
        f"select d.id, d.article_id, coalesce(d.station_id, 0), fact_types.position, {_day('d.at')}, {_day('as_of')},"
        f" {_day('reported_on')}, value, coalesce(value_high, value), qualifiers.number,"
        f" {REVIEWED} * (review != '') + {DONATED} * (donor != '') + {COUNTS} * d.counts,"
        " min(coalesce(probability, 1000), coalesce(subject_probability, 1000)), coalesce(statement, d.id)"
        " from fact_dates d indexed by fact_dates_newest cross join facts on facts.id = d.id"
        " join fact_types on fact_types.id = d.type"
        " join temp.qualifiers on qualifiers.qualifier = facts.qualifier left join statement_facts on fact_id = d.id"
        " order by d.at desc, d.id desc"
    ),
}
# Which numbers stand for rows of which kind. They become positions, -1 for none.
_POSITIONS = {
    "articles.outlet": "outlets",
    "articles.story": "articles",
    "facts.article": "articles",
    "facts.station": "stations",
    "facts.statement": "facts",
}
_OF_ROWS = {"articles.story", "facts.statement"}  # a row that counts for no other counts for itself


def lay_columns(connection: sqlite3.Connection) -> None:
    """Add the columns to a draft of a snapshot, with a mark of their own by which processes know whether they have read them: what
    they remember with the columns rests on all that is published, texts too."""
    connection.execute(_TABLE)
    connection.execute("create temp table qualifiers (number integer primary key, qualifier text unique)")
    connection.execute(
        "insert into temp.qualifiers (qualifier) select qualifier from facts where current"
        " group by qualifier order by count(*) desc, 1"
    )
    ids = dict[str, Array]()
    for kind, query in _QUERIES.items():
        found = np.fromiter(connection.execute(query), dtype=list(COLUMNS[kind].items()))
        ids[kind] = found["id"].copy()
        for name in COLUMNS[kind]:
            _write(connection, f"{kind}.{name}", _values(found, f"{kind}.{name}", ids).tobytes())
    words = json.dumps(
        [word for (word,) in connection.execute("select qualifier from temp.qualifiers order by number")],
        ensure_ascii=False,
    )
    connection.execute("drop table temp.qualifiers")
    _write(connection, "qualifiers", words.encode())
    _write(connection, "mark", secrets.token_bytes(16))


def _values(found: Array, name: str, ids: dict[str, Array]) -> Array:
    values: Array = np.ascontiguousarray(found[name.partition(".")[2]])
    if name in _POSITIONS:
        values = positions(ids[_POSITIONS[name]], values)
    if name in _OF_ROWS:
        values = np.where(values < 0, np.arange(len(values), dtype=values.dtype), values)
    return values


def _write(connection: sqlite3.Connection, name: str, data: bytes) -> None:
    for piece, start in enumerate(range(0, max(1, len(data)), _PIECE)):
        connection.execute(f"insert into {TABLE} values (?, ?, ?)", [name, piece, data[start : start + _PIECE]])
