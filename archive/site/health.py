"""Whether the crawl is well: each site's last run, and what was not as usual."""

import sqlite3

from archive.site.shared import Row
from archive.sql.rows import rows
from archive.storage.runs import crawls

_RUNS, _FINDINGS = 30, 100


def brought(stats: dict[str, int]) -> dict[str, int]:
    """What the counts of a run say in short: {pages, articles (new), failures}."""
    return {
        "pages": stats.get("capture/new", 0) + stats.get("capture/unchanged", 0),
        "articles": stats.get("read/article", 0),
        "failures": sum(count for name, count in stats.items() if name.startswith("failed/")),
    }


def health(connection: sqlite3.Connection) -> Row:
    """Every site's last run, new articles of its last runs (the oldest first), and the latest findings. A site with
    findings in its last run comes first."""
    sites = []
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
            "kind": "bar",
            "labels": [row["site"] for row in sites],
            "series": [{"label": "新文章 new articles", "values": [sum(row["news"]) for row in sites]}],
        },
    }
