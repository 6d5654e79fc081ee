"""One WARC record to take away: what a page of the site rests on, unless it may not be shown."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from archive.captures.warc import Place, WarcFolder
from archive.publishing.takedown import holds
from archive.reading.decode import decode
from archive.reviews import Reviews


def record(folder: Path, snapshot: sqlite3.Connection, capture_id: int) -> tuple[str, bytes] | None:
    """(file name, the record as it stands in its WARC file) of a capture that an article rests on.

    None where no published article rests on it, where it was taken down, where the bytes hold a name that was, or where
    the file is not here.
    """
    row = snapshot.execute(
        "select warc_file, warc_offset, warc_length, reason from captures where id = ?"
        " and id in (select capture_id from revisions where capture_id = ?)",
        [capture_id, capture_id],
    ).fetchone()
    if row is None or row[3] == "taken down" or not re.fullmatch(r"[\w.\-]+", row[0]):
        return None
    place = Place(*row[:3])
    warc = WarcFolder(folder / "warc")
    try:
        capture = warc.read(place)
        with (warc.path / place.file).open("rb") as stream:
            stream.seek(place.offset)
            taken = stream.read(place.length)
    except (OSError, ValueError):
        return None
    with closing(Reviews(folder / "reviews.db")) as reviews:
        listed = reviews.takedowns()
    if ("article", capture.url) in listed:
        return None
    if holds([value for kind, value in listed if kind == "name"], decode(capture.body)[0]):
        return None
    return f"capture-{capture_id}.warc.gz", taken
