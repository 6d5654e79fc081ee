"""`dangqun crawl`."""

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Unpack

import click
from rich.progress import Progress, TaskID
from scrapy.crawler import Crawler

from archive.publishing.snapshot import publish
from crawler import session
from crawler.cli import options, renamed
from crawler.cli.console import message, progress, table
from crawler.cli.opening import bring_up_to_date
from crawler.cli.priority import give_way
from crawler.cli.progress import ProgressBar
from crawler.discovery.sites import ANYWHERE, settings_for
from crawler.jobs import CrawlOptions, SiteJob
from crawler.run import EXIT_UNUSUAL, CrawlResult, Watcher, run


@click.command()
@click.argument("names", metavar="SITE|URL...", nargs=-1, required=True)
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="Fetch history: follow lists back to this day.",
)
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="With --since: skip articles after this day.",
)
@renamed.option(
    "--path-prefix",
    former="--path",
    default="/",
    show_default=True,
    help="For a URL: fetch only pages whose path begins with this.",
)
@renamed.option(
    "--max-depth",
    former="--depth",
    type=click.IntRange(0, 20),
    default=2,
    show_default=True,
    help="For a URL: follow at most this many links in a row.",
)
@renamed.option(
    "--max-pages",
    former="--pages",
    type=click.IntRange(1, 100_000),
    default=200,
    show_default=True,
    help="For a URL: fetch at most this many pages.",
)
@click.option("--loopback", is_flag=True, hidden=True, help="For tests: allow a URL on this machine.")
@options.crawling
@options.engine
@options.publishing
@click.pass_obj
def crawl(
    folder: Path, names: tuple[str, ...], since: datetime | None, until: datetime | None, path_prefix: str, max_depth: int,
    max_pages: int, hours: str, max_seconds: float, loopback: bool, cluster: options.Cluster | None, publishing: bool,
) -> None:  # fmt: skip
    """Fetch what is new on sites, read it, and publish.

    SITE is a name from `dangqun sites`. A URL begins with http:// or https:// and needs no description: the crawler
    follows its links within --path-prefix, --max-depth and --max-pages. It fetches a known page again only if the site
    reports a change, or if a new check of the page is due. The table `runs` records the run and its counts.

    With --engine ray, a task on any node crawls each site, and tasks read what was fetched.

    Exit codes: 0 success; 1 a crawl did not finish; 3 success, but with unusual results (see /health on the site).
    """
    if until and not since:
        raise click.UsageError("--until needs --since.")
    jobs: list[SiteJob] = []
    for name in names:
        if name.startswith(("http://", "https://")):
            url = options.web_address(name)
            scope = {"url": url, "path": path_prefix, "depth": max_depth, "pages": max_pages, "loopback": loopback}
            jobs.append(SiteJob(ANYWHERE, scope))
        else:
            jobs.append(SiteJob(name, {"since": since and since.date(), "until": until and until.date()}))
    finish(folder, crawled(folder, jobs, cluster, hours=hours, longest=max_seconds), publishing)


def finish(folder: Path, ended: CrawlResult, publishing: bool) -> None:
    """Publish what was fetched, also if a site failed, and end with the exit code of the result."""
    if publishing:
        publish(session.archive_of(settings_for(folder)))
    session.close_all()
    if ended.failed:
        message("; ".join(ended.failed))
    if ended.unreadable:
        raise click.ClickException(
            f"{ended.unreadable} The archive keeps what was fetched. The next crawl, or `dangqun extract`, reads it."
        )
    if ended.failed:
        raise click.ClickException("Not every crawl finished.")
    if ended.findings:
        raise SystemExit(EXIT_UNUSUAL)


def crawled(
    folder: Path, jobs: list[SiteJob], cluster: options.Cluster | None, **bounds: Unpack[CrawlOptions]
) -> CrawlResult:
    """Crawl sites on this machine or on a cluster, and print the counts. `bounds` limit the crawls."""
    give_way()
    watcher = _Shown(progress())
    try:
        if cluster is None:
            ended = run(folder, jobs, **bounds, watcher=watcher)
        else:
            from crawler.cluster.run import run_on_cluster

            ended = run_on_cluster(folder, jobs, cluster.address, cluster.storage, bounds, watcher)
    finally:
        watcher.bar.stop()
    if ended.counts:
        columns = ("site", "captures", "articles", "known", "not articles")
        table("Crawled", columns, [_row(name, counts) for name, counts in ended.counts])
    if ended.findings:
        rows = [(row["site"], row["expectation"], row["message"]) for row in ended.findings]
        table("Unusual", ("site", "expectation", "result"), rows)
    return ended


class _Shown(Watcher):
    """Shows a run as progress bars, one for each site. They start after any rebuild, which has its own bar."""

    def __init__(self, bar: Progress) -> None:
        self.bar = bar
        self._bars: list[ProgressBar] = []  # signals hold their receivers weakly
        self._tasks: dict[str, tuple[TaskID, int]] = {}  # with the articles so far

    def bring_up_to_date(self, folder: Path) -> None:
        bring_up_to_date(folder)

    def started(self, crawler: Crawler, site: str) -> None:
        self.bar.start()
        self._bars.append(ProgressBar(crawler, self.bar, site))

    def skipped(self, site: str, why: str) -> None:
        message(f"{site}: {why}.", site=site)

    def advanced(self, what: str, done: int, total: int, articles: int = 0) -> None:
        self.bar.start()
        if what not in self._tasks:
            self._tasks[what] = self.bar.add_task(what, total=total, articles=0), 0
        task, before = self._tasks[what]
        self._tasks[what] = task, before + articles
        self.bar.update(task, advance=done, articles=before + articles)


def _row(name: str, counts: Counter[str]) -> tuple[object, ...]:
    others = {kind[5:]: n for kind, n in counts.items() if kind.startswith("read/")}
    kinds = ", ".join(f"{n} {kind}" for kind, n in others.items() if kind not in ("article", "unchanged"))
    return name, counts["capture/new"], counts["read/article"], counts["list/known"], kinds or "-"
