"""Errors that every command tells in one sentence."""

import sqlite3


class ArchiveError(Exception):
    """Something the user can mend; the message says how."""


class DamagedRecord(ArchiveError):
    """The record of a capture is not as it was written."""


class ModelUnavailable(ArchiveError):
    """The model that decides which numbers are facts cannot be run; the message says why and what still works."""


# What sqlite3 raises; a damaged file's message is sometimes no text.
DATABASE_ERRORS = (sqlite3.Error, UnicodeDecodeError)


def is_damage(error: BaseException) -> bool:
    """Whether an error means a damaged database file, and not of locks, room or the like, as sqlite3's own kinds do."""
    return type(error) in (sqlite3.DatabaseError, UnicodeDecodeError)
