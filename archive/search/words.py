"""Which rows hold the words that a reader looks for. All that lists know of the index is here: `hits`, `among`, `best`.

Rows are positions in the list; the index has their numbers (archive/search/index.py). All hits are gathered where they are
few enough; else those among the rows that a page may show.
"""

import json
import sqlite3

import numpy as np

from archive.search import fts
from archive.search.columns import Array, Data, Positions
from archive.search.index import INDEXED
from archive.search.wanted import ListKind

GATHERED = 20_000  # hits: more are not counted, nor sorted by how good they are
LOOKED_UP = 400  # rows, each of which the index is asked for; of more, it is asked for all from the lowest number to the highest


def hits(data: Data, kind: ListKind, written: str) -> Positions | None:
    """Look words up in the index.

    Args:
        data: the published snapshot.
        kind: articles, facts or stations.
        written: the words as a reader writes them.

    Returns:
        The rows that hold the words, the first in the list first; None where they are too many.
    """
    found = _found(data.connection, kind, fts.query(written), "limit ?", GATHERED + 1)
    return data.numbered(kind, found) if len(found) <= GATHERED else None


def among(data: Data, kind: ListKind, written: str, rows: Positions) -> Positions:
    """Returns those of some rows that hold the words, in the order of `rows`."""
    match, numbers = fts.query(written), data[f"{kind}.id"][rows]
    if len(rows) <= LOOKED_UP:
        listed = json.dumps(numbers.tolist())
        found = _found(data.connection, kind, match, "and rowid in (select value from json_each(?))", listed)
    else:
        lowest, highest = int(numbers.min()), int(numbers.max())
        found = _found(data.connection, kind, match, "and rowid between ? and ?", lowest, highest)
    return rows[np.isin(numbers, found)]


def best(data: Data, kind: ListKind, written: str) -> Positions:
    """Returns the rows that hold the words in what names them: the title of an article, the subject of a fact."""
    *_, name = INDEXED[kind]
    return data.numbered(kind, _found(data.connection, kind, f"{{{name}}} : ({fts.query(written)})"))


def _found(connection: sqlite3.Connection, kind: ListKind, match: str, which: str = "", *values: object) -> Array:
    """The numbers of the rows that an index has.

    In one row: Python hands its lock over at every row, and other readers wait for it.
    """
    index = f"{kind}_search"
    sql = f"select json_group_array(rowid) from (select rowid from {index} where {index} match ? {which})"
    (packed,) = connection.execute(sql, [match, *values]).fetchone()
    return np.array(json.loads(packed), np.int64)
