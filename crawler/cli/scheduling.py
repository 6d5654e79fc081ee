"""`dangqun refresh`, `dangqun schedule` and `dangqun status`: crawling whatever is due."""

import json
import signal
import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

import click

from archive.configuration import FILE, ConfigurationError, configuration
from archive.reading.stamps import CHINA
from archive.site.health import brought
from archive.storage.store import Archive, ArchiveBusy, is_outdated, open_for_reading
from crawler import schedule as rules
from crawler import session
from crawler.cli import options
from crawler.cli.console import console, table
from crawler.cli.crawl import OUT_OF_LINE, crawled, finish
from crawler.cli.opening import bring_up_to_date
from crawler.discovery.sites import known_sites, refuse_unknown, settings_for
from crawler.run import require_contact

_LONGEST = 7200  # seconds: then the next due site has its turn
_NOTHING_ENABLED = (
    "No site is enabled, so `refresh` and `schedule` crawl nothing. `dangqun sites` lists those that are described; choose"
    " with `dangqun sites enable NAME`."
)
_LEAST, _MOST = 5.0, 600.0  # seconds between two looks at what is due
_TROUBLED = 60.0  # seconds after a refresh that failed


@click.command()
@click.argument("names", metavar="[SITE...]", nargs=-1)
@options.crawling
@options.engine
@options.publishing
@click.pass_obj
def refresh(
    folder: Path, names: tuple[str, ...], hours: str, longest: float, cluster: options.Cluster | None, publishing: bool
) -> None:
    """Crawl the sites that are enabled and due (all of them, or those named), and publish. For cron and timers.

    `dangqun sites enable` says which sites these are; at first there is none. Each has its rhythm (`every` in its
    class); a run that was missed is made up for once. Lists that seldom change rest in between. Where another process
    is crawling this archive, nothing is done: no site is asked by two.

    Exit codes are those of `dangqun crawl`.
    """
    _refuse_disabled(folder, names)
    enabled = _enabled(folder, names)
    if not enabled:
        console.print(_NOTHING_ENABLED)
        return
    try:
        bring_up_to_date(folder)
        archive = session.archive_of(settings_for(folder))
    except ArchiveBusy as error:
        console.print(f"{error} Nothing was crawled.")
        return
    due = [name for name, one in _due(archive, enabled, hours).items() if one.when <= datetime.now(UTC)]
    if not due:
        console.print("Nothing is due.")
        session.close_all()
        return
    jobs: list[tuple[str, dict[str, Any]]] = [(name, {}) for name in due]
    ended = crawled(folder, jobs, cluster, hours=hours, longest=longest or _LONGEST, resting=True)
    finish(folder, ended, publishing)


@click.command()
@click.argument("names", metavar="[SITE...]", nargs=-1)
@options.crawling
@options.publishing
@click.pass_obj
def schedule(folder: Path, names: tuple[str, ...], hours: str, longest: float, publishing: bool) -> None:
    """Run `refresh` whenever a site is due that is enabled, until SIGTERM or Ctrl+C ends it.

    A site that is enabled or disabled meanwhile is crawled or left alone from then on. The state is in the archive:
    stopped and started again, it goes on where it was. Each refresh is a process of its own; the crawl under way ends
    cleanly at SIGTERM, and what it has fetched is kept.
    """
    _refuse_disabled(folder, names)
    settings = settings_for(folder)
    require_contact(settings, known_sites(settings), [(name, {}) for name in _enabled(folder, names)])
    if not _enabled(folder, names):
        console.print(_NOTHING_ENABLED)
    command = [sys.executable, "-P", "-m", "crawler.cli", "--archive", str(folder), "refresh", "--hours", hours]
    command += ["--longest", str(longest), "--publish" if publishing else "--no-publish"]
    stop, child = threading.Event(), _Child()

    def ended(number: int, frame: FrameType | None) -> None:
        stop.set()
        child.end()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ended)
    while not stop.is_set():
        try:
            enabled = _enabled(folder, names)
            pause = _pause(folder, enabled, hours) if enabled else _TROUBLED
        except (sqlite3.OperationalError, OSError, ConfigurationError) as error:  # it will pass, and nobody watches
            console.print(f"The archive cannot be looked at now: {error}. Trying again in {_TROUBLED:g} s.")
            pause = _TROUBLED
        if pause <= 0:
            pause = _LEAST if child.run([*command, *enabled]) in (0, OUT_OF_LINE) else _TROUBLED
        stop.wait(min(max(pause, _LEAST), _MOST))
    console.print("Stopped.")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON lines, times in UTC.")
@click.pass_obj
def status(folder: Path, as_json: bool) -> None:
    """Show each site's last and next run, its pages, new articles, failures, and what is not as usual.

    Shown are the sites that are enabled, and those that were crawled.
    """
    enabled = _enabled(folder)
    if not enabled:
        console.print(_NOTHING_ENABLED)
    with open_for_reading(folder) as archive:
        told = _told(archive, enabled)
    if as_json:
        for row in told:
            click.echo(json.dumps(row, ensure_ascii=False))
        return
    table(
        "Sites (times of China)",
        ("site", "last run", "next", "pages, new, failed", "not as usual"),
        [
            (
                row["site"],
                f"{_local(row['last'])} {row['outcome']}" if row["last"] else row["outcome"],
                "now" if row["is_due"] else _local(row["next"]),
                f"{row['pages']}, {row['articles']}, {row['failures']}" if row["last"] else "-",
                "\n".join([*row["findings"], *filter(None, [row["why"]])]),
            )
            for row in told
        ],
    )


class _Child:
    """The refresh that is running, if one is."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None

    def run(self, command: list[str]) -> int:
        # A session of its own: Ctrl+C reaches it once, from us.
        self.process = subprocess.Popen(command, start_new_session=True)
        code = self.process.wait()
        self.process = None
        return code

    def end(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)


def _enabled(folder: Path, names: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The sites that the operator enabled, or those of them that are named. Raises ConfigurationError where one is enabled
    that nobody has described."""
    enabled, known = configuration(folder).enabled_sites, known_sites(settings_for(folder))
    unknown = [name for name in enabled if name not in known]
    if unknown:
        raise ConfigurationError(
            f"{folder / FILE} enables {', '.join(unknown)}, which nobody has described. `dangqun sites` lists the sites"
            " that are; `dangqun sites disable` takes out another."
        )
    return tuple(name for name in enabled if not names or name in names)


def _refuse_disabled(folder: Path, names: tuple[str, ...]) -> None:
    """Raises ClickException where a site is named that the operator did not enable, UsageError where nobody described it."""
    refuse_unknown(names, known_sites(settings_for(folder)))
    enabled = _enabled(folder)
    disabled = " ".join(name for name in names if name not in enabled)
    if disabled:
        raise click.ClickException(
            f"Not enabled: {disabled}. Run `dangqun sites enable {disabled}` first, or crawl once: `dangqun crawl {disabled}`."
        )


def _crawled(archive: Archive) -> list[str]:
    """The sites that were crawled, enabled or not."""
    found = archive.connection.execute("select distinct site from runs where command = 'crawl' and site != ''")
    return [row[0] for row in found]


def _due(archive: Archive, names: tuple[str, ...], hours: str) -> dict[str, rules.Due]:
    """When each site may be crawled next, within its own hours or those given."""
    known = known_sites(settings_for(archive.folder))
    now = datetime.now(UTC)
    return {
        name: rules.due(rules.last_run(archive, name), known[name].every, hours or known[name].hours, now)
        for name in names
    }


def _pause(folder: Path, names: tuple[str, ...], hours: str) -> float:
    """Seconds until the first site is due; none where the archive is to be made first, or made anew."""
    if not (folder / "archive.db").exists() or is_outdated(folder):
        return 0
    with open_for_reading(folder) as archive:
        first = min(due.when for due in _due(archive, names, hours).values())
    return (first - datetime.now(UTC)).total_seconds()


def _told(archive: Archive, enabled: tuple[str, ...]) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    following = _due(archive, enabled, "")
    for name in dict.fromkeys([*enabled, *_crawled(archive)]):
        last, due = rules.last_run(archive, name), following.get(name)
        findings = archive.connection.execute(
            "select message from findings where run_id = ? order by id", [last and last["id"]]
        )
        told.append(
            {
                "site": name,
                "last": last and last["started"],
                "outcome": (last["outcome"] or "running or killed") if last else "never ran",
                "next": due and due.when.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "is_due": due is not None and due.when <= datetime.now(UTC),
                "why": due.why if due else "not enabled",
                **brought(last["stats"] if last else {}),
                "findings": [row[0] for row in findings],
            }
        )
    return told


def _local(moment: str | None) -> str:
    """A time as it is in China."""
    return f"{datetime.fromisoformat(moment).astimezone(CHINA):%m-%d %H:%M}" if moment else "-"
