"""Whatever a record makes a reader raise, it ends under a named kind, and all that is beside it goes on."""

import gzip
import io
import struct
import tracemalloc
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from support import exchange, page

from archive.captures.foreign import exchanges
from archive.captures.warc import Exchange, WarcFolder
from archive.model import Article, Capture, NotAnArticle
from archive.pipeline import deriving, ingest
from archive.pipeline.reread import outdated, reread
from archive.pipeline.verify import verify
from archive.publishing.wacz import surt
from archive.storage.store import Archive
from archive.web.addresses import normal

TEXT = "云泽市望潭区栖霞渡社区党群服务站揭牌，栖霞渡社区现有党员41名，居民700户。街坊们来这里借书、下棋，也来交水费。"
PAGE = page("栖霞渡社区党群服务站开门", TEXT, TEXT[::-1]).encode()


def _record(url: str, *, date: str = "2024-05-06T07:08:09Z", warc: bytes = b"", http: bytes = b"") -> bytes:
    """A page as a foreign tool writes it, packed."""
    block = b"HTTP/1.1 200 OK\r\n%sContent-Type: text/html\r\n\r\n%s" % (http, PAGE)
    head = (
        f"WARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: {date}\r\n"
        f"Content-Type: application/http\r\nContent-Length: {len(block)}\r\n"
    )
    return gzip.compress(b"WARC/1.0\r\n%s%s\r\n%s\r\n\r\n" % (warc, head.encode(), block))


def _taken(path: Path) -> tuple[list[str], str]:
    """The addresses of the pages of a file, and the kinds of what is none; what the message calls wrong with the file."""
    found = []
    try:
        found.extend(one.url if isinstance(one, Exchange) else one for one in exchanges(path))
    except ValueError as error:
        return found, str(error)
    return found, ""


class _Unsaid(Exception):
    """An error of no known kind, whose message holds what no database and no terminal takes."""


def _failing(kind: type[Exception]) -> Callable[..., Article | NotAnArticle]:
    def read(capture: Capture, layouts: object = None) -> Article | NotAnArticle:
        if "bad" in capture.url:
            raise kind("\udce5\x1b[2J")
        return deriving_read(capture, layouts)  # type: ignore[arg-type]

    deriving_read = deriving.reading.read
    return read


@pytest.mark.parametrize("kind", [_Unsaid, RecursionError, MemoryError])
def test_a_page_at_which_the_reader_fails(
    store: Archive, kind: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(deriving.reading, "read", _failing(kind))
        for name in ("bad", "good"):
            capture_id = store.save_capture(exchange(f"http://a.example/{name}.html", PAGE), None)
            assert capture_id is not None
            ingest.ingest(store, capture_id)
        rows = store.connection.execute("select kind, reason from captures order by id").fetchall()
        assert rows == [("unreadable", f"{kind.__name__}:   [2J"), ("article", "")]
        assert ingest.catch_up(store) == 0
        assert list(verify(store)) == []
    assert reread(store, outdated(store)) == 1  # the reader is repaired: the capture is read again without a command
    kinds = store.connection.execute("select kind from captures").fetchall()
    assert [found for (found,) in kinds] == ["article", "article"]


def test_a_page_that_cannot_be_stored(store: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """The version before it stays, and so do the pages that are stored with it."""
    bodies = {"http://a.example/1.html": "栖", "http://a.example/bad.html": "霞", "http://a.example/2.html": "渡"}
    for url, char in bodies.items():
        for version in (PAGE, PAGE.replace(b"700", b"900")):
            body = version.replace("云泽市".encode(), char.encode() * 3)
            assert store.save_capture(exchange(url, body), None) is not None
    row = ingest._article_row

    def too_large(archive: Archive, one: object, article: Article, revision: int, gone: str | None) -> dict:
        if "bad" in article.url and "900" in article.text:
            return row(archive, one, article, revision, gone) | {"revision": 1 << 80}  # type: ignore[arg-type]
        return row(archive, one, article, revision, gone)  # type: ignore[arg-type]

    monkeypatch.setattr(ingest, "_article_row", too_large)
    assert reread(store, outdated(store)) == 3
    kinds = [kind for (kind,) in store.connection.execute("select kind from captures order by id")]
    assert kinds == ["article", "article", "article", "unreadable", "article", "article"]
    revisions = store.connection.execute("select url, revision from articles order by capture_id").fetchall()
    assert revisions == list(zip(bodies, (2, 1, 2), strict=True))


@pytest.mark.parametrize(
    ("url", "date", "kind"),
    [
        ("http://[::1", "2024-05-06T07:08:09Z", "no_address"),
        ("http://a.example:99999/", "2024-05-06T07:08:09Z", "no_address"),
        ("http:///1.html", "2024-05-06T07:08:09Z", "no_address"),
        ("http://a..example/", "2024-05-06T07:08:09Z", "no_address"),
        ("http://amy:secret@a.example/", "2024-05-06T07:08:09Z", "address_with_credentials"),
        (f"http://{'a' * 5000}.example/", "2024-05-06T07:08:09Z", "address_too_long"),
        (f"http://a.example/{'a' * 200_000}", "2024-05-06T07:08:09Z", "address_too_long"),
        ("http://a.example/bad", "0001-01-01T00:00:00Z", "no_date"),
        ("http://a.example/bad", "0001-01-01T00:00:00+14:00", "no_date"),
        ("http://a.example/bad", "1969-12-31T23:59:59Z", "no_date"),
        ("http://a.example/bad", "9999-12-31T23:59:59-14:00", "no_date"),
        ("http://a.example/bad", "yesterday", "no_date"),
    ],
)
def test_a_record_that_is_refused(tmp_path: Path, url: str, date: str, kind: str) -> None:
    path = tmp_path / "foreign.warc.gz"
    path.write_bytes(_record(url, date=date) + _record("http://a.example/good"))
    assert _taken(path) == ([kind, "http://a.example/good"], "")


@pytest.mark.parametrize("line", [b"a" * 80_000_000, b"y\r\n" + b" z\r\n" * 4_000_000], ids=["line", "lines"])
@pytest.mark.parametrize("of", ["warc", "http"])
def test_a_head_without_end(tmp_path: Path, of: str, line: bytes) -> None:
    large = {of: b"X: %s\r\n" % line}
    path = tmp_path / "foreign.warc.gz"
    path.write_bytes(_record("http://a.example/bad", **large) + _record("http://a.example/good"))
    tracemalloc.start()
    found, printed = _taken(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == ["http://a.example/good"]
    assert "its head has more than 262144 bytes" in printed
    assert peak < 60_000_000  # what is read at once, unpacked


@pytest.mark.parametrize("of", ["line", "response", "filedesc"])
def test_a_head_without_end_in_an_arc_file(tmp_path: Path, of: str) -> None:
    long = {of: b"a" * 50_000_000}
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX: %s\r\n\r\n%s" % (long.get("response", b""), PAGE)
    line = b"http://a.example/%s%s 192.0.2.7 20240506070809 text/html %d\n%s\n"
    bad = line % (b"bad", long.get("line", b""), len(block), block)
    first = b"filedesc://old.arc 0.0.0.0 20240506070809 text/plain 50000020\n1 0 Archive%s\n\n" % long.get(
        "filedesc", b""
    )
    block = block if of != "response" else block.replace(long[of], b"")
    good = line % (b"good", b"", len(block), block)
    path = tmp_path / "old.arc.gz"
    path.write_bytes(gzip.compress(first if of == "filedesc" else bad) + gzip.compress(good))
    tracemalloc.start()
    found, printed = _taken(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found[-1] == "http://a.example/good" and "cannot be read" in printed
    assert peak < 80_000_000  # as above, however long the line


def test_a_line_without_end_behind_a_record(tmp_path: Path) -> None:
    path = tmp_path / "foreign.warc.gz"
    record = gzip.decompress(_record("http://a.example/bad"))
    path.write_bytes(gzip.compress(record + b"a" * 30_000_000) + _record("http://a.example/good"))
    found, printed = _taken(path)
    assert found[-1] == "http://a.example/good" and "cannot be read" in printed


def test_our_own_heads_come_back(tmp_path: Path) -> None:
    """Also the largest that are taken, which are longer once they are written."""
    folder = WarcFolder(tmp_path)
    headers = (("Content-Type", "text/html"), *[("X", "")] * 60_000)
    place = folder.writer("a").append(replace(exchange("http://a.example/1", PAGE), headers=headers))
    assert len(folder.read(place).headers) == 60_001
    assert folder.scan(tmp_path / "a.warc.gz").damaged == ()


def _zipped(method: int, flags: int) -> bytes:
    """A WACZ file whose first member is marked: packed by another method, or encrypted."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as zipped:
        zipped.writestr("archive/1.warc.gz", _record("http://a.example/bad"))
        zipped.writestr("archive/2.warc.gz", _record("http://a.example/good"))
    content = bytearray(made.getvalue())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        struct.pack_into("<HH", content, content.index(mark) + at, flags, method)
    return bytes(content)


@pytest.mark.parametrize(("method", "flags"), [(99, 0), (0, 1), (8, 0), (12, 0), (14, 0)])
def test_a_member_of_a_wacz_that_cannot_be_opened(tmp_path: Path, method: int, flags: int) -> None:
    path = tmp_path / "foreign.wacz"
    path.write_bytes(_zipped(method, flags))
    found, printed = _taken(path)
    assert found == ["http://a.example/good"] and printed


def test_a_record_whose_status_is_none_hides_none(store: Archive) -> None:
    """One of ours that is whole, and that nothing can be made of."""
    for name in ("1", "2", "3"):
        store.save_capture(exchange(f"http://a.example/{name}.html", PAGE), None)
    [path] = store.warc.files()
    members = path.read_bytes().split(b"\x1f\x8b\x08\x00")
    broken = [gzip.decompress(b"\x1f\x8b\x08\x00" + member) for member in members[1:]]
    broken[3] = broken[3].replace(b"HTTP/1.1 200", b"HTTP/1.1 2oo").replace(b"WARC-Block-Digest", b"X")
    path.write_bytes(b"".join(map(gzip.compress, broken)))
    scan = store.warc.scan(path)
    assert [found.url[-6] for found in scan.found] == ["1", "3"] and len(scan.damaged) == 1


@pytest.mark.parametrize(
    "written", ["http://a.example/é/ǖ.html?q=é", "http://a.example/caf%C3%A9", "http://é.example/한"]
)
def test_one_address_however_unicode_writes_it(written: str) -> None:
    forms = {normal(unicodedata.normalize(form, written)) for form in ("NFC", "NFD")}
    assert len(forms) == 1
    assert {normal(form) for form in forms} == forms
    escaped = "http://a.example/cafe%CC%81?q=e%cc%81"
    assert normal(escaped) == "http://a.example/caf%C3%A9?q=%C3%A9"


def test_what_is_no_utf_8_stays_as_it_is() -> None:
    for address in ("http://a.example/%B5%B3?q=%CD%AC", "http://a.example/%CC%81", "http://a.example/a%2Fb%3F"):
        assert normal(address) == address


def test_an_address_that_is_none_stops_no_index() -> None:
    assert surt("http://a.example:99999/") == "http://a.example:99999/"
    assert surt("http://[::1") == "http://[::1"
