"""Records of a packed WARC file that are written plainly: one in a gzip member, whole, every line as the standard has it.

They are taken apart in some twenty microseconds, which is what matters where nearly all are passed over. Whatever is written in
another way, or is damaged, is left to those who read everything (damage.py).
"""

import re
import zlib
from collections.abc import Iterator
from typing import IO, NamedTuple

from archive.captures.coding import Headers
from archive.captures.damage import MAX_HEAD

_BLOCK = 1 << 14  # bytes read at once; most records are shorter
_LINES = rb"((?:[!-9;-~]+:[^\r\n]*\r\n)*)\r\n"
_RECORD = re.compile(rb"WARC/1\.[01]\r\n" + _LINES)
_RESPONSE = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: [^\r\n]*)?\r\n" + _LINES)
_FIELD = re.compile(r"([^:\r\n]+):[ \t]*([^\r\n]*)")
_OTHERS = ("request", "revisit", "metadata", "warcinfo")


class Record(NamedTuple):
    """A record: its type, its address, and where it ends (offset in bytes); of a response also status, headers and payload."""

    type: str
    url: str
    end: int
    status: int = 0
    headers: Headers = ()
    payload: bytes = b""


def records(stream: IO[bytes], at: int, most: int) -> Iterator[Record]:
    """The records of a file from an offset on, up to the first that is not written plainly or has more than `most` bytes."""
    while (member := _member(stream, at, most)) and (record := _record(*member)):
        yield record
        at = record.end


def _member(stream: IO[bytes], at: int, most: int) -> tuple[bytes, int] | None:
    """A gzip member unpacked, and where it ends; None where there is none, it is damaged, or longer."""
    stream.seek(at)
    unpacking, pieces, left = zlib.decompressobj(31), list[bytes](), most
    try:
        while left > 0 and not unpacking.eof and (block := stream.read(_BLOCK)):
            pieces.append(unpacking.decompress(block, left))
            at, left = at + len(block), left - len(pieces[-1])
    except zlib.error:
        return None
    return (b"".join(pieces), at - len(unpacking.unused_data)) if unpacking.eof else None


def _record(plain: bytes, end: int) -> Record | None:
    """What a member holds; None where it is not one record, written plainly."""
    head = _RECORD.match(plain, 0, MAX_HEAD)
    if not head or not plain.endswith(b"\r\n\r\n"):
        return None
    fields = _fields(head[1])
    named = dict(fields)
    if len(named) < len(fields) or named.get("Content-Length") != str(len(plain) - head.end() - 4):
        return None
    type_, url = named.get("WARC-Type", ""), named.get("WARC-Target-URI", "")
    if type_ != "response":
        return Record(type_, url, end) if type_ in _OTHERS else None
    response = _RESPONSE.match(plain, head.end(), head.end() + MAX_HEAD)
    if not response or not url.startswith(("http://", "https://")):
        return None
    return Record(type_, url, end, int(response[1]), _fields(response[2]), plain[response.end() : -4])


def _fields(lines: bytes) -> Headers:
    return tuple(_FIELD.findall(lines.decode("latin-1")))
