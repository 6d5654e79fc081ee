"""Captures as WARC 1.1: every response with its request, headers as received, before anything looks at it.

One gzip member a record, so that `offset` is all that is needed to read a capture again. A record is
flushed before its location is handed out; one that could not be written whole is cut off again.
"""

import io
import os
import re
import shutil
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import IO, Any, NamedTuple
from urllib.parse import quote, unquote

from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParser
from warcio.utils import Digester
from warcio.warcwriter import WARCWriter

from archive.captures.coding import Headers, Undecodable, decoded
from archive.captures.damage import MAX_HEAD, Records, next_record
from archive.model import Capture, CaptureKind, CaptureRole, NotAnArticle

_NAME = "dangqun-archive"
# What every file says of itself. An imported page was fetched under the rules of whoever fetched it.
_INFO = {
    "software": f"{_NAME}/{version(_NAME)} (https://example.org/dangqun-archive)",
    "format": "WARC File Format 1.1",
    "conformsTo": "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
    "robots": f"obeyed for {_NAME} as RFC 9309 says; pages from files: as whoever fetched them",
}
# Extension fields, as WARC 1.1 section 4 allows: what must be known from the files alone.
_ROLE, _OUTLET, SOURCE, _TOPIC = "Dangqun-Role", "Dangqun-Outlet", "Dangqun-Source", "Dangqun-Topic"
_PAGE, _STORY, _ERASED = "Dangqun-Page", "Dangqun-Story", "Dangqun-Erased-Payload-Digest"
_MAX_PAYLOAD = 50_000_000  # bytes read back of one response
_COPIED = 1 << 20  # bytes at once
_TOLD = 200  # characters of an error
_MAX_WRITTEN_HEAD = 4 * MAX_HEAD  # a head that was accepted may become somewhat longer when it is written
_CONTROL = re.compile(rb"[\0-\x1f\x7f]+")
_WITH_PAYLOAD = ("response", "resource")
_NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
DRAWN_BY = "X-Dangqun-Drawn-By"  # the header of a page that a browser drew: its other headers are of what was sent


class Truncation(StrEnum):
    """Why the rest of a body is missing, in the words of WARC-Truncated."""

    NONE = ""
    LENGTH = "length"
    TIME = "time"
    DISCONNECT = "disconnect"
    UNSPECIFIED = "unspecified"


@dataclass(frozen=True)
class Exchange:
    """One request and what came back, as bytes on the wire left it.

    `body` is still content-encoded (gzip), any transfer coding already undone. `method` is empty where no
    request is known. `source` names the file that it was imported from; `is_file`: it was a file and no response,
    and becomes a `resource`. `any_topic` says that it is to be kept whatever it is
    about. The record holds these, the role and the publisher's name, so that they are known from the WARC files alone.
    """

    url: str
    fetched_at: datetime
    status: int
    headers: Headers
    body: bytes
    reason: str = ""
    method: str = "GET"
    request_headers: Headers = ()
    role: CaptureRole = CaptureRole.PAGE
    outlet: str = ""
    source: str = ""
    is_file: bool = False
    any_topic: bool = False
    truncated: Truncation = Truncation.NONE

    @property
    def digest(self) -> str:
        """The payload digest, as in WARC-Payload-Digest."""
        return _digest(self.body)

    @property
    def content_type(self) -> str:
        """The header, as the record has it; empty where there is none."""
        return next((_read_back(_sent(v)) for k, v in self.headers if k.lower() == "content-type"), "")


@dataclass(frozen=True)
class RecordLocation:
    """Where a record lies: file name in the WARC folder, byte offset, length in bytes (gzip member)."""

    file: str
    offset: int
    length: int


@dataclass(frozen=True)
class ScannedRecord:
    """A response met while scanning a WARC file."""

    location: RecordLocation
    url: str
    fetched_at: str
    status: int
    content_type: str
    digest: str
    role: str  # a CaptureRole
    outlet: str
    source: str = ""
    any_topic: bool = False
    is_revisit: bool = False  # the same bytes as the last time, not stored again
    page: str = ""  # of a tombstone: the page and the story of what was erased (archive/storage/erased.py)
    story: str = ""


@dataclass(frozen=True)
class Scan:
    """What a WARC file holds from an offset on, where its last whole record ends, and where what is damaged begins."""

    found: list[ScannedRecord]
    end: int
    damaged: tuple[int, ...] = ()


class _Head(StatusAndHeaders):
    """warcio's status and headers, written as the bytes that came: warcio quotes what is not ASCII, or fails."""

    def to_ascii_bytes(self, filter_func: Any = None) -> bytes:
        fields = [re.sub(r"[^!-9;-~]", "-", name).encode() + b": " + _sent(value) for name, value in self.headers]
        return b"".join(line + b"\r\n" for line in (_sent(f"{self.protocol} {self.statusline}"), *fields, b""))


class _Writer(WARCWriter):
    """warcio's writer with sha256 digests instead of sha1."""

    @staticmethod
    def _create_digester() -> Digester:
        return Digester("sha256")


class WarcFolder:
    """The folder of WARC files. Files are appended to by one process and never changed afterwards, but
    for a purge (archive/publishing/purge.py). New files name their
    `operator`, who can be reached about them."""

    def __init__(self, path: Path, operator: str = "") -> None:
        self.path = path
        self.operator = operator

    def writer(self, name: str) -> "WarcFile":
        """A new file to append to; `name` should say when and by what it is made."""
        self.path.mkdir(parents=True, exist_ok=True)
        return WarcFile(self.path / f"{name}.warc.gz", self.operator)

    def read(self, location: RecordLocation, outlet: str = "") -> Capture:
        """The capture at a location. Raises OSError where the file is gone, ValueError where no response is there."""
        with self._record(location) as record:
            return _capture(record, outlet)

    def headers(self, location: RecordLocation) -> dict[str, str]:
        """The HTTP headers of the record at a location, a revisit too, names in lower case; empty where it has none.
        Raises OSError where the file is gone."""
        with (self.path / location.file).open("rb") as stream:
            stream.seek(location.offset)
            try:
                record = next(iter(Records(stream, max_head=_MAX_WRITTEN_HEAD)))
            except Exception:  # whatever broken bytes make warcio raise
                return {}
            http = record.http_headers
            return {name.lower(): value for name, value in http.headers} if http else {}

    def tombstone(self, location: RecordLocation, url: str, page: str, story: str, notes: Mapping[str, str]) -> bytes:
        """Make the record that replaces an erased one: a `metadata` record with its address, its date and the digest
        of its payload.

        Args:
            location: where the record lies that is to be erased.
            url: its address.
            page: what the addresses of its article have in common (archive/storage/erased.py).
            story: the hashes by which its text is known again.
            notes: lines for people, by name.

        Returns:
            The packed record.

        Raises:
            OSError: the file is gone.
            ValueError: no record of this address is there.
        """
        with self._record(location) as record:
            headers = record.rec_headers
        if headers.get_header("WARC-Target-URI") != url:
            raise ValueError(f"the record at byte {location.offset} of {location.file} is not of {url}")
        stamp = {
            "WARC-Date": headers.get_header("WARC-Date"), "WARC-Refers-To": headers.get_header("WARC-Record-ID"),
            _ROLE: CaptureRole.TOMBSTONE.value, _OUTLET: headers.get_header(_OUTLET), _PAGE: quote(page), _STORY: story,
            _ERASED: headers.get_header("WARC-Payload-Digest"),
        }  # fmt: skip
        lines = "".join(f"{name}: {' '.join(value.split())}\r\n" for name, value in notes.items())
        packed = io.BytesIO()
        writer = _Writer(packed, gzip=True, warc_version="WARC/1.1")
        stamp = {name: value for name, value in stamp.items() if value}
        writer.write_record(
            writer.create_warc_record(url, "metadata", io.BytesIO(lines.encode()), warc_headers_dict=stamp)
        )
        return packed.getvalue()

    @contextmanager
    def _record(self, location: RecordLocation) -> Iterator[ArcWarcRecord]:
        """The record at a location, while its file is open. Raises OSError where the file is gone, ValueError where no record is
        there or it cannot be read."""
        with (self.path / location.file).open("rb") as stream:
            stream.seek(location.offset)
            try:
                yield next(iter(_records(stream)))
            except Exception as error:  # whatever broken bytes make warcio raise
                raise ValueError(f"{location.file} has no record at {location.offset}: {brief(error)}") from None

    def files(self) -> list[Path]:
        """All WARC files, oldest name first."""
        return sorted(self.path.glob("*.warc.gz"))

    def scan(self, path: Path, offset: int = 0) -> Scan:
        """The whole captures of one file from an offset on; what is damaged, or cut short by a crash, is passed over."""
        found, end, damaged = list[ScannedRecord](), offset, list[int]()
        at: int | None = offset
        with path.open("rb") as stream:
            while at is not None:
                stream.seek(at)
                begun = at
                records = _records(stream)
                try:
                    for record in records:
                        whole, digest = _read_through(record)
                        declared = record.rec_headers.get_header("WARC-Payload-Digest")
                        checked = record.digest_checker.passed is not False  # block digests: headers too
                        if not (whole and checked) or (record.rec_type in _WITH_PAYLOAD and digest != declared):
                            raise ValueError("it is not as it was written")
                        location = RecordLocation(path.name, records.get_record_offset(), records.get_record_length())
                        if record.rec_type in (*_WITH_PAYLOAD, "revisit") or _is_tombstone(record):
                            found.append(_scanned(location, record))
                        begun = end = location.offset + location.length
                    if begun < stream.seek(0, io.SEEK_END):
                        raise EOFError("it is cut off")
                    at = None
                except Exception:  # whatever broken bytes make warcio raise
                    damaged.append(begun)
                    at = next_record(stream, begun + 1)
        return Scan(found, end, tuple(damaged))


class Revisited(NamedTuple):
    """The capture that another one repeats: its digest, its address, and its time (as WARC-Date)."""

    digest: str
    url: str
    fetched_at: str


class WarcFile:
    """An open WARC file; `append` is the only way in."""

    def __init__(self, path: Path, operator: str = "") -> None:
        self.path = path
        self.operator = operator
        self._stream: IO[bytes] | None = None
        self._writer: _Writer | None = None

    @property
    def size(self) -> int:
        """Bytes written so far."""
        return self._stream.tell() if self._stream else 0

    def append(self, exchange: Exchange, revisit_of: Revisited | None = None) -> RecordLocation:
        """Write an exchange, and flush the file.

        Args:
            exchange: the exchange.
            revisit_of: a capture that has the same bytes, as they show or as the server says with 304. They are not written
                again.

        Returns:
            Where the record lies.

        Raises:
            OSError: the disk refuses; the file is as it was before.
        """
        if self._stream is None:
            self._open()
        assert self._stream is not None and self._writer is not None
        start = self._stream.tell()
        try:
            record = self._response(exchange, revisit_of)
            self._writer.write_record(record)
            length = self._stream.tell() - start
            if exchange.method:
                self._writer.write_record(self._request(exchange, record))
            self._stream.flush()
        except OSError:
            self._stream.seek(start)
            self._stream.truncate()
            raise
        return RecordLocation(self.path.name, start, length)

    def close(self) -> None:
        """Close the file."""
        if self._stream is not None:
            self._stream.close()
            self._stream = self._writer = None

    def _open(self) -> None:
        self._stream = self.path.open("ab", buffering=0)
        self._writer = _Writer(self._stream, gzip=True, warc_version="WARC/1.1")
        if self._stream.tell() == 0:
            info = _INFO | {"operator": self.operator}
            self._writer.write_record(self._writer.create_warcinfo_record(self.path.name, info))

    def _response(self, exchange: Exchange, revisit_of: Revisited | None) -> ArcWarcRecord:
        assert self._writer is not None
        stamp = {
            "WARC-Date": _warc_date(exchange.fetched_at), _ROLE: str(exchange.role), _OUTLET: exchange.outlet,
            SOURCE: quote(exchange.source), _TOPIC: "any" if exchange.any_topic else "",
            "WARC-Truncated": str(exchange.truncated),
        }  # fmt: skip
        stamp = {name: value for name, value in stamp.items() if value}
        payload = io.BytesIO(exchange.body)
        if exchange.is_file:
            kind = exchange.content_type or "text/html"
            return self._writer.create_warc_record(
                exchange.url, "resource", payload=payload, warc_content_type=kind, warc_headers_dict=stamp
            )
        line = f"{exchange.status} {exchange.reason}".strip()
        status = _Head(line, list(exchange.headers), protocol="HTTP/1.1")
        if revisit_of:
            record = self._writer.create_revisit_record(
                exchange.url, *revisit_of, http_headers=status, warc_headers_dict=stamp
            )
            if exchange.status == 304:
                record.rec_headers.replace_header("WARC-Profile", _NOT_MODIFIED)
            return record
        return self._writer.create_warc_record(
            exchange.url, "response", payload=payload, http_headers=status, warc_headers_dict=stamp
        )

    def _request(self, exchange: Exchange, response: ArcWarcRecord) -> ArcWarcRecord:
        assert self._writer is not None
        path = "/" + exchange.url.split("://", 1)[-1].partition("/")[2]
        line = _Head(f"{exchange.method} {path} HTTP/1.1", list(exchange.request_headers), is_http_request=True)
        return self._writer.create_warc_record(
            exchange.url, "request", payload=io.BytesIO(), http_headers=line,
            warc_headers_dict={
                "WARC-Date": _warc_date(exchange.fetched_at),
                "WARC-Concurrent-To": response.rec_headers.get_header("WARC-Record-ID"),
            },
        )  # fmt: skip


def _warc_date(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def copy_records(folder: Path, locations: Iterable[RecordLocation], target: Path) -> None:
    """Copy records of the WARC files in a folder as they are into a new file."""
    with target.open("wb") as into:
        for file, records in groupby(locations, key=lambda location: location.file):
            with (folder / file).open("rb") as stream:
                for one in records:
                    stream.seek(one.offset)
                    into.write(stream.read(one.length))


class Replacement(NamedTuple):
    """The length in bytes of a record that is replaced, and the packed record in its place."""

    length: int
    record: bytes


def write_with(path: Path, draft: Path, instead: Mapping[int, Replacement]) -> None:
    """Copy a WARC file with other records in the place of some, given by their offsets in bytes. The copy is on the disk when
    this returns. Raises OSError."""
    with path.open("rb") as old, draft.open("wb") as new:
        for offset, (length, record) in sorted(instead.items()):
            while left := offset - old.tell():
                new.write(old.read(min(left, _COPIED)))
            new.write(record)
            old.seek(offset + length)
        shutil.copyfileobj(old, new, _COPIED)
        new.flush()
        os.fsync(new.fileno())


def is_torn(path: Path, offset: int) -> bool:
    """Whether the record that begins at an offset was cut short, as by a crash: its gzip member has no end. One that is
    whole and wrong was not."""
    member = zlib.decompressobj(wbits=31)
    with path.open("rb") as stream:
        stream.seek(offset)
        while block := stream.read(65536):
            try:
                member.decompress(block)
            except zlib.error:
                return False
            if member.eof:
                return False
    return True


def _records(stream: IO[bytes]) -> Records:
    """The records from where a stream stands, with what is checked of each."""
    return Records(stream, max_head=_MAX_WRITTEN_HEAD, check_digests=True)


def brief(error: BaseException) -> str:
    """What went wrong, without the bytes that warcio quotes."""
    if isinstance(error, EOFError | StopIteration):
        return str(error) or "it is cut off"
    return str(error).partition(", first line: ")[0][:_TOLD] or type(error).__name__


def _digester() -> Any:
    """warcio's, so that our digests are those of the records."""
    return _Writer._create_digester()  # noqa: SLF001


def _read_through(record: ArcWarcRecord) -> tuple[bool, str]:
    """Whether a record's block is as long as its header says, and the digest of its payload."""
    digester = _digester()
    length = 0
    while block := record.raw_stream.read(65536):
        digester.update(block)
        length += len(block)
    return length == (record.payload_length if record.http_headers else record.length), str(digester)


def _digest(payload: bytes) -> str:
    digester = _digester()
    digester.update(payload)
    return str(digester)


def _sent(text: str) -> bytes:
    """The bytes of a status line or header value, one line: Scrapy's bytes come as Latin-1, warcio's texts decoded."""
    try:
        sent = text.encode("latin-1")
    except UnicodeEncodeError:
        sent = text.encode("utf-8", "replace")
    return _CONTROL.sub(b" ", sent).strip()


def _read_back(sent: bytes) -> str:
    """What warcio reads where these bytes stand."""
    return str(StatusAndHeadersParser.decode_header(sent)).strip()


def _is_tombstone(record: ArcWarcRecord) -> bool:
    return record.rec_type == "metadata" and record.rec_headers.get_header(_ROLE) == CaptureRole.TOMBSTONE


def _scanned(location: RecordLocation, record: ArcWarcRecord) -> ScannedRecord:
    headers, http = record.rec_headers, record.http_headers
    is_tombstone = _is_tombstone(record)
    return ScannedRecord(
        location=location,
        url=headers.get_header("WARC-Target-URI") or "",
        fetched_at=headers.get_header("WARC-Date") or "",
        status=int(http.get_statuscode() or 0) if http else 0 if is_tombstone else 200,
        content_type=(http or headers).get_header("Content-Type") or "",
        digest=headers.get_header(_ERASED if is_tombstone else "WARC-Payload-Digest") or "",
        role=headers.get_header(_ROLE) or "",
        outlet=headers.get_header(_OUTLET) or "",
        source=unquote(headers.get_header(SOURCE) or ""),
        any_topic=headers.get_header(_TOPIC) == "any",
        is_revisit=record.rec_type == "revisit",
        page=unquote(headers.get_header(_PAGE) or ""),
        story=headers.get_header(_STORY) or "",
    )


def _capture(record: ArcWarcRecord, outlet: str) -> Capture:
    if record.rec_type not in _WITH_PAYLOAD:
        raise ValueError(f"a {record.rec_type} record, not a response")
    url = record.rec_headers.get_header("WARC-Target-URI") or ""
    headers: Headers = (("Content-Type", record.rec_headers.get_header("Content-Type") or ""),)
    status = 200
    if record.http_headers:
        headers, status = tuple(record.http_headers.headers), int(record.http_headers.get_statuscode() or 0)
    truncated = record.rec_headers.get_header("WARC-Truncated")
    fault = (
        NotAnArticle(CaptureKind.TRUNCATED, f"the record says that it was cut off ({truncated[:40]})")
        if truncated
        else None
    )
    body = record.raw_stream.read(_MAX_PAYLOAD)
    declared = record.rec_headers.get_header("WARC-Payload-Digest")
    if len(body) < _MAX_PAYLOAD and _digest(body) != declared:
        raise ValueError("its bytes are not those that were stored")
    try:
        body = decoded(body, headers)
    except Undecodable as error:
        fault = fault or error.fault
    return Capture(url, body, status, headers, outlet, fault=fault)
