"""The bytes of a page, once every coding that its headers name is undone: Transfer-Encoding and Content-Encoding.

The crawl and the archive both come here, so that both see the same bytes. Headers lie: a coding may stand over plain
bytes, and gzip may stand under no name at all.
"""

import re
import sys
import zlib
from collections.abc import Callable

import brotli

from archive.model import CaptureKind, NotAnArticle

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MAX_PAGE_BYTES = 50_000_000  # bytes of one page once unpacked, so that a compressed bomb stays bounded
_MAX_CODINGS = 5  # one on another
_GZIP, _ZSTD = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"
_CONTROL = re.compile(rb"[\0-\x08\x0e-\x1a\x1c-\x1f]")  # packed bytes are full of these, text in any charset has none
_CHUNK = re.compile(rb"(?:\r?\n)?([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
_ERRORS = (zlib.error, brotli.error, zstd.ZstdError)
# Undoes one stream, up to about so many bytes: the bytes, whether the stream came to its end, and what stands behind it.
_Undo = Callable[[bytes, int], tuple[bytes, bool, bytes]]
Headers = tuple[tuple[str, str], ...]


class Undecodable(ValueError):
    """A payload that cannot be unpacked. `fault` says why: `undecodable`, `truncated` (it ends too soon) or `too_large`."""

    def __init__(self, kind: CaptureKind, reason: str) -> None:
        super().__init__(reason)
        self.fault = NotAnArticle(kind, reason)


def decoded(payload: bytes, headers: Headers, most: int = MAX_PAGE_BYTES) -> bytes:
    """Undo all codings of a payload. Plain bytes under the name of a coding stay as they are; gzip is undone even
    where no header names it.

    Args:
        payload: the bytes as they were received.
        headers: the headers of the response.
        most: the number of bytes that may be unpacked at most.

    Returns:
        The plain bytes.

    Raises:
        Undecodable: a coding is not known, the payload is damaged or cut off, or it is too large.
    """
    codings = _named(headers, "content-encoding") + _named(headers, "transfer-encoding")
    if len(codings) > _MAX_CODINGS:
        raise Undecodable(CaptureKind.UNDECODABLE, f"{len(codings)} codings, one on another")
    for coding in reversed(codings):
        payload = _unchunked(payload) if coding == "chunked" else _undone(coding, payload, most)
    for _ in range(_MAX_CODINGS):
        if payload.startswith(_GZIP):
            payload = _undone("gzip", payload, most)
    return payload


def _named(headers: Headers, header: str) -> list[str]:
    """The codings that a header names, in the order in which they were applied."""
    values = ",".join(value for name, value in headers if name.lower() == header)
    return [coding for part in values.lower().split(",") if (coding := part.strip())]


def _undone(coding: str, payload: bytes, most: int) -> bytes:
    try:
        return _unpacked(coding, payload, most)
    except _ERRORS as error:
        fault = Undecodable(CaptureKind.UNDECODABLE, f"the bytes are not {coding}, which their header names: {error}")
    except Undecodable as error:
        fault = error
    if _CONTROL.search(payload, 0, 1000):
        raise fault
    return payload  # plain


def _unpacked(coding: str, payload: bytes, most: int) -> bytes:
    undo, mark = _CODINGS.get(coding, (None, b""))
    if undo is None:
        raise Undecodable(CaptureKind.UNDECODABLE, f"the coding {coding[:40]} is not known")
    whole, ended, rest = undo(payload, most + 1)
    while mark and rest.startswith(mark) and len(whole) <= most:  # several streams, one behind the other
        piece, ended, rest = undo(rest, most + 1 - len(whole))
        whole += piece
    if len(whole) > most:
        raise Undecodable(CaptureKind.TOO_LARGE, f"more than {most} bytes once unpacked")
    if not ended:
        raise Undecodable(CaptureKind.TRUNCATED, f"the {coding} stream ends too soon")
    return whole


def _unchunked(payload: bytes) -> bytes:
    """Chunks put together; as it is where it begins with none: many tools undo the coding and leave the header."""
    if not _CHUNK.match(payload):
        return payload
    pieces, at = list[bytes](), 0
    while chunk := _CHUNK.match(payload, at):
        at = chunk.end() + int(chunk[1], 16)
        if at == chunk.end():
            return b"".join(pieces)
        pieces.append(payload[chunk.end() : at])
    raise Undecodable(CaptureKind.TRUNCATED, "the last chunk is missing")


def _gzip(payload: bytes, most: int) -> tuple[bytes, bool, bytes]:
    stream = zlib.decompressobj(31)
    return stream.decompress(payload, most), stream.eof, stream.unused_data


def _deflate(payload: bytes, most: int) -> tuple[bytes, bool, bytes]:
    for bits in (15, -15):  # with the header of zlib, as the standard says, or without, as old servers do
        stream = zlib.decompressobj(bits)
        try:
            return stream.decompress(payload, most), stream.eof, stream.unused_data
        except zlib.error as error:
            fault = error
    raise fault


def _brotli(payload: bytes, most: int) -> tuple[bytes, bool, bytes]:
    stream = brotli.Decompressor()
    return stream.process(payload, output_buffer_limit=most), stream.is_finished(), b""


def _zstd(payload: bytes, most: int) -> tuple[bytes, bool, bytes]:
    stream = zstd.ZstdDecompressor()
    return stream.decompress(payload, max_length=most), stream.eof, stream.unused_data


_CODINGS: dict[str, tuple[_Undo, bytes]] = {
    "gzip": (_gzip, _GZIP),
    "x-gzip": (_gzip, _GZIP),
    "deflate": (_deflate, b""),
    "br": (_brotli, b""),
    "zstd": (_zstd, _ZSTD),
}
