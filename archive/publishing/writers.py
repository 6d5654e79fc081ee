"""Rows as files that are sent or written piece by piece: CSV and XLSX for spreadsheets, JSON lines and Parquet for programs.

A writer holds at most the rows that it was given last, and of Parquet those of one row group.
"""

import json
import math
from base64 import b64encode
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Any, Protocol

from archive.publishing import sheet
from archive.publishing.codebook import Column
from archive.publishing.xlsx import Xlsx

LABEL = "_label"  # the end of the name of a column that says what the number in another one stands for
_LINES = "", "\n", "\n"


class Format(StrEnum):
    """A format of files, by the end of their names."""

    CSV = "csv"
    XLSX = "xlsx"
    JSONL = "jsonl"
    PARQUET = "parquet"


MEDIA_TYPES: dict[str, str] = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.JSONL: "application/jsonl; charset=utf-8",
    Format.PARQUET: "application/vnd.apache.parquet",
}


class Writer(Protocol):
    """A file that grows by rows. What the methods return, in their order, is the file."""

    def begin(self) -> bytes:
        """The begin of the file."""

    def rows(self, rows: Sequence[Sequence[Any]]) -> bytes:
        """What further rows, with a value a column, add to it."""

    def end(self) -> bytes:
        """The end of the file."""


class Csv:
    """A writer of CSV for spreadsheets (see archive.publishing.sheet)."""

    def __init__(self, columns: Sequence[str], *, header: bool = True) -> None:
        self._heading = sheet.lines([columns]) if header else ""

    def begin(self) -> bytes:
        """The byte order mark and the names of the columns."""
        return (sheet.MARK + self._heading).encode()

    def rows(self, rows: Sequence[Sequence[Any]]) -> bytes:
        """The lines of further rows."""
        return sheet.lines(rows).encode("utf-8", "replace")

    def end(self) -> bytes:
        """Nothing."""
        return b""


class JsonObjects:
    """A writer of one JSON object a row, as Datasette writes them: with what stands before the first, between two, and behind the last.

    A column that is `labelled` is followed by a column NAME_label, which says what its number stands for.
    """

    def __init__(self, columns: Sequence[str], labelled: Collection[str] = (), parts: tuple[str, str, str] = _LINES):
        self._columns, self._labelled = columns, labelled
        self._begin, self._between, self._end = parts
        self._is_first = True

    def begin(self) -> bytes:
        """What stands before the first object."""
        return self._begin.encode()

    def rows(self, rows: Sequence[Sequence[Any]]) -> bytes:
        """The objects of further rows."""
        before = "" if self._is_first or not rows else self._between
        self._is_first = self._is_first and not rows
        return (before + self._between.join(map(self._object, rows))).encode("utf-8", "replace")

    def end(self) -> bytes:
        """What stands behind the last object."""
        return (self._end if not self._is_first or self._begin else "").encode()

    def _object(self, row: Sequence[Any]) -> str:
        values = {name: _plain(value) for name, value in zip(self._columns, row, strict=True)}
        for name in self._labelled:
            label = values.pop(name + LABEL)
            if label is not None:
                values[name] = {"value": values[name], "label": label}
        return json.dumps(values, ensure_ascii=False)


def writer(format_: str, columns: Sequence[Column], title: str, about: Mapping[str, str]) -> Writer:
    """A writer of a file.

    Args:
        format_: a Format.
        columns: the columns of its rows.
        title: what a spreadsheet calls its sheet.
        about: what the file is about: it goes into the file where the format has room for it.

    Returns:
        The writer.
    """
    names = [column.name for column in columns]
    if format_ == Format.CSV:
        return Csv(names)
    if format_ == Format.XLSX:
        return Xlsx(names, title, about)
    if format_ == Format.JSONL:
        return JsonObjects(names)
    from archive.publishing.columnar import Parquet  # pyarrow takes a moment to load, and 70 MB

    return Parquet(columns, about)


def _plain(value: Any) -> Any:
    """A value of SQLite's as JSON has it: bytes as Datasette writes them, and null for what is no finite number."""
    if isinstance(value, bytes):
        return {"$base64": True, "encoded": b64encode(value).decode()}
    return None if isinstance(value, float) and not math.isfinite(value) else value
