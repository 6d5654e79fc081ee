"""`dangqun crawl`."""

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.progress import Progress
from scrapy.crawler import Crawler

from archive.pipeline.ingest import source
from archive.pipeline.reread import outdated, store_derived
from archive.publishing.snapshot import publish
from crawler import session
from crawler.cli import options
from crawler.cli.console import console, progress, table
from crawler.cli.opening import bring_up_to_date
from crawler.cli.priority import give_way
from crawler.cli.progress import ProgressBar
from crawler.discovery.layouts import known_layouts
from crawler.discovery.sites import ANYWHERE, known_sites, refuse_unknown, settings_for
from crawler.run import Ended, SiteJob, Watcher, allowed, require_contact, run

OUT_OF_LINE = 3  # exit code: done, and something is not as usual


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
    help="With --since: leave out articles after this day.",
)
@click.option("--path", default="/", show_default=True, help="For a URL: only pages whose path begins with this.")
@click.option(
    "--depth",
    type=click.IntRange(0, 20),
    default=2,
    show_default=True,
    help="For a URL: how many links away from it pages may be.",
)
@click.option(
    "--pages",
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
    folder: Path, names: tuple[str, ...], since: datetime | None, until: datetime | None, path: str, depth: int, pages: int,
    hours: str, longest: float, loopback: bool, cluster: options.Cluster | None, publishing: bool,
) -> None:  # fmt: skip
    """Fetch what is new on one or more sites, read it, and publish.

    SITE is a name from `dangqun sites`; a URL begins with http and needs no description: its links are followed
    within --path, --depth and --pages. Pages that the archive has are not fetched again, unless the site says that
    they have changed or they are due for another look. The run and its counts are kept in the table `runs`.

    With --engine ray each site is crawled by a task, on any node, and what it fetched is read there too.

    Exit codes: 0 done; 1 a crawl did not finish; 3 done, and something is not as usual (see /health on the site).
    """
    if until and not since:
        raise click.UsageError("--until goes with --since.")
    jobs: list[SiteJob] = []
    for name in names:
        if name.startswith(("http://", "https://")):
            scope = {
                "url": options.web_address(name),
                "path": path,
                "depth": depth,
                "pages": pages,
                "loopback": loopback,
            }
            jobs.append((ANYWHERE, scope))
        else:
            jobs.append((name, {"since": since and since.date(), "until": until and until.date()}))
    finish(folder, crawled(folder, jobs, cluster, hours=hours, longest=longest), publishing)


def finish(folder: Path, ended: Ended, publishing: bool) -> None:
    """Publish what came, whatever one site did, and end with the exit code that says how it went."""
    if publishing:
        publish(session.archive_of(settings_for(folder)))
    session.close_all()
    if ended.failed:
        console.print("; ".join(ended.failed))
    if ended.unreadable:
        raise click.ClickException(
            f"{ended.unreadable} What was fetched is kept; the next crawl, or `dangqun extract`, reads it."
        )
    if ended.failed:
        raise click.ClickException("Not every crawl finished.")
    if ended.findings:
        raise SystemExit(OUT_OF_LINE)


def crawled(folder: Path, jobs: list[SiteJob], cluster: options.Cluster | None, **bounds: Any) -> Ended:
    """Crawl sites here or on a cluster, and print what came; `bounds` are those of `run`."""
    give_way()
    watcher = _Shown(progress())
    try:
        if cluster is None:
            ended = run(folder, jobs, **bounds, watcher=watcher)
        else:
            ended = _on_cluster(folder, jobs, cluster, bounds, watcher)
    finally:
        watcher.bar.stop()
    if ended.brought:
        columns = ("site", "captures", "articles", "known", "not articles")
        table("Crawled", columns, [_row(name, counts) for name, counts in ended.brought])
    if ended.findings:
        rows = [(row["site"], row["expectation"], row["message"]) for row in ended.findings]
        table("Not as usual", ("site", "expectation", ""), rows)
    return ended


class _Shown(Watcher):
    """Shows a run on the terminal: a progress bar for each site. The bars start after any rebuild, which has its own."""

    def __init__(self, bar: Progress) -> None:
        self.bar = bar
        self._bars: list[ProgressBar] = []  # signals hold their receivers weakly

    def bring_up_to_date(self, folder: Path) -> None:
        bring_up_to_date(folder)

    def begins(self, crawler: Crawler, site: str) -> None:
        self.bar.start()
        self._bars.append(ProgressBar(crawler, self.bar, site))

    def passes_over(self, site: str, why: str) -> None:
        console.print(f"{site}: {why}.")


def _row(name: str, counts: Counter[str]) -> tuple[object, ...]:
    others = {kind[5:]: n for kind, n in counts.items() if kind.startswith("read/")}
    kinds = ", ".join(f"{n} {kind}" for kind, n in others.items() if kind not in ("article", "unchanged"))
    return name, counts["capture/new"], counts["read/article"], counts["list/known"], kinds or "-"


def _on_cluster(
    folder: Path, jobs: list[SiteJob], cluster: options.Cluster, bounds: dict[str, Any], watcher: _Shown
) -> Ended:
    from crawler.cluster import crawling, engine, reading
    from crawler.cluster.storage import Storage

    if any(name == ANYWHERE for name, _ in jobs):
        raise click.UsageError("--engine ray crawls sites; a URL is crawled by this machine.")
    settings = settings_for(folder)
    known = known_sites(settings)
    refuse_unknown([name for name, _ in jobs], known)
    require_contact(settings, known, jobs)
    watcher.bring_up_to_date(folder)
    archive = session.archive_of(settings)
    jobs = allowed(archive, known, jobs, bounds.get("hours", ""), watcher)
    if not jobs:
        return Ended()
    storage, bar = Storage(cluster.storage or str(folder)), watcher.bar
    bar.start()
    with engine.connected(cluster.address):
        sites = bar.add_task("sites", total=len(jobs), articles=0)
        given = bounds | {"agent": settings["USER_AGENT"]}
        failed, findings = crawling.crawl_all(
            archive, jobs, storage, given, lambda site, captures: bar.update(sites, advance=1)
        )
        todo = outdated(archive, known_layouts())
        pages = bar.add_task("pages", total=sum(len(ids) for _, ids in todo), articles=0)
        coming = reading.derive_all(archive, todo, storage, lambda captures: bar.update(pages, advance=captures))
        articles = store_derived(archive, coming, lambda *_: None, source(archive, known_layouts()))
        bar.update(pages, articles=articles)
    return Ended(failed, findings)
