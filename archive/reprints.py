"""Reprints: the same story told again, whatever its script, noise or cuts.

The smallest hashes of a text's shingles (runs of five Han characters, folded, notes stripped) stand for it.
Articles that share many of them tell one story; looking up hashes costs the same in a large archive.
"""

import re
import sqlite3
from zlib import crc32

from archive.text import clean, fold

_RUN = 5
_SIZE = 96  # hashes kept an article
_ALIKE = 0.4  # share of the smaller sketch that must be met
_NOT_HAN = re.compile(r"[^㐀-鿿]+")


def sketch(text: str) -> list[int]:
    """The smallest shingle hashes of a text, at most 96, ascending."""
    han = _NOT_HAN.sub("", fold(clean(text).text))
    hashes = {crc32(han[i : i + _RUN].encode()) for i in range(len(han) - _RUN + 1)}
    return sorted(hashes)[:_SIZE]


def record(connection: sqlite3.Connection, article_id: int, text: str) -> None:
    """Replace an article's sketch, and say of which earlier article it is a reprint, if of any."""
    connection.execute("delete from shingles where article_id = ?", [article_id])
    connection.execute("delete from reprints where article_id = ?", [article_id])
    hashes = sketch(text)
    twin = _most_alike(connection, article_id, hashes)
    connection.executemany("insert into shingles (hash, article_id) values (?, ?)", [(h, article_id) for h in hashes])
    if twin:
        other, likeness = twin
        original = connection.execute("select original_id from reprints where article_id = ?", [other]).fetchone()
        _join(connection, article_id, original[0] if original else other, likeness)


def _most_alike(connection: sqlite3.Connection, article_id: int, hashes: list[int]) -> tuple[int, float] | None:
    if len(hashes) < 10:
        return None  # too short to be told apart
    marks = ",".join("?" * len(hashes))
    rows = connection.execute(
        f"select article_id, count(*) from shingles where hash in ({marks}) and article_id != ?"
        " group by article_id order by 2 desc, 1 limit 5",
        [*hashes, article_id],
    ).fetchall()
    for other, shared in rows:
        theirs = [h for (h,) in connection.execute("select hash from shingles where article_id = ?", [other])]
        # Both sketches hold all small hashes up to the lesser of their largest: compare within that range.
        limit = min(max(hashes), max(theirs))
        size = min(sum(h <= limit for h in hashes), sum(h <= limit for h in theirs))
        if size >= 10 and shared / size >= _ALIKE:
            return other, round(min(1.0, shared / size), 3)
    return None


def _join(connection: sqlite3.Connection, article_id: int, original: int, likeness: float) -> None:
    """Add to a cluster. The likely original names its own publisher as the source; then the earliest day counts."""
    connection.execute(
        "insert into reprints (article_id, original_id, likeness) values (?, ?, ?)",
        [article_id, original, likeness],
    )
    members = [
        original,
        *(m for (m,) in connection.execute("select article_id from reprints where original_id = ?", [original])),
    ]
    marks = ",".join("?" * len(members))
    first = connection.execute(
        "select articles.id from articles join outlets on outlets.id = outlet_id"
        f" where articles.id in ({marks}) order by source != outlets.name, published is null, substr(published, 1, 10), capture_id",
        members,
    ).fetchone()[0]
    if first != original:
        like = connection.execute("select likeness from reprints where article_id = ?", [first]).fetchone()[0]
        connection.execute("delete from reprints where article_id = ?", [first])
        connection.execute("update reprints set original_id = ? where original_id = ?", [first, original])
        connection.execute(
            "insert into reprints (article_id, original_id, likeness) values (?, ?, ?)",
            [original, first, like],
        )
