"""The index of words of a snapshot: an FTS5 table for articles, facts and stations each, without their texts.

A row of an index has the number of the row that it is of, not its position in a list. So only changed texts change the index:
a publication takes over the index of the snapshot before it and brings it in line.
"""

import hashlib
import json
import logging
import sqlite3
from collections.abc import Container, Mapping
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import NamedTuple

import archive.text
from archive.search.columns import TABLE
from archive.search.fts import letters, tokens
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
_PARTS = ("data", "idx", "docsize", "config")  # the tables of an FTS5 table without texts
_IN_MEMORY = 256 << 20  # bytes of an index that are gathered before they are written
_MERGED = 4  # so many pieces of an index, each of the changes of a publication, become one
_FEW = 4  # where more than one row in so many has changed, it is as fast to make the index again
_MARK = "index"  # name of the mark among the columns
logger = logging.getLogger(__name__)


class _Changes(NamedTuple):
    """The numbers of the rows whose words leave an index, and of those whose words come in."""

    gone: list[int]
    come: list[int]


def lay_index(connection: sqlite3.Connection, before: Path | None = None) -> None:
    """Add the index to a draft of a snapshot that has its columns. Commits.

    Args:
        connection: the draft, which must be a file opened with `uri=True`, where there is a snapshot before.
        before: a snapshot that this version of the program made and whose index is taken over, unless its texts were read
            otherwise. Words that are gone since are no longer found, but may stay in the file.
    """
    kept = _taken_over(connection, before) if before and _mark_of(before) == _mark() else {}
    make_index(connection, besides=kept)
    connection.execute(f"insert into {TABLE} values (?, 0, ?)", [_MARK, _mark()])
    connection.commit()


def make_index(connection: sqlite3.Connection, snapshot: str = "main", besides: Container[ListKind] = ()) -> None:
    """Make the index.

    Args:
        connection: where it is made.
        snapshot: which database of the connection has the texts.
        besides: kinds that have an index already.
    """
    connection.create_function("tokens", 1, tokens, deterministic=True)
    for kind in INDEXED:
        if kind not in besides:
            name = f"{kind}_search"
            _create(connection, kind)
            for option, value in (("hashsize", _IN_MEMORY), ("automerge", 0)):
                connection.execute(f"insert into {name} ({name}, rank) values (?, ?)", [option, value])
            _write(connection, kind, f"select * from ({_texts(kind, snapshot)}) order by id")
            connection.execute(f"insert into {name} ({name}) values ('optimize')")
            connection.execute(f"insert into {name} ({name}, rank) values ('automerge', ?)", [_MERGED])


def _create(connection: sqlite3.Connection, kind: ListKind) -> None:
    columns = ", ".join(INDEXED[kind])
    connection.execute(f"create virtual table {kind}_search using fts5 ({columns}, content = '', tokenize = 'ascii')")


def _texts(kind: ListKind, snapshot: str) -> str:
    """SQL for the numbers of the rows of a kind, and what is indexed of them."""
    columns = (f"{text.format(snapshot)} as {column}" for column, text in INDEXED[kind].items())
    return f"select id, {', '.join(columns)} from {snapshot}.{kind} {_LISTED.get(kind, '')}"


def _write(connection: sqlite3.Connection, kind: ListKind, texts: str, *values: object, delete: bool = False) -> None:
    """Add the words of texts to an index, or delete them."""
    name, columns = f"{kind}_search", INDEXED[kind]
    into, first = (f"{name}, ", "'delete', ") if delete else ("", "")
    connection.execute(
        f"insert into {name} ({into}rowid, {', '.join(columns)})"
        f" select {first}id, {', '.join(f'tokens({column})' for column in columns)} from ({texts})",
        values,
    )


def _taken_over(connection: sqlite3.Connection, before: Path) -> Mapping[ListKind, _Changes]:
    """Take over the index of the snapshot before, of kinds with few changes; returns what changed in these."""
    connection.commit()
    connection.execute("attach ? as before", [_address(before)])
    changes = {kind: _changes(connection, kind) for kind in INDEXED}
    kept = {kind: one for kind, one in changes.items() if _are_few(connection, kind, one)}
    connection.commit()
    _copy(connection.execute("select file from pragma_database_list where name = 'main'").fetchone()[0], before, kept)
    connection.create_function("tokens", 1, tokens, deterministic=True)
    for kind, (gone, come) in kept.items():
        chosen = "select * from ({}) where id in (select value from json_each(?))"
        _write(connection, kind, chosen.format(_texts(kind, "before")), json.dumps(gone), delete=True)
        _write(connection, kind, chosen.format(_texts(kind, "main")), json.dumps(come))
        logger.debug("Index of %s: taken over, %d rows out, %d in", kind, len(gone), len(come))
    connection.commit()
    connection.execute("detach before")
    return kept


def _changes(connection: sqlite3.Connection, kind: ListKind) -> _Changes:
    same = " and ".join(f"one.{column} = other.{column}" for column in INDEXED[kind])

    def only(one: str, other: str) -> list[int]:
        found = connection.execute(
            f"select id from ({_texts(kind, one)}) one where not exists"
            f" (select 1 from ({_texts(kind, other)}) other where one.id = other.id and {same})"
        )
        return [number for (number,) in found]

    return _Changes(only("before", "main"), only("main", "before"))


def _are_few(connection: sqlite3.Connection, kind: ListKind, changes: _Changes) -> bool:
    (count,) = connection.execute(f"select count(*) from before.{kind}_search_docsize").fetchone()
    return sum(map(len, changes)) * _FEW <= count


def _copy(draft: str, before: Path, kinds: Container[ListKind]) -> None:
    """Copy indexes as they are, in a connection of its own: FTS5 remembers what it has read of its tables."""
    with closing(sqlite3.connect(draft, uri=True)) as connection:
        connection.execute("attach ? as before", [_address(before)])
        for kind in INDEXED:
            if kind in kinds:
                _create(connection, kind)
                for part in _PARTS:
                    table = f"{kind}_search_{part}"
                    connection.execute(f"delete from {table}")
                    connection.execute(f"insert into {table} select * from before.{table}")
        connection.commit()


def _address(path: Path) -> str:
    return f"{path.resolve().as_uri()}?mode=ro"


def _mark_of(snapshot: Path) -> bytes:
    """The mark of the index of a snapshot; empty: it has none."""
    with closing(sqlite3.connect(_address(snapshot), uri=True)) as connection:
        row = connection.execute(f"select data from {TABLE} where name = ?", [_MARK]).fetchone()
    return row[0] if row else b""


@cache
def _mark() -> bytes:
    """A mark of what decides which words a text has, besides the code of this folder: the code that cleans and folds, and what
    Python and OpenCC know of each character."""
    folder = Path(archive.text.__file__).parent
    code = b"".join(path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file())
    characters = "".join(map(chr, (*range(0xD800), *range(0xE000, 0x30000))))
    return hashlib.sha256(code + letters(characters).encode()).digest()
