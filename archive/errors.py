"""Errors that every command tells in one sentence."""

import sqlite3


class ArchiveError(Exception):
    """Something the user can mend; the message says how."""


class ModelUnavailable(ArchiveError):
    """The model that decides which numbers are facts cannot be run; the message says why and what still works."""


def is_damage(error: sqlite3.Error) -> bool:
    """Whether an error tells of a damaged database file, and not of locks, room or the like, as its subclasses do."""
    return type(error) is sqlite3.DatabaseError
