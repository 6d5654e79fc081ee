"""What was read out of texts, kept so that an unchanged text is not decided twice.

A file beside archive.db. It is derived and never needed: it may be deleted at any time, and one that is damaged, locked or
has no room is done without. An entry belongs to a text, its day of publication and the version of the extractor; whoever
opens the file with another version empties it. Any number of processes may have it open.
"""

import hashlib
import json
import sqlite3
import zlib
from contextlib import suppress
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

from archive import facts
from archive.errors import DATABASE_ERRORS, is_damage
from archive.model import Article, Fact, FactStatus, NamedStation
from archive.reading.topic import is_worth_folding

MAX_TEXTS = 2_000_000  # texts, about 1 GB; when the file is opened, the oldest beyond these go
_PATIENCE = 5.0  # seconds
_COLUMNS = "number integer primary key, key blob not null unique, extraction blob not null"
# Whatever changes what an entry holds or how it is written.
_VERSION = json.dumps(
    [facts.VERSION, _COLUMNS, *([field.name for field in fields(kind)] for kind in (Fact, NamedStation))]
)
_NUMBER = int.from_bytes(hashlib.sha256(_VERSION.encode()).digest()[:4], "big") >> 1  # SQLite has 31 bits for it

Extraction = tuple[list[Fact], list[NamedStation]]


class Decided:
    """The entries of one file; the file is made where it is new."""

    def __init__(self, path: Path) -> None:
        self._path = path.resolve()
        self._connection: sqlite3.Connection | None = None
        try:
            self._connection = sqlite3.connect(self._path, timeout=_PATIENCE, isolation_level=None)
            _prepare(self._connection)
        except DATABASE_ERRORS as error:
            self._give_up(error)

    def extract(self, article: Article) -> Extraction:
        """As `facts.extract_with_stations`; what is not kept yet is decided and kept. Raises ModelUnavailable."""
        known = self.known(article)
        if known is not None:
            return known
        extracted = facts.extract_with_stations(article)
        if is_worth_folding(article.text):
            self._keep(article, extracted)
        return extracted

    def known(self, article: Article) -> Extraction | None:
        """What is kept of an article's text; None where nothing is."""
        if self._connection is None or not is_worth_folding(article.text):
            return None
        key = _key(article.text, article.published_date)
        try:
            row = self._connection.execute("select extraction from decided where key = ?", [key]).fetchone()
        except DATABASE_ERRORS as error:
            self._give_up(error)
            return None
        return _unpacked(key, row[0]) if row else None

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def delete(self) -> None:
        """Close and delete the file; nothing is kept any more."""
        self.close()
        with suppress(OSError):
            for end in ("-wal", "-shm", ""):
                self._path.with_name(self._path.name + end).unlink(missing_ok=True)

    def _keep(self, article: Article, extracted: Extraction) -> None:
        if self._connection is None:
            return
        key = _key(article.text, article.published_date)
        try:
            self._connection.execute(
                "insert or replace into decided (key, extraction) values (?, ?)", [key, _packed(key, extracted)]
            )
        except DATABASE_ERRORS as error:
            self._give_up(error)

    def _give_up(self, error: Exception) -> None:
        """Do without the file from now on. One that is damaged is deleted, so that the next process makes a new one."""
        self.close()
        if is_damage(error):
            self.delete()


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = off")  # what a power cut damages is deleted
    if connection.execute("pragma user_version").fetchone()[0] != _NUMBER:
        connection.execute("begin immediate")
        if connection.execute("pragma user_version").fetchone()[0] != _NUMBER:  # nobody else was quicker
            connection.execute("drop table if exists decided")
            connection.execute(f"create table decided ({_COLUMNS})")
            connection.execute(f"pragma user_version = {_NUMBER}")
        connection.execute("commit")
    connection.execute("delete from decided where number <= (select max(number) from decided) - ?", [MAX_TEXTS])


def _key(text: str, published: date | None) -> bytes:
    made_of = json.dumps([_VERSION, str(published), text], ensure_ascii=True)
    return hashlib.sha256(made_of.encode()).digest()


def _packed(key: bytes, extracted: Extraction) -> bytes:
    rows = [[vars(one) for one in part] for part in extracted]
    return zlib.compress(json.dumps([key.hex(), *rows], ensure_ascii=False).encode("utf-8", "surrogatepass"))


def _unpacked(key: bytes, packed: bytes) -> Extraction | None:
    """An entry; None where it is damaged or another's."""
    try:
        stored_key, of_facts, of_stations = json.loads(zlib.decompress(packed).decode("utf-8", "surrogatepass"))
        if stored_key != key.hex():
            return None
        return [_fact(row) for row in of_facts], [NamedStation(**_shaped(row)) for row in of_stations]
    except (zlib.error, ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return None


def _fact(row: dict[str, Any]) -> Fact:
    return Fact(**_shaped(row) | {"status": FactStatus(row["status"])})


def _shaped(row: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
