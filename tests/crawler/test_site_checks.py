"""`dangqun sites check`: what of a class still holds, and what to change."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support import dangqun
from web import Answer, Web, listing, story, web

from archive.storage.runs import RunCommand
from archive.storage.store import Archive, hold, open_for_reading, open_for_writing
from crawler import site_checks
from crawler.jobs import SiteJob
from crawler.run import CrawlResult, SiteCounts, Watcher
from crawler.schedule import last_run
from crawler.scheduler import site_statuses

_CLASS = """

class {title}(SiteSpider):
    name = "{name}"
    outlet = "柳岸新闻网"
    home = "{home}"
    lists = ("/list/",)
    article = r"/a/\\d+\\.html"
    layouts = (Layout(body=".body", title="h1", time=".info"),)
    loopback = True
    custom_settings = {{"DOWNLOAD_DELAY": 0, "AUTOTHROTTLE_ENABLED": False}}
"""


def _class(name: str, site: Web) -> str:
    return _CLASS.format(title=name.title(), name=name, home=site.address)


def _pages(form: str = "/a/{}.html") -> dict[str, str]:
    paths = [form.format(number) for number in range(1, 7)]
    return {path: story(number) for number, path in enumerate(paths)} | {"/list/": listing(paths)}


def test_sites_are_compared_with_their_classes(tmp_path: Path) -> None:
    new_layout = {path: html.replace('class="body"', 'id="text"') for path, html in _pages().items()}
    with web(_pages()) as same, web(_pages("/news/{}.shtml")) as renamed, web(new_layout) as redesigned:
        sites = {"same": same, "renamed": renamed, "redesigned": redesigned}
        classes = "".join(_class(name, site) for name, site in sites.items())
        (tmp_path / "our_sites.py").write_text(f"from spiders.base import Layout, SiteSpider\n{classes}", "utf-8")
        environment = {"DANGQUN_SITES": "our_sites", "PYTHONPATH": str(tmp_path)}
        folder = tmp_path / "data"
        done = dangqun("--archive", str(folder), "sites", "check", *sites, "--json", environment=environment)
    assert done.returncode == 1, done.stderr
    found = {
        (row["site"], row["name"]): (row["verdict"], row["message"])
        for row in map(json.loads, done.stdout.splitlines())
    }
    assert {name: verdict for (site, name), (verdict, _) in found.items() if site == "same"} == dict.fromkeys(
        ("robots", "list", "host", "articles", "layout"), "holds"
    )
    assert len(same.paths()) == 4 and not folder.exists()
    verdict, message = found["renamed", "list"]
    assert verdict == "fails" and r"/news/\d+\.shtml" in message and renamed.paths() == ["/list/"]
    assert found["redesigned", "articles"][0] == "holds"  # the general reader finds them
    verdict, message = found["redesigned", "layout"]
    assert verdict == "fails" and 'Layout(body="#text"' in message


def test_a_wait_that_a_site_demands_is_remembered(tmp_path: Path) -> None:
    with web(_pages() | {"/list/": Answer("busy", 429, {"Retry-After": "7200"})}) as site:
        (tmp_path / "our_sites.py").write_text(
            f"from spiders.base import Layout, SiteSpider\n{_class('busy', site)}", "utf-8"
        )
        environment = {"DANGQUN_SITES": "our_sites", "PYTHONPATH": str(tmp_path)}

        def ran(*command: str) -> str:
            done = dangqun("--archive", str(tmp_path / "data"), *command, environment=environment)
            return " ".join((done.stdout + done.stderr).split())

        assert "demanded a wait" in ran("sites", "check", "busy", "--json")
        requests = len(site.paths())
        assert requests > 0
        assert "left alone because it demanded a wait" in ran("sites", "check", "busy", "--json")
        assert "left alone because it demanded a wait" in ran("crawl", "busy")
        assert len(site.paths()) == requests


@contextmanager
def _busy_site(folder: Path, jobs: list[SiteJob], _: Watcher | None) -> Iterator[tuple[CrawlResult, Archive]]:
    """In the place of a trial crawl: each site demanded a wait of two hours, and another process is about to make the archive."""
    with ExitStack() as stack:
        archive = stack.enter_context(open_for_writing(folder.with_name("trial")))
        for job in jobs:
            archive.finish_run(archive.start_run(RunCommand.CRAWL, job.name), "asked_to_wait", {"wait/seconds": 7200})
        if not folder.exists():
            stack.enter_context(hold(folder))
        yield CrawlResult(counts=[SiteCounts(job.name, Counter({"wait/seconds": 7200})) for job in jobs]), archive


def test_a_check_is_no_crawl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site_checks, "trial", _busy_site)
    folder, now = tmp_path / "data", datetime.now(UTC)
    with open_for_writing(folder) as archive:
        archive.finish_run(archive.start_run(RunCommand.CRAWL, "sample-city"), "finished", {"capture/new": 7})
    site_checks.check_sites(folder, ["sample-city"])
    with open_for_reading(folder) as archive:
        (status,) = site_statuses(archive, ["sample-city"])
        assert (status["outcome"], status["pages"]) == ("finished", 7) and "demanded a wait" in status["why"]
        crawl = last_run(archive, "sample-city", now + timedelta(hours=3))
        assert crawl and crawl["stats"] == {"capture/new": 7}  # its interval decides again


def test_a_wait_that_cannot_be_recorded_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site_checks, "trial", _busy_site)
    found = site_checks.check_sites(tmp_path / "data", ["sample-city"])
    assert [one.name for one in found] == ["robots", "wait"]
    assert "demanded a wait, until" in found[1].message and "Another dangqun process" in found[1].message
