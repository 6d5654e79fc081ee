"""All rows of a query as a file to take away: how many is known before the first is written, and none is left out.

Rows are read and written in pieces, so that memory stays small however long the answer is. What takes too long is refused
before the first byte, or ends in an error: a file is never quietly shorter.
"""

import re
import sqlite3
from collections.abc import Generator, Mapping, Sequence
from typing import Any

from archive.errors import LocalizedError
from archive.language import chosen
from archive.publishing.writers import LABEL, Writer
from archive.sql.rows import count, in_time

_COUNTED_IN = 10.0  # seconds; what cannot be counted in these cannot be taken away
_PIECE_IN = 30.0  # seconds for one piece; the first one may have to be sorted
_PIECE = 100_000  # characters of about one piece
_OF_NUMBER = 8  # characters that a number counts as
_NO_MEMORY = (
    "内存不足，请加筛选条件，或稍后再试。",
    "This needs more memory than is left for queries. Add a filter, or try again later.",
)

Row = Sequence[Any]


class TooSlowError(LocalizedError):
    """A query that takes too long to be counted or read."""


class Download:
    """All rows of one query, on a connection that nobody else uses: `columns`, and `total`, the number of rows.

    `labelled` names the columns that are followed by a column NAME_label, which says what their number stands for. `counting` is SQL for the number of rows, with the same parameters, where it is known to be quicker than the query.
    Raises TooSlowError, and sqlite3.Error where the query is wrong or SQLite has no memory left for it.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        sql: str,
        parameters: Mapping[str, Any] | Sequence[Any] = (),
        counting: str = "",
        labelled: Sequence[str] = (),
    ):
        self._connection, self.labelled = connection, labelled
        try:
            with in_time(connection, _COUNTED_IN, _too_slow()):
                self.total = (
                    int(connection.execute(counting, parameters).fetchone()[0])
                    if counting
                    else _count(connection, sql, parameters)
                )
                self._cursor = connection.execute(sql, parameters)
        except MemoryError:  # all queries of a process share what the site allows
            raise sqlite3.OperationalError(chosen(_NO_MEMORY)) from None
        self.columns = [name for name, *_ in self._cursor.description or ()]

    def pieces(self, writer: Writer) -> Generator[bytes, None, None]:
        """The file that a writer makes of the rows, in pieces of some 100,000 characters of them. The connection is closed after the
        last one."""
        piece, ended = writer.begin(), False
        try:
            while not ended:
                with in_time(self._connection, _PIECE_IN, _too_slow()):
                    rows, ended = self._some_rows()
                piece += writer.rows(rows) + (writer.end() if ended else b"")
                yield piece
                piece = b""
        finally:
            self.close()

    def close(self) -> None:
        """Close the connection, where the rows are not read to their end."""
        self._connection.close()

    def _some_rows(self) -> tuple[list[Row], bool]:
        """The next rows, and whether they are the last."""
        rows: list[Row] = []
        size = 0
        for row in self._cursor:
            rows.append(row)
            size += sum(len(value) if isinstance(value, str | bytes) else _OF_NUMBER for value in row)
            if size >= _PIECE:
                return rows, False
        return rows, True


def with_labels(sql: str, columns: Sequence[str], labels: Mapping[str, tuple[str, str, str]]) -> str:
    """Add labels to a query.

    Args:
        sql: the query.
        columns: its columns.
        labels: for a column, the table, the key column and the label column that say what its number stands for.

    Returns:
        The query, with a column NAME_label behind each column NAME that has a label.
    """
    selected = []
    for name in columns:
        selected.append(f"rows.{_quoted(name)}")
        if name in labels:
            table, key, label = map(_quoted, labels[name])
            selected.append(
                f"(select {label} from {table} where {key} = rows.{_quoted(name)}) as {_quoted(name + LABEL)}"
            )
    return f"select {', '.join(selected)} from ({sql}) as rows"


def _count(connection: sqlite3.Connection, sql: str, parameters: Mapping[str, Any] | Sequence[Any]) -> int:
    """How many rows a query has: SQLite counts them, or where it is none that can stand in brackets, as explain, we do."""
    try:
        return count(connection, re.sub(r"[;\s]+\Z", "", sql), parameters)
    except sqlite3.OperationalError as error:
        if "interrupted" in str(error):
            raise
    return sum(1 for _ in connection.execute(sql, parameters))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _too_slow() -> TooSlowError:
    return TooSlowError(
        "数据太多，读取超时，请加筛选条件。", "This takes too long to be read as a whole. Add a filter."
    )
