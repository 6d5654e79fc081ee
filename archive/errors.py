"""Errors that every command reports in one sentence."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from archive.language import chosen


class ArchiveError(Exception):
    """Something the user can mend; the message says how."""


class LocalizedError(ArchiveError):
    """What a reader of the site can mend; its message is in the language of the request."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.zh, self.en = zh, en

    def __str__(self) -> str:
        return chosen((self.zh, self.en))


class WrongRequest(ArchiveError):
    """The command asks for something impossible; commands end with the exit code of a wrong command line."""


class DamagedRecord(ArchiveError):
    """The record of a capture is not as it was written."""


class ModelUnavailable(ArchiveError):
    """The model that decides which numbers are facts cannot be run; the message says why and what still works."""


_SHOWN = 5  # names in a message
# What sqlite3 raises; a damaged file's message is sometimes no text.
DATABASE_ERRORS = (sqlite3.Error, UnicodeDecodeError)
# How to restore each database of an archive, by its name.
WAY_BACK = {
    "archive.db": "Put it back from a backup; or move it away and run `dangqun extract`: it comes back from the captures,"
    " without the history of runs.",
    "reviews.db": "Put it back from a backup: nothing else has it.",
    "published/*.db": "Delete it and run `dangqun publish`: it comes back from archive.db.",
}


def some(names: Sequence[str]) -> str:
    """The first names of a list, for a message, and how many more there are."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def is_damage(error: BaseException) -> bool:
    """Whether an error means that a database file is damaged or belongs to another program, and not that it is locked or the
    disk is full."""
    if isinstance(error, sqlite3.OperationalError):  # a table that is not there, or a text that is none
        return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) == sqlite3.SQLITE_ERROR
    return type(error) in (sqlite3.DatabaseError, UnicodeDecodeError)


def damaged(path: Path, error: object) -> str:
    """The message for a damaged database: which one, why, and how to restore it."""
    kind = "published/*.db" if path.parent.name == "published" else path.name
    return f"{path} is damaged, or not of this archive: {error}. {WAY_BACK.get(kind, '')}".rstrip()
