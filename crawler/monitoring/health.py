"""Checks every run with the monitors, and stores their findings with the run."""

import json
from datetime import datetime, timedelta

from scrapy import Spider

from archive.sql.rows import rows
from archive.storage.store import Archive
from crawler.monitoring import monitors
from crawler.monitoring.monitors import Expected, Finding

_SETTLED = timedelta(days=14)  # after this, an unusual state of a site is its usual one


def check(archive: Archive, run_id: int, site: Spider, now: datetime) -> list[Finding]:
    """Compare a run with the runs before and with its site's class, and store the findings."""
    runs = rows(
        archive.connection,
        "select id, started, finished, outcome, stats from runs where site = ? and command = 'crawl' and id <= ?"
        " and finished is not null order by id desc limit ?",
        [site.name, run_id, monitors.HISTORY + 1],
    )[::-1]
    for run in runs:
        run["stats"] = json.loads(run["stats"])
    *before, this = runs
    expected = Expected(layouts=bool(getattr(site, "layouts", ())), lists=hasattr(site, "parse_sitemap"))
    ended = [run for run in before if run["outcome"] == "finished"]
    reference = [run for run in ended if not _was_unusual(archive, run["id"], now)] or ended
    findings = monitors.findings(this["stats"], [run["stats"] for run in reference], expected, this["outcome"])
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


def findings_of(archive: Archive, run_ids: list[int]) -> list[dict[str, object]]:
    """The findings of runs: {site, expectation, message}."""
    marks = ", ".join("?" * len(run_ids))
    return rows(
        archive.connection,
        f"select site, expectation, message from findings where run_id in ({marks}) order by id",
        run_ids,
    )


def _was_unusual(archive: Archive, run_id: int, now: datetime) -> bool:
    """Whether a recent run had findings, so that it is no reference for others. After `_SETTLED` it becomes one: the site has
    changed."""
    since = (now - _SETTLED).strftime("%Y-%m-%dT%H:%M:%SZ")
    row = archive.connection.execute(
        "select 1 from findings join runs on runs.id = run_id where run_id = ? and started > ?", [run_id, since]
    )
    return row.fetchone() is not None
