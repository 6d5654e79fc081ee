"""One bad record never stops the others: not in a file that is imported, nor in what is done with the archive later."""

import gzip
import zipfile
from dataclasses import replace
from pathlib import Path

import brotli
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support import dangqun, exchange, page

from archive.captures.foreign import exchanges
from archive.captures.warc import Exchange, WarcFolder
from archive.pipeline.ingest import ingest
from archive.pipeline.verify import verify
from archive.storage.store import Archive, open_for_reading, open_for_writing

TEXT = "云泽市望潭区栖霞渡社区党群服务站揭牌，栖霞渡社区现有党员41名，居民{}户。街坊们来这里借书、下棋，也来交水费。"


def _page(number: int) -> bytes:
    return page(
        f"栖霞渡社区党群服务站开门第{number}天", TEXT.format(700 + number), TEXT.format(700 + number)[::-1]
    ).encode()


def _record(number: int, body: bytes, headers: bytes = b"", warc: bytes = b"", missing: int = 0) -> bytes:
    """A response as a foreign tool writes it; `missing` bytes are in its length alone."""
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n%s\r\n%s" % (headers, body)
    return (
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:%d>\r\nWARC-Target-URI: http://a.example/%d.html\r\n"
        b"WARC-Date: 2024-05-06T07:08:09Z\r\n%sContent-Type: application/http; msgtype=response\r\nContent-Length: %d\r\n\r\n"
        b"%s\r\n\r\n" % (number, number, warc, len(block) + missing, block)
    )


def _file(folder: Path, *records: bytes, packed: bool = True) -> Path:
    path = folder / ("foreign.warc.gz" if packed else "foreign.warc")
    path.write_bytes(b"".join(map(gzip.compress, records) if packed else records))
    return path


def _taken(path: Path) -> tuple[list[str], str]:
    """The numbers of the pages of a file, those that are cut off marked; and what the message calls wrong with the file."""
    found = []
    try:
        for one in exchanges(path):
            assert isinstance(one, Exchange)
            found.append(one.url.rsplit("/")[-1].removesuffix(".html") + ("!" if one.truncated else ""))
    except ValueError as error:
        return found, str(error)
    return found, ""


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize(
    ("middle", "taken"),
    [
        (_record(2, _page(2), missing=700), ["1", "2!", "3", "4"]),
        (_record(2, _page(2), missing=9000), ["1", "2!", "3", "4"]),
        (_record(2, _page(2), missing=3_000_000), ["1", "2!", "3", "4"]),
        (_record(2, _page(2)).replace(b"WARC/1.0", b"WORC/1.0"), ["1", "3", "4"]),
        (b"\x00\xff" * 3000, ["1", "3", "4"]),
    ],
)
def test_damage_in_the_middle(tmp_path: Path, packed: bool, middle: bytes, taken: list[str]) -> None:
    rest = [_record(number, _page(number)) for number in (3, 4)]
    found, output = _taken(_file(tmp_path, _record(1, _page(1)), middle, *rest, packed=packed))
    assert found == taken
    assert "cannot be read near its record" in output


@pytest.mark.parametrize("at", [0.1, 0.5, 0.9])
def test_a_damaged_member_hides_none_behind_it(tmp_path: Path, at: float) -> None:
    members = [bytearray(gzip.compress(_record(number, _page(number)))) for number in (1, 2, 3, 4)]
    for shift in range(20):
        members[1][int(at * len(members[1])) + shift] ^= 0xFF
    path = tmp_path / "foreign.warc.gz"
    path.write_bytes(b"".join(members))
    found, output = _taken(path)
    assert [one for one in found if not one.startswith("2")] == ["1", "3", "4"] and "2" not in found
    assert "cannot be read near its record" in output


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("lost", [50, 200, 400, 600])
def test_a_file_that_ends_too_soon(tmp_path: Path, packed: bool, lost: int) -> None:
    path = _file(tmp_path, _record(1, _page(1)), _record(2, _page(2)), packed=packed)
    path.write_bytes(path.read_bytes()[:-lost])
    found, output = _taken(path)
    assert found in (["1", "2!"], ["1"])
    assert "it is cut off" in output


def test_a_bad_file_in_a_wacz_hides_no_other(tmp_path: Path) -> None:
    path = tmp_path / "foreign.wacz"
    with zipfile.ZipFile(path, "w") as zipped:
        zipped.writestr("archive/1.warc.gz", b"nothing")
        zipped.writestr("archive/2.warc.gz", gzip.compress(_record(2, _page(2))))
    found, output = _taken(path)
    assert found == ["2"] and "1.warc.gz cannot be read" in output


def test_what_cannot_be_read_is_kept_and_listed(tmp_path: Path) -> None:
    """Each record that says, or shows, that something is missing; and whole ones beside it."""
    whole = brotli.compress(_page(1))
    path = _file(
        tmp_path,
        _record(1, whole, b"Content-Encoding: br\r\n"),
        _record(2, b"\xff\x00\x01" * 500, b"Content-Encoding: br\r\n"),
        _record(3, _page(3)[:500], warc=b"WARC-Truncated: length\r\n"),
        _record(4, _page(4)[:500], b"Content-Length: 5000\r\n"),
        _record(5, gzip.compress(_page(5))[:-30], b"Content-Encoding: gzip\r\n"),
        _record(6, _page(6), b"Content-Length: 5\r\n"),  # of the packed body that was undone
    )
    data = str(tmp_path / "data")
    done = dangqun("--archive", data, "import", "--no-publish", str(path))
    assert done.returncode == 0, done.stderr
    assert "6 pages: 2 new articles, 0 known already, 4 not articles." in done.stderr
    assert all(f"http://a.example/{number}.html" in done.stderr for number in (2, 3, 4, 5))
    with open_for_reading(tmp_path / "data") as archive:
        rows = archive.connection.execute("select kind, reason from captures order by id").fetchall()
        assert [kind for kind, _ in rows] == ["article", "undecodable", *["truncated"] * 3, "article"]
        assert [one.truncated for one in exchanges(archive.warc.files()[0]) if isinstance(one, Exchange)] == [
            "", "", "length", "unspecified", "", "",
        ]  # fmt: skip
    for command in (["import", "--no-publish", str(path)], ["extract", "--all"], ["verify", "--processes", "1"]):
        again = dangqun("--archive", data, *command)
        assert again.returncode == 0, again.stderr
        assert "Traceback" not in again.stderr


@pytest.mark.parametrize("at", [0.02, 0.5, 0.9])
def test_a_damaged_record_of_ours_costs_that_record_only(tmp_path: Path, at: float) -> None:
    """In repeated reading, in the output of verify, and where the database comes back from the captures."""
    data = tmp_path / "data"
    with open_for_writing(data) as archive:
        for number in (1, 2, 3):
            capture_id = archive.save_capture(exchange(f"http://a.example/{number}.html", _page(number)), None)
            assert capture_id is not None
            ingest(archive, capture_id)
        offset, length = archive.connection.execute(
            "select warc_offset, warc_length from captures where url like '%2.html'"
        ).fetchone()
        [path] = archive.warc.files()
    whole = path.read_bytes()
    broken = bytearray(whole)
    for shift in range(12):
        broken[offset + int(at * length) + shift] ^= 0xFF
    path.write_bytes(broken)

    def kinds() -> list[str]:
        done = dangqun("--archive", str(data), "extract", "--all", "--no-publish")
        assert "Traceback" not in done.stderr
        is_reported = "1 captures are damaged; all others are read" in done.stderr.replace("\n", " ")
        with open_for_reading(data) as archive:
            found = archive.connection.execute("select kind from captures order by url").fetchall()
        assert (done.returncode == 1 and is_reported) == ("damaged" in [kind for (kind,) in found])
        return [kind for (kind,) in found]

    assert kinds() == ["article", "damaged", "article"]
    with open_for_reading(data) as archive:
        reported = [one.what for one in verify(archive)]
    assert reported == [
        f"the record at byte {offset} is broken",
        f"capture 2 has no whole record at byte {offset} of {path.name}",
    ]
    (data / "archive.db").rename(tmp_path / "before.db")
    assert kinds() == ["article", "article"]  # of the two that are whole
    assert path.read_bytes() == broken
    path.write_bytes(whole)
    (tmp_path / "before.db").rename(data / "archive.db")
    assert kinds() == ["article", "article", "article"]  # back from a backup


def test_a_page_cut_off_takes_nothing_from_the_whole_one(store: Archive) -> None:
    fetched = exchange("http://a.example/1.html", _page(1))
    for one in (fetched, replace(fetched, body=_page(1)[:500], truncated="disconnect")):
        capture_id = store.save_capture(one, None)
        assert capture_id is not None
        ingest(store, capture_id)
    assert store.connection.execute("select capture_id, revision from articles").fetchall() == [(1, 1)]
    assert store.connection.execute("select kind, reason from captures where id = 2").fetchone() == (
        "truncated", "the record says that it was cut off (disconnect)",
    )  # fmt: skip


_VALUES = st.sampled_from([b"gzip", b"br", b"zstd", b"deflate", b"chunked", b"gzip, br", b"identity"]) | st.binary()
_HEADERS = st.lists(
    st.tuples(st.sampled_from([b"Content-Encoding", b"Transfer-Encoding", b"Content-Type", b"X-\xc3\xa9", b"\xe5"]), _VALUES),
    max_size=4,
)  # fmt: skip
_BODIES = st.binary() | st.sampled_from([_page(9), gzip.compress(_page(9)), brotli.compress(_page(9))[:90]])


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(_BODIES, _HEADERS), min_size=5, max_size=20))
@example(
    [(_page(9), [(b"Content-Type", b"text/html; charset=\xce\xc4\xd7\xd6 \x85\xa0"), (b"\xe5:", b"\xff\r\n\xfe")])]
)
def test_any_bytes_under_any_headers(
    tmp_path_factory: pytest.TempPathFactory, cases: list[tuple[bytes, list[tuple[bytes, bytes]]]]
) -> None:
    """In a file that is imported, and in what a crawl keeps."""
    folder = tmp_path_factory.mktemp("any")
    records = [
        _record(number, body, b"".join(b"%s: %s\r\n" % (name, value.replace(b"\n", b" ")) for name, value in headers))
        for number, (body, headers) in enumerate(cases, 2)
    ]
    path = _file(folder, *records, _record(1, _page(1)))
    with open_for_writing(folder / "data") as archive:
        for one in exchanges(path):
            if isinstance(one, Exchange):
                _keep(archive, one)
        for number, (body, headers) in enumerate(cases):
            fetched = exchange(f"http://b.example/{number}.html", body)
            pairs = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)
            _keep(archive, replace(fetched, headers=pairs))
        kinds = dict(archive.connection.execute("select url, kind from captures").fetchall())
        assert kinds["http://a.example/1.html"] == "article"
        assert None not in kinds.values()
        assert list(verify(archive)) == []


def _keep(archive: Archive, fetched: Exchange) -> None:
    capture_id = archive.save_capture(fetched, None)
    if capture_id is not None:
        ingest(archive, capture_id)


def test_headers_keep_their_bytes(tmp_path: Path) -> None:
    received = "text/html; charset=文字".encode("gbk")
    sent = replace(exchange("http://a.example/1", b"<p>"), headers=(("Content-Type", received.decode("latin-1")),))
    folder = WarcFolder(tmp_path)
    place = folder.writer("a").append(sent)
    assert b"Content-Type: " + received + b"\r\n" in gzip.decompress((tmp_path / "a.warc.gz").read_bytes())
    assert folder.read(place).header("content-type") == sent.content_type
