"""All rows of a query as a file to take away: how many is known before the first is written, and none is left out.

Rows are read and written in pieces, so that memory stays small however long the answer is. What takes too long is refused
before the first byte, or ends in an error: a file is never quietly shorter.
"""

import json
import math
import re
import sqlite3
from base64 import b64encode
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import Any

from archive.errors import ArchiveError
from archive.publishing import sheet
from archive.sql.rows import count, in_time

_COUNTED_IN = 10.0  # seconds; what cannot be counted in these cannot be taken away
_PIECE_IN = 30.0  # seconds for one piece; the first one may have to be sorted
_PIECE = 100_000  # characters of about one piece
_LABEL = "_label"
_NO_MEMORY = "This needs more memory than is left for queries. Add a filter, or try again later. 内存不足，请加筛选条件，或稍后再试。"

Row = Sequence[Any]
Write = Callable[[Iterator[Row]], Iterator[str]]


class TooSlowError(ArchiveError):
    """A query that takes too long to be counted or read."""


class Download:
    """All rows of one query, on a connection that nobody else uses: `columns`, and `total`, the number of rows.

    `labelled` names the columns that are followed by a column NAME_label, which says what their number stands for.
    `counting` is SQL for the number of rows, with the same parameters, where it is known to be quicker than the query.
    Raises TooSlowError, and sqlite3.Error where the query is wrong or SQLite has no memory left for it.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        sql: str,
        parameters: Mapping[str, Any] | Sequence[Any] = (),
        labelled: Sequence[str] = (),
        counting: str = "",
    ):
        self._connection = connection
        self._labelled = frozenset(labelled)
        try:
            with in_time(connection, _COUNTED_IN, _too_slow()):
                self.total = (
                    int(connection.execute(counting, parameters).fetchone()[0])
                    if counting
                    else _count(connection, sql, parameters)
                )
                self._cursor = connection.execute(sql, parameters)
        except MemoryError:  # all queries of a process share what the site allows
            raise sqlite3.OperationalError(_NO_MEMORY) from None
        self.columns = [name for name, *_ in self._cursor.description or ()]

    def csv(self, header: bool = True) -> Generator[bytes, None, None]:
        """The rows as CSV for spreadsheets (see archive.publishing.sheet), in pieces."""
        first = sheet.lines([self.columns]) if header else ""
        return self._pieces(sheet.MARK + first, lambda rows: (sheet.lines([row]) for row in rows), "")

    def json_array(self) -> Generator[bytes, None, None]:
        """The rows as one JSON array of objects, in pieces."""
        return self._pieces("[", self._listed, "]")

    def json_lines(self) -> Generator[bytes, None, None]:
        """The rows as JSON objects, one a line, in pieces."""
        return self._pieces("", lambda rows: (f"{self._object(row)}\n" for row in rows), "")

    def json_answer(self) -> Generator[bytes, None, None]:
        """The rows in the object that Datasette answers with, and their number, in pieces."""
        return self._pieces(f'{{"ok": true, "total": {self.total}, "truncated": false, "rows": [', self._listed, "]}")

    def close(self) -> None:
        """Close the connection, where the rows are not read to their end."""
        self._connection.close()

    def _listed(self, rows: Iterator[Row]) -> Iterator[str]:
        return (f"{', ' if number else ''}{self._object(row)}" for number, row in enumerate(rows))

    def _object(self, row: Row) -> str:
        values = {name: _plain(value) for name, value in zip(self.columns, row, strict=True)}
        for name in self._labelled:
            label = values.pop(name + _LABEL)
            if label is not None:
                values[name] = {"value": values[name], "label": label}
        return json.dumps(values, ensure_ascii=False)

    def _pieces(self, begin: str, write: Write, end: str) -> Generator[bytes, None, None]:
        """What is written of all rows, some 100,000 characters at a time; the connection is closed after the last."""
        written = write(self._cursor)
        piece, ended = begin, False
        try:
            while not ended:
                with in_time(self._connection, _PIECE_IN, _too_slow()):
                    parts, size = [piece], 0
                    for part in written:
                        parts.append(part)
                        size += len(part)
                        if size >= _PIECE:
                            break
                    else:
                        parts.append(end)
                        ended = True
                piece = ""
                yield "".join(parts).encode("utf-8", "replace")
        finally:
            self.close()


def with_labels(sql: str, columns: Sequence[str], labels: Mapping[str, tuple[str, str, str]]) -> str:
    """Add labels to a query.

    Args:
        sql: the query.
        columns: its columns.
        labels: for a column, the table, the key column and the label column that say what its number stands for.

    Returns:
        The query, with a column NAME_label behind each column NAME that has a label.
    """
    chosen = []
    for name in columns:
        chosen.append(f"rows.{_quoted(name)}")
        if name in labels:
            table, key, label = map(_quoted, labels[name])
            chosen.append(
                f"(select {label} from {table} where {key} = rows.{_quoted(name)}) as {_quoted(name + _LABEL)}"
            )
    return f"select {', '.join(chosen)} from ({sql}) as rows"


def _count(connection: sqlite3.Connection, sql: str, parameters: Mapping[str, Any] | Sequence[Any]) -> int:
    """How many rows a query has: SQLite counts them, or where it is none that can stand in brackets, as explain, we do."""
    try:
        return count(connection, re.sub(r"[;\s]+\Z", "", sql), parameters)
    except sqlite3.OperationalError as error:
        if "interrupted" in str(error):
            raise
    return sum(1 for _ in connection.execute(sql, parameters))


def _plain(value: Any) -> Any:
    """A value of SQLite's as JSON has it: bytes as Datasette writes them, and null for what is no finite number."""
    if isinstance(value, bytes):
        return {"$base64": True, "encoded": b64encode(value).decode()}
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _too_slow() -> TooSlowError:
    return TooSlowError("This takes too long to be read as a whole. Add a filter. 数据太多，读取超时，请加筛选条件。")
