"""A site changes its layout in twenty ways between two runs: the monitors say so in the first run after it, and nothing wrong
is stored: no title, no date, no number that the story does not have."""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from crawling import crawled
from web import Answer, Web, web

from archive.storage.store import open_for_reading, open_for_writing
from crawler.monitoring import monitors

_HISTORY, _NEW = 12, 4
_LAYOUT = {"body": ".detail-content", "title": "h1.detail-title", "time": ".info"}


@dataclass(frozen=True)
class Story:
    number: int

    @property
    def day(self) -> str:
        return f"2024-05-{self.number + 1:02}"

    @property
    def path(self) -> str:
        return f"/content/{self.day.replace('-', '/')}/{7000 + self.number}.html"

    @property
    def title(self) -> str:
        return f"{'东西南北中前后左右'[self.number % 9]}湖社区第{self.number}回邻里节开幕"

    @property
    def members(self) -> int:
        return 100 + 7 * self.number

    def paragraphs(self) -> list[str]:
        return [
            f"　　本报讯 第{self.number}回邻里节昨天在云溪社区党群服务中心开幕，居民带来自家的拿手菜，孩子们在院子里唱歌跳舞。",
            f"　　云溪社区有党员{self.members}名，居民{self.members * 11}户。社区党委书记何静说，邻里节一年比一年热闹，大家的心也更近了。",
            "　　活动由社区志愿者组织，从早上九点一直开到傍晚。散场以后，志愿者和居民一起把院子打扫得干干净净。",
        ]


def _article(story: Story, **change: str) -> str:
    part = {
        "body_class": "detail-content", "title": f'<h1 class="detail-title">{story.title}</h1>', "charset": "utf-8",
        "info": f'<div class="info">{story.day} 09:10 来源：测试网 | 编辑：周舟 | 作者：李沐</div>',
        "body": "".join(f"<p>{p}</p>" for p in story.paragraphs()), "foot": '<div class="footer">测试网 版权所有</div>', "head": "",
        "title_tag": f"{story.title}_测试网",
    } | change  # fmt: skip
    return (
        f'<html><head><meta charset="{part["charset"]}"><title>{part["title_tag"]}</title></head><body><div class="top"><a href="/">首页</a></div>{part["head"]}'
        f'{part["title"]}{part["info"]}<div class="{part["body_class"]}">{part["body"]}</div>{part["foot"]}</body></html>'
    )


def _list(stories: list[Story]) -> str:
    rows = "".join(f'<li><a href="{s.path}">{s.title}</a><span>{s.day}</span></li>' for s in reversed(stories))
    return f'<html><head><meta charset="utf-8"><title>测试网</title></head><body><ul class="list">{rows}</ul></body></html>'


Page = Callable[[Story], Answer | str]


def _pages(make: Page) -> Callable[[Web, list[Story]], None]:
    """A fault of the articles: all of them are sent like this from now on."""

    def happen(site: Web, stories: list[Story]) -> None:
        site.routes |= {s.path: make(s) for s in stories}

    return happen


def _lists(make: Callable[[list[Story]], Answer | str]) -> Callable[[Web, list[Story]], None]:
    """A fault of the list."""

    def happen(site: Web, stories: list[Story]) -> None:
        site.routes["/list"] = make(stories)

    return happen


def _robots(site: Web, stories: list[Story]) -> None:
    site.routes["/robots.txt"] = Answer("User-agent: *\nDisallow: /\n", kind="text/plain")


_PAGE_WITHOUT = '<html><head><meta charset="utf-8"><title>{0}</title></head><body><p>{1}</p></body></html>'

FAULTS: dict[str, Callable[[Web, list[Story]], None]] = {
    "the body's class is renamed": _pages(lambda s: _article(s, body_class="rich-text-v3")),
    "the title is no heading any more": _pages(lambda s: _article(s, title=f'<div class="caption-xl">{s.title}</div>')),
    "the date moves to the foot": _pages(
        lambda s: _article(s, info="", foot=f'<div class="bottom">发布时间：{s.day} 09:10 来源：测试网 编辑：周舟</div>')
    ),
    "the date is written in English": _pages(lambda s: _article(s, info=f'<div class="info">{date.fromisoformat(s.day):%B %d, %Y} | by Zhou</div>')),
    "the header states today's date": _pages(
        lambda s: _article(s, info='<div class="info">今天是2026年11月24日 10:00 星期二</div>', foot=f'<div class="bottom">{s.day}</div>')
    ),
    "the date is gone": _pages(lambda s: _article(s, info='<div class="meta">来源：测试网</div>')),
    "the title is the site's name": _pages(
        lambda s: _article(s, title='<h1 class="detail-title">测试网</h1>', title_tag="测试网", head=f'<div class="crumb">{s.title}</div>')
    ),
    "only the beginning is shown": _pages(lambda s: _article(s, body=f"<p>{s.paragraphs()[0]}</p><p>打开客户端阅读全文</p>")),
    "the text is drawn by a script": _pages(
        lambda s: '<html><head><meta charset="utf-8"><title>测试网</title></head><body><div id="app"></div><script src="/app.js"></script></body></html>'
    ),
    "GBK, and says so": _pages(lambda s: Answer(_article(s, charset="gbk").encode("gbk"), kind="text/html; charset=gbk")),
    "GBK, and says UTF-8": _pages(lambda s: Answer(_article(s).encode("gbk"))),
    "bytes are lost": _pages(lambda s: Answer(re.sub(rb"\xe7[\x80-\xbf]{2}", b"\xe7\x80", _article(s).encode()))),
    "a login wall": _pages(lambda s: _PAGE_WITHOUT.format("测试网", "请登录后阅读全文")),
    "an error page with status 200": _pages(lambda s: _PAGE_WITHOUT.format("提示", "您访问的页面不存在或已删除")),
    "every address shows one story": _pages(lambda s: _article(Story(1))),
    "a challenge": _pages(lambda s: Answer("<html><script>document.cookie='k=1';location.reload()</script></html>", 412)),
    "server errors": _pages(lambda s: Answer("<html><body>服务器内部错误</body></html>", 500)),
    "the list is drawn by a script": _lists(lambda stories: '<html><body><div id="list"></div><script src="/list.js"></script></body></html>'),
    "articles have another address": _lists(lambda stories: _list(stories).replace("/content/", "/article/detail/")),
    "robots.txt shuts the door": _robots,
}  # fmt: skip
_missed: list[str] = []


@pytest.fixture(scope="module")
def site() -> Iterator[Web]:
    with web({}) as running:
        yield running


def _given(site: Web) -> dict[str, object]:
    return {
        "home": site.address,
        "article": r"/content/\d{4}/\d\d/\d\d/\d+\.html",
        "lists": ["/list"],
        "layouts": [_LAYOUT],
    }


_STORIES = [Story(n) for n in range(1, _HISTORY + _NEW + 1)]


@pytest.fixture(scope="module")
def healthy(site: Web, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive in which the site has been crawled twice, in good health."""
    folder = tmp_path_factory.mktemp("healthy") / "data"
    site.routes.clear()
    for known in (_HISTORY - 4, _HISTORY):
        site.routes |= {s.path: _article(s) for s in _STORIES[:known]} | {"/list": _list(_STORIES[:known])}
        before = crawled(folder, _given(site))
        assert before["findings"] == {}, "a healthy site is reported"
    return folder


@pytest.mark.parametrize("fault", FAULTS)
def test_a_changed_layout_is_noticed_at_once(fault: str, site: Web, healthy: Path, tmp_path: Path) -> None:
    folder, stories = shutil.copytree(healthy, tmp_path / "data"), _STORIES
    site.routes.clear()
    site.routes |= {s.path: _article(s) for s in stories} | {"/list": _list(stories)}
    FAULTS[fault](site, stories)
    after = crawled(folder, _given(site))
    _nothing_wrong(folder, site, {site.address + s.path: s for s in stories})
    if not after["findings"]:
        _missed.append(fault)
        assert len(_missed) < 3, f"missed: {_missed}"


def test_silence() -> None:
    days = [datetime(2024, 5, 1, tzinfo=UTC) + timedelta(days=n) for n in range(0, 10, 2)]
    assert monitors.silence(days, days[-1] + timedelta(days=7)) is None
    found = monitors.silence(days, days[-1] + timedelta(days=9))
    assert found is not None and found.message == "No article for 9 days; usually one comes every 2.0 days."
    seldom = [days[0] + timedelta(days=n) for n in (0, 10, 20)]
    assert monitors.silence(seldom, seldom[-1] + timedelta(days=30)) is None
    assert monitors.silence([], days[0]) is None


def test_silence_is_reported_however_often_nothing_came(site: Web, tmp_path: Path) -> None:
    """Forty runs without an article later, it is still known when the last one came."""
    story = Story(1)
    site.routes.clear()
    site.routes |= {story.path: _article(story), "/list": _list([story])}
    crawled(tmp_path / "data", _given(site))
    with open_for_writing(tmp_path / "data") as archive:
        archive.connection.execute(
            "update runs set started = '2024-05-01T00:00:00Z', finished = '2024-05-01T00:01:00Z'"
        )
        for _ in range(40):
            archive.finish_run(
                archive.start_run("crawl", "tested"),
                "finished",
                {"list/pages": 1, "list/links": 1, "capture/unchanged": 1},
            )
    assert "silence" in crawled(tmp_path / "data", _given(site))["findings"]


_USUAL = [{"list/pages": 2, "list/links": 330, "capture/list": 2}] * 10  # a list of thirty, a sitemap of three hundred


@pytest.mark.parametrize("fewer", ["list/resting", "list/unchanged"])
def test_a_list_that_rests_hides_no_other(fewer: str) -> None:
    def expectations(**counts: int) -> list[str]:
        now = {"capture/list": 1, fewer: 1} | {f"list/{name}": count for name, count in counts.items()}
        return [one.expectation for one in monitors.findings(now, _USUAL, monitors.Expected(), "finished")]

    assert expectations(pages=1, links=0, without_articles=1) == ["list_links"]
    assert expectations(pages=0, unreadable=1) == ["list_unreadable"]
    assert expectations(pages=1, links=30) == []  # the sitemap named most of them
    assert expectations(pages=0) == []


@pytest.mark.parametrize("fault", ["the list is drawn by a script", "the list is an error"])
def test_a_broken_list_does_not_rest(fault: str, site: Web, tmp_path: Path) -> None:
    """The list looks the same at each crawl. It is requested and reported until it is repaired; then its links are followed again."""
    folder, given = tmp_path / "data", _given(site) | {"sitemaps": ["/sitemap.xml"]}
    rows = "".join(f"<url><loc>{site.address}{s.path}</loc></url>" for s in _STORIES[:-1])
    site.routes.clear()
    site.routes |= {s.path: _article(s) for s in _STORIES} | {
        "/list": _list(_STORIES[:-1]), "/sitemap.xml": f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>',
    }  # fmt: skip
    assert crawled(folder, given)["findings"] == {}
    if fault == "the list is an error":
        site.routes["/list"] = Answer("<html><body>服务器内部错误</body></html>", 500)
    else:
        FAULTS[fault](site, _STORIES[:-1])
    for _ in range(3):
        site.log.clear()
        after = crawled(folder, given, settings={"REST_LISTS": True})
        assert "/list" in site.paths() and [name for name in after["findings"] if name.startswith("list_")], after
    site.routes["/list"] = _list(_STORIES)
    assert crawled(folder, given, settings={"REST_LISTS": True})["read/article"] == 1


def test_that_all_lists_rest_is_no_trouble(site: Web, tmp_path: Path) -> None:
    site.routes.clear()
    site.routes |= {s.path: _article(s) for s in _STORIES} | {"/list": _list(_STORIES)}
    for _ in range(2):
        crawled(tmp_path / "data", _given(site))
    site.log.clear()
    rested = crawled(tmp_path / "data", _given(site), settings={"REST_LISTS": True})
    assert not site.log and rested["list/resting"] == 1
    assert (rested["outcome"], rested["findings"]) == ("finished", {})


def _nothing_wrong(folder: Path, site: Web, stories: dict[str, Story]) -> None:
    """Whatever is stored is what the story says; less may be there."""
    with open_for_reading(folder) as archive:
        for url, title, published in archive.connection.execute("select url, title, published from articles"):
            assert title in (stories[url].title, Story(1).title), title
            assert published is None or published[:10] in (stories[url].day, Story(1).day), (url, published)
        for url, kind, value in archive.connection.execute(
            "select url, type, value from facts join articles on articles.id = article_id"
        ):
            members = (stories[url].members, Story(1).members)
            wanted = {"party_members": members, "households": tuple(n * 11 for n in members)}
            assert kind not in wanted or value in wanted[kind]
