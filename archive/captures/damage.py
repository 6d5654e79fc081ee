"""Damage in WARC and ARC files: reads records within bounds, and finds the next whole record behind damage."""

import re
import zlib
from typing import IO, Any

from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import DecompressingBufferedReader
from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParser

MAX_HEAD = 1 << 18  # bytes of the headers of a record, and of those of the response in it
_PLAIN = rb"WARC/\d\.\d+\r?\n|https?://\S{1,300} [0-9A-Fa-f.:]{2,45} \d{14} \S"  # the second: ARC
_START = re.compile(rb"\x1f\x8b\x08|" + _PLAIN)
_BEGINS = re.compile(_PLAIN)
_HEAD, _BLOCK = 512, 1 << 16  # bytes that show whether a record begins; bytes read at once


class Records(ArchiveIterator):
    """warcio's iterator over the records from the current position of a stream. Raises ValueError for a head of more than
    `max_head` bytes, and for bytes that do not belong to their record. A record that makes warcio raise anything is
    damaged: find the next one with `next_record`."""

    def __init__(self, stream: IO[bytes], *, max_head: int = MAX_HEAD, **options: bool) -> None:
        super().__init__(stream, **options)
        self.reader = _Reader(stream)
        for name in ("warc_parser", "http_parser", "http_req_parser"):
            parser = getattr(self.loader, name)
            setattr(self.loader, name, _Parser(parser.statuslist, parser.verify, max_head))

    def end(self, start: int) -> int:
        """The offset behind a record that was read completely. If its gzip member holds more records, it is `start`, where the
        member begins: warcio does not count bytes within a member."""
        return start if self.next_line and self.reader.decompressor else int(self.offset)


class _Parser(StatusAndHeadersParser):
    """warcio's parser, with a limit: it alone would read heads of any size."""

    def __init__(self, statuslist: list[str], verify: bool, most: int) -> None:
        super().__init__(statuslist, verify)
        self.most = most

    def parse(self, stream: Any, full_statusline: Any = None) -> StatusAndHeaders:
        return super().parse(_Head(stream, self.most), full_statusline)


class _Head:
    """The lines of a head. Raises ValueError behind `most` bytes."""

    def __init__(self, stream: Any, most: int) -> None:
        self.stream, self.most, self.left = stream, most, most

    def readline(self) -> bytes:
        line = bytes(self.stream.readline(self.left + 1))
        self.left -= len(line)
        if self.left < 0:
            raise ValueError(f"its head has more than {self.most} bytes")
        return line


class _Reader(DecompressingBufferedReader):
    """warcio's reader, mended: it alone takes the rest of a file for the tail of a damaged record, and reads lines of any
    length."""

    def _decompress(self, data: bytes) -> bytes:
        if self.decompressor and self.num_block_read:
            return bytes(self.decompressor.decompress(data))
        return bytes(super()._decompress(data))

    def readline(self, length: int | None = None) -> bytes:
        return bytes(super().readline(_BLOCK if length is None else length))


def next_record(stream: IO[bytes], at: int) -> int | None:
    """Where the next record begins, at an offset or behind it: what lies before it is damaged. None where there is none."""
    stream.seek(at)
    window = b""
    while block := stream.read(_BLOCK):
        window += block
        for match in _START.finditer(window):
            if _begins(window[match.start() : match.start() + _HEAD]):
                return at + match.start()
        at += max(0, len(window) - _HEAD)
        window = window[-_HEAD:]
    return None


def _begins(head: bytes) -> bool:
    """Whether these bytes, packed or plain, begin a record."""
    try:
        plain = zlib.decompressobj(31).decompress(head, _HEAD) if head.startswith(b"\x1f") else head
    except zlib.error:
        return False
    return bool(_BEGINS.match(plain))
