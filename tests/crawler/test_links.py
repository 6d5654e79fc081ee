"""What lists of all kinds point to, hostile ones included; one page, one address."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy import Request
from scrapy.http import Response

from archive.reading.stamps import day_in
from archive.web.addresses import normal, resolved
from crawler.discovery.links import Entry, data, links
from crawler.discovery.urls import canonical, forms


def _response(url: str, body: str | bytes, kind: str = "text/html") -> Response:
    content = body.encode() if isinstance(body, str) else body
    return Response(url, body=content, headers={"Content-Type": kind})


def test_links_of_a_mislabelled_page() -> None:
    html = '<html><head><meta charset="gb2312"></head><body><a href=" /a.html#top ">喆园</a><a href="/a.html">again</a><a href="javascript:alert(1)">x</a><a href="http://[bad">y</a><a href="mailto:a@b.example">z</a></body></html>'
    assert links(_response("http://a.example/list/", html.encode("gbk"))) == [Entry("http://a.example/a.html")]


def test_the_day_in_a_link() -> None:
    html = """<ul><li><a href="/p/1.html">一</a><span>2021-06-28</span></li><li><a href="/202104/09/2.html">二</a></li>
    <tr><td><a href="/p/3.html">三</a></td><td>2020年1月2日</td></tr></ul><div><a href="/p/4.html">四</a></div>"""
    days = [entry.day for entry in links(_response("http://a.example/", html))]
    assert days == [date(2021, 6, 28), date(2021, 4, 9), None, None] or days[:2] == [
        date(2021, 6, 28),
        date(2021, 4, 9),
    ]
    for address, day in (
        ("http://a.example/content/2021/04/09/77.html", date(2021, 4, 9)),
        ("http://a.example/n2/2022/1026/c134768-1.html", date(2022, 10, 26)),
        ("http://a.example/xw/202103/t20210304_1.html", date(2021, 3, 4)),
        ("http://a.example/html/2024-05/06/content_1.htm", date(2024, 5, 6)),
        ("http://a.example/20240817/0123456789abcdef/c.html", date(2024, 8, 17)),
        ("http://a.example/content/20211399.html", None),
        ("http://20210304.example/p/1.html", None),
    ):
        assert day_in(address) == day


def test_addresses_in_scripts() -> None:
    html = r"<script>item=[{'title':'甲','link_add':'https:\/\/a.example\/2024\/05\/06\/ARTI1.shtml'}];</script>"
    found = links(_response("http://a.example/", html), in_script=r"link_add'\s*:\s*'([^']+)")
    assert found == [Entry("https://a.example/2024/05/06/ARTI1.shtml", date(2024, 5, 6))]


def test_json() -> None:
    listed = '{"data": {"list": [{"url": "/p/1.html", "time": "2024-05-06 07:08"}, {"url": null}, 7]}}'
    found = data(_response("http://a.example/api", listed, "application/json"), "data.list", "url", "time")
    assert found == [Entry("http://a.example/p/1.html", date(2024, 5, 6))]
    with pytest.raises(ValueError, match="Expecting value"):
        data(_response("http://a.example/api", "<html>"), "data", "url", "")
    with pytest.raises(ValueError, match="too deep"):
        data(_response("http://a.example/api", "[" * 100_000), "data", "url", "")


def test_links_start_from_the_base() -> None:
    for base in ("/news/", "http://a.example/news/index.html", "../news/"):
        html = f'<html><head><base target="_blank"><base href="{base}"></head><body><a href="c/1.html">甲</a></body></html>'
        assert links(_response("http://a.example/dj/list.html", html)) == [Entry("http://a.example/news/c/1.html")]
    for base in ("javascript:void(0)", "http://[bad"):
        html = f'<html><head><base href="{base}"></head><body><a href="c/1.html">甲</a></body></html>'
        assert links(_response("http://a.example/dj/list.html", html)) == [Entry("http://a.example/dj/c/1.html")]


@pytest.mark.parametrize(
    ("coding", "query"),
    [("gbk", "name=%C7%E0%BA%CC&id=6"), ("utf-8", "name=%E9%9D%92%E7%A6%BE&id=6"), ("utf-16", "name=%E9%9D%92%E7%A6%BE&id=6")],
)  # fmt: skip
def test_queries_are_sent_in_the_coding_of_their_page(coding: str, query: str) -> None:
    """Paths are sent in UTF-8, as browsers do it."""
    html = "<html><body><p>社区党群服务站的消息都在这里</p><a href='/文/s.asp?name=青禾&amp;id=6'>甲</a></body></html>"
    [entry] = links(_response("http://a.example/", html.encode(coding)))
    assert entry.address == f"http://a.example/%E6%96%87/s.asp?{query}"


def test_one_page_one_address() -> None:
    for listed in (
        "http://News.Example:80/a/1.html?utm_source=x&from=timeline&isappinstalled=0",
        "https://news.example/a/1.html;jsessionid=8F2A?spm=1.2",
        "http://m.news.example/a/1.html",
        "https://news.example/a/1.html?PHPSESSID=abc",
        "https://news.example/a/1.html?sid=9f3c1b7ad2e64a518f6b",
        "https://news.example/a/1.html?sid=12&from=3",
        "https://news.example/a/1.html?timestamp=12",
        "https://news.example:443/b/../a/./1.html#top",
    ):
        assert canonical(listed, "https://news.example:443", ("M.news.example",)) == "https://news.example/a/1.html"
    for kept in (
        "http://b.example/view?id=7",
        "http://b.example/show.php?sid=1001",
        "http://b.example/read.asp?from=3021",
        "http://b.example/read.asp?sid=A17",
        "http://b.example/show.php?timestamp=12",
        "http://b.example/?20240506",
        "http://b.example/a?x=1+2%20",
    ):
        assert canonical(kept) == kept
    assert canonical("http://b.example/view?id=7&utm_term=x") == "http://b.example/view?id=7"
    assert canonical("http://b.example") == "http://b.example/"
    assert "https://a.example/x/" in forms("http://a.example/x/index.shtml")
    assert "http://a.example/x/index.html" in forms("http://a.example/x/")


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("http://a.example/文/1.html", "http://a.example/%E6%96%87/1.html"),
        ("http://a.example/%e6%96%87/1.html", "http://a.example/%E6%96%87/1.html"),
        ("http://a.example/a b|c.html", "http://a.example/a%20b%7Cc.html"),
        ("http://a.example/%c7%e0?x=%c7", "http://a.example/%C7%E0?x=%C7"),
        ("http://a.example/%7Ea/", "http://a.example/~a/"),
        ("http://新闻.example/", "http://xn--efvy88h.example/"),
        ("HTTP://[2001:DB8:0::1]:80/", "http://[2001:db8::1]/"),
        ("http://[bad", "http://[bad"),
        ("urn:sha256:AB", "urn:sha256:AB"),
    ],
)
def test_the_normal_form_is_what_is_sent(given: str, sent: str) -> None:
    assert normal(given) == sent == normal(sent)
    assert not sent.startswith("http://a") or Request(sent).url == sent


@given(
    st.text(st.sampled_from("a1文é%2f./\\?&=+#;:@ |[]{}'\"<>^`~\t\n\u3000𠮷"), max_size=12),
    st.sampled_from(["utf-8", "gb18030"]),
)
def test_the_normal_form_of_any_link_stays(href: str, coding: str) -> None:
    """Whatever it is made of: known pages are looked up by what was sent."""
    address = resolved("http://a.example/b/c.html", href, coding)
    if address is not None:
        assert normal(address) == Request(address).url == address and address.isascii()


def test_addresses_that_are_none() -> None:
    for href in ("http://[bad", "http://a.example:99999/", "http://a.example:x/", "mailto:a@b.example", "http://"):
        assert resolved("", href) is None
