"""Politeness, shown by the log of a server of ours."""

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from crawling import crawled
from support import dangqun
from web import Answer, Request, Web, listing, story, web

from crawler import schedule

_CHALLENGES = {
    "ruishu": Answer("<html><script>var $_ts=window['$_ts']||{};$_ts.nsd=1</script></html>", 412),
    "jsl": Answer("<html><script>document.cookie='__jsl_clearance=1';location.reload()</script></html>", 521),
    "wzws": Answer("<html><script>var wzwschallenge='x';document.cookie='a=1';window.location='/WZWSREL'</script></html>"),
    "cookie": Answer("<html><head><script>document.cookie='k=1';location.reload();</script></head><body></body></html>"),
    "guard": Answer("<html><title>安全验证</title><body>请完成验证</body></html>", 403),
}  # fmt: skip


def _articles(count: int) -> dict[str, object]:
    return {f"/a/{n}.html": story(n) for n in range(1, count + 1)} | {
        "/list": listing([f"/a/{n}.html" for n in range(1, count + 1)])
    }


def _given(site: Web, **more: object) -> dict[str, object]:
    return {"home": site.address, "article": r"/a/\d+\.html", "lists": ["/list"], **more}


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_waiting_as_long_as_the_site_asks(form: str, tmp_path: Path) -> None:
    requests: list[Request] = []

    def busy(request: Request) -> Answer:
        requests.append(request)
        if len(requests) > 1:
            return Answer(story(2))
        later = "2" if form == "seconds" else time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 3))
        return Answer("<html><body>busy</body></html>", 429, {"Retry-After": later})

    with web(_articles(4) | {"/a/2.html": busy}) as site:
        done = crawled(tmp_path / "data", _given(site))
        assert done["outcome"] == "finished" and done["read/article"] == 4
        refused = next(at for at, request in enumerate(site.log) if request.path == "/a/2.html")
        assert site.log[refused + 1].at - site.log[refused].at > 1.5  # nothing else was requested meanwhile either


def test_a_site_that_asks_for_more_than_a_run_waits(tmp_path: Path) -> None:
    with web(
        _articles(9)
        | {
            "/a/9.html": Answer(b"", 503, {"Retry-After": "7200"}),
            "/a/1.html": Answer(b"", 503, {"Retry-After": "7200"}),
        }
    ) as site:
        done = crawled(tmp_path / "data", _given(site))
        assert done["outcome"] == "asked_to_wait" and done["wait/seconds"] == 7200
        assert "wait" in done["findings"]
        assert len(site.paths()) <= 10
    run = {
        "outcome": "asked_to_wait",
        "finished": "2024-05-06T07:08:09Z",
        "started": "2024-05-06T07:00:00Z",
        "stats": done,
    }
    assert schedule.left_alone(run, datetime(2024, 5, 6, 9, 0, tzinfo=UTC)).endswith("until 2024-05-06 17:08")


@pytest.mark.parametrize("form", _CHALLENGES)
def test_a_challenge_ends_the_run(form: str, tmp_path: Path) -> None:
    with web(_articles(12) | {f"/a/{n}.html": _CHALLENGES[form] for n in (5, 6, 7)}) as site:
        done = crawled(tmp_path / "data", _given(site))
        assert done["outcome"] == "challenged" and done["challenge/pages"] == 1
        assert "challenge" in done["findings"]
        assert (
            sum(request.path in ("/a/5.html", "/a/6.html", "/a/7.html") for request in site.log) == 1
        )  # nothing after it
        requested = len(site.log)
        again = dangqun("--archive", str(tmp_path / "data"), "status", "--json")
        assert '"outcome": "challenged"' in again.stdout
        assert len(site.log) == requested


def test_left_alone_until_the_next_day_in_china() -> None:
    run = {"outcome": "challenged", "finished": "2024-05-06T15:30:00Z", "started": "2024-05-06T15:00:00Z", "stats": {}}
    assert "until 2024-05-07 00:00" in schedule.left_alone(run, datetime(2024, 5, 6, 15, 50, tzinfo=UTC))
    assert schedule.left_alone(run, datetime(2024, 5, 6, 16, 1, tzinfo=UTC)) == ""


def test_an_article_with_scripts_is_no_challenge(tmp_path: Path) -> None:
    with web(
        _articles(2) | {"/a/1.html": story(1).replace("</body>", "<script>document.cookie='seen=1'</script></body>")}
    ) as site:
        done = crawled(tmp_path / "data", _given(site))
        assert done["outcome"] == "finished" and done["read/article"] == 2


def test_hours(tmp_path: Path) -> None:
    assert schedule.within("22-6", datetime(2024, 5, 6, 15, 0, tzinfo=UTC))  # 23 o'clock in China
    assert not schedule.within("22-6", datetime(2024, 5, 6, 22, 0, tzinfo=UTC))
    assert schedule.within("", datetime(2024, 5, 6, tzinfo=UTC))
    with pytest.raises(ValueError, match="22-6"):
        schedule.within("always", datetime(2024, 5, 6, tzinfo=UTC))
    hour = (datetime.now(UTC).hour + 8) % 24
    over = f"{(hour + 2) % 24}-{(hour + 3) % 24}"
    with web(_articles(5)) as site:
        done = crawled(tmp_path / "data", _given(site, hours=over))
        assert done["outcome"] == "hours_over"
        assert len(site.log) <= 3
