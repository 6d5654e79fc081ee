"""Feeds and sitemaps in all the forms that are met, broken ones included. feedparser, where it is installed, has to come
to the same pages and times."""

from calendar import timegm
from datetime import UTC, date, datetime, timedelta
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.http import Response

from archive.reading.stamps import CHINA
from crawler.discovery.feeds import feed, moment, sitemap
from crawler.discovery.links import Entry

AT = "http://a.example"
_NS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"'
_ATOM = 'xmlns="http://www.w3.org/2005/Atom"'


def _response(body: str | bytes, url: str = f"{AT}/dj/feed.xml", kind: str = "text/xml") -> Response:
    content = body.encode() if isinstance(body, str) else body
    return Response(url, body=content, headers={"Content-Type": kind})


def _pages(body: str | bytes) -> list[str]:
    return [unquote(entry.address) for entry in sitemap(_response(body))[0]]


def _item(inner: str, *, top: str = "") -> str:
    return f'<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"{top}><channel><item>{inner}</item></channel></rss>'


def _entry(inner: str, *, top: str = "") -> str:
    return f"<feed {_ATOM}{top}><entry>{inner}</entry></feed>"


# Feeds

FEEDS: dict[str, str | bytes] = {
    "declared gb2312, written in GBK": ('<?xml version="1.0" encoding="gb2312"?>' + _item("<title>喆园的䶮</title><link>/c/1.html</link>") + "<!-- 喆 -->").encode("gb18030"),
    "declared utf-8, written in GBK": ('<?xml version="1.0" encoding="utf-8"?>' + _item("<title>松涛社区的党群服务站</title><link>/c/1.html</link>")).encode("gbk"),
    "a declaration behind a blank line": "\n" + '<?xml version="1.0" encoding="gb2312"?>' + _item("<link>/c/1.html</link>"),
    "an & that nobody escaped": _item("<title>甲&乙&nbsp;丙</title><link>/c/1.html?cid=3&id=11&copy=2</link>"),
    "an & in CDATA": _item("<title><![CDATA[甲&amp;乙]]></title><link><![CDATA[/c/1.html?cid=3&id=11&copy=2]]></link>"),
    "an atom:link to itself": _item(f'<atom:link rel="self" href="{AT}/item/1.xml"/><link>/c/1.html</link>'),
    "the sound first": _entry(f'<link rel="enclosure" type="audio/mpeg" href="{AT}/p/1.mp3"/><link href="/c/1.html"/>'),
    "replies first": _entry(f'<link rel="replies" href="{AT}/r/1.html"/><link rel="self" href="/api/1"/><link rel="alternate" type="text/html" href="/c/1.html"/>'),
    "a comment's address first": _item("<comments>/c/1.html#say</comments><link>/c/1.html</link>"),
    "the base of the feed": _entry('<link href="1.html"/>', top=f' xml:base="{AT}/c/"'),
    "bases within one another": _entry('<link xml:base="c/" href="1.html"/>', top=f' xml:base="{AT}/"'),
    "a guid that is an address": _item("<guid>/c/1.html</guid>"),
    "a guid that is none": _item('<guid isPermaLink="false">/c/9.html</guid>'),
    "a guid beside the link": _item('<guid isPermaLink="true">/c/9.html</guid><link>/c/1.html</link>'),
    "RSS 1.0": '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel/><item rdf:about="/c/1.html"><link>/c/1.html</link></item></rdf:RDF>',
    "blanks and lines around": _item("<link>\n  /c/1.html\n</link>"),
    "an element in an element": _item("<source><link>/feed</link></source><link>/c/1.html</link>"),
}  # fmt: skip
_OTHERWISE = {
    "an & that nobody escaped": ["/c/1.html?cid=3&id=11&copy=2"], "an & in CDATA": ["/c/1.html?cid=3&id=11&copy=2"],
    "a guid that is none": [],
}  # fmt: skip
# Where feedparser comes to something else: it reads &copy in an address as ©.
_NOT_SAME = {"an & that nobody escaped"}


@pytest.mark.parametrize("form", FEEDS)
def test_the_page_of_an_entry(form: str) -> None:
    pages = [entry.address for entry in feed(_response(FEEDS[form]))]
    assert pages == [AT + path for path in _OTHERWISE.get(form, ["/c/1.html"])]


@pytest.mark.parametrize("form", sorted(set(FEEDS) - _NOT_SAME))
def test_feedparser_comes_to_the_same_pages(form: str) -> None:
    feedparser = pytest.importorskip("feedparser")
    body = FEEDS[form]
    headers = {"content-type": "text/xml", "content-location": f"{AT}/dj/feed.xml"}
    parsed = feedparser.parse(body if isinstance(body, bytes) else body.encode(), response_headers=headers)
    theirs = [entry.link for entry in parsed.entries if entry.get("link")]
    assert [entry.address for entry in feed(_response(body))] == theirs


def test_when_an_entry_came_out_and_when_it_changed() -> None:
    rss = _item("<link>/a/1.html</link><pubDate>Mon, 06 May 2024 20:00:00 GMT</pubDate>")
    assert feed(_response(rss)) == [Entry(f"{AT}/a/1.html", date(2024, 5, 7))]
    dated = _item(
        '<link>/a/2.html</link><pubDate>昨天</pubDate><dc:date xmlns:dc="http://purl.org/dc/elements/1.1/">2024-05-06</dc:date>'
    )
    assert feed(_response(dated)) == [Entry(f"{AT}/a/2.html", date(2024, 5, 6))]
    atom = _entry('<link href="/2"/><updated>2024-05-06T07:08:09Z</updated>')
    assert feed(_response(atom)) == [Entry(f"{AT}/2", date(2024, 5, 6), "2024-05-06T07:08:09Z")]
    assert feed(_response("<html>")) == []


# Times

_EIGHT = datetime(2024, 5, 6, 20, 0, tzinfo=CHINA)
SAME = (
    "2024-05-06T20:00:00+08:00", "2024-05-06T12:00:00Z", "2024-05-06 20:00:00 +0800", "2024-05-06 20:00", "2024/5/6 20:00:00",
    "2024-05-06 12:00:00 GMT", "Mon, 06 May 2024 20:00:00 +0800", "Mon, 06 May 2024 12:00:00 GMT", "Mon, 06 May 2024 20:00:00 CST",
    "Mon May 06 20:00:00 CST 2024", "Mon May 06 2024 20:00:00 GMT+0800 (中国标准时间)", "Mon, 06 May 2024 20:00:00",
    "周一, 06 5月 2024 20:00:00 +0800", "星期一, 06 五月 2024 20:00:00 CST", "2024年5月6日 20:00", "2024年5月6日 下午8:00",
    "2024-05-06T20:00:00CST", "Mon, 06 May 2024 12:00:00 -0000",
)  # fmt: skip


@pytest.mark.parametrize("written", SAME)
def test_a_time_in_many_forms(written: str) -> None:
    assert moment(written) == _EIGHT


@pytest.mark.parametrize(
    "written", ["", None, "昨天", "2024-13-45", "0001-01-01T00:00:00", "1970-01-01", "2038-01-01", "Fri, 01 Jan 2038 00:00:00 CST"]
)  # fmt: skip
def test_what_is_no_time(written: str | None) -> None:
    assert moment(written) is None


@given(st.datetimes(datetime(1991, 1, 2), datetime(2026, 1, 1)), st.integers(-12, 14))
def test_feedparser_comes_to_the_same_times(when: datetime, hours: int) -> None:
    feedparser = pytest.importorskip("feedparser")
    zone = f"{'-' if hours < 0 else '+'}{abs(hours):02d}"
    for written in (
        when.strftime("%a, %d %b %Y %H:%M:%S ") + f"{zone}00",
        when.strftime("%Y-%m-%dT%H:%M:%S") + f"{zone}:00",
    ):
        theirs = feedparser.datetimes._parse_date(written)
        assert moment(written) == datetime.fromtimestamp(timegm(theirs), UTC), written


# Sitemaps


def test_sitemaps() -> None:
    xml = f'<?xml version="1.0"?><urlset {_NS}><url><loc> {AT}/1 </loc><lastmod>2024-01-02</lastmod></url><url><loc/></url></urlset>'
    pages = [Entry(f"{AT}/1", date(2024, 1, 2), "2024-01-01T16:00:00Z")]
    assert sitemap(_response(xml)) == (pages, [])
    news = f"<urlset {_NS}><url><loc>{AT}/2</loc><n:news><n:publication_date>2024-05-06T07:08:09+08:00</n:publication_date></n:news></url></urlset>"
    assert sitemap(_response(news)) == ([Entry(f"{AT}/2", date(2024, 5, 6))], [])
    index = f"<sitemapindex {_NS}><sitemap><loc>s1.xml.gz</loc></sitemap></sitemapindex>"
    assert sitemap(_response(index)) == ([], [Entry(f"{AT}/dj/s1.xml.gz")])


@pytest.mark.parametrize(
    ("xml", "paths"),
    [
        ("<URLSET><URL><LOC>/c/1.html</LOC><LASTMOD>2024-01-02</LASTMOD></URL></URLSET>", ["/c/1.html"]),
        ("<urlset><url><loc>c/1.html</loc></url><url><loc>../c/2.html</loc></url></urlset>", ["/dj/c/1.html", "/c/2.html"]),
        ("<urlset><url><loc>/show.asp?cid=3&id=9</loc></url></urlset>", ["/show.asp?cid=3&id=9"]),
        ("<urlset><url><loc>/show.asp?cid=3&amp;id=9&#38;p=1</loc></url></urlset>", ["/show.asp?cid=3&id=9&p=1"]),
        (f"\ufeff{AT}/c/1.html\r\n\r\n  HTTP://a.example/c/2.html\n# 党建\nmailto:a@b.example\n", ["/c/1.html", "/c/2.html"]),
        ('<?xml version="1.0" encoding="gb2312"?><urlset><!-- 喆 --><url><loc>/喆/1.html</loc></url></urlset>'.encode("gbk"), ["/喆/1.html"]),
        ("<urlset><url><image:image><image:loc>/p/1.jpg</image:loc></image:image><loc>/c/1.html</loc></url></urlset>", ["/c/1.html"]),
        ("<urlset><url><loc>/c/1.html</loc></url><url><loc>/c/2.h", ["/c/1.html"]),
    ],
)  # fmt: skip
def test_forms_of_a_sitemap(xml: str | bytes, paths: list[str]) -> None:
    assert _pages(xml) == [AT + path for path in paths]


def test_a_change_that_lies_ahead_is_none() -> None:
    ahead = (datetime.now(UTC) + timedelta(hours=3)).isoformat()
    xml = f"<urlset><url><loc>/c/1.html</loc><lastmod>{ahead}</lastmod></url></urlset>"
    assert sitemap(_response(xml))[0] == [Entry(f"{AT}/c/1.html")]
    assert feed(_response(_entry(f'<link href="/c/1.html"/><updated>{ahead}</updated>'))) == [Entry(f"{AT}/c/1.html")]


def test_what_cannot_be_read() -> None:
    for broken in (
        b"no xml at all",
        b"",
        b"\x1f\x8bnot gzip",
        b"\x1f\x8b\x08not gzip",
        b"<html><body>404</body></html>",
    ):
        assert sitemap(_response(broken)) == ([], [])
        assert feed(_response(broken)) == []
    bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]><urlset><url><loc>/&b;&c;</loc></url></urlset>'
    assert _pages(bomb) == [f"{AT}/&b;&c;"]


_PIECES = st.sampled_from(
    ["<item>", "</item>", "<link>", "<link href='", "</link>", "<guid>", "<loc>", "<url>", "<rss>", "<![CDATA[", "]]>", "&", "&#x", ";", "//[",
     " xml:base='", "'>", "<lastmod>", "</", "喆", "\x00", "2024-05-06", "http://", "<!--", "<?xml encoding='utf-16'?>", "<!DOCTYPE x ["]
)  # fmt: skip


@given(st.one_of(st.binary(max_size=200), st.lists(_PIECES, max_size=30).map(lambda pieces: "".join(pieces).encode())))
def test_any_bytes_are_read_as_far_as_they_can_be(body: bytes) -> None:
    pages, maps = sitemap(_response(body))
    for entry in (*feed(_response(body)), *pages, *maps):
        assert entry.address.startswith(("http://", "https://"))


@given(st.text(max_size=40))
def test_any_text_is_a_time_or_none(written: str) -> None:
    found = moment(written)
    assert found is None or found.tzinfo is not None


def test_half_a_character_costs_no_sitemap() -> None:
    body = b"<urlset><url><loc>http://a.example/&#xD800;1.html</loc></url><url><loc>http://a.example/2&#56320;.html</loc></url></urlset>"
    pages, _ = sitemap(Response("http://a.example/map.xml", body=body))
    assert [entry.address for entry in pages] == ["http://a.example/1.html", "http://a.example/2.html"]
