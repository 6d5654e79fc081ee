"""Codings of payloads: whatever headers name, the page comes out, or a reason why it cannot be unpacked."""

import gzip
import zlib
from collections.abc import Callable

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.captures import coding
from archive.captures.coding import Undecodable, decoded

PAGE = "<html><body><p>栖霞渡社区党群服务站揭牌，现有党员41名。</p></body></html>".encode() * 50


def _raw(payload: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(payload) + stream.flush()


def _chunked(payload: bytes) -> bytes:
    return b"1\r\n%s\r\n%x;note=a\r\n%s\r\n0\r\nTrailer: b\r\n\r\n" % (payload[:1], len(payload) - 1, payload[1:])


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "X-Gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": coding.zstd.compress,
}


@pytest.mark.parametrize("name", PACKED)
def test_each_coding(name: str) -> None:
    packed = PACKED[name](PAGE)
    named = (("content-encoding", name),)
    assert decoded(packed, named) == PAGE
    assert decoded(_chunked(packed), (*named, ("Transfer-Encoding", "chunked"))) == PAGE
    assert decoded(packed, (*named, ("Transfer-Encoding", "chunked"))) == PAGE  # undone, and the header left
    assert decoded(brotli.compress(packed), (*named, ("Content-Encoding", "br"))) == PAGE
    assert decoded(PAGE, named) == PAGE  # named over plain bytes


def test_other_forms() -> None:
    assert decoded(_raw(PAGE), (("Content-Encoding", "deflate"),)) == PAGE
    assert (
        decoded(gzip.compress(PAGE[:99]) + gzip.compress(PAGE[99:]) + b"\0\0", (("Content-Encoding", "gzip"),)) == PAGE
    )
    zstd = coding.zstd.compress
    assert decoded(zstd(PAGE[:99]) + zstd(PAGE[99:]), (("Content-Encoding", "zstd"),)) == PAGE
    assert decoded(gzip.compress(PAGE), ()) == PAGE
    assert decoded(gzip.compress(gzip.compress(PAGE)), (("Content-Encoding", "gzip"),)) == PAGE
    assert decoded(gzip.compress(PAGE), (("Transfer-Encoding", "gzip, chunked"),)) == PAGE
    assert decoded(PAGE, (("Content-Encoding", "utf-8"),)) == PAGE
    assert decoded(b"", (("Content-Encoding", "br"),)) == b""


@pytest.mark.parametrize(
    ("payload", "name", "kind"),
    [
        *((PACKED[name](PAGE)[:-6], name, "truncated") for name in PACKED),
        (bytes(range(256)), "br", "undecodable"),
        (bytes(range(256)), "snappy", "undecodable"),
        (gzip.compress(PAGE), "gzip, br", "undecodable"),
        (gzip.compress(PAGE)[:-8] + b"\0" * 8, "gzip", "undecodable"),
        (PAGE, ",".join(["gzip"] * 9), "undecodable"),
        (gzip.compress(b"\0" * 60_000_000), "gzip", "too_large"),
    ],
)
def test_what_cannot_be_unpacked(payload: bytes, name: str, kind: str) -> None:
    with pytest.raises(Undecodable) as caught:
        decoded(payload, (("Content-Encoding", name),))
    assert caught.value.fault.kind == kind


@pytest.mark.parametrize("cut", [1, 30, 500])
def test_chunks_that_end_too_soon(cut: int) -> None:
    with pytest.raises(Undecodable) as caught:
        decoded(_chunked(PAGE)[: -cut - 17], (("Transfer-Encoding", "chunked"),))
    assert caught.value.fault.kind == "truncated"


@given(st.binary(), st.lists(st.sampled_from([*PACKED, "chunked", "identity"]) | st.text(), max_size=3), st.booleans())
def test_any_bytes_under_any_coding(payload: bytes, names: list[str], transfer: bool) -> None:
    header = "Transfer-Encoding" if transfer else "Content-Encoding"
    try:
        assert isinstance(decoded(payload, tuple((header, name) for name in names)), bytes)
    except Undecodable as error:
        assert error.fault.reason
