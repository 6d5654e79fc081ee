"""CSV as spreadsheets open it: UTF-8 with a byte order mark, and no cell that would be run as a formula."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

MARK = "\ufeff"
# Also after blanks, which some programs strip, and in full width, which some fold.
_FORMULA = re.compile(r"[\t\r]|[\s\0\ufeff\u200b]*[=+\-@＝＋－＠]")


def cell(value: Any) -> Any:
    """A value as it stands in CSV: a text that would be run as a formula gets a ' before it. A number is no text: -5 stays.

    Bytes are written in hexadecimal, true and false in words, and nothing (None) as an empty cell.
    """
    if isinstance(value, str):
        # A letter, a Chinese character or a digit in front, as of nearly all texts, is quickly seen.
        return value if value[:1].isalnum() or not _FORMULA.match(value) else f"'{value}"
    if isinstance(value, bool):
        return str(value).lower()
    return value.hex() if isinstance(value, bytes) else value


class Sink:
    """What a library writes a file to that is sent piece by piece: it holds what was written since the last `take`."""

    closed = False

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, content: Any) -> int:
        """Hold something more; returns its size in bytes."""
        part = bytes(content)
        self._parts.append(part)
        return len(part)

    def flush(self) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Nothing to do: what is held can still be taken."""

    def take(self) -> bytes:
        """What was written since the last time."""
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken


def lines(rows: Iterable[Sequence[Any]]) -> str:
    """Rows of values as lines of CSV."""
    written = io.StringIO()
    csv.writer(written).writerows([cell(value) for value in row] for row in rows)
    return written.getvalue()
