"""Which rows hold the words that a reader looks for. All that lists know of the index is here: `hits`, `among`, `best`.

Rows are positions in the list (archive/search/index.py). All hits are gathered where they are few enough; else those among
the rows that a page may show.
"""

import json
import sqlite3

import numpy as np

from archive.search import fts
from archive.search.columns import Positions
from archive.search.index import INDEXED
from archive.search.wanted import ListKind

GATHERED = 20_000  # hits: more are not counted, nor sorted by how good they are
LOOKED_UP = 400  # rows, each of which the index is asked for; of more, it is asked for all from the first to the last


def hits(connection: sqlite3.Connection, kind: ListKind, written: str) -> Positions | None:
    """Look words up in the index.

    Args:
        connection: the published snapshot.
        kind: articles, facts or stations.
        written: the words as a reader writes them.

    Returns:
        The rows that hold the words, the first in the list first; None where they are too many.
    """
    found = _found(connection, kind, fts.query(written), "order by rowid limit ?", GATHERED + 1)
    return found if len(found) <= GATHERED else None


def among(connection: sqlite3.Connection, kind: ListKind, written: str, rows: Positions) -> Positions:
    """Returns those of some rows that hold the words, in the order of `rows`."""
    match = fts.query(written)
    if len(rows) <= LOOKED_UP:
        listed = json.dumps(rows.tolist())
        found = _found(connection, kind, match, "and rowid in (select value from json_each(?))", listed)
    else:
        found = _found(connection, kind, match, "and rowid between ? and ?", int(rows.min()), int(rows.max()))
    return rows[np.isin(rows, found)]


def best(connection: sqlite3.Connection, kind: ListKind, written: str) -> Positions:
    """Returns the rows that hold the words in what names them: the title of an article, the subject of a fact."""
    *_, name = INDEXED[kind]
    return _found(connection, kind, f"{{{name}}} : ({fts.query(written)})")


def _found(connection: sqlite3.Connection, kind: ListKind, match: str, which: str = "", *values: object) -> Positions:
    """The rows that an index has.

    In one row: Python hands its lock over at every row, and other readers wait for it.
    """
    index = f"{kind}_search"
    sql = f"select json_group_array(rowid) from (select rowid from {index} where {index} match ? {which})"
    (packed,) = connection.execute(sql, [match, *values]).fetchone()
    return np.array(json.loads(packed), np.int64)
