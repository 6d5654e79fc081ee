"""Crawling a site that a test describes, in a process of its own: the network reactor starts only once in one."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from forking import forked


def crawled(
    folder: Path, site: dict[str, Any], *, settings: dict[str, Any] | None = None, timeout: float = 120, **given: Any
) -> dict[str, Any]:
    """Crawl a site of these class attributes; returns its counts with `outcome`, `findings` (expectation -> sentence) and
    `memory` (peak MB). `given` are arguments of the spider."""
    fast = {"DOWNLOAD_DELAY": 0, "AUTOTHROTTLE_ENABLED": False, "DOWNLOAD_TIMEOUT": 5, "RETRY_TIMES": 0}
    task = {"folder": str(folder), "site": {"name": "tested", "outlet": "测试网", "loopback": True, **site},
             "settings": fast | (settings or {}), "given": given}  # fmt: skip
    done = forked(_crawl, task, timeout=timeout)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]) | {"stderr": done.stderr}


def _crawl(task: dict[str, Any]) -> None:
    """Crawl, and print the run's counts as JSON."""
    from scrapy.crawler import AsyncCrawlerProcess

    from crawler import session
    from crawler.discovery.layouts import Layout, known_layouts
    from crawler.discovery.sites import settings_for
    from crawler.download.browser import enable_browser
    from crawler.monitoring import health
    from crawler.monitoring.runs import run_stats
    from spiders.anywhere import Anywhere
    from spiders.base import JsonList, SiteSpider

    settings = settings_for(Path(task["folder"]))
    for name, value in task["settings"].items():
        settings.set(name, value, priority="cmdline")
    described = {name: tuple(value) if isinstance(value, list) else value for name, value in task["site"].items()}
    described["layouts"] = tuple(Layout(**one) for one in described.get("layouts", ()))
    described["data"] = tuple(JsonList(**one) for one in described.get("data", ()))
    given = {k: date.fromisoformat(v) if k in ("since", "until") else v for k, v in task["given"].items()}
    known_layouts()[task["site"].get("home", "").removeprefix("http://")] = described["layouts"]  # type: ignore[index]
    site = Anywhere if "url" in given else type("Tested", (SiteSpider,), described)
    if described.get("browser"):
        enable_browser(settings, loopback=True)
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler(site)
    process.crawl(crawler, **given)
    process.start()
    archive = session.archive_of(settings)
    run_id = crawler.stats.get_value("run/id")
    outcome = archive.connection.execute("select outcome from runs where id = ?", [run_id]).fetchone()[0]
    counts = run_stats(crawler) | {
        "outcome": outcome,
        "findings": {row["expectation"]: row["message"] for row in health.findings_of(archive, [run_id])},
        "seconds": crawler.stats.get_value("elapsed_time_seconds"),
        "memory": int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) // 1024,
    }
    session.close_all()
    print(json.dumps(counts, ensure_ascii=False))
