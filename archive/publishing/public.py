"""One WARC record to take away: what a page of the site rests on, unless it may not be shown."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from archive.captures.warc import RecordLocation, WarcFolder
from archive.decisions.records import Takedown, TakedownKind
from archive.decisions.reviews import Reviews
from archive.model import Capture
from archive.publishing.naming import Names
from archive.reading.decode import decode

# The versions of an article in several pages that have a span from a capture.
_OF_SEVERAL_PAGES = """
select 1 from captures part join captures lead on lead.stem = part.stem join articles on articles.capture_id = lead.id
join revisions on revisions.article_id = articles.id join json_each(revisions.page_spans) span
where part.id = ?1 and span.value ->> 2 = ?1
"""
_BLACKED = re.compile(r"■\s*■")


class PublicRecord(NamedTuple):
    """A WARC record as it stands in its file, and the name of the file that it becomes."""

    name: str
    content: bytes


def record(folder: Path, snapshot: sqlite3.Connection, capture_id: int) -> PublicRecord | None:
    """Returns the record of a capture that a published article rests on.

    Returns None if no published article rests on it, if it was taken down, if its address, headers, bytes or text
    hold a name that was taken down, or if its file is not here.
    """
    row = snapshot.execute(
        "select warc_file, warc_offset, warc_length, reason from captures where id = ?1"
        f" and (id in (select capture_id from revisions where capture_id = ?1) or exists ({_OF_SEVERAL_PAGES}))",
        [capture_id],
    ).fetchone()
    if row is None or row[3] == "taken down" or not re.fullmatch(r"[\w.\-]+", row[0]):
        return None
    location = RecordLocation(*row[:3])
    warc = WarcFolder(folder / "warc")
    try:
        capture = warc.read(location)
        with (warc.path / location.file).open("rb") as stream:
            stream.seek(location.offset)
            taken = stream.read(location.length)
    except (OSError, ValueError):
        return None
    with closing(Reviews(folder / "reviews.db")) as reviews:
        listed = reviews.takedowns()
    if Takedown(TakedownKind.ARTICLE, capture.url) in listed:
        return None
    names = Names(value for kind, value in listed if kind == TakedownKind.NAME)
    if names and (_names_stand_in(capture, names) or _is_blacked(snapshot, capture_id)):
        return None
    return PublicRecord(f"capture-{capture_id}.warc.gz", taken)


def _names_stand_in(capture: Capture, names: Names) -> bool:
    sources = [capture.url, *(value for _, value in capture.headers), decode(capture.body)[0]]
    return any(names.stand_in_source(source) for source in sources)


def _is_blacked(snapshot: sqlite3.Connection, capture_id: int) -> bool:
    """Whether something that was read out of a capture is published with a name blacked out: ■ alone may be a bullet."""
    snapshot_rows = [
        row
        for table in ("revisions", "articles")
        for row in snapshot.execute(f"select * from {table} where capture_id = ?", [capture_id])
    ]
    snapshot_rows += snapshot.execute(_OF_SEVERAL_PAGES.replace("select 1", "select revisions.*"), [capture_id])
    return any(_BLACKED.search(value) for row in snapshot_rows for value in row if isinstance(value, str))
