"""Connections on which strangers ask. SQLite looks at its time limit between the calls of functions only, so that no single
call may take long, or grow large: texts have a longest length, and functions that take more than a time in proportion to it
are denied, or stand here in another way."""

import sqlite3
from collections.abc import Callable
from typing import Any

LONGEST = 24_000_000  # bytes of a text or a row: the longest page that is read has five million characters
_PATTERN = 200  # bytes of what LIKE and GLOB look for, which is tried at each place of a text
_STATEMENT = 200_000  # bytes of one statement
_TRIMMED = 100  # characters that trim may take away
# Those that make much out of nothing, take the square of what they are handed, write to logs or load code.
_DENIED = frozenset(
    "zeroblob randomblob json_patch snippet highlight matchinfo offsets rtreecheck fts3_tokenizer load_extension sqlite_log".split()
)
_DENIED_PRAGMAS = frozenset(
    "foreign_key_check hard_heap_limit incremental_vacuum integrity_check optimize quick_check soft_heap_limit temp_store threads".split()
)


def guard(connection: sqlite3.Connection) -> None:
    """Keep a connection from calls that take long or grow large: what is denied raises sqlite3.DatabaseError there."""
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, _PATTERN)
    connection.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, _STATEMENT)
    for name, arguments, function in _OURS:
        connection.create_function(name, arguments, function, deterministic=True)
    connection.set_authorizer(_allowed)


def _allowed(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    denied = (
        (action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in _DENIED)
        or (action == sqlite3.SQLITE_PRAGMA and (first or "").lower() in _DENIED_PRAGMAS)
        or action in (sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH)
    )
    return sqlite3.SQLITE_DENY if denied else sqlite3.SQLITE_OK


def _alike(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of texts, which is null where one is, and takes numbers and bytes as SQLite does."""

    def of_values(*values: Any) -> Any:
        if None in values:
            return None
        texts = [value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value) for value in values]
        return function(*texts)

    return of_values


def _instr(text: Any, wanted: Any) -> int | None:
    """Python finds a text in a time in proportion to both lengths, SQLite to their product."""
    if isinstance(text, bytes) and isinstance(wanted, bytes):
        return text.find(wanted) + 1
    found: int | None = _alike(str.find)(text, wanted)
    return None if found is None else found + 1


def _replace(text: str, old: str, new: str) -> str:
    if not old:
        return text
    if len(text) + text.count(old) * (len(new) - len(old)) > LONGEST:
        raise ValueError("too long")
    return text.replace(old, new)


def _trim(strip: Callable[[str, str], str]) -> Callable[[str, str], str]:
    def trim(text: str, characters: str) -> str:
        if len(characters) > _TRIMMED:
            raise ValueError("too many characters")
        return strip(text, characters) if characters else text

    return trim


_OURS = (
    ("instr", 2, _instr),
    ("replace", 3, _alike(_replace)),
    ("trim", 2, _alike(_trim(str.strip))),
    ("ltrim", 2, _alike(_trim(str.lstrip))),
    ("rtrim", 2, _alike(_trim(str.rstrip))),
)
