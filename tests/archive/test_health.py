"""The health of the crawl: which sites are not as usual, since when, and which of them for one cause."""

import ast
import inspect
import json

import pytest

from archive.labels import CAUSES
from archive.site.health import health
from archive.storage.store import Archive
from crawler.monitoring import monitors


def _run(store: Archive, site: str, day: int, *causes: str, articles: int = 1) -> None:
    started = f"2026-11-{day:02}T22:00:00Z"
    number = store.connection.execute(
        "insert into runs (command, site, started, finished, outcome, stats) values ('crawl', ?, ?, ?, 'finished', ?)",
        [site, started, started, json.dumps({"read/article": articles})],
    ).lastrowid
    store.connection.executemany(
        "insert into findings (run_id, site, expectation, message) values (?, ?, ?, 'Not so.')",
        [(number, site, cause) for cause in causes],
    )


def test_sites_with_one_cause_stand_together(store: Archive) -> None:
    for number in range(20):
        _run(store, f"a-{number:02}", 20)
        _run(store, f"a-{number:02}", 21, "answer")
    _run(store, "b", 20, "layout")
    _run(store, "b", 21, "layout", "answer")
    _run(store, "c", 21)
    page = health(store.connection)
    assert [(len(trouble["sites"]), trouble["causes"]) for trouble in page["troubles"]] == [
        (20, ["answer"]),
        (1, ["layout", "answer"]),
    ]
    assert (page["ill"], [row["site"] for row in page["well"]]) == (21, ["c"])
    first, second = page["troubles"]
    assert (first["since"], first["succeeded"]) == ("2026-11-21T22:00:00Z", "2026-11-20T22:00:00Z")
    assert (second["since"], second["succeeded"]) == ("2026-11-20T22:00:00Z", None)
    assert page["well"][0]["usual"] == 1


def test_new_articles_by_day_in_beijing(store: Archive) -> None:
    _run(store, "a", 1, articles=3)
    _run(store, "b", 1, articles=4)
    _run(store, "a", 4, articles=0)
    chart = health(store.connection)["chart"]
    assert chart["series"][0]["marks"] == [{"at": "2026-11-02", "value": 7}, {"at": "2026-11-05", "value": 0}]
    assert chart["missing"] == ["2026-11-03", "2026-11-04"]


def test_a_corrected_article_is_not_new(store: Archive) -> None:
    _run(store, "a", 1, articles=3)
    store.connection.execute("update runs set stats = ?", [json.dumps({"read/article": 3, "read/new": 1})])
    page = health(store.connection)
    assert (page["sites"][0]["articles"], page["sites"][0]["news"]) == (1, [1])
    assert page["chart"]["series"][0]["marks"] == [{"at": "2026-11-02", "value": 1}]


def test_an_archive_without_runs(store: Archive) -> None:
    page = health(store.connection)
    assert (page["sites"], page["troubles"], page["chart"]["series"][0]["marks"]) == ([], [], [])


def _expectations() -> set[str]:
    """The codes that the monitors write, by their source."""
    codes = {
        call.args[0].value
        for call in ast.walk(ast.parse(inspect.getsource(monitors)))
        if isinstance(call, ast.Call)
        and getattr(call.func, "id", "") == "Finding"
        and isinstance(call.args[0], ast.Constant)
    }
    codes |= {f"page_{kind}" for kind in monitors._TROUBLE} | {f"fill_{name}" for name in monitors._FILLED}
    codes |= {*monitors._NEVER, *monitors._VALUES, "characters", "paragraphs"}
    return codes | {f"scope_{name}" for name in ("trap", "offsite", "private", "address", "credentials", "too_long")}


@pytest.mark.parametrize("code", sorted(_expectations()))
def test_every_cause_has_words(code: str) -> None:
    assert code in CAUSES


def test_no_cause_has_words_for_nothing() -> None:
    assert CAUSES.keys() <= _expectations()
