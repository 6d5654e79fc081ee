"""Whether the crawl is well: each site's last run, and what was not as usual."""

import sqlite3
from collections.abc import Mapping
from typing import TypedDict

from archive.site.shared import Chart, ChartKind
from archive.sql.rows import Row, rows
from archive.storage.runs import crawls

_RUNS, _FINDINGS = 30, 100


class RunTotals(TypedDict):
    """What a run fetched: pages, new articles among them, and requests that failed."""

    pages: int
    articles: int
    failures: int


class SiteHealth(RunTotals):
    """The last run of a site, the new articles of its last runs (the oldest first), and what was unusual in the last one."""

    site: str
    last: str  # when it began: UTC, ISO 8601
    outcome: str | None
    news: list[int]
    findings: list[str]


class HealthPage(TypedDict):
    """All sites, those with findings first; how many these are; and the latest findings of all runs."""

    sites: list[SiteHealth]
    ill: int
    findings: list[Row]
    chart: Chart


def brought(stats: Mapping[str, int]) -> RunTotals:
    """What the counts of a run say in short."""
    return {
        "pages": stats.get("capture/new", 0) + stats.get("capture/unchanged", 0),
        "articles": stats.get("read/article", 0),
        "failures": sum(count for name, count in stats.items() if name.startswith("failed/")),
    }


def health(connection: sqlite3.Connection) -> HealthPage:
    """Returns the page about all sites that were crawled."""
    sites: list[SiteHealth] = []
    for (site,) in connection.execute(
        "select distinct site from runs where command = 'crawl' and site != '' order by site"
    ).fetchall():
        runs = crawls(connection, site, _RUNS)
        last = runs[0]
        sites.append(
            {
                "site": site,
                "last": last["started"],
                "outcome": last["outcome"],
                **brought(last["stats"]),
                "news": [run["stats"].get("read/article", 0) for run in reversed(runs)],
                "findings": [
                    row["message"]
                    for row in rows(connection, "select message from findings where run_id = ? order by id", last["id"])
                ],
            }
        )
    sites.sort(key=lambda row: (not row["findings"], row["site"]))
    return {
        "sites": sites,
        "ill": sum(bool(row["findings"]) for row in sites),
        "findings": rows(
            connection,
            "select findings.site, expectation, message, started from findings join runs on runs.id = run_id"
            f" order by findings.id desc limit {_FINDINGS}",
        ),
        "chart": {
            "kind": ChartKind.BAR,
            "labels": [row["site"] for row in sites],
            "series": [{"label": "新文章 new articles", "values": [sum(row["news"]) for row in sites]}],
        },
    }
