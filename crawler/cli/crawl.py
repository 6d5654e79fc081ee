"""`dangqun crawl`."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings

from archive.ingest import source
from archive.outgoing import is_of_this_machine
from archive.publishing.snapshot import publish
from archive.reread import bring_in_line, outdated
from archive.store import Archive
from crawler import health, schedule, session
from crawler.addresses import host_of
from crawler.browser import BrowserMissing, draw_pages
from crawler.cli import options
from crawler.cli.console import console, progress, table
from crawler.cli.opening import bring_up_to_date
from crawler.cli.priority import give_way
from crawler.cli.progress import ProgressBar
from crawler.identity import check_site, without_contact
from crawler.layouts import known_layouts
from crawler.runs import rested, run_stats
from crawler.sites import ANYWHERE, known_sites, refuse_unknown, settings_for

OUT_OF_LINE = 3  # exit code: done, and something is not as usual
_ENDED = ("finished", "hours_over", "closespider_timeout", "challenged", "asked_to_wait")  # on purpose


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
    jobs: list[tuple[str, dict[str, Any]]] = []
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


@dataclass(frozen=True)
class Ended:
    """How crawls ended: which did not finish and why; what is not as usual: {site, expectation, said}; and why pages wait
    to be read, empty where none does."""

    failed: list[str]
    findings: list[dict[str, object]]
    unreadable: str = ""


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


def crawled(
    folder: Path, jobs: list[tuple[str, dict[str, Any]]], cluster: options.Cluster | None, **bounds: Any
) -> Ended:
    """Crawl sites here or on a cluster; `bounds` are those of `run`."""
    give_way()
    if cluster is None:
        return run(folder, jobs, **bounds)
    return _run_there(folder, jobs, cluster, bounds | {"agent": settings_for(folder)["USER_AGENT"]})


def ask_for_a_contact(settings: Settings, known: dict[str, type[Any]], jobs: list[tuple[str, dict[str, Any]]]) -> None:
    """Raises ClickException where a job leads beyond this machine and no contact is set."""
    addresses = [given["url"] if name == ANYWHERE else known[name].home for name, given in jobs]
    missing = without_contact(settings)
    if missing and not all(map(is_of_this_machine, addresses)):
        raise click.ClickException(missing)


def _run_there(
    folder: Path, jobs: list[tuple[str, dict[str, Any]]], cluster: options.Cluster, bounds: dict[str, Any]
) -> Ended:
    from crawler.cluster import crawling, engine, reading
    from crawler.cluster.storage import Storage

    if any(name == ANYWHERE for name, _ in jobs):
        raise click.UsageError("--engine ray crawls sites; a URL is crawled by this machine.")
    settings = settings_for(folder)
    known = known_sites(settings)
    refuse_unknown([name for name, _ in jobs], known)
    ask_for_a_contact(settings, known, jobs)
    bring_up_to_date(folder)
    archive = session.archive_of(settings)
    jobs = _allowed(archive, known, jobs, bounds.get("hours", ""))
    if not jobs:
        return Ended([], [])
    storage = Storage(cluster.storage or str(folder))
    with progress() as bar, engine.connected(cluster.address):
        sites = bar.add_task("sites", total=len(jobs), articles=0)
        failed, findings = crawling.crawl_all(
            archive, jobs, storage, bounds, lambda site, captures: bar.update(sites, advance=1)
        )
        todo = outdated(archive, known_layouts())
        pages = bar.add_task("pages", total=sum(len(ids) for _, ids in todo), articles=0)
        coming = reading.derive_all(archive, todo, storage, lambda captures: bar.update(pages, advance=captures))
        articles = bring_in_line(archive, coming, lambda *_: None, source(archive, known_layouts()))
        bar.update(pages, articles=articles)
    return Ended(failed, _tell(findings))


def run(
    folder: Path,
    jobs: list[tuple[str, dict[str, Any]]],
    *,
    hours: str = "",
    longest: float = 0,
    resting: bool = False,
    agent: str = "",
) -> Ended:
    """Crawl sites side by side in this process (once a process), and tell what came.

    `jobs` are (site, arguments of its class); `hours` and `longest` (seconds) bound the run; `resting` lets lists rest
    that seldom change; `agent` is the User-Agent of an archive that sends this work elsewhere. Raises UsageError for an
    unknown site, ClickException where no contact is set, and ArchiveError where a site's class sets a wrong User-Agent.
    """  # fmt: skip
    settings = settings_for(folder)
    if agent:
        settings.set("USER_AGENT", agent, priority="spider")  # the add-on sets it for the project
    known = known_sites(settings)
    refuse_unknown([name for name, _ in jobs if name != ANYWHERE], known)
    ask_for_a_contact(settings, known, jobs)
    bring_up_to_date(folder)
    archive = session.archive_of(settings)  # a locked archive is told before anything starts
    settings.set("HOURS", hours, priority="cmdline")
    settings.set("CLOSESPIDER_TIMEOUT", longest, priority="cmdline")
    settings.set("REST_LISTS", resting, priority="cmdline")
    if any(getattr(known.get(name), "browser", False) for name, _ in jobs):
        try:
            draw_pages(settings)
        except BrowserMissing as error:
            raise click.ClickException(str(error)) from None
    crawlers: list[Crawler] = []
    process = AsyncCrawlerProcess(settings)
    with progress() as bar:
        bars = []  # signals hold their receivers weakly
        for name, given in _allowed(archive, known, jobs, hours):
            crawlers.append(process.create_crawler(name))
            check_site(crawlers[-1])
            bars.append(ProgressBar(crawlers[-1], bar, _site(name, given)))
            process.crawl(crawlers[-1], **given)
        if crawlers:
            process.start()
    failed = _report(crawlers)
    unreadable = next(filter(None, (crawler.stats.get_value("unreadable") for crawler in crawlers)), "")
    found = health.of_runs(archive, [crawler.stats.get_value("run/id") for crawler in crawlers])
    return Ended(failed, _tell(found), unreadable)


def _site(name: str, given: dict[str, Any]) -> str:
    """What the runs of a job are known by."""
    return host_of(given["url"]) if name == ANYWHERE else name


def _allowed(
    archive: Archive, known: dict[str, type[Any]], jobs: list[tuple[str, dict[str, Any]]], hours: str
) -> list[tuple[str, dict[str, Any]]]:
    """The jobs whose sites may be asked now; of the others is said why not."""
    found = []
    for name, given in jobs:
        run = schedule.last_run(archive, _site(name, given))
        why = _not_now(run, hours or getattr(known.get(name), "hours", ""))
        if why:
            console.print(f"{_site(name, given)}: {why}.")
        else:
            found.append((name, given))
    return found


def _not_now(run: dict[str, Any] | None, hours: str) -> str:
    now = datetime.now(UTC)
    try:
        if not schedule.within(hours, now):
            return f"not asked now, only between {hours} o'clock in China"
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    return schedule.left_alone(run, now)


def _report(crawlers: list[Crawler]) -> list[str]:
    """Print what each crawl brought; return those that did not finish, with the reason."""
    rows, failed = [], []
    for crawler in crawlers:
        counts = Counter(run_stats(crawler))
        others = {
            name[5:]: n
            for name, n in counts.items()
            if name.startswith("read/") and name not in ("read/article", "read/unchanged")
        }
        name = crawler.spider.name if crawler.spider else crawler.spidercls.name
        rows.append(
            (name, counts["capture/new"], counts["read/article"], counts["list/known"],
             ", ".join(f"{n} {kind}" for kind, n in others.items()) or "-")
        )  # fmt: skip
        reason = crawler.stats.get_value("finish_reason")
        if reason not in _ENDED:
            failed.append(f"{name}: {reason}")
        if crawler.stats.get_value("downloader/response_count", 0) == 0 and not rested(crawler):
            failed.append(f"{name}: nothing answered")
    if rows:
        table("Crawled", ("site", "captures", "articles", "known", "not articles"), rows)
    return failed


def _tell(found: list[dict[str, object]]) -> list[dict[str, object]]:
    if found:
        table(
            "Not as usual",
            ("site", "expectation", ""),
            [(row["site"], row["expectation"], row["said"]) for row in found],
        )
    return found
