"""The schedule of one archive: which of its enabled sites are due, and the loop that crawls them."""

import logging
import signal
import sqlite3
import subprocess
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypedDict

from archive.configuration import FILE, Configuration, ConfigurationError, configuration
from archive.entries import interval
from archive.errors import ArchiveError
from archive.site.health import brought
from archive.storage.store import Archive, is_outdated, open_for_reading
from crawler.discovery.sites import known_sites, refuse_unknown, settings_for
from crawler.run import EXIT_UNUSUAL
from crawler.schedule import Due, due, last_crawl, last_run

MIN_PAUSE, MAX_PAUSE = 5.0, 600.0  # seconds between two checks of what is due
RETRY_PAUSE = 60.0  # seconds after a refresh that failed
logger = logging.getLogger(__name__)


class SiteStatus(TypedDict):
    """The state of one site: its last run, its next run, and what was unusual. Times are UTC, ISO."""

    site: str
    last: str | None  # when its last run began
    outcome: str
    next: str | None  # when its next run may begin
    is_due: bool
    why: str  # why it is not crawled sooner, or at all
    pages: int
    articles: int  # new ones
    failures: int
    findings: list[str]


def enabled_sites(folder: Path, names: Sequence[str] = ()) -> tuple[str, ...]:
    """The sites that the operator enabled; with `names`, only those of them that are named.

    Raises ConfigurationError if one of them, or a site in `crawl.intervals`, has no description, ArchiveError as `known_sites`.
    """
    operator, known = configuration(folder), known_sites(settings_for(folder))
    enabled = operator["enabled_sites"]
    unknown = [name for name in enabled if name not in known]
    if unknown:
        raise ConfigurationError(
            f"{folder / FILE} enables {', '.join(unknown)}, which nobody has described. `dangqun sites` lists the sites"
            " with a description. `dangqun sites disable` removes a site from the file."
        )
    if strange := [name for name, _ in map(interval, operator["crawl.intervals"]) if name not in known]:
        raise ConfigurationError(
            f"{folder / FILE}: crawl.intervals has {', '.join(strange)}, which nobody has described. `dangqun sites` lists the sites"
            " with a description."
        )
    return tuple(name for name in enabled if not names or name in names)


def interval_of(site: type[Any], operator: Configuration) -> timedelta:
    """How long after one crawl of a site the next is due: as `crawl.intervals` has it, or `crawl.every`, or its class."""
    hours = dict(map(interval, operator["crawl.intervals"])).get(site.name) or operator["crawl.every"]
    return timedelta(hours=hours) if hours else site.every


def refuse_disabled(folder: Path, names: Sequence[str]) -> None:
    """Raises WrongRequest if a name is not that of a site, ArchiveError if the site is not enabled."""
    refuse_unknown(names, known_sites(settings_for(folder)))
    enabled = enabled_sites(folder)
    disabled = " ".join(name for name in names if name not in enabled)
    if disabled:
        raise ArchiveError(
            f"Not enabled: {disabled}. Run `dangqun sites enable {disabled}` first, or crawl once: `dangqun crawl {disabled}`."
        )


def next_runs(archive: Archive, names: Sequence[str], hours: str) -> dict[str, Due]:
    """When each site may be crawled next, within these hours of the day in China or, if empty, its own."""
    known = known_sites(settings_for(archive.folder))
    now = datetime.now(UTC)
    operator = configuration(archive.folder)
    return {
        name: due(last_run(archive, name, now), interval_of(known[name], operator), hours or known[name].hours, now)
        for name in names
    }


def due_sites(archive: Archive, names: Sequence[str], hours: str) -> list[str]:
    """The sites that may be crawled now."""
    following = next_runs(archive, names, hours)
    now = datetime.now(UTC)  # after the moment by which a new site is due at once
    return [name for name, one in following.items() if one.when <= now]


def seconds_until_due(folder: Path, names: Sequence[str], hours: str) -> float:
    """Seconds until the first site is due; 0 if the archive must be created or rebuilt first."""
    if not (folder / "archive.db").exists() or is_outdated(folder):
        return 0
    with open_for_reading(folder) as archive:
        first = min(one.when for one in next_runs(archive, names, hours).values())
    return (first - datetime.now(UTC)).total_seconds()


def site_statuses(archive: Archive, enabled: Sequence[str], hours: str = "") -> list[SiteStatus]:
    """The state of the enabled sites, and of those that were crawled before. `hours` as in `next_runs`."""
    following = next_runs(archive, enabled, hours)
    crawled = archive.connection.execute("select distinct site from runs where command = 'crawl' and site != ''")
    return [
        _status(archive, name, following.get(name)) for name in dict.fromkeys([*enabled, *(row[0] for row in crawled)])
    ]


def _status(archive: Archive, name: str, following: Due | None) -> SiteStatus:
    last = last_crawl(archive, name)
    findings = archive.connection.execute(
        "select message from findings where run_id = ? order by id", [last and last["id"]]
    )
    counts = brought(last["stats"] if last else {})
    return SiteStatus(
        site=name,
        last=last["started"] if last else None,
        outcome=(last["outcome"] or "running or killed") if last else "never ran",
        next=following.when.strftime("%Y-%m-%dT%H:%M:%SZ") if following else None,
        is_due=following is not None and following.when <= datetime.now(UTC),
        why=following.why if following else "not enabled",
        pages=counts["pages"],
        articles=counts["articles"],
        failures=counts["failures"],
        findings=[row[0] for row in findings],
    )


class Scheduler:
    """Starts a process whenever an enabled site is due, one process at a time.

    Args:
        folder: the archive's folder.
        names: the sites to choose from; empty: all that are enabled.
        hours: hours of the day in China in which pages are fetched; empty: each site's own.
        command: the command that crawls the sites whose names are appended to it.
    """

    def __init__(self, folder: Path, names: Sequence[str], hours: str, command: Sequence[str]) -> None:
        self.folder, self.names, self.hours, self.command = folder, names, hours, command
        self._stopped = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        """Crawl until `stop` is called. An archive that cannot be read now is tried again later."""
        while not self._stopped.is_set():
            try:
                enabled = enabled_sites(self.folder, self.names)
                pause = seconds_until_due(self.folder, enabled, self.hours) if enabled else RETRY_PAUSE
            except (sqlite3.OperationalError, OSError, ConfigurationError) as error:
                logger.warning("The archive cannot be read: %s. The next attempt is in %g s.", error, RETRY_PAUSE)
                pause = RETRY_PAUSE
            if pause <= 0:
                pause = self._refresh(enabled)
            self._stopped.wait(min(max(pause, MIN_PAUSE), MAX_PAUSE))

    def stop(self) -> None:
        """End `run`; a crawl under way gets SIGTERM, which ends it cleanly."""
        self._stopped.set()
        if self._child is not None:
            self._child.send_signal(signal.SIGTERM)

    def _refresh(self, names: Sequence[str]) -> float:
        """Crawl the sites; returns the pause afterwards, in seconds."""
        logger.info("Crawling what is due of %s.", ", ".join(names))
        # A session of its own: Ctrl+C reaches the child once, as our SIGTERM.
        self._child = subprocess.Popen([*self.command, *names], start_new_session=True)
        code = self._child.wait()
        self._child = None
        logger.info("The crawl ended with exit code %d.", code)
        return MIN_PAUSE if code in (0, EXIT_UNUSUAL) else RETRY_PAUSE
