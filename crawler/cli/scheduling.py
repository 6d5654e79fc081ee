"""`dangqun refresh`, `dangqun schedule` and `dangqun status`: crawling the sites that are due."""

import json
import signal
import sys
from datetime import datetime
from pathlib import Path

import click

from archive.reading.stamps import CHINA
from archive.storage.store import ArchiveBusy, open_for_reading
from crawler import session
from crawler.cli import options
from crawler.cli.console import message, table
from crawler.cli.crawl import crawled, finish
from crawler.cli.opening import bring_up_to_date
from crawler.discovery.sites import known_sites, settings_for
from crawler.jobs import SiteJob
from crawler.run import require_contact
from crawler.scheduler import Scheduler, SiteStatus, due_sites, enabled_sites, refuse_disabled, site_statuses

_MAX_SECONDS = 7200.0  # then the next site that is due has its turn
_NOTHING_ENABLED = (
    "No site is enabled, so `refresh` and `schedule` crawl nothing. `dangqun sites` lists the sites. To enable one, run"
    " `dangqun sites enable NAME`."
)


@click.command()
@click.argument("names", metavar="[SITE...]", nargs=-1)
@options.crawling
@options.engine
@options.publishing
@click.pass_obj
def refresh(
    folder: Path,
    names: tuple[str, ...],
    hours: str,
    max_seconds: float,
    cluster: options.Cluster | None,
    publishing: bool,
) -> None:
    """Crawl the enabled sites that are due, and publish.

    With SITE, only these of the enabled sites. Run this command from cron or a timer. `dangqun sites enable` enables a
    site; at first, none is enabled. `crawl.every` in dangqun.toml sets the interval of all sites, and `crawl.intervals`
    that of single ones; by default, the class of each site does (`every`). Several missed runs of a site count as one.
    Lists that seldom change are fetched less often. If another process is crawling this archive, the command does
    nothing, so that no site gets requests from two processes.

    The exit codes are those of `dangqun crawl`.
    """
    refuse_disabled(folder, names)
    enabled = enabled_sites(folder, names)
    if not enabled:
        message(_NOTHING_ENABLED)
        return
    try:
        bring_up_to_date(folder)
        archive = session.archive_of(settings_for(folder))
    except ArchiveBusy as error:
        message(f"{error} Nothing was crawled.")
        return
    due = due_sites(archive, enabled, hours)
    if not due:
        message("Nothing is due.")
        session.close_all()
        return
    jobs = [SiteJob(name, {}) for name in due]
    ended = crawled(folder, jobs, cluster, hours=hours, longest=max_seconds or _MAX_SECONDS, resting=True)
    finish(folder, ended, publishing)


@click.command()
@click.argument("names", metavar="[SITE...]", nargs=-1)
@options.crawling
@options.publishing
@click.pass_obj
def schedule(folder: Path, names: tuple[str, ...], hours: str, max_seconds: float, publishing: bool) -> None:
    """Run `refresh` whenever a site is due.

    The command runs until SIGTERM or Ctrl+C ends it. With SITE, only these of the enabled sites are crawled. A site
    that you enable or disable meanwhile is included or left out from then on. The archive holds the state, so the
    schedule continues after a restart. Each refresh is a process of its own. At SIGTERM the crawl under way ends
    cleanly and keeps what it has fetched.
    """
    refuse_disabled(folder, names)
    settings, enabled = settings_for(folder), enabled_sites(folder, names)
    require_contact(settings, known_sites(settings), [SiteJob(name, {}) for name in enabled])
    if not enabled:
        message(_NOTHING_ENABLED)
    command = [sys.executable, "-P", "-m", "crawler.cli", *options.of_this_command(), "refresh", "--hours", hours]
    command += ["--max-seconds", str(max_seconds), "--publish" if publishing else "--no-publish"]
    scheduler = Scheduler(folder, names, hours, command)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: scheduler.stop())
    scheduler.run()
    message("Stopped.")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines, with times in UTC.")
@options.hours("The hours in which `refresh` or `schedule` sends requests, in China's time.")
@click.pass_obj
def status(folder: Path, as_json: bool, hours: str) -> None:
    """Show the last and the next run of each site.

    The table has the sites that are enabled and those that were crawled, with their pages, new articles, failures and
    unusual results. The next run depends on --hours: set it as for `refresh` or `schedule`, or set DANGQUN_HOURS for all.
    """
    enabled = enabled_sites(folder)
    with open_for_reading(folder) as archive:
        found = site_statuses(archive, enabled, hours)
    if not enabled:
        message(_NOTHING_ENABLED)
    if as_json:
        for row in found:
            click.echo(json.dumps(row, ensure_ascii=False))
        return
    columns = ("site", "last run", "next", "pages, new, failed", "unusual")
    table("Sites (times of China)", columns, map(_cells, found))


def _cells(row: SiteStatus) -> tuple[str, ...]:
    return (
        row["site"],
        f"{_local(row['last'])} {row['outcome']}" if row["last"] else row["outcome"],
        "now" if row["is_due"] else _local(row["next"]),
        f"{row['pages']}, {row['articles']}, {row['failures']}" if row["last"] else "-",
        "\n".join([*row["findings"], *filter(None, [row["why"]])]),
    )


def _local(moment: str | None) -> str:
    """A time in China."""
    return f"{datetime.fromisoformat(moment).astimezone(CHINA):%m-%d %H:%M}" if moment else "-"
