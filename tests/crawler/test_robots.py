"""robots.txt: whose rules are ours, in which coding, and what a crawl does where they cannot be had."""

import asyncio
import codecs
import gzip
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
from crawling import crawled
from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.settings import Settings
from web import Answer, Web, listing, story, web

from archive.storage.store import open_for_writing
from crawler import session
from crawler.middlewares import robots

_SHUT = "User-agent: *\nDisallow: /\n"
_OPEN = "Allow: /\n\n" + _SHUT


def _allows(rules: str | bytes, path: str = "/c/1.html") -> bool:
    body = rules.encode() if isinstance(rules, str) else rules
    return robots.parse(body, "dangqun-archive").allow(f"http://news.example{path}")


# Whose rules are ours


@pytest.mark.parametrize(
    "agent",
    [
        "archive", "dangqun", "d", "news", "research", "contact", "crawl@example.org", "dangqun-archive-news", "*archive",
        "dangqun*", "Mozilla/5.0 (compatible; dangqun-archive)", "",
    ],
)  # fmt: skip
def test_a_group_for_others_is_not_ours(agent: str) -> None:
    assert not _allows(f"User-agent: {agent}\n{_OPEN}")
    assert _allows(f"User-agent: {agent}\nDisallow: /\n")


@pytest.mark.parametrize(
    "agent",
    [
        "dangqun-archive", "Dangqun-Archive", "DANGQUN-ARCHIVE/0.2", "dangqun-archive/0.2 (news archive; contact: a@b.example)",
        "dangqun-archive*", "dangqun-archive # us",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "field", ["User-agent:", "user-agent :", "USER-AGENT:\t", "Useragent:", "User agent", "  User-Agent:"]
)
def test_a_group_that_names_us_is_ours(agent: str, field: str) -> None:
    assert _allows(f"{field} {agent}\n{_OPEN}")
    assert not _allows(f"{field} {agent}\nDisallow: /\n\nUser-agent: *\nAllow: /\n")


def test_groups_are_put_together_and_what_is_no_rule_ends_none() -> None:
    """Blank lines, sitemaps and records of others stand between an agent and its rules."""
    assert not _allows("User-agent: dangqun-archive\nDisallow: /a/\n\nUser-agent: dangqun-archive\nDisallow: /c/\n")
    assert not _allows(
        "User-agent: dangqun-archive\n\nSitemap: https://news.example/s.xml\nUser-agent: b\nDisallow: /c/\n"
    )
    assert not _allows("User-agent: dangqun-archive\nCrawl-delay: 5\nNoindex: /x\nUser-agent: b\nDisallow: /c/\n")
    assert _allows("User-agent: dangqun-archive\nDisallow:\nUser-agent: b\nDisallow: /c/\n")
    assert _allows("User-agent: dangqun-archive\nDisallow: /a/\n\n" + _SHUT)
    assert _allows("Disallow: /\nUser-agent: b\nDisallow: /\n")


def test_the_longest_rule_counts() -> None:
    rules = "User-agent: *\nDisallow: /c/\nAllow: /c/open/\nDisallow: /*.pdf$\nDissallow: /old\n"
    assert _allows(rules, "/c/open/1.html") and not _allows(rules, "/c/1.html") and not _allows(rules, "/a.pdf")
    assert _allows(rules, "/a.pdf?x=1") and not _allows(rules, "/old/1.html") and _allows(rules, "/C/1.html")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_ends_of_lines(end: str) -> None:
    assert not _allows(f"{_SHUT}Allow: /a/\n".replace("\n", end))
    assert _allows("User-agent: *\x0bDisallow: /\n")  # no end of a line: an agent of that name


# Its coding


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("linked", ["utf-8", "gb18030"])
def test_rules_in_chinese(coding: str, linked: str) -> None:
    """However the file is written and the links are escaped; other folders stay open."""
    body = "# 禁止抓取\nUser-agent: *\nDisallow: /内部/\nDisallow: /*?栏目=草稿\n".encode(coding)
    assert not _allows(body, quote("/内部/2.html", encoding=linked))
    assert not _allows(body, quote("/内部/2.html", encoding=linked).lower())
    assert not _allows(body, quote("/s?栏目=草稿", safe="/?=", encoding=linked))
    assert all(
        _allows(body, quote(path, encoding=linked)) for path in ("/新闻/2.html", "/外部/2.html", "/内/2.html", "/a")
    )


def test_rules_in_big5_and_escaped_ones() -> None:
    big5 = "User-agent: *\nDisallow: /內部/\n".encode("big5hkscs")
    assert not _allows(big5, quote("/內部/2.html")) and not _allows(big5, quote("/內部/2.html", encoding="big5"))
    escaped = "User-agent: *\nDisallow: /%c4%da%b2%bf/\nDisallow: /%7eold/\n"
    assert not _allows(escaped, "/%C4%DA%B2%BF/3.html") and not _allows(escaped, "/~old/3.html")
    assert _allows(escaped, "/%D0%C2%CE%C5/3.html")
    latin = "User-agent: *\nDisallow: /%e9%e8/\n"  # octets that are no UTF-8 are not taken for one another
    assert not _allows(latin, "/%E9%E8/1") and _allows(latin, "/%E8%E9/1")


@pytest.mark.parametrize(
    "body",
    [
        b"User-agent: *\nDisallow: /\xff\xfe\xfd/\n", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xd8\0", b"\0" * 999,
        codecs.BOM_UTF16_LE + b"\0\xd8\0\xd8", b"\x80\x81\xff" * 99,
    ],
)  # fmt: skip
def test_what_is_no_text(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"is not text|decode"):
        robots.parse(body, "dangqun-archive")


def test_comments_and_pages_void_nothing() -> None:
    assert not _allows("# no <html> here\nUser-agent: * # all\nDisallow: /c/ # <html>\n")
    assert not _allows(b"# \xff\xfe broken\nUser-agent: *\nDisallow: /c/\n")
    assert _allows("<!DOCTYPE html><html><body><p>页面不存在</p>\n<a href='/'>首页</a></body></html>")
    assert _allows("<html><title>页面不存在</title></html>".encode("gbk")) and _allows("")


def test_half_a_rule_is_left_out() -> None:
    assert _allows(b"User-agent: *\nDisallow: /a/\n".ljust(512 * 1024 - 11, b"#") + b"\nDisallow: /c/closed/\n")


# The pace


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        ("Crawl-delay: 5", 5), ("crawl-delay:5s", 5), ("Crawl-delay: 2.5 seconds", 2.5), ("Crawl-delay: 1m", 60),
        ("Crawl-delay: 500ms", 0.5), ("Crawl delay 7", 7), ("Request-rate: 1/5", 5), ("Request-rate: 2/1m 0600-0845", 30),
        ("Request-rate: 1/10s\nCrawl-delay: 3", 10), ("Crawl-delay: soon", 0), ("Request-rate: 0/5", 0), ("Crawl-delay: -1", 0),
    ],
)  # fmt: skip
def test_the_requested_pace(line: str, seconds: float) -> None:
    body = f"User-agent: b\nCrawl-delay: 99\nDisallow:\n\nUser-agent: *\n{line}\nDisallow: /x\n"
    assert robots.parse(body.encode(), "dangqun-archive").delay == seconds


# Crawls


def _articles(count: int) -> dict[str, object]:
    return {f"/a/{n}.html": story(n) for n in range(1, count + 1)} | {
        "/list": listing([f"/a/{n}.html" for n in range(1, count + 1)])
    }


def _crawled(site: Web, folder: Path, **more: object) -> dict[str, Any]:
    given = {"home": site.address, "article": r"/a/\d+\.html", "lists": ["/list"], **more}
    return crawled(folder, given, settings={"DEFAULT_WAIT": 0.1})


def _text(rules: str | bytes) -> Answer:
    return Answer(rules, kind="text/plain")


def test_rules_by_agent_and_the_delay(tmp_path: Path) -> None:
    rules = _SHUT + "\nUser-agent: dangqun-archive\nDisallow: /a/2.html\nCrawl-delay: 0.6s\n"
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "dangqun.toml").write_text('contact = "desk@archive.example"\n', "utf-8")
    with web(_articles(4) | {"/robots.txt": _text(rules)}) as site:
        done = _crawled(site, tmp_path / "data")
        assert sorted(site.paths()) == ["/a/1.html", "/a/3.html", "/a/4.html", "/list"]
        assert done["robotstxt/forbidden"] == 1
        assert min(b.at - a.at for a, b in pairwise(site.log)) > 0.55
        assert site.most_open == 1
        agent = site.log[0].headers["user-agent"]
        assert agent.startswith("dangqun-archive/") and agent.endswith("(contact: desk@archive.example)")


def test_a_pace_beyond_what_a_run_waits_leaves_the_site_alone(tmp_path: Path) -> None:
    with web(_articles(1) | {"/robots.txt": _text("User-agent: *\nCrawl-delay: 11m\n")}) as site:
        done = _crawled(site, tmp_path / "data")
        assert site.paths() == [] and done["robots/too_slow"] == 660
        assert "robots" in done["findings"]


@pytest.mark.parametrize(("stated", "kept"), [("121", 121.0), ("10m", 600.0)])
def test_a_slow_pace_is_kept_to(stated: str, kept: float) -> None:
    slowed: list[float] = []
    crawler = SimpleNamespace(
        settings=Settings({"ARCHIVE": "none", "MAX_WAIT": 600.0}), stats=None, signals=SimpleNamespace(connect=str)
    )
    rules = robots.parse(f"User-agent: *\nCrawl-delay: {stated}\n".encode(), "dangqun-archive")

    class Answered(robots.Robots):
        def __init__(self) -> None:
            self.crawler, self.known, self.lock, self.max_wait = crawler, {}, asyncio.Lock(), 600.0  # type: ignore[assignment]

        async def _fetch(self, address: str) -> robots.Rules:
            return rules

        def _slow_down(self, netloc: str, delay: float) -> None:
            slowed.append(delay)

    assert asyncio.run(Answered()._rules("http://a.example")) is rules
    assert slowed == [kept]


def test_a_file_of_fifty_megabytes(tmp_path: Path) -> None:
    rules = b"User-agent: *\nDisallow: /a/2.html\n" + b"# and so on\n" * 4_500_000
    with web(_articles(3) | {"/robots.txt": _text(rules)}) as site:
        done = _crawled(site, tmp_path / "data")
        assert sorted(site.paths()) == ["/a/1.html", "/a/3.html", "/list"]
        assert done["robots/cut"] == 1


def _by_answer(
    folder: Path, answers: list[Answer], crawls: int = 1
) -> Iterator[tuple[list[list[str]], dict[str, Any]]]:
    """The paths that each crawl requests from sites with such answers for robots.txt, without robots.txt, and its counts."""
    with ExitStack() as stack:
        sites = [stack.enter_context(web(_articles(1) | {"/robots.txt": answer})) for answer in answers]
        also = [site.address.removeprefix("http://") for site in sites]
        for _ in range(crawls):
            done = _crawled(sites[0], folder, lists=[f"{site.address}/list" for site in sites], also=also)
            yield [site.paths() for site in sites], done


def test_sites_without_rules(tmp_path: Path) -> None:
    answers = [
        *(Answer(_SHUT, status) for status in (400, 401, 403, 404, 410)),
        Answer(b"", 204),
        Answer("<html></html>"),
    ]
    [(requested, done)] = _by_answer(tmp_path / "data", answers)
    assert all("/list" in paths and "/a/1.html" in paths for paths in requested)
    assert "robots" not in done["findings"]


def test_without_rules_that_can_be_read_a_site_is_left_alone(tmp_path: Path) -> None:
    answers = [
        Answer(b"", 429), Answer(b"", 500), Answer(b"", 503), Answer(b"", 304), Answer(b"", 302), Answer(b"", 999),
        _text(b"User-agent: *\nDisallow: /\xff\xfe\xfd/\n"), Answer(b"\x1f\x8b no gzip", headers={"Content-Encoding": "gzip", "ETag": '"1"'}),
        Answer(gzip.compress(b" " * 110_000_000), headers={"Content-Encoding": "gzip"}),
        Answer(b"User-agent", headers={"Content-Length": "500"}), Answer(b"", 302, {"Location": "/robots.txt"}),
        Answer(b"", 302, {"Location": "ftp://127.0.0.1/robots.txt"}),
    ]  # fmt: skip
    for requested, done in _by_answer(tmp_path / "data", answers, crawls=2):  # nor is an unreadable answer cached
        assert requested == [[]] * len(answers)
        assert done["robots/unknown"] == len(answers)
        assert "robots" in done["findings"] and done["stderr"].count("robots.txt: the site is left alone") == len(
            answers
        )


def test_rules_elsewhere(tmp_path: Path) -> None:
    """Five redirects, to another host at last; what is kept of them is no page."""
    with web({"/rules.txt": _text("User-agent: *\nDisallow: /a/2.html\n")}) as other:
        moved = {f"/r{n}": Answer(b"", 301, {"Location": f"/r{n + 1}"}) for n in range(1, 4)}
        moved |= {
            "/robots.txt": Answer(b"", 302, {"Location": "/r1"}),
            "/r4": Answer(b"", 307, {"Location": f"{other.address}/rules.txt"}),
        }
        with web(_articles(2) | moved) as site:
            _crawled(site, tmp_path / "data")
            assert site.paths()[-2:] == ["/list", "/a/1.html"] and other.paths() == ["/rules.txt"]
            site.log.clear()
            site.routes |= {
                "/r4": Answer(b"", 301, {"Location": "/r5"}),
                "/r5": Answer(b"", 301, {"Location": f"{other.address}/rules.txt"}),
            }
            done = _crawled(site, tmp_path / "more")
            assert "/list" not in site.paths() and "robots" in done["findings"]
    with open_for_writing(tmp_path / "data") as archive:
        kinds = dict(archive.connection.execute("select url, kind from captures where url like '%txt'"))
        assert list(kinds.values()) == ["redirect", "robots"]


def test_rules_at_a_private_address_are_not_requested(tmp_path: Path) -> None:
    """127.0.0.1 stands for a public address here, as it does for a site of this machine; a name that leads there does not."""
    with web(_articles(1)) as site:
        site.routes["/robots.txt"] = Answer(
            b"", 302, {"Location": f"{site.address.replace('127.0.0.1', 'localhost')}/r.txt"}
        )
        done = _crawled(site, tmp_path / "data")
        assert site.paths() == [] and "robots" in done["findings"]


def test_rules_of_yesterday_serve_for_a_day(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with web(_articles(2) | {"/rules": _text("User-agent: *\nDisallow: /a/2.html\n")}) as site:
        site.routes["/robots.txt"] = Answer(b"", 302, {"Location": "/rules"})
        _crawled(site, folder)
        _age(folder, hours=1)
        site.routes["/rules"] = Answer(b"", 500)
        site.routes |= {"/list": listing(["/a/1.html", "/a/2.html", "/a/3.html"]), "/a/3.html": story(3)}
        site.log.clear()
        done = _crawled(site, folder)
        assert site.paths() == ["/rules", "/list", "/a/3.html"]
        assert done["robots/archived"] == 1 and "robots" not in done["findings"]
        _age(folder, hours=25)
        site.log.clear()
        assert "robots" in _crawled(site, folder)["findings"] and site.paths() == ["/rules"]


def _age(folder: Path, hours: int) -> None:
    """Let the answers of robots.txt be so old."""
    with open_for_writing(folder) as archive:
        archive.connection.execute(
            "update captures set fetched_at = ? where role in ('robots', 'redirect')",
            [f"{datetime.now(UTC) - timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}"],
        )


async def test_a_run_asks_again_after_a_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, requested = [1000.0], []

    async def answer(request: Request) -> Response:
        requested.append(request.url)
        return Response(request.url, body=_SHUT.encode() if len(requested) > 1 else b"")

    settings = Settings({"ARCHIVE": str(tmp_path), "BOT_NAME": "dangqun-archive"})
    crawl = SimpleNamespace(
        settings=settings, signals=SimpleNamespace(connect=lambda *_, **__: None), engine=SimpleNamespace(download_async=answer),
        stats=SimpleNamespace(inc_value=lambda _: None),
    )  # fmt: skip
    monkeypatch.setattr(robots.time, "monotonic", lambda: clock[0])
    try:
        gate = robots.Robots.from_crawler(crawl)
        for clock[0] in (1000.0, 2000.0, 87_000.0):
            await gate.process_request(Request("http://news.example/a/1.html"))
        clock[0] = 87_500.0
        with pytest.raises(IgnoreRequest, match="forbids"):
            await gate.process_request(Request("http://news.example/a/1.html"))
        with pytest.raises(IgnoreRequest, match="forbids"):  # another origin, with rules of its own
            await gate.process_request(Request("https://news.example/a/1.html"))
        assert requested == ["http://news.example/robots.txt"] * 2 + ["https://news.example/robots.txt"]
    finally:
        session.close_all()
