"""How `crawler.run` ends where something of the machine, or of a site's class, fails."""

import json
from pathlib import Path
from typing import Any

import pytest
from forking import forked
from web import listing, story, web

from archive.errors import ArchiveError, WrongRequest
from crawler.discovery.sites import ANYWHERE
from crawler.jobs import SiteJob
from crawler.run import distinct


def _ended(folder: Path, fault: str = "") -> dict[str, Any]:
    """The result of a crawl of two articles, in a process of its own."""
    with web({"/": listing(["/a/1.html", "/a/2.html"])} | {f"/a/{n}.html": story(n) for n in (1, 2)}) as site:
        url = site.address + "/"
        done = forked(_crawl, {"folder": str(folder), "url": url, "fault": fault}, timeout=120)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1]) | {"paths": site.paths()}


def _crawl(given: dict[str, str]) -> None:
    from crawler import pipelines, session
    from crawler.monitoring import runs
    from crawler.run import run

    def failing(*_: object) -> None:
        raise ArchiveError("A WARC file is missing.")

    if given["fault"] == "reading":
        pipelines.ingest = runs.catch_up = failing  # type: ignore[assignment]
    scope = {"url": given["url"], "loopback": True} | ({"path": 5} if given["fault"] == "class" else {})
    folder = Path(given["folder"])
    ended = run(folder, [SiteJob(ANYWHERE, scope), SiteJob(ANYWHERE, dict(scope))])
    [archive] = session._open.values()
    outcomes = [outcome for (outcome,) in archive.connection.execute("select outcome from runs")]
    session.close_all()
    print(json.dumps({"failed": [one.partition(": ")[2] for one in ended.failed], "outcomes": outcomes}))


def test_a_site_that_is_named_twice_is_crawled_once(tmp_path: Path) -> None:
    ended = _ended(tmp_path)
    assert (ended["failed"], ended["outcomes"]) == ([], ["finished"])
    assert sorted(ended["paths"]) == ["/", "/a/1.html", "/a/2.html"]


def test_a_run_whose_pages_cannot_be_read_fails_and_has_an_end(tmp_path: Path) -> None:
    ended = _ended(tmp_path, "reading")
    assert (ended["failed"], ended["outcomes"]) == (["unread"], ["unread"])


def test_a_crawl_that_cannot_begin_is_a_failure(tmp_path: Path) -> None:
    ended = _ended(tmp_path, "class")
    assert (ended["failed"], ended["outcomes"]) == (["it could not begin"], [])


def test_one_site_has_one_job() -> None:
    here, there = (SiteJob(ANYWHERE, {"url": f"http://a.example/{path}"}) for path in ("x/", "y/"))
    one = SiteJob("one", {})
    assert distinct([here, one, here, one]) == [here, one]
    with pytest.raises(WrongRequest, match=r"a\.example"):
        distinct([here, there])
