"""Captures that others made: the pages of WARC, ARC and WACZ files (warcio, wget, Scrapy, Common Crawl …), one at a time.

A record keeps its headers and its payload as they are in the file, transfer coding included. A record that is no page is
counted under a reason. A record that is damaged, or makes a reader raise anything, is skipped: reading continues with the
next whole record, and an error at the end names the file. Memory holds one record, however large the file.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO
from urllib.parse import unquote

from warcio.recordloader import ArcWarcRecord

from archive.captures import plain
from archive.captures.coding import Headers, Undecodable, decoded
from archive.captures.damage import Records, next_record
from archive.captures.warc import DRAWN_BY, SOURCE, Exchange, Truncation, brief
from archive.reading.first_look import excluded
from archive.reading.pager import positions
from archive.web.addresses import normal
from archive.web.outgoing import OutgoingError, parse

ENDINGS = (".warc", ".warc.gz", ".arc", ".arc.gz", ".wacz")
_WEB = ("http://", "https://")
_PAGES = ("text/html", "application/xhtml+xml")
_MAX_PAYLOAD = 20_000_000  # bytes; no article's page is larger
_LONGEST_NAME = 200  # characters
_REFUSED = {"too_long": "address_too_long", "credentials": "address_with_credentials"}
FIRST_YEAR = 1990  # of the web
_MAX_LISTED = 3  # damaged places that are listed one by one
# Why a record is passed over at sight; empty where it is not counted, None where it is not passed over.
PassOver = Callable[[plain.Record], str | None]


def is_container(path: Path) -> bool:
    """Whether a file is one of many captures."""
    return path.name.lower().endswith(ENDINGS)


def exchanges(path: Path, pass_over: PassOver | None = None) -> Iterator[Exchange | str]:
    """The pages of a WARC, ARC or WACZ file in their order; a string says why a record is none. `pass_over` says it first of
    those that are read at sight (archive/captures/plain.py).

    Raises ValueError with a sentence if the file is of another kind, or, after all its whole records, if some of it is
    damaged or cut off.
    """
    if path.name.lower().endswith(".wacz"):
        yield from _of_wacz(path)
    else:
        with path.open("rb") as stream:
            yield from _of_warc(stream, path.name, pass_over)


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
    for one in exchanges(path, _at_sight):
        yield one if isinstance(one, str) else _excluded(one.url, one.body, one.headers) or one


def _at_sight(record: plain.Record) -> str | None:
    if record.type != "response":
        return "revisit" if record.type == "revisit" else ""
    kind = next((value for name, value in record.headers if name.lower() == "content-type"), "")
    reason = _no_page(record.url, _WEB, _kind(kind), record.status)
    return reason or _excluded(record.url, record.payload, record.headers) or None


def _excluded(url: str, payload: bytes, headers: Headers) -> str:
    """Why no article on topic can be in a response (archive/reading/first_look.py). Empty where its payload is damaged, so
    that it is kept and listed; and for a further page of an article, since another one may hold the words of the topic."""
    try:
        reason = excluded(decoded(payload, headers))
    except Undecodable:
        return ""
    is_further = reason == "unlikely" and any(one.number is not None for one in positions(url))
    return "" if is_further else reason


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


def _of_warc(stream: IO[bytes], name: str, pass_over: PassOver | None = None) -> Iterator[Exchange | str]:
    count, faults = 0, list[str]()
    at: int | None = 0
    while at is not None:
        try:
            for found, end in _records(stream, at, name, pass_over):
                count, at = count + 1, end
                if found:
                    yield found
        except Exception as error:  # whatever broken bytes make warcio, or us, raise
            faults.append(f"near its record {count}: {brief(error)}")
            at = next_record(stream, at + 1)
        else:
            at = None
    _check(name, count, faults)


def _records(stream: IO[bytes], at: int, name: str, pass_over: PassOver | None) -> Iterator[tuple[Exchange | str, int]]:
    """Each record from an offset on: a page, why it is none, or empty where it is not counted; and where it ends. Raises
    anything at a damaged one."""
    goes_on = True
    while goes_on:
        for record in plain.records(stream, at, _MAX_PAYLOAD) if pass_over else ():
            if pass_over is None or (reason := pass_over(record)) is None:
                break
            at = record.end
            yield reason, at
        goes_on = False
        for found, end in _read(stream, at, name):
            goes_on, at = pass_over is not None and end > at, end
            yield found, at
            if goes_on:  # behind a whole member: the next record may be passed over
                break
    if at < stream.seek(0, io.SEEK_END):  # within the head of a record
        raise EOFError("it is cut off")


def _read(stream: IO[bytes], start: int, name: str) -> Iterator[tuple[Exchange | str, int]]:
    """As `_records`, by warcio."""
    stream.seek(start)
    records = Records(stream, arc2warc=True)
    for record in records:
        kind = record.rec_type
        found = _exchange(record, name) if kind in ("response", "resource") else kind if kind == "revisit" else ""
        if not _is_whole(records, record):
            if isinstance(found, Exchange):
                found = replace(found, truncated=found.truncated or Truncation.UNSPECIFIED)
            yield found, start
            raise EOFError("it is cut off")
        start = records.end(start)
        yield found, start


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
    kind = _kind((http or headers).get_header("Content-Type") or "")
    status = (http and _number(http.get_statuscode())) or 200
    if reason := _no_page(url, _WEB if http else (*_WEB, "urn:"), kind, status):
        return reason
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


def _no_page(url: str, schemes: tuple[str, ...], kind: str, status: int) -> str:
    """Why a response is no page: `not_a_page` or `status_…`; empty where it is one."""
    if not url.startswith(schemes) or kind not in _PAGES:
        return "not_a_page"
    return f"status_{status}" if status != 200 else ""


def _kind(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


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
