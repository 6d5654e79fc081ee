"""Any bytes under any headers from a server: the crawl ends, says what it could not unpack, and takes the good pages."""

import gzip
import random
from pathlib import Path

import brotli
from crawling import crawled
from support import dangqun
from warcio.archiveiterator import ArchiveIterator
from web import Answer, listing, story, web

from archive.captures import coding
from archive.storage.store import open_for_reading

_CODINGS = ("gzip", "br", "zstd", "deflate", "gzip, br", "snappy", "identity", "\xe5\xff")
_KINDS = (
    "text/html",
    "text/html; charset=\xce\xc4\xd7\xd6",
    "text/plain\x85",
    "\xff",
    "application/xhtml+xml; charset=",
)


def _anything(chance: random.Random) -> Answer:
    page = story(chance.randrange(50, 90)).encode()
    bodies = (chance.randbytes(chance.randrange(400)), page, gzip.compress(page)[:-9], brotli.compress(page)[:99], b"")
    headers = {"Content-Encoding": chance.choice(_CODINGS)} if chance.random() < 0.8 else {}
    headers |= {"Transfer-Encoding": chance.choice(("chunked", "gzip", "\xe5"))} if chance.random() < 0.3 else {}
    return Answer(chance.choice(bodies), headers=headers, kind=chance.choice(_KINDS))


def test_any_bytes_under_any_headers(tmp_path: Path) -> None:
    chance = random.Random(22)
    odd = {f"/a/odd{number}.html": _anything(chance) for number in range(30)}
    odd["/a/cut.html"] = Answer(gzip.compress(story(5).encode())[:-9], headers={"Content-Encoding": "gzip"})
    good = {
        "/a/1.html": story(1),
        "/a/2.html": Answer(brotli.compress(story(2).encode()), headers={"Content-Encoding": "br"}),
        "/a/3.html": Answer(coding.zstd.compress(story(3).encode()), headers={"Content-Encoding": "zstd"}),
        "/a/4.html": Answer(gzip.compress(story(4).encode()), headers={"Content-Encoding": "x-gzip"}),
    }
    paths = list(odd | good)
    chance.shuffle(paths)
    with web(odd | good) as site:
        packed = brotli.compress(listing(paths).encode())
        site.routes["/list"] = Answer(packed, headers={"Content-Encoding": "br"})
        done = crawled(
            tmp_path / "data", {"home": site.address, "article": r"/a/.*", "lists": ["/list"]},
            settings={"USER_AGENT": "dangqun-archive/0.2 (research; contact: desk@archive.example)"},
        )  # fmt: skip
        assert set(site.paths()) == {"/list", *paths}
    assert done["outcome"] == "finished"
    assert done["failed/Undecodable"] > 5 and "undecodable" in done["findings"]
    assert "Traceback" not in done["stderr"]
    with open_for_reading(tmp_path / "data") as archive:
        kinds = dict(archive.connection.execute("select url, kind from captures").fetchall())
        assert {kinds[site.address + path] for path in good} == {"article"}
        assert None not in kinds.values()
        assert kinds[f"{site.address}/a/cut.html"] == "truncated" and "undecodable" in kinds.values()
        with archive.warc.files()[0].open("rb") as stream:
            info = next(iter(ArchiveIterator(stream))).raw_stream.read().decode()
    assert "software: dangqun-archive/0." in info and "robots: obeyed" in info
    assert "operator: desk@archive.example\r\n" in info
    assert dangqun("--archive", str(tmp_path / "data"), "verify", "--processes", "1").returncode == 0


def test_a_list_that_cannot_be_unpacked(tmp_path: Path) -> None:
    """It is named in each run, also where the server says later that it has not changed."""
    answer = Answer(b"\xff\x00\x01" * 99, headers={"Content-Encoding": "br", "ETag": '"1"'})
    with web({}) as site:
        site.routes["/list"] = lambda request: Answer(b"", 304) if "if-none-match" in request.headers else answer
        for _ in range(2):
            done = crawled(tmp_path / "data", {"home": site.address, "article": r"/a/.*", "lists": ["/list"]})
            assert "undecodable" in done["findings"]
