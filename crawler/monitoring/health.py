"""Checks every run with the monitors, and stores their findings with the run."""

from datetime import datetime, timedelta
from typing import TypedDict

from scrapy import Spider

from archive.storage.runs import RunOutcome, crawls
from archive.storage.store import Archive
from crawler.monitoring import monitors
from crawler.monitoring.monitors import Expected, Finding

_SETTLED = timedelta(days=14)  # after this, an unusual state of a site is its usual one


class FindingRow(TypedDict):
    """A finding as it is reported: the site, the name of the expectation, and a sentence."""

    site: str
    expectation: str
    message: str


def check(archive: Archive, run_id: int, site: Spider, now: datetime) -> list[Finding]:
    """Compare a run with the runs before and with its site's class, and store the findings."""
    this, *earlier = crawls(archive.connection, site.name, monitors.HISTORY + 1, up_to=run_id)
    before = earlier[::-1]
    expected = Expected(layouts=bool(getattr(site, "layouts", ())), lists=hasattr(site, "parse_sitemap"))
    ended = [run for run in before if run["outcome"] == RunOutcome.FINISHED]
    reference = [run for run in ended if not _was_unusual(archive, run["id"], now)] or ended
    findings = monitors.findings(this["stats"], [run["stats"] for run in reference], expected, this["outcome"] or "")
    silence = monitors.silence(_times_with_articles(archive, site.name), now)
    if silence:
        findings.append(silence)
    with archive.transaction() as connection:
        connection.executemany(
            "insert into findings (run_id, site, expectation, message, observed, usual) values (?, ?, ?, ?, ?, ?)",
            [(run_id, site.name, one.expectation, one.message, one.observed, one.usual) for one in findings],
        )
    return findings


def _times_with_articles(archive: Archive, site: str) -> list[datetime]:
    """The start of the last runs of a site that had articles, oldest first."""
    cursor = archive.connection.execute(
        "select started from runs where site = ? and command = 'crawl' and json_extract(stats, '$.\"seen/page/article\"') > 0"
        " order by id desc limit ?",
        [site, monitors.HISTORY],
    )
    return [datetime.fromisoformat(started) for (started,) in reversed(cursor.fetchall())]


def findings_of(archive: Archive, run_ids: list[int]) -> list[FindingRow]:
    """The findings of runs, in the order of their discovery."""
    marks = ", ".join("?" * len(run_ids))
    found = archive.connection.execute(
        f"select site, expectation, message from findings where run_id in ({marks}) order by id", run_ids
    )
    return [FindingRow(site=site, expectation=expectation, message=message) for site, expectation, message in found]


def _was_unusual(archive: Archive, run_id: int, now: datetime) -> bool:
    """Whether a recent run had findings, so that it is no reference for others. After `_SETTLED` it becomes one: the site has
    changed."""
    since = (now - _SETTLED).strftime("%Y-%m-%dT%H:%M:%SZ")
    row = archive.connection.execute(
        "select 1 from findings join runs on runs.id = run_id where run_id = ? and started > ?", [run_id, since]
    )
    return row.fetchone() is not None
