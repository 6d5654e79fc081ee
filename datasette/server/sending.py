"""Sending files that are made as they are sent: until the end, or until the client leaves."""

import asyncio
import re
import zlib
from collections import Counter
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from datasette import Response
from starlette.datastructures import Headers
from starlette.staticfiles import NotModifiedResponse

from archive.errors import LocalizedError
from archive.publishing.writers import Writer
from server import options
from server.answers import Refusal
from server.asgi import Message, Receive, Scope, Send
from server.language import gettext as _
from server.programs import has_current

_AT_ONCE = 2  # files that one address is sent at the same time
_LONGEST = 3600.0  # seconds
_LEVEL = 3  # of compression
_UNDER_WAY: Counter[str] = Counter()  # files under way, by address
_PACKED = re.compile(r"application/(?:vnd\.|zip)")  # media types of what is compressed already


@dataclass(frozen=True)
class File:
    """What is known of a file before its first byte. It is shown, and not kept, where it has no name."""

    media_type: str
    name: str = ""
    total: int | None = None  # rows; None: not counted
    headers: Mapping[str, str] = field(default_factory=dict)  # further ones; an ETag before it is sent


class BrokenOffError(BaseException):
    """A file that failed on the way. It is no Exception: to such, Datasette would send its page of an error behind the file's begin."""


class _Gzipped:
    """A writer whose file is compressed on its way."""

    def __init__(self, writer: Writer) -> None:
        self._writer, self._packer = writer, zlib.compressobj(_LEVEL, wbits=31)

    def begin(self) -> bytes:
        return self._packer.compress(self._writer.begin())

    def rows(self, rows: Sequence[Sequence[Any]]) -> bytes:
        return self._packer.compress(self._writer.rows(rows))

    def end(self) -> bytes:
        return self._packer.compress(self._writer.end()) + self._packer.flush()


def packed(scope: Scope, file: File, writer: Writer) -> tuple[File, Writer]:
    """A file and its writer, compressed where the client reads that and the format is not compressed by itself.

    The site compresses other answers as a whole, in the thread that all requests share. A file says that it is not to be.
    """
    accepted = b", ".join(value for name, value in scope["headers"] if name == b"accept-encoding")
    is_packed = b"gzip" in accepted and not _PACKED.match(file.media_type)
    headers = {"content-encoding": "gzip" if is_packed else "identity", "vary": "Accept-Encoding"}
    file = File(file.media_type, file.name, file.total, {**file.headers, **headers})
    return file, _Gzipped(writer) if is_packed else writer


async def send_file(
    scope: Scope, receive: Receive, send: Send, file: File, pieces: AsyncGenerator[bytes, None]
) -> None:
    """Send a file piece by piece, until its end or until the client leaves; to HEAD, its headers alone.

    One that fails on the way is cut off: it has no last piece, so that the client's program reports an error. So is one that takes too
    long. One that cannot be begun, by a LocalizedError, is answered with its words. An address that has two files under way gets no third.
    Who has the file of this ETag gets no other.
    """
    async with aclosing(pieces):
        if has_current(scope, file.headers["etag"]):
            await NotModifiedResponse(Headers(file.headers))(scope, receive, send)
            return
        if scope["method"] == "HEAD":
            await _start(send, file)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        address = (scope.get("client") or ("", 0))[0]
        if options.rate_limited() and _UNDER_WAY[address] >= _AT_ONCE:
            words = _("Two downloads are under way to your address. Try again when one of them has finished.")
            await refuse(send, words, 429, {"retry-after": "10"})
            return
        with _counted(address):
            async with asyncio.timeout(_LONGEST):
                await _send_pieces(receive, send, file, pieces)


async def _send_pieces(receive: Receive, send: Send, file: File, pieces: AsyncGenerator[bytes, None]) -> None:
    left = asyncio.ensure_future(_disconnected(receive))
    try:
        try:
            piece = await anext(pieces, None)
        except LocalizedError as error:
            await refuse(send, str(error))
            return
        await _start(send, file)
        while piece is not None and not left.done():
            if piece:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            try:
                piece = await anext(pieces, None)
            except Exception as error:
                raise BrokenOffError from error
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        left.cancel()
        with suppress(asyncio.CancelledError):
            await left


async def _start(send: Send, file: File) -> None:
    headers = {"content-type": file.media_type, "cache-control": "no-cache", **file.headers}
    if file.total is not None:
        headers["x-total-rows"] = str(file.total)
    if file.name:
        headers["content-disposition"] = _attachment(file.name)
    encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": 200, "headers": encoded})


async def refuse(send: Send, words: str, status: int = 400, headers: dict[str, str] | None = None) -> None:
    """Answer with an error in place of a file."""
    await Response.json(Refusal(ok=False, error=words), status=status, headers=headers).asgi_send(send)


@contextmanager
def _counted(address: str) -> Iterator[None]:
    """Count a file that is under way to an address."""
    _UNDER_WAY[address] += 1
    try:
        yield
    finally:
        _UNDER_WAY[address] -= 1
        if not _UNDER_WAY[address]:
            del _UNDER_WAY[address]


def _attachment(file: str) -> str:
    """The header Content-Disposition of a file, with its name in plain ASCII too."""
    plain = re.sub(r"[^\w.-]", "_", file, flags=re.ASCII)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file, safe='')}"


async def _disconnected(receive: Receive) -> None:
    while True:
        message: Message = await receive()
        if message["type"] == "http.disconnect":
            return
