"""Finding articles: every kind of list, history, only what changed, and a site that nobody has described."""

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from crawling import crawled
from support import dangqun
from web import Answer, Request, Web, listing, story, web

from archive.storage.store import open_for_reading, open_for_writing


def _site(site: Web, **more: object) -> dict[str, object]:
    return {"home": site.address, "article": r"/a/\d+\.html", **more}


@pytest.fixture
def paged() -> Iterator[Web]:
    """Six list pages of five articles each, the newest first: number 30 on the first page, one a day."""
    routes: dict[str, object] = {}
    days = {n: (datetime(2024, 5, 1) + timedelta(days=n)).strftime("%Y-%m-%d") for n in range(1, 31)}
    for n, day in days.items():
        routes[f"/a/{n}.html"] = story(n, day)
    for number in range(1, 7):
        here = range(30 - 5 * (number - 1), 30 - 5 * number, -1)
        rows = "".join(f'<li><a href="/a/{n}.html">消息{n}</a><span>{days[n]}</span></li>' for n in here)
        name = "" if number == 1 else f"_{number}"
        routes[f"/list{name}.html"] = f"<html><body><ul>{rows}</ul></body></html>"
    with web(routes) as site:
        yield site


def test_history_back_to_a_day(paged: Web, tmp_path: Path) -> None:
    given = _site(paged, lists=["/list.html"], next_page="list_{n}.html")
    done = crawled(tmp_path / "data", given, since="2024-05-20", until="2024-05-28")
    assert done["outcome"] == "finished"
    assert sorted(p for p in paged.paths() if p.startswith("/a/")) == sorted(f"/a/{n}.html" for n in range(19, 28))
    assert [p for p in paged.paths() if p.startswith("/list")] == [
        "/list.html",
        "/list_2.html",
        "/list_3.html",
        "/list_4.html",
    ]
    assert done["list/out_of_range"] == 11


def test_an_ordinary_run_stops_at_what_it_knows(paged: Web, tmp_path: Path) -> None:
    given = _site(paged, lists=["/list.html"], next_page="list_{n}.html")
    assert crawled(tmp_path / "data", given)["read/article"] == 30
    paged.log.clear()
    paged.routes["/a/31.html"] = story(31, "2024-06-01")
    paged.routes["/list.html"] = str(paged.routes["/list.html"]).replace(
        "<ul>", '<ul><li><a href="/a/31.html">新</a></li>'
    )
    assert crawled(tmp_path / "data", given)["read/article"] == 1
    assert paged.paths() == ["/list.html", "/a/31.html", "/list_2.html"]
    paged.log.clear()
    again = crawled(tmp_path / "data", given)
    assert paged.paths() == ["/list.html"]
    assert again["findings"] == {}


def test_after_a_run_that_was_cut_short_all_lists_are_looked_through(paged: Web, tmp_path: Path) -> None:
    given = _site(paged, lists=["/list.html"], next_page="list_{n}.html")
    first = crawled(tmp_path / "data", given, settings={"CLOSESPIDER_PAGECOUNT": 9})
    assert first["outcome"] == "closespider_pagecount"
    crawled(tmp_path / "data", given)
    requested = [path for path in paged.paths() if path.startswith("/a/")]
    assert len(requested) == len(set(requested)) == 30


def test_sitemaps_feeds_papers_and_json(tmp_path: Path) -> None:
    names = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    today = datetime.now(UTC) + timedelta(hours=8)
    issue = today.strftime("/paper/%Y-%m/%d/node_1.htm")
    with web({f"/a/{n}.html": story(n) for n in range(1, 11)}) as site:
        at = site.address
        site.routes |= {
            "/index.xml": Answer(f"<sitemapindex {names}><sitemap><loc>{at}/1.xml.gz</loc></sitemap><sitemap><loc>{at}/index.xml</loc></sitemap></sitemapindex>", kind="text/xml"),
            "/1.xml.gz": Answer(gzip.compress(f"<urlset {names}><url><loc>{at}/a/1.html</loc></url></urlset>".encode()), kind="application/x-gzip"),
            "/rss": Answer(f"<rss><channel><item><link>{at}/a/2.html?utm_source=rss</link></item></channel></rss>", kind="application/rss+xml"),
            "/atom": Answer(f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="{at}/a/3.html"/></entry></feed>', kind="application/atom+xml"),
            issue: listing(["/a/4.html"], "node_2.htm", "node_1.htm"),
            issue.replace("node_1", "node_2"): listing(["/a/5.html"], "node_1.htm"),
            "/api?page=1": Answer(json.dumps({"data": {"list": [{"url": "/a/6.html"}, {"url": "/a/7.html"}]}}), kind="application/json"),
            "/api?page=2": Answer(json.dumps({"data": {"list": []}}), kind="application/json"),
            "/script": "<html><script>var item=[{'link_add':'/a/8.html'}]</script></html>",
        }  # fmt: skip
        given = _site(
            site, sitemaps=["/index.xml"], feeds=["/rss", "/atom"], papers="/paper/%Y-%m/%d/node_1.htm", lists=["/script"],
            more=r"/paper/.*node_\d\.htm", in_script=r"link_add':'([^']+)", data=[{"address": "/api?page={n}", "items": "data.list", "link": "url"}],
        )  # fmt: skip
        done = crawled(tmp_path / "data", given)
        requested = [path for path in site.paths() if path.startswith("/a/")]
        assert sorted(requested) == sorted(f"/a/{n}.html" for n in range(1, 9))
        assert site.paths().count("/index.xml") == 1
        assert done["read/article"] == 8


def test_what_is_known_by_another_address(tmp_path: Path) -> None:
    with web({"/a/1.html": story(1), "/x/": story(2), "/list": listing(["/a/1.html", "/x/"])}) as site:
        given = _site(site, lists=["/list"], article=r"/a/\d+\.html|/x/(?:index\.html)?")
        assert crawled(tmp_path / "data", given)["read/article"] == 2
        site.log.clear()
        site.routes["/list"] = listing(
            ["/a/1.html?from=timeline", "/a/1.html#top", "/x/index.html", "/a/1.html?spm=1.2.3"]
        )
        done = crawled(tmp_path / "data", given)
        assert site.paths() == ["/list"]
        assert done["list/known"] == 2


def test_addresses_as_people_write_them(tmp_path: Path) -> None:
    """Chinese, blanks and bars in paths, a base, queries in the coding of the list: each page is fetched, and fetched once."""
    paths = ["/新闻/文1.html", "/新闻/%e6%96%872.html", "/新闻/a b3.html", "/新闻/a|4.html", "s.asp?name=青禾&sid=5", "s.asp?name=青禾&sid=6"]  # fmt: skip
    sent = {
        "/%E6%96%B0%E9%97%BB/%E6%96%871.html", "/%E6%96%B0%E9%97%BB/%E6%96%872.html", "/%E6%96%B0%E9%97%BB/a%20b3.html",
        "/%E6%96%B0%E9%97%BB/a%7C4.html", "/dj/s.asp?name=%C7%E0%BA%CC&sid=5", "/dj/s.asp?name=%C7%E0%BA%CC&sid=6",
    }  # fmt: skip
    page = listing(paths, "/list2").replace("<body>", '<head><base href="/dj/"></head><body>党群服务站的消息都在这里')
    with web({path: story(n) for n, path in enumerate(sorted(sent))}) as site:
        site.routes |= {"/list": Answer(page.encode("gbk"), kind="text/html"), "/list2": listing(["/新闻/文1.html"])}
        given = _site(site, lists=["/list"], more="/list2", article=r"/新闻/.*\d\.html|/dj/s\.asp\?.*")
        assert crawled(tmp_path / "data", given)["read/article"] == 6
        assert set(site.paths()) == {"/list", "/list2", *sent}
        site.log.clear()
        crawled(tmp_path / "data", given)
        assert site.paths() == ["/list"]


def _modified(request: Request) -> Answer:
    if request.headers.get("if-none-match") == '"1"':
        return Answer(b"", 304, {"ETag": '"1"'})
    return Answer(listing(["/a/1.html"]), headers={"ETag": '"1"', "Last-Modified": "Mon, 06 May 2024 07:08:09 GMT"})


def test_a_page_that_was_not_modified_is_not_sent_again(tmp_path: Path) -> None:
    with web({"/list": _modified}) as site:
        given = _site(site, lists=["/list"])
        crawled(tmp_path / "data", given)  # its article is missing: a 404
        site.routes["/a/1.html"] = story(1)
        with open_for_writing(tmp_path / "data") as archive:  # a day later
            archive.connection.execute("update fetch_schedule set due = '2020'")
        site.log.clear()
        done = crawled(tmp_path / "data", given)
        headers = next(request.headers for request in site.log if request.path == "/list")
        assert headers["if-none-match"] == '"1"' and headers["if-modified-since"] == "Mon, 06 May 2024 07:08:09 GMT"
        assert done["capture/not_modified"] == 1
        assert done["read/article"] == 1  # found through the list as it was kept
    assert dangqun("--archive", str(tmp_path / "data"), "verify").returncode == 0
    with open_for_reading(tmp_path / "data") as archive:
        row = archive.connection.execute(
            "select status, kind, duplicate_of is not null from captures where url like '%/list' order by id desc"
        ).fetchone()
        assert row == (304, "list", 1)


def test_articles_are_looked_at_again_the_seldomer_the_longer_nothing_changes(tmp_path: Path) -> None:
    today = datetime.now().strftime("%Y-%m-%d")
    articles = {"/a/1.html": story(1, today), "/a/2.html": story(2, today), "/a/3.html": story(3, "2024-05-06")}
    with web(articles | {"/list": listing([*articles])}) as site:
        given = _site(site, lists=["/list"])
        pauses = []
        for _ in range(4):
            crawled(tmp_path / "data", given)
            with open_for_writing(tmp_path / "data") as archive:
                fetched, due = archive.connection.execute(
                    "select fetched_at, due from fetch_schedule where url like '%/a/1.html'"
                ).fetchone()
                pauses.append(
                    round((datetime.fromisoformat(due) - datetime.fromisoformat(fetched)) / timedelta(days=1))
                )
                assert archive.connection.execute(
                    "select due from fetch_schedule where url like '%/a/3.html'"
                ).fetchone() == (None,)
                archive.connection.execute("update fetch_schedule set due = '2020' where due is not null")
        assert pauses == [1, 3, 9, 27]
        site.routes["/a/2.html"] = story(2, today, words="更正")
        assert crawled(tmp_path / "data", given)["read/article"] == 1
        with open_for_reading(tmp_path / "data") as archive:
            assert archive.connection.execute("select max(number) from revisions").fetchone() == (2,)
            unchanged = dict(
                archive.connection.execute(
                    "select substr(url, -6, 1), unchanged from fetch_schedule where url like '%/a/%'"
                )
            )
        assert unchanged == {"1": 4, "2": 0, "3": 0}


def test_an_address_alone_is_enough(tmp_path: Path) -> None:
    with web({f"/news/{n}.html": story(n) for n in range(1, 6)}) as site:
        site.routes |= {
            "/": listing(["/news/", "/other/1.html", "http://elsewhere.example/1.html", "/news/logo.png"]),
            "/news/": listing(["/news/1.html", "/news/2.html", "/news/3.html"]),
            "/other/1.html": story(9),
        }
        start = {"url": f"{site.address}/news/", "path": "/news/", "loopback": True}
        done = crawled(tmp_path / "data", {}, **start, depth=1)
        assert done["read/article"] == 3
        assert sorted(site.paths()) == ["/news/", "/news/1.html", "/news/2.html", "/news/3.html"]
        site.log.clear()
        site.routes["/news/"] = listing(["/news/4.html", "/news/5.html", "/news/1.html"])
        done = crawled(tmp_path / "data", {}, **start, pages=2)
        assert site.paths() == ["/news/", "/news/4.html"]
        assert done["list/beyond_pages"] >= 1
    with open_for_reading(tmp_path / "data") as archive:
        assert archive.connection.execute("select count(*) from articles").fetchone() == (4,)
