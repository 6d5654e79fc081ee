"""Migrations of reviews.db, the only data that cannot be made again: numbered SQL files, applied in order and never edited.

The file knows by `user_version` how far it has come. Each migration is a transaction; before the first, a copy of the
file is kept beside it.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from archive.errors import DATABASE_ERRORS, ArchiveError, damaged, is_damage
from archive.sql.files import copy_database, keep_private
from archive.sql.rows import is_empty

REVIEWS = Path(__file__).with_name("reviews")
_PATIENCE = 60  # seconds to wait where another process writes


def open_reviews(path: Path, migrations: Path = REVIEWS) -> sqlite3.Connection:
    """The database of decisions, made where it is new, brought up to date where it is older; in autocommit.

    Raises ArchiveError if it is damaged, belongs to another program, or is newer than this program knows.
    """
    path = path.resolve()  # a copy is kept beside the file itself, not beside a link to it
    keep_private(path)  # it holds names and the targets of alerts; its journal has the same mode
    connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        _refuse_damaged(connection, path)
        _bring_up_to_date(connection, path, sorted(migrations.glob("*.sql")))
    except BaseException:
        connection.close()
        raise
    return connection


def backup_of(path: Path, version: int) -> Path:
    """Where the copy of a file is kept that had this version."""
    return path.with_name(f"{path.stem}.version-{version}{path.suffix}")


def _refuse_damaged(connection: sqlite3.Connection, path: Path) -> None:
    try:
        connection.execute("pragma journal_mode = wal")
        if not is_empty(connection):
            connection.execute("select 1 from reviews limit 0")  # every version has them, another program has not
    except DATABASE_ERRORS as error:
        if not is_damage(error):
            raise
        raise ArchiveError(damaged(path, error)) from None


def _bring_up_to_date(connection: sqlite3.Connection, path: Path, migrations: list[Path]) -> None:
    if _version(connection) > len(migrations):
        raise ArchiveError(
            f"{path} was written by a newer version of dangqun, which knows more of it. Install that version again, or put"
            f" back the copy that it kept ({backup_of(path, len(migrations)).name})."
        )
    is_kept = is_empty(connection)
    for number, migration in enumerate(migrations, 1):
        if _version(connection) >= number:
            continue
        connection.execute("begin immediate")
        try:
            if _version(connection) < number:  # no other process was faster
                if not is_kept:
                    copy_database(path, backup_of(path, number - 1))
                for statement in _statements(migration.read_text("utf-8")):
                    connection.execute(statement)
                connection.execute(f"pragma user_version = {number}")
        except BaseException:
            connection.rollback()
            raise
        connection.commit()
        is_kept = True


def _version(connection: sqlite3.Connection) -> int:
    return connection.execute("pragma user_version").fetchone()[0]


def _statements(sql: str) -> Iterator[str]:
    """The statements of a file, one by one: `executescript` would end the transaction."""
    statement = ""
    for line in sql.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if statement.strip():
        yield statement
