"""Copies of an outlet's article at other addresses are one article and one source; what only looks like one is none."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from itertools import permutations

import pytest
from support import exchange, page

from archive.pipeline.ingest import catch_up, ingest, replace_page
from archive.pipeline.verify import verify
from archive.publishing.snapshot import publish
from archive.storage.store import Archive
from archive.web.addresses import page_key

_TEXT = (
    "望潭区青萝街道青禾小区党群服务站揭牌，投入资金14万元，青禾小区现有在册党员36名，居民860户。",
    "大家来了就能坐下说话，有人接，有人办；孩子们放学后在里屋写作业，老人在门口的长椅上晒太阳。",
)
_OTHER = (
    "云泽县红枫镇石桥村把旧粮站改成了党群服务站，每月逢五开放，村里现有党员52名。",
    "冬天围着火炉拉家常，夏天在院里听评书，谁家有难处，说一声就有人来帮忙，不必跑到镇上去。",
)
_PLAIN = "http://www.news.example/2024/c_1.html"


def _page(canonical: str = "", text: tuple[str, ...] = _TEXT) -> str:
    head = f'<link rel="canonical" href="{canonical}">' if canonical else ""
    return page("青禾小区党群服务站揭牌", *text).replace("<title>", f"{head}<title>")


def _take(store: Archive, url: str, body: str, outlet: str = "云泽新闻网") -> str:
    """Fetch and read a page. Returns the kind that it turned out to be."""
    capture_id = store.save_capture(exchange(url, body, outlet=outlet), None)
    assert capture_id is not None
    ingest(store, capture_id)
    return store.connection.execute("select kind from captures where id = ?", [capture_id]).fetchone()[0]


def _addresses(store: Archive) -> list[str]:
    return [url for (url,) in store.connection.execute("select url from articles order by url")]


def _differences(store: Archive) -> list[str]:
    return [f"{found.where}: {found.what}" for found in verify(store)]


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("http://www.news.example/amp/2024/c_1.html", _PLAIN),
        ("http://www.news.example/share.php?key=k7", "/2024/c_1.html"),
        ("http://m.news.example/2024/c_1.html", ""),
        ("http://www.news.example/wap/2024/c_1.html", ""),
        ("http://www.news.example/2024/c_1.html?print=1", ""),
        ("https://www.news.example/2024/c_1.html", ""),
        ("http://news.example/2024/c_1.html?from=timeline", ""),
    ],
)
def test_a_copy_and_its_article_are_one(store: Archive, url: str, canonical: str) -> None:
    """Though it comes first, and both are looked at again."""
    for looked in ("", "<!-- again -->"):
        _take(store, url, _page(canonical) + looked)
        _take(store, _PLAIN, _page() + looked)
    assert _addresses(store) == [url if url.startswith("https:") else _PLAIN]  # the scheme alone makes no copy
    assert store.connection.execute("select max(sources), count(*) > 2 from statements").fetchone() == (1, 1)
    assert _differences(store) == []


def test_a_copy_that_only_the_header_link_tells(store: Archive) -> None:
    _take(store, _PLAIN, _page())
    url = "http://www.news.example/share.php?key=k8"
    fetched = exchange(url, _page() + "<!-- shared -->", outlet="云泽新闻网")
    link = '</style.css>; rel=preload; as=style, </2024/c_1.html>; title="1, 2"; REL="Canonical", <https://b.example/>; rel=alternate'
    capture_id = store.save_capture(replace(fetched, headers=(*fetched.headers, ("Link", link))), None)
    assert capture_id is not None
    ingest(store, capture_id)
    assert _addresses(store) == [_PLAIN]
    assert _differences(store) == []


def test_copies_without_their_original_are_one(store: Archive) -> None:
    for kind in ("amp", "print", "m"):
        _take(store, f"http://www.news.example/{kind}/c_1.html", _page("http://www.news.example/c_1.html"))
    assert _addresses(store) == ["http://www.news.example/amp/c_1.html"]
    assert _differences(store) == []


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_the_order_of_reading_is_all_one(store: Archive, order: tuple[int, ...]) -> None:
    """As pages are read again, or by several processes."""
    pages = [
        ("http://www.news.example/amp/c_1.html", _page("http://www.news.example/c_1.html")),
        ("http://m.news.example/c_1.html", _page()),
        ("http://www.news.example/c_1.html", _page()),
        ("http://www.news.example/print/c_1.html", _page(text=_OTHER)),
    ]
    ids = [store.save_capture(exchange(url, body, outlet="云泽新闻网"), None) for url, body in pages]
    for number in order:
        ingest(store, ids[number] or 0)
    assert _addresses(store) == ["http://www.news.example/c_1.html", "http://www.news.example/print/c_1.html"]
    assert _differences(store) == []


def test_what_is_no_copy(store: Archive) -> None:
    assert _take(store, _PLAIN, _page()) == "article"
    # Another part of it, which names the first as its own.
    assert _take(store, "http://www.news.example/2024/c_1_2.html", _page(_PLAIN, _OTHER)) == "article"
    # A reprint that names where it comes from.
    assert _take(store, "http://other.example/9.html", _page(_PLAIN), "望潭发布") == "article"
    # All pages of a site name its home page.
    assert _take(store, "http://b.example/1.html", _page("http://b.example/"), "红枫网") == "article"
    assert _take(store, "http://b.example/2.html", _page("http://b.example/"), "红枫网") == "article"
    assert len(_addresses(store)) == 5
    assert _differences(store) == []


def test_a_copy_is_an_article_again_when_its_original_is_none(store: Archive) -> None:
    copy = "http://www.news.example/amp/2024/c_1.html"
    _take(store, _PLAIN, _page())
    assert _take(store, copy, _page(_PLAIN)) == "copy"
    replace_page(store, _PLAIN, [])
    assert catch_up(store) == 1
    assert _addresses(store) == [copy]


def test_what_people_decided_about_a_copy_leads_to_the_original(store: Archive) -> None:
    copy = "http://www.news.example/amp/2024/c_1.html"
    _take(store, copy, _page(_PLAIN))
    before = store.connection.execute("select evidence from facts where type = 'party_members'").fetchall()
    assert _take(store, _PLAIN, _page()) == "article"
    after = store.connection.execute("select evidence from facts where type = 'party_members'").fetchall()
    assert before != after
    assert store.connection.execute("select successor from former_facts where key = ?", before[0]).fetchall() == after


@pytest.mark.parametrize("listed", [_PLAIN, "http://www.news.example/amp/2024/c_1.html"])
def test_a_takedown_takes_the_copies_as_well(store: Archive, listed: str) -> None:
    _take(store, _PLAIN, _page())
    _take(store, "http://www.news.example/amp/2024/c_1.html", _page(_PLAIN))
    _take(store, "http://www.news.example/2024/c_2.html", _page(text=_OTHER))
    store.reviews.take_down("article", listed, "甲", "来函")
    with closing(sqlite3.connect(publish(store))) as connection:
        assert connection.execute("select url from articles").fetchall() == [("http://www.news.example/2024/c_2.html",)]
        dump = "\n".join(connection.iterdump())
    assert "c_2.html" in dump and "c_1.html" not in dump


def test_keys_of_pages() -> None:
    for address in (
        "http://www.news.example/a/1.html",
        "https://m.news.example/a/1.html?from=timeline",
        "http://news.example:80/amp/a/1.html?spm=1",
        "http://news.example/a/./1.html?print=yes",
    ):
        assert page_key(address) == "news.example/a/1.html"
    assert page_key("http://a.example/x/index.shtml") == page_key("http://a.example/x/")
    assert page_key("http://a.example/show?id=1") != page_key("http://a.example/show?id=2")
    assert page_key("http://a.example/?sid=7") != page_key("http://a.example/?sid=8")
    assert page_key("http://a.example/c/7.shtml?sid=7") == page_key("http://a.example/c/7.shtml")
    endless = "http://a.example/" + "9" * 60_000 + "?" + "&".join(f"a{n}" for n in range(3000))
    assert page_key(endless) == endless.removeprefix("http://")  # in a moment
    assert page_key("urn:sha256:ab") == "urn:sha256:ab"
    assert page_key("http://[bad") == "http://[bad"
