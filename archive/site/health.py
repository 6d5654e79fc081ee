"""Whether the crawl is well: each site's last run, and what was not as usual."""

import sqlite3
from collections.abc import Mapping
from datetime import date, timedelta
from typing import TypedDict

from archive.site.chart import Chart, Kind
from archive.sql.rows import Row, rows
from archive.storage.runs import Run, crawls

_RUNS, _FINDINGS = 30, 100
_DAYS, _RECENT = 30, 5000  # days of the chart, and runs that are looked at for it


class RunTotals(TypedDict):
    """What a run fetched: pages, new articles among them, and requests that failed."""

    pages: int
    articles: int
    failures: int


class SiteHealth(RunTotals):
    """The last run of a site, and how the runs before it went. Times are UTC, ISO 8601."""

    site: str
    last: str  # when the last run began
    outcome: str | None
    news: list[int]  # new articles of the last runs, the oldest first
    findings: list[str]  # what was unusual in the last run, in sentences, and
    causes: list[str]  # by the codes of what was expected
    since: str  # the first of the latest runs that went as the last one, as usual or not
    succeeded: str | None  # the last run that went as usual; None: none of those that are looked at
    usual: int  # how many of the last runs went as usual


class Trouble(TypedDict):
    """Sites that are not as usual for the same causes."""

    causes: list[str]
    sites: list[SiteHealth]
    since: str
    succeeded: str | None  # the last run of any of them that went as usual


class HealthPage(TypedDict):
    """All sites: those with one cause together, and those that are as usual; the latest findings of all runs; new articles by day."""

    sites: list[SiteHealth]
    ill: int
    troubles: list[Trouble]
    well: list[SiteHealth]
    findings: list[Row]
    chart: Chart


def brought(stats: Mapping[str, int]) -> RunTotals:
    """What the counts of a run say in short."""
    return {
        "pages": stats.get("capture/new", 0) + stats.get("capture/unchanged", 0),
        "articles": _new(stats),
        "failures": sum(count for name, count in stats.items() if name.startswith("failed/")),
    }


def _new(stats: Mapping[str, int]) -> int:
    """How many articles a run met first. Runs of versions that did not count them: new or corrected ones."""
    return stats.get("read/new", stats.get("read/article", 0))


def health(connection: sqlite3.Connection) -> HealthPage:
    """Returns the page about all sites that were crawled."""
    names = connection.execute("select distinct site from runs where command = 'crawl' and site != '' order by site")
    sites = [site_health(connection, site) for (site,) in names.fetchall()]
    sites.sort(key=lambda row: (not row["findings"], row["site"]))
    ill = [row for row in sites if row["findings"]]
    return {
        "sites": sites,
        "ill": len(ill),
        "troubles": _by_cause(ill),
        "well": sites[len(ill) :],
        "findings": rows(
            connection,
            "select findings.site, expectation, message, started from findings join runs on runs.id = run_id"
            f" order by findings.id desc limit {_FINDINGS}",
        ),
        "chart": _chart(connection),
    }


def site_health(connection: sqlite3.Connection, site: str) -> SiteHealth:
    """Returns how the crawls of a site went; it has one at least."""
    runs = crawls(connection, site, _RUNS)
    last = runs[0]
    found: dict[int, list[Row]] = {}
    for row in rows(
        connection,
        "select run_id, expectation, message from findings where site = :site and run_id >= :first order by id",
        {"site": site, "first": runs[-1]["id"]},
    ):
        found.setdefault(row["run_id"], []).append(row)
    unusual = found.get(last["id"], [])
    return {
        "site": site,
        "last": last["started"],
        "outcome": last["outcome"],
        **brought(last["stats"]),
        "news": [_new(run["stats"]) for run in reversed(runs)],
        "findings": [row["message"] for row in unusual],
        "causes": list(dict.fromkeys(row["expectation"] for row in unusual)),
        "since": _since(runs, set(found)),
        "succeeded": next((run["started"] for run in runs if run["id"] not in found), None),
        "usual": sum(run["id"] not in found for run in runs),
    }


def _since(runs: list[Run], unusual: set[int]) -> str:
    """When the first of the latest runs began that are as usual as the last one, or as little."""
    since = runs[0]
    for run in runs:
        if (run["id"] in unusual) != (runs[0]["id"] in unusual):
            break
        since = run
    return since["started"]


def _by_cause(ill: list[SiteHealth]) -> list[Trouble]:
    """Sites with the same causes together, the most sites first."""
    grouped: dict[frozenset[str], list[SiteHealth]] = {}
    for row in ill:
        grouped.setdefault(frozenset(row["causes"]), []).append(row)
    troubles: list[Trouble] = [
        {
            "causes": sites[0]["causes"],
            "sites": sites,
            "since": min(row["since"] for row in sites),
            "succeeded": max((row["succeeded"] for row in sites if row["succeeded"]), default=None),
        }
        for sites in grouped.values()
    ]
    return sorted(troubles, key=lambda trouble: -len(trouble["sites"]))


def _chart(connection: sqlite3.Connection) -> Chart:
    """New articles of all sites by day, in Beijing; days without a run in between are marked."""
    by_day = dict(
        connection.execute(
            "select date(started, '+8 hours') as day, sum(coalesce(stats ->> '$.\"read/new\"', stats ->> '$.\"read/article\"', 0)) from ("
            f" select started, stats from runs where command = 'crawl' order by id desc limit {_RECENT})"
            f" where day is not null group by day order by day desc limit {_DAYS}"
        ).fetchall()
    )
    last = date.fromisoformat(max(by_day)) if by_day else None
    days = [(last - timedelta(number)).isoformat() for number in range(_DAYS)][::-1] if last else []
    first = min(by_day, default="")
    return {
        "kind": Kind.BARS,
        "series": [{"label": "", "marks": [{"at": day, "value": by_day[day]} for day in days if day in by_day]}],
        "missing": [day for day in days if day > first and day not in by_day],
    }
