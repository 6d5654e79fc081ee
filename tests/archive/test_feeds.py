"""The Atom document of a feed, letter for letter: readers keep what they have seen by its ids and times."""

from datetime import UTC, datetime, timedelta, timezone

import feedparser

from archive.site.feeds import Entry, atom

_BEGIN = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns="http://www.w3.org/2005/Atom"><id>http://a.example/feed?q=党员&amp;min=3</id>"""
_LINKS = """<link href="http://a.example/feed?q=党员&amp;min=3" rel="self"/><link href="http://a.example/" rel="alternate"/>"""
_ENTRIES = """<entry><id>http://a.example/fact/aa</id><title>望潭站: &lt;b&gt;&amp;amp; "x"</title><updated>2024-05-06T07:08:09+00:00</updated>\
<author><name>望潭网</name></author><content type="text">“237名” ]]&gt; &#13;
 (x)</content><link href="http://a.example/fact/aa"/></entry>\
<entry><id>http://a.example/fact/bb</id><title>乙</title><updated>2025-01-02T03:04:05+08:00</updated>\
<author><name>?</name></author><content type="text">b</content><link href="http://a.example/fact/bb"/></entry>"""


def _atom(title: str, entries: list[Entry]) -> str:
    return atom(title, entries, "http://a.example/feed?q=党员&min=3", "http://a.example/", "http://a.example/fact/")


def _entry(evidence: str, title: str, content: str, author: str, updated: datetime) -> Entry:
    return {"evidence": evidence, "title": title, "content": content, "author": author, "updated": updated}


def test_a_feed_with_hostile_texts() -> None:
    later = datetime(2025, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=8)))
    document = _atom(
        "党员 & 揭牌",
        [
            _entry(
                "aa",
                '望潭站: <b>&amp; "x"',
                "“237名” ]]> \r\n (x)",
                "望潭网",
                datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC),
            ),
            _entry("bb", "乙", "b", "", later),
        ],
    )
    title = "<title>党群服务站报道档案 党员 &amp; 揭牌</title><updated>2025-01-02T03:04:05+08:00</updated>"
    assert document == f"{_BEGIN}{title}{_LINKS}{_ENTRIES}</feed>"
    read = feedparser.parse(document)
    assert not read.bozo and [entry.id[-2:] for entry in read.entries] == ["aa", "bb"]


def test_an_empty_feed() -> None:
    title = "<title>党群服务站报道档案</title><updated>1970-01-01T00:00:00+00:00</updated>"
    assert _atom("", []) == f"{_BEGIN}{title}{_LINKS}</feed>"
