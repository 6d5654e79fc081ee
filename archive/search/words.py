"""Which rows hold the words that a reader looks for. All that lists know of the index is here: `hits`, `holding`, `ranking`.

The index pays for every frequent character of a phrase. So a rare part of the query is looked up, and the rest of the words in
the rows that it names; where the words are too frequent to be gathered, they are looked for in one row after another.
"""

import json
import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from archive.search import fts
from archive.search.wanted import ListKind

GATHER = 50_000  # rows that may be gathered from an index of single characters: some 100 ms
_LOOKED_UP = 300  # rows whose text may be looked into instead of asking the index for more of the words
_LEFT = (
    0.3  # share of what the index of pairs names that holds the frequent pairs, too, if these are not part of the query
)
_INDEXES = {
    ListKind.ARTICLES: "articles_search",
    ListKind.FACTS: "facts_search",
    ListKind.STATIONS: "stations_search",
}
_IS_PAIRED = "select 1 from sqlite_master where name = 'articles_newest'"


class Hits(NamedTuple):
    """The numbers of the rows that may hold the words: all that do, and no others if they are `exact`."""

    numbers: list[int]
    exact: bool


def hits(connection: sqlite3.Connection, kind: ListKind, written: str) -> Hits | None:
    """Look words up in the index.

    Args:
        connection: the published snapshot.
        kind: articles, facts or stations.
        written: the words as a reader writes them.

    Returns:
        The rows; None where the words are too frequent.
    """
    wanted, unwanted = fts.parse_query(written)
    if not wanted:
        return Hits([], True)
    pieces = fts.without_breaks(wanted)
    exact = not unwanted and pieces == wanted
    if not pieces:
        return None
    if kind == ListKind.STATIONS:
        return _named(connection, _INDEXES[kind], fts.query(written), GATHER, True)
    if kind == ListKind.ARTICLES and connection.execute(_IS_PAIRED).fetchone():
        return _by_pairs(connection, pieces, exact)
    return _by_characters(connection, kind, pieces, exact)


def holding(connection: sqlite3.Connection, kind: ListKind, written: str, numbers: Iterable[int]) -> set[int]:
    """Returns which of the rows with these numbers hold the words: their indexed text is looked into."""
    wanted, unwanted = fts.parse_query(written)
    columns = ("c0", "c1") if kind == ListKind.ARTICLES else ("c0",)
    holds = " or ".join(f"instr(' ' || {column} || ' ', ?)" for column in columns)
    conditions = [*(f"({holds})" for _ in wanted), *(f"not ({holds})" for _ in unwanted), *([] if wanted else ["0"])]
    values: list[object] = [f" {phrase} " for phrase in (*wanted, *unwanted) for _ in columns]
    (packed,) = connection.execute(
        f"select json_group_array(value) from json_each(?) cross join {_INDEXES[kind]}_content held on held.id = value"
        f" where {' and '.join(conditions)}",
        [json.dumps([int(number) for number in numbers]), *values],
    ).fetchone()
    return set(json.loads(packed))


def ranking(connection: sqlite3.Connection, kind: ListKind, written: str) -> list[int]:
    """Returns the numbers of the rows that hold the words, the best first; of very many, the best."""
    index = _INDEXES[kind]
    best = connection.execute(
        f"select rowid from {index} where {index} match ? order by rank limit {GATHER}", [fts.query(written)]
    )
    return [number for (number,) in best]


def _by_characters(connection: sqlite3.Connection, kind: ListKind, pieces: list[str], exact: bool) -> Hits | None:
    """By the rarest two neighbours first, then by more of them, until few enough rows are left to look into."""
    index = _INDEXES[kind]
    tokens = sorted({token for piece in pieces for token in piece.split()})
    marks = ", ".join("?" * len(tokens))
    counts = dict(connection.execute(f"select term, doc from {kind}_tokens where term in ({marks})", tokens).fetchall())
    if len(counts) < len(tokens):
        return Hits([], True)
    longest = max(len(piece.split()) for piece in pieces)
    for length in (2, 3, 4):
        if length < longest or len(pieces) > 1 or not exact:
            found = _named(connection, index, fts.rarest_part(pieces, counts, length), _LOOKED_UP, False)
            if found:
                return found
    return _named(connection, index, _all_of(pieces), GATHER, exact)


def _by_pairs(connection: sqlite3.Connection, pieces: list[str], exact: bool) -> Hits | None:
    """By the index of pairs, at once, whatever characters they are of. A pair that every other article holds costs the index
    most and narrows least: such are looked up in the rows that the others name."""
    pairs = fts.in_pairs(pieces)
    queried = set(pairs)
    marks = ", ".join("?" * len(pairs))
    sql = f"select doc, pair from articles_frequent where pair in ({marks}) order by doc desc"
    frequent = connection.execute(sql, sorted(pairs)).fetchall()
    if len(frequent) < len(pairs):
        articles = connection.execute("select max(1, count) from totals where name = 'articles'").fetchone()[0]
        left = 1.0
        for count, pair in frequent:
            left *= count / articles
            if left > _LEFT:
                queried.remove(pair)
    exact = exact and queried == pairs and all(len(piece.split()) <= 2 for piece in pieces)
    (packed,) = connection.execute(
        "select json_group_array(id) from articles_newest"
        " where position in (select rowid from articles_pairs where articles_pairs match ?)",
        [_all_of(sorted(queried))],
    ).fetchone()
    return Hits(json.loads(packed), exact)


def _named(connection: sqlite3.Connection, index: str, match: str, most: int, exact: bool) -> Hits | None:
    """The rows that an index names; None where there are more than `most`.

    In one row: Python hands its lock over at every row, and other readers wait for it.
    """
    sql = f"select count(*), json_group_array(rowid) from (select rowid from {index} where {index} match ? limit ?)"
    count, numbers = connection.execute(sql, [match, most + 1]).fetchone()
    return None if count > most else Hits(json.loads(numbers), exact)


def _all_of(pieces: list[str]) -> str:
    return " AND ".join(f'"{piece}"' for piece in pieces)
