"""What was erased from the archive (archive/publishing/purge.py), known by its tombstones, so that it does not come back.

A tombstone keeps the address, the page (what the addresses of an article have in common, archive/reprints/copies.py) and the story:
hashes of the text, by which the text is known again and cannot be read. An address of an erased article, or one that is
written as another of its page, is not kept again. A copy at an address that only names the page as its own
(rel=canonical) is known by its text, once it is read: it is kept, and is no article.
"""

import re
import sqlite3
from collections.abc import Iterable
from hashlib import sha256

from archive.captures.warc import ScannedRecord
from archive.model import CaptureKind, CaptureRole, NotAnArticle
from archive.reprints.copies import are_of_one_outlet
from archive.reprints.stories import bands_of
from archive.web.addresses import page_key

TAKEN_DOWN = NotAnArticle(CaptureKind.TAKEN_DOWN, "its article was taken down and erased")
_SHARED = 0.3  # of the hashes of the story that has fewer
_NO_WORD = re.compile(r"\W+")


def story_of(texts: Iterable[str]) -> str:
    """Hashes by which a text is known again, in hexadecimal with blanks between them; empty where there is no text."""
    return " ".join(sorted({f"{one:x}" for text in texts for one in bands_of(text) or (_whole(text),)}))


def are_alike(story: str, other: str) -> bool:
    """Whether two stories are of one text, or of nearly the same."""
    mine, theirs = set(story.split()), set(other.split())
    return bool(mine & theirs) and len(mine & theirs) >= _SHARED * min(len(mine), len(theirs))


def note(connection: sqlite3.Connection, capture_id: int, found: ScannedRecord) -> None:
    """Make the row of a capture that of its tombstone."""
    connection.execute(
        "update captures set status = ?, content_type = ?, digest = ?, source = ?, role = ?, any_topic = ?, duplicate_of = null,"
        " kind = ?, reason = 'taken down', page_key = null, stem = null, reader_version = '', extractor_version = '' where id = ?",
        [
            found.status, found.content_type, found.digest, found.source, CaptureRole.TOMBSTONE, int(found.any_topic), CaptureKind.TOMBSTONE,
            capture_id,
        ],
    )  # fmt: skip
    connection.execute(
        "insert or replace into erased values (?, ?, ?, ?)", [capture_id, found.url, found.page, found.story]
    )


def is_erased(connection: sqlite3.Connection, url: str) -> bool:
    """Whether an address, or another that is written as one of its page, had an article that was erased."""
    page = page_key(url)
    found = connection.execute("select url from erased where url = ? or page_key = ?", [url, page])
    return any(there == url or page_key(there) == page for (there,) in found)


def tells_erased(connection: sqlite3.Connection, url: str, page: str, outlet: int | None, texts: Iterable[str]) -> bool:
    """Whether an article was erased, or is a copy of an erased one.

    Args:
        connection: the database.
        url: the address of the article.
        page: what the addresses of its page have in common.
        outlet: the number of its outlet; None where it is not known.
        texts: the texts of its versions.
    """
    rows = connection.execute(
        "select erased.url, outlet_id, story from erased join captures on captures.id = capture_id"
        " where erased.url = ? or erased.page_key = ?",
        [url, page],
    ).fetchall()
    if any(there == url for there, *_ in rows):
        return True
    story = story_of(texts) if rows else ""
    return any(
        are_alike(story, its_story) and are_of_one_outlet(url, outlet, there, its_outlet)
        for there, its_outlet, its_story in rows
    )


def _whole(text: str) -> int:
    """A hash of a text that is too short for more."""
    return int.from_bytes(sha256(_NO_WORD.sub("", text).encode("utf-8", "surrogatepass")).digest()[:8], "big")
