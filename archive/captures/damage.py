"""Damage in WARC and ARC files: where the next whole record begins, and a reader that does not read past damage unseen."""

import re
import zlib
from typing import IO

from warcio.bufferedreaders import DecompressingBufferedReader

_PLAIN = rb"WARC/\d\.\d+\r?\n|https?://\S{1,300} [0-9A-Fa-f.:]{2,45} \d{14} \S"  # the second: ARC
_START = re.compile(rb"\x1f\x8b\x08|" + _PLAIN)
_BEGINS = re.compile(_PLAIN)
_HEAD, _BLOCK = 512, 1 << 16  # bytes that show whether a record begins; bytes read at once


class Reader(DecompressingBufferedReader):
    """warcio's, which takes the rest of a file for the tail of a damaged record: here that is an error."""

    def _decompress(self, data: bytes) -> bytes:
        if self.decompressor and self.num_block_read:
            return bytes(self.decompressor.decompress(data))
        return bytes(super()._decompress(data))


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
