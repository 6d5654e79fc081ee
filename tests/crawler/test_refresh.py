"""Pages that only send on, by <meta http-equiv="refresh"> or a frame."""

from html import escape
from pathlib import Path

import pytest
from crawling import crawled
from web import listing, story, web

from archive.model import Article, Capture
from archive.reading import read
from archive.reading.kind import sends_on
from archive.reading.page import Page
from archive.storage.store import open_for_reading

_AT = "http://a.example/dj/1.html"


def _sending(target: str, text: str = "正在跳转，请稍候") -> str:
    return f'<html><head><meta http-equiv="refresh" content="0;url={target}"></head><body>{text}</body></html>'


@pytest.mark.parametrize(
    ("html", "target"),
    [
        (_sending("/c/1.html"), "http://a.example/c/1.html"),
        ("<META HTTP-EQUIV=Refresh CONTENT=\"3; URL='../c/1.html'\">", "http://a.example/c/1.html"),
        ('<base href="/b/">' + _sending("?id=1&amp;p=2"), "http://a.example/b/?id=1&p=2"),
        (_sending("http://b.example/1.html"), "http://b.example/1.html"),
        (_sending("HTTP://A.example:80/文/../%e6%96%87/1.html#top"), "http://a.example/%E6%96%87/1.html"),
        (_sending("http://A.example:80/x/../dj/1.html"), ""),
        ('<meta http-equiv="refresh" content="300">', ""),
        (_sending("1.html"), ""),
        (_sending("/dj/1.html#top"), ""),
        (_sending("javascript:go()"), ""),
        (_sending("http://[bad"), ""),
        (f"<!--[if lt IE 8]>{_sending('/up.html')}<![endif]-->", ""),
        ('<noscript><meta http-equiv="refresh" content="0;url=/up.html"></noscript>', ""),
        (_sending("/", "您访问的页面不存在"), ""),
        (_sending("/", "请先登录后查看"), ""),
        (f'<script>document.cookie="k=1"</script>{_sending("/?k=1", "")}', ""),
    ],
)
def test_where_a_page_sends_on_to(html: str, target: str) -> None:
    assert sends_on(Capture(_AT, html.encode())) == target


@pytest.mark.parametrize(
    ("html", "target"),
    [
        ('<iframe src="c/1.html" width="100%"></iframe>', "http://a.example/dj/c/1.html"),
        ("<FRAMESET ROWS='100%'><FRAME NAME=main SRC='/c/1.html'></FRAMESET>", "http://a.example/c/1.html"),
        ('<iframe src="/c/1.html"></iframe><iframe src="/c/1.html#2"></iframe>', "http://a.example/c/1.html"),
        ('<iframe src="/c/1.html"></iframe><iframe src="//b.example/ad.html"></iframe>', "http://a.example/c/1.html"),
        ('<iframe src="/c/1.html"></iframe><iframe src="/count" width=1 height=1>', "http://a.example/c/1.html"),
        ('<iframe src="/c/1.html"></iframe><iframe src="/c/2.html"></iframe>', ""),
        ('<iframe src="http://b.example/1.html"></iframe>', ""),
        ('<iframe src="/c/1.html" style="display: none"></iframe>', ""),
        ('<div style="display: none"><p><iframe src="/login.html"></iframe></p></div>', ""),
        ('<iframe src="javascript:go()"></iframe>', ""),
        ('<iframe src="data:text/html,hello"></iframe>', ""),
        ('<iframe srcdoc="&lt;iframe src=/c/1.html&gt;&lt;/iframe&gt;"></iframe>', ""),
        ('<iframe src="http://[bad"></iframe>', ""),
        ('<iframe src=""></iframe>', ""),
        ('<iframe src="/c/1.html"></iframe>' + "网站导航栏目的文字" * 30, ""),
    ],
)
def test_a_page_that_only_shows_another_sends_on_to_it(html: str, target: str) -> None:
    assert sends_on(Capture(_AT, f"<html><body>{html}</body></html>".encode())) == target


def test_a_document_within_a_frame_is_part_of_the_page() -> None:
    whole = story(1)
    start, end = whole.index("<body>") + 6, whole.index("</body>")
    framed = whole[:start] + f'<iframe srcdoc="{escape(whole[start:end])}"></iframe>' + whole[end:]
    found, expected = (read(Capture(_AT, html.encode())) for html in (framed, whole))
    assert isinstance(found, Article) and found == expected


@pytest.mark.parametrize("empty", ["  ", "<!-- -->", "<!DOCTYPE html>", "<?xml version='1.0' encoding='gbk'?>"])
def test_a_frame_with_an_empty_document_changes_nothing(empty: str) -> None:
    framed = story(1).replace("</body>", f'<iframe srcdoc="{escape(empty)}"></iframe></body>')
    found, expected = (read(Capture(_AT, html.encode())) for html in (framed, story(1)))
    assert isinstance(found, Article) and found == expected


def test_the_document_of_a_frame_that_nobody_sees_is_no_part_of_the_page() -> None:
    assert Page('<p>站</p><iframe width="1" height="1" srcdoc="&lt;p&gt;藏&lt;/p&gt;"></iframe>').shown == "站"


def test_a_page_with_a_text_behind_a_long_head_leads_nowhere() -> None:
    styles = f"<style>{'p {margin: 0}' * 2000}</style>"
    html = story(1).replace("<body>", f'<body><iframe src="/top.html"></iframe>{styles}')
    assert sends_on(Capture(_AT, html.encode())) == ""
    bare = f'<body><iframe src="/c/1.html"></iframe>{styles}</body>'
    assert sends_on(Capture(_AT, bare.encode())) == "http://a.example/c/1.html"


@pytest.mark.parametrize(("coding", "query"), [("gbk", "%C7%E0%BA%CC"), ("utf-8", "%E9%9D%92%E7%A6%BE")])
def test_queries_are_sent_in_the_coding_of_their_page(coding: str, query: str) -> None:
    html = _sending("/文/s.asp?name=青禾", "党群服务站的消息已经搬家，正在跳转，请稍候")
    assert sends_on(Capture(_AT, html.encode(coding))) == f"http://a.example/%E6%96%87/s.asp?name={query}"


def test_an_article_that_goes_to_the_next_is_an_article() -> None:
    html = story(1).replace("<head>", '<head><meta http-equiv="refresh" content="60;url=/a/2.html">')
    capture = Capture(_AT, html.encode())
    assert sends_on(capture) == "" and isinstance(read(capture), Article)


def test_a_crawl_follows_them_on_their_own_host(tmp_path: Path) -> None:
    with web({"/list": _sending("/news/"), "/x/1.html": story(1), "/a/3.html": story(3)}) as site:
        site.routes |= {
            "/news/": listing(["/a/1.html", "/a/2.html", "/a/3.html", "/a/4.html", "/a/5.html"]),
            "/a/1.html": _sending("../x/1.html"),
            "/a/2.html": _sending(site.address.replace("127.0.0.1", "localhost") + "/x/2.html"),
            "/a/4.html": _sending("/a/5.html"),
            "/a/5.html": _sending("/a/4.html"),
        }
        given = {"home": site.address, "article": r"/a/\d+\.html", "lists": ["/list"]}
        done = crawled(tmp_path / "data", given)
        assert done["outcome"] == "finished" and done["read/article"] == 2
        assert "/x/1.html" in site.paths() and "/x/2.html" not in site.paths()
        site.log.clear()
        crawled(tmp_path / "data", given)
        assert set(site.paths()) == {"/list", "/news/"}
    with open_for_reading(tmp_path / "data") as archive:
        kinds = dict(archive.connection.execute("select substr(url, -8), kind from captures where role = ''"))
    assert kinds == {
        **dict.fromkeys(("a/1.html", "a/2.html", "a/4.html", "a/5.html"), "redirect"),
        "x/1.html": "article",
        "a/3.html": "article",
    }
