"""Captures that others made: the pages of WARC and WACZ files (warcio, wget, Scrapy, Common Crawl …), one at a time.

A record is handed on with its headers and its payload as they stand in the file, transfer coding included; what is no
page is counted under a reason. Memory holds one record, however large the file.
"""

import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord

from archive.captures.warc import Exchange
from archive.reading.decode import decode
from archive.text import is_chinese
from archive.topic import is_likely

ENDINGS = (".warc", ".warc.gz", ".wacz")
_PAGES = ("text/html", "application/xhtml+xml")
_MAX_PAYLOAD = 20_000_000  # bytes; no article's page is larger


def is_container(path: Path) -> bool:
    """Whether a file is one of many captures."""
    return path.name.lower().endswith(ENDINGS)


def exchanges(path: Path) -> Iterator[Exchange | str]:
    """The pages of a WARC or WACZ file in their order; a string says why a record is none.

    Raises ValueError with a sentence where the file is no such file, or ends in the middle.
    """
    if path.name.lower().endswith(".wacz"):
        yield from _of_wacz(path)
    else:
        with path.open("rb") as stream:
            yield from _of_warc(stream, path.name)


def likely(path: Path) -> Iterator[Exchange | str]:
    """The pages of a file that holds everything (Common Crawl's) which may belong here, as `exchanges`: not those in
    other languages (`other_language`), nor those in which no word of the topic stands (`unlikely`)."""
    for one in exchanges(path):
        if isinstance(one, str):
            yield one
        elif not is_likely(one.body, one.headers):
            yield "unlikely" if is_chinese(decode(one.body)[0]) else "other_language"
        else:
            yield one


def _of_wacz(path: Path) -> Iterator[Exchange | str]:
    try:
        with zipfile.ZipFile(path) as zipped:
            members = [name for name in zipped.namelist() if name.startswith("archive/") and is_container(Path(name))]
            if not members:
                raise ValueError(f"{path.name} holds no WARC files under archive/: it is no WACZ file")
            for name in members:
                with zipped.open(name) as stream:
                    yield from _of_warc(stream, f"{path.name}/{name}")
    except zipfile.BadZipFile as error:
        raise ValueError(f"{path.name} is no WACZ file: {error}") from None


def _of_warc(stream: IO[bytes], name: str) -> Iterator[Exchange | str]:
    count = 0
    try:
        for record in ArchiveIterator(stream, arc2warc=True):
            count += 1
            if record.rec_type in ("response", "resource"):
                yield _exchange(record, name)
            elif record.rec_type == "revisit":
                yield "revisit"
    except (ArchiveLoadFailed, EOFError, OSError) as error:
        raise ValueError(f"{name} cannot be read behind its record {count}: {error}") from None
    if count == 0:
        raise ValueError(f"{name} holds no WARC record")


def _exchange(record: ArcWarcRecord, name: str) -> Exchange | str:
    headers, http = record.rec_headers, record.http_headers
    url = headers.get_header("WARC-Target-URI") or ""
    kind = ((http or headers).get_header("Content-Type") or "").split(";")[0].strip().lower()
    status = int(http.get_statuscode() or 0) if http and (http.get_statuscode() or "").isdecimal() else 200
    # A file that was imported before it was archived may have no address but a name (urn:).
    if not url.startswith(("http://", "https://") if http else ("http://", "https://", "urn:")) or kind not in _PAGES:
        return "not_a_page"
    if status != 200:
        return f"status_{status}"
    moment = _moment(headers.get_header("WARC-Date") or "")
    if moment is None:
        return "no_date"
    body = record.raw_stream.read(_MAX_PAYLOAD + 1)
    if len(body) > _MAX_PAYLOAD:
        return "too_large"
    fields = tuple(http.headers) if http else (("Content-Type", kind),)
    return Exchange(url, moment, status, fields, body, method="", source=name, is_file=http is None)


def _moment(written: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
