"""A crawl fetches the further pages of an article, and no more than that."""

from pathlib import Path

import pytest
from crawling import crawled
from support import exchange, page
from web import Answer, Web, listing, web

from archive.storage.store import open_for_reading, open_for_writing

_TITLE = "碧螺小区党群服务站的一年"
_TEXTS = (
    "望潭区青萝街道碧螺小区党群服务站揭牌，投入资金14万元，站里设有议事厅、图书室、调解室，居民走进来就能坐下说话。",
    "碧螺小区党群服务站现有在册党员36名，志愿者轮流值班，谁家水管漏了，谁家老人要买药，打个电话就有人上门。",
    "一年来，碧螺小区党群服务站累计举办活动46场，孩子们放学后在里屋写作业，老人在门口的长椅上晒太阳，日子久了话也多了。",
)
_PATHS = ("/n/1234.html", "/n/1234_2.html", "/n/1234_3.html")


def _page(number: int, text: str = "") -> str:
    """A page that leads to its neighbours."""
    steps = [(number - 2, "上一页"), (number, "下一页")]
    links = " ".join(f'<a href="{_PATHS[at]}">{words}</a>' for at, words in steps if 0 <= at < len(_PATHS))
    return page(_TITLE, text or _TEXTS[number - 1]).replace("</body>", f"<p>{links}</p></body>")


def _routes(listed: list[str]) -> dict[str, str]:
    return {"/": listing(listed)} | {path: _page(number) for number, path in enumerate(_PATHS, 1)}


def _site(site: Web) -> dict[str, object]:
    return {"home": site.address, "lists": ["/"], "article": r"/n/\d+(_\d)?\.html"}


def _articles(folder: Path) -> list[tuple[str, str, int, str]]:
    with open_for_reading(folder) as store:
        rows = store.connection.execute(
            "select url, text, revision, missing_pages from articles order by url"
        ).fetchall()
        return [("/" + url.split("/", 3)[3], *rest) for url, *rest in rows]


def test_a_crawl_takes_all_pages_of_an_article(tmp_path: Path) -> None:
    with web(_routes([_PATHS[0]])) as site:
        counts = crawled(tmp_path, _site(site))
        assert sorted(site.paths()) == ["/", *_PATHS]
        assert _articles(tmp_path) == [(_PATHS[0], "\n".join(_TEXTS), 1, "[]")]
        assert (counts["read/article"], counts["read/part"], counts["outcome"]) == (1, 2, "finished")
        assert "failed" not in counts and not counts["findings"]


def test_a_later_page_leads_to_the_first(tmp_path: Path) -> None:
    with web(_routes([_PATHS[2]])) as site:
        crawled(tmp_path, _site(site))
        assert sorted(site.paths()) == ["/", *_PATHS]
        assert [row[:3] for row in _articles(tmp_path)] == [(_PATHS[0], "\n".join(_TEXTS), 1)]


def test_a_page_that_robots_txt_forbids_is_missing(tmp_path: Path) -> None:
    routes = _routes([_PATHS[0]]) | {"/robots.txt": Answer("User-agent: *\nDisallow: /n/1234_3\n", kind="text/plain")}
    with web(routes) as site:
        crawled(tmp_path, _site(site))
        assert sorted(site.paths()) == ["/", *_PATHS[:2]]
        assert _articles(tmp_path) == [(_PATHS[0], "\n".join(_TEXTS[:2]), 1, f'["{site.address}{_PATHS[2]}"]')]


def test_a_site_that_nobody_described(tmp_path: Path) -> None:
    with web(_routes([_PATHS[0]])) as site:
        crawled(tmp_path, {}, url=site.address + _PATHS[0], loopback=True, depth=0)
        assert sorted(site.paths()) == [*_PATHS]
        assert [row[:3] for row in _articles(tmp_path)] == [(_PATHS[0], "\n".join(_TEXTS), 1)]


def test_an_article_that_changes_is_looked_at_as_a_whole(tmp_path: Path) -> None:
    with web(_routes([_PATHS[0]])) as site:
        crawled(tmp_path, _site(site))
        with open_for_reading(tmp_path) as store:
            store.connection.execute(
                "update fetch_schedule set due = '2020-01-01T00:00:00Z' where url like '%1234.html'"
            )
            store.connection.execute("update fetch_schedule set due = null where url like '%1234_%.html'")
        site.log.clear()
        site.routes |= {
            _PATHS[0]: _page(1, _TEXTS[0].replace("14", "41")),
            _PATHS[2]: _page(3, _TEXTS[2].replace("46", "64")),
        }
        crawled(tmp_path, _site(site))
        assert sorted(site.paths()) == ["/", *_PATHS]
        (article,) = _articles(tmp_path)
        assert "41万元" in article[1] and "64场" in article[1]
        site.log.clear()
        crawled(tmp_path, _site(site))
        assert site.paths() == ["/"]


def test_the_pages_of_an_article_about_something_else_are_not_requested(tmp_path: Path) -> None:
    oil = "国内成品油价格今晚上调，加满一箱油多花八元，车主可以在晚上十二点前加油。" * 3
    with web(_routes([_PATHS[0]]) | {_PATHS[0]: _page(1, oil).replace(_TITLE, "油价今晚调整")}) as site:
        crawled(tmp_path, _site(site))
        assert site.paths() == ["/", _PATHS[0]]


@pytest.mark.parametrize("there", [0, 1, 2])
def test_the_next_run_asks_for_what_a_killed_one_left(tmp_path: Path, there: int) -> None:
    with web(_routes([]) | {"/": listing(["/other"])}) as site:
        with open_for_writing(tmp_path) as store:
            url = site.address + _PATHS[there]
            number = store.save_capture(exchange(url, _page(there + 1), outlet="测试网"), None)
            assert number is not None  # killed before it was read
        crawled(tmp_path, _site(site))
        assert set(site.paths()) >= {path for path in _PATHS if path != _PATHS[there]}
        assert len(site.paths()) == len(set(site.paths()))
        assert [row[:3] for row in _articles(tmp_path)] == [(_PATHS[0], "\n".join(_TEXTS), 1)]
