"""Captures that others made: the pages of WARC, ARC and WACZ files (warcio, wget, Scrapy, Common Crawl …), one at a time.

A record keeps its headers and its payload as they are in the file, transfer coding included. A record that is no page is
counted under a reason. A record that is damaged, or makes a reader raise anything, is skipped: reading continues with the
next whole record, and an error at the end names the file. Memory holds one record, however large the file.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO
from urllib.parse import unquote

from warcio.recordloader import ArcWarcRecord

from archive.captures.damage import Records, next_record
from archive.captures.warc import DRAWN_BY, SOURCE, Exchange, Truncation, brief
from archive.reading.decode import decode
from archive.reading.topic import is_likely
from archive.text import is_chinese
from archive.web.addresses import normal
from archive.web.outgoing import OutgoingError, parse

ENDINGS = (".warc", ".warc.gz", ".arc", ".arc.gz", ".wacz")
_PAGES = ("text/html", "application/xhtml+xml")
_MAX_PAYLOAD = 20_000_000  # bytes; no article's page is larger
_LONGEST_NAME = 200  # characters
_REFUSED = {"too_long": "address_too_long", "credentials": "address_with_credentials"}
FIRST_YEAR = 1990  # of the web
_MAX_LISTED = 3  # damaged places that are listed one by one


def is_container(path: Path) -> bool:
    """Whether a file is one of many captures."""
    return path.name.lower().endswith(ENDINGS)


def exchanges(path: Path) -> Iterator[Exchange | str]:
    """The pages of a WARC, ARC or WACZ file in their order; a string says why a record is none.

    Raises ValueError with a sentence if the file is of another kind, or, after all its whole records, if some of it is
    damaged or cut off.
    """
    if path.name.lower().endswith(".wacz"):
        yield from _of_wacz(path)
    else:
        with path.open("rb") as stream:
            yield from _of_warc(stream, path.name)


def refused(url: str) -> str:
    """Why a page with this address (in normal form) is refused: `address_too_long`, `address_with_credentials` or
    `no_address`; empty if it is accepted. A page from another archive may have a name (urn:) instead of an address."""
    if url.startswith("urn:") and url.isprintable() and len(url) <= _LONGEST_NAME:
        return ""
    try:
        parse(url)
    except OutgoingError as error:
        return _REFUSED.get(error.kind, "no_address")
    return ""


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
    faults: list[str] = []
    try:
        with zipfile.ZipFile(path) as zipped:
            members = [name for name in zipped.namelist() if name.startswith("archive/") and is_container(Path(name))]
            if not members:
                raise ValueError(f"{path.name} holds no WARC files under archive/: it is no WACZ file")
            for name in members:
                try:
                    with zipped.open(name) as stream:
                        yield from _of_warc(stream, f"{path.name}/{name}")
                except ValueError as error:
                    faults.append(str(error))
                except Exception as error:  # encrypted, packed in a way that is not known, whatever zipfile meets
                    faults.append(f"{path.name}/{name} cannot be read: {brief(error)}")
    except ValueError:
        raise
    except Exception as error:  # whatever zipfile meets in broken bytes
        raise ValueError(f"{path.name} is no WACZ file: {error}") from None
    if faults:
        raise ValueError("; ".join(faults))


def _of_warc(stream: IO[bytes], name: str) -> Iterator[Exchange | str]:
    count, faults = 0, list[str]()
    at: int | None = 0
    while at is not None:
        start = stream.seek(at)
        records = Records(stream, arc2warc=True)
        try:
            for record in records:
                count += 1
                found = _exchange(record, name) if record.rec_type in ("response", "resource") else record.rec_type
                is_whole = _is_whole(records, record)
                if isinstance(found, Exchange):
                    yield found if is_whole else replace(found, truncated=found.truncated or Truncation.UNSPECIFIED)
                elif record.rec_type in ("response", "resource", "revisit"):
                    yield found
                if not is_whole:
                    raise EOFError("it is cut off")
                start = records.end(start)
            if start < stream.seek(0, io.SEEK_END):  # within the head of a record
                raise EOFError("it is cut off")
            at = None
        except Exception as error:  # whatever broken bytes make warcio, or us, raise
            faults.append(f"near its record {count}: {brief(error)}")
            at = next_record(stream, start + 1)
    _check(name, count, faults)


def _check(name: str, count: int, faults: list[str]) -> None:
    """Raise ValueError for a file with faults, or without records."""
    if faults:
        more = f" (and in {len(faults) - _MAX_LISTED} other places)" if len(faults) > _MAX_LISTED else ""
        raise ValueError(f"{name} cannot be read {'; '.join(faults[:_MAX_LISTED])}{more}")
    if count == 0:
        raise ValueError(f"{name} holds no WARC record")


def _is_whole(records: Records, record: ArcWarcRecord) -> bool:
    """Whether a record is as long as it says, and no longer; it is read to its end."""
    records.read_to_end()
    return records.err_count == 0 and getattr(record.raw_stream, "limit", None) == 0


def _exchange(record: ArcWarcRecord, name: str) -> Exchange | str:
    headers, http = record.rec_headers, record.http_headers
    url = headers.get_header("WARC-Target-URI") or ""
    kind = ((http or headers).get_header("Content-Type") or "").split(";")[0].strip().lower()
    status = (http and _number(http.get_statuscode())) or 200
    if not url.startswith(("http://", "https://") if http else ("http://", "https://", "urn:")) or kind not in _PAGES:
        return "not_a_page"
    if status != 200:
        return f"status_{status}"
    url = normal(url)
    if refusal := refused(url):
        return refusal
    moment = _moment(headers.get_header("WARC-Date") or "")
    if moment is None:
        return "no_date"
    body = record.raw_stream.read(_MAX_PAYLOAD + 1)
    if len(body) > _MAX_PAYLOAD:
        return "too_large"
    fields = tuple(http.headers) if http else (("Content-Type", kind),)
    before = unquote(headers.get_header(SOURCE) or "")  # of an archive like this one
    return Exchange(
        url,
        moment,
        status,
        fields,
        body,
        method="",
        source=f"{name}: {before}" if before else name,
        is_file=http is None,
        truncated=_truncated(record, body),
    )


def _truncated(record: ArcWarcRecord, body: bytes) -> Truncation:
    """Why the rest of a body is missing, as WARC-Truncated or the length that the server stated says; empty where it is
    whole. A browser's page has the length of what it was drawn from."""
    stated = record.rec_headers.get_header("WARC-Truncated")
    if stated:
        return Truncation(stated) if stated in [*Truncation] else Truncation.UNSPECIFIED
    http = record.http_headers
    if http is None or http.get_header("Transfer-Encoding") or http.get_header(DRAWN_BY):
        return Truncation.NONE
    return Truncation.UNSPECIFIED if len(body) < _number(http.get_header("Content-Length")) else Truncation.NONE


def _number(written: str | None) -> int:
    """A number as headers state it; 0 where they state none."""
    return int(written) if written and re.fullmatch(r"[0-9]{1,15}", written) else 0


def _moment(written: str) -> datetime | None:
    """When a record was made; None if it states no time, or one before the web or more than a day in the future."""
    try:
        moment = datetime.fromisoformat(written)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):  # the zone of a last day may lead out of the calendar
        return None
    return moment if moment.year >= FIRST_YEAR and moment <= datetime.now(UTC) + timedelta(days=1) else None
