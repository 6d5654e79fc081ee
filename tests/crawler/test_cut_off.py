"""Bodies that are shorter than their server promised: kept where their end is there, else reported and requested again."""

import gzip
from pathlib import Path

import pytest
from crawling import crawled
from web import Answer, Web, listing, story, web

from archive.storage.store import open_for_reading, open_for_writing

_HALF = story(2)[: len(story(2)) // 2].encode()


def _short(body: bytes) -> Answer:
    """An answer that promises a hundred bytes more than it has, and hangs up."""
    return Answer(iter([body]), headers={"Content-Length": str(len(body) + 100)})


def _unended(body: bytes) -> Answer:
    """A chunked answer without its last chunk."""
    return Answer(iter([b"%x\r\n%b\r\n" % (len(body), body)]), headers={"Transfer-Encoding": "chunked"})


def _given(site: Web) -> dict[str, object]:
    return {"home": site.address, "article": r"/a/\d+\.html", "lists": ["/list"]}


@pytest.mark.parametrize("cut", [_short, _unended])
def test_a_page_that_is_cut_off_is_reported_and_requested_again(cut: object, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with web({"/list": listing(["/a/1.html", "/a/2.html"]), "/a/1.html": story(1)}) as site:
        site.routes["/a/2.html"] = lambda request: cut(_HALF)  # type: ignore[operator]
        done = crawled(folder, _given(site), settings={"RETRY_TIMES": 1})
        assert site.paths().count("/a/2.html") == 2
        assert (done["read/article"], done["read/truncated"], done["failed/cut_off"]) == (1, 1, 1)
        assert "cut off" in done["findings"]["cut_off"]
        with open_for_reading(folder) as archive:
            kinds = archive.connection.execute("select kind from captures where url like '%/a/2.html'").fetchall()
        assert kinds == [("truncated",)]
        site.routes["/a/2.html"] = story(2)
        with open_for_writing(folder) as archive:  # a day later
            archive.connection.execute("update fetch_schedule set due = '2020' where due is not null")
        site.log.clear()
        assert crawled(folder, _given(site))["read/article"] == 1
        assert site.paths() == ["/list", "/a/2.html"]


def test_a_page_whose_end_is_there_is_whole(tmp_path: Path) -> None:
    with web({"/list": listing(["/a/1.html"])}) as site:
        site.routes["/a/1.html"] = lambda request: _short(story(1).encode())
        done = crawled(tmp_path / "data", _given(site))
        assert done["read/article"] == 1 and "failed/cut_off" not in done


def test_half_a_robots_txt_is_no_answer(tmp_path: Path) -> None:
    with web({"/list": listing(["/a/1.html"]), "/a/1.html": story(1)}) as site:
        site.routes["/robots.txt"] = lambda request: _short(b"User-agent: *\nDisallow: /a/")
        done = crawled(tmp_path / "data", _given(site))
        assert not site.paths() and "robots" in done["findings"]


def test_codings_are_undone_whatever_their_headers_say(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    packed = gzip.compress(story(1).encode())
    forms = {
        "/a/1.html": Answer(packed, headers={"Content-Encoding": "x-gzip"}),
        "/a/2.html": Answer(
            gzip.compress(gzip.compress(story(2).encode())), headers={"Content-Encoding": "gzip, gzip"}
        ),
        "/a/3.html": Answer(gzip.compress(story(3).encode())),
        "/a/4.html": Answer(packed[: len(packed) // 2], headers={"Content-Encoding": "gzip"}),
    }
    with web({"/list": listing([*forms]), **forms}) as site:
        done = crawled(folder, _given(site))
    assert done["read/article"] == 3 and done["findings"]
    with open_for_reading(folder) as archive:
        kinds = archive.connection.execute("select substr(url, -6, 1), kind from captures where role = ''").fetchall()
        due = archive.connection.execute("select due from fetch_schedule where url like '%/a/4.html'").fetchone()[0]
    assert dict(kinds) == {"1": "article", "2": "article", "3": "article", "4": "truncated"} and due
