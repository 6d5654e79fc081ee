"""The crawl engine: sites side by side in one process, without the command line."""

import logging
import os
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings

from archive.errors import ArchiveError, WrongRequest
from archive.pipeline.rebuild import rebuild
from archive.storage.runs import Run, RunOutcome
from archive.storage.store import Archive, is_outdated
from archive.web.outgoing import is_of_this_machine
from crawler import schedule, session
from crawler.discovery.layouts import known_layouts
from crawler.discovery.sites import ANYWHERE, known_sites, refuse_unknown, settings_for
from crawler.discovery.urls import host_of
from crawler.download.browser import enable_browser
from crawler.identity import check_site, without_contact
from crawler.jobs import SiteJob
from crawler.monitoring import health
from crawler.monitoring.health import FindingRow
from crawler.monitoring.runs import rested, run_stats

EXIT_UNUSUAL = 3  # of a process that crawled: it succeeded, but something is unusual
_ENDED = (
    RunOutcome.FINISHED, RunOutcome.HOURS_OVER, RunOutcome.TIME_OVER, RunOutcome.CHALLENGED, RunOutcome.ASKED_TO_WAIT,
)  # as intended  # fmt: skip


class SiteCounts(NamedTuple):
    """The counts of the crawl of a site, by name."""

    site: str
    counts: Counter[str]


@dataclass(frozen=True)
class CrawlResult:
    """The result of crawls: why some did not finish, what was unusual, why pages wait to be read
    (empty if none does), and the counts of each site."""

    failed: list[str] = field(default_factory=list)
    findings: list[FindingRow] = field(default_factory=list)
    unreadable: str = ""
    counts: list[SiteCounts] = field(default_factory=list)


class Watcher:
    """Receives the progress of a run. This one ignores it."""

    def bring_up_to_date(self, folder: Path) -> None:
        """Rebuild a database of another version."""
        if is_outdated(folder):
            rebuild(folder, known_layouts(), processes=os.cpu_count() or 1)

    def started(self, crawler: Crawler, site: str) -> None:
        """The crawl of a site starts."""

    def skipped(self, site: str, why: str) -> None:
        """A site is not crawled now."""

    def advanced(self, what: str, done: int, total: int, articles: int = 0) -> None:
        """`done` more of `total` sites or pages (`what`) are finished, with `articles` more articles. Only on a cluster."""


def run(
    folder: Path,
    jobs: list[SiteJob],
    *,
    hours: str = "",
    longest: float = 0,
    resting: bool = False,
    agent: str = "",
    watcher: Watcher | None = None,
) -> CrawlResult:
    """Crawl sites side by side in this process. A process can do it once.

    Args:
        folder: the archive's folder.
        jobs: the sites.
        hours: the hours of the day in China in which pages are fetched ("22-6"); empty: each site's own.
        longest: seconds after which the run ends; 0: none.
        resting: poll rarely changing lists less often.
        agent: the User-Agent of an archive that sends this work elsewhere; empty: this one's.
        watcher: receives the progress of the run.

    Returns:
        How the crawls ended.

    Raises:
        WrongRequest: a site is unknown or has two jobs, or `hours` is malformed.
        ArchiveError: no contact is set, a site's class sets a wrong User-Agent, or a browser is missing.
    """
    watcher = watcher or Watcher()
    settings = settings_for(folder)
    jobs = distinct(jobs)
    if agent:
        settings.set("USER_AGENT", agent, priority="spider")  # the add-on sets it for the project
    known = known_sites(settings)
    refuse_unknown([name for name, _ in jobs if name != ANYWHERE], known)
    require_contact(settings, known, jobs)
    watcher.bring_up_to_date(folder)
    archive = session.archive_of(settings)  # a locked archive is reported before anything starts
    settings.set("HOURS", hours, priority="cmdline")
    settings.set("CLOSESPIDER_TIMEOUT", longest, priority="cmdline")
    settings.set("REST_LISTS", resting, priority="cmdline")
    has_handler = logging.getLogger().hasHandlers()  # then Scrapy's records go where all others go
    settings.set("LOG_INSTALL_ROOT_HANDLER", not has_handler, priority="cmdline")
    if any(getattr(known.get(name), "browser", False) for name, _ in jobs):
        enable_browser(settings)
    crawlers: list[Crawler] = []
    process = AsyncCrawlerProcess(settings)
    for job in allowed(archive, known, jobs, hours, watcher):
        crawlers.append(process.create_crawler(job.name))
        check_site(crawlers[-1])
        watcher.started(crawlers[-1], _site(job))
        process.crawl(crawlers[-1], **job.arguments)
    if crawlers:
        process.start()
    begun = [crawler for crawler in crawlers if _has_begun(crawler)]
    return CrawlResult(
        [reason for crawler in crawlers for reason in _failures(crawler)],
        health.findings_of(archive, [crawler.stats.get_value("run/id") for crawler in begun]),
        next(filter(None, (crawler.stats.get_value("unreadable") for crawler in begun)), ""),
        [SiteCounts(_name(crawler), Counter(run_stats(crawler))) for crawler in begun],
    )


def distinct(jobs: list[SiteJob]) -> list[SiteJob]:
    """The jobs, each once: two crawls side by side would fetch everything twice, and from one site at twice its pace.
    Raises WrongRequest where different jobs have one site."""
    found = [job for at, job in enumerate(jobs) if job not in jobs[:at]]
    twice = [site for site, count in Counter(_site(job) for job in found).items() if count > 1]
    if twice:
        raise WrongRequest(f"One run crawls a site once. Named more than once: {', '.join(twice)}.")
    return found


def require_contact(settings: Settings, known: dict[str, type[Any]], jobs: list[SiteJob]) -> None:
    """Raises ArchiveError where a job leads beyond this machine and no contact is set."""
    addresses = [given["url"] if name == ANYWHERE else known[name].home for name, given in jobs]
    missing = without_contact(settings)
    if missing and not all(map(is_of_this_machine, addresses)):
        raise ArchiveError(missing)


def allowed(
    archive: Archive, known: dict[str, type[Any]], jobs: list[SiteJob], hours: str, watcher: Watcher
) -> list[SiteJob]:
    """The jobs whose sites may be crawled now. Raises WrongRequest where `hours` is malformed."""
    found = []
    for job in jobs:
        site = _site(job)
        why = _not_now(
            schedule.last_run(archive, site, datetime.now(UTC)), hours or getattr(known.get(job.name), "hours", "")
        )
        if why:
            watcher.skipped(site, why)
        else:
            found.append(job)
    return found


def _site(job: SiteJob) -> str:
    """What the runs of a job are known by."""
    return host_of(job.arguments["url"]) if job.name == ANYWHERE else job.name


def _not_now(last: Run | None, hours: str) -> str:
    now = datetime.now(UTC)
    try:
        if not schedule.within(hours, now):
            return f"not crawled now, only between {hours} o'clock in China"
    except ValueError as error:
        raise WrongRequest(str(error)) from None
    return schedule.left_alone(last, now)


def _name(crawler: Crawler) -> str:
    return crawler.spider.name if crawler.spider else crawler.spidercls.name


def _has_begun(crawler: Crawler) -> bool:
    """Whether a crawl has a run: the class of its site may fail before, and Scrapy only logs that."""
    try:
        return crawler.stats.get_value("run/id") is not None
    except RuntimeError:  # Scrapy has not set `stats`
        return False


def _failures(crawler: Crawler) -> list[str]:
    """Why a crawl did not finish as it should."""
    if not _has_begun(crawler):
        return [f"{_name(crawler)}: it could not begin"]
    found = []
    reason = crawler.stats.get_value("finish_reason")
    outcome = crawler.stats.get_value("run/outcome") or "the end of the run could not be recorded"
    if reason not in _ENDED:
        found.append(f"{_name(crawler)}: {reason}")
    elif outcome not in (*_ENDED, "unanswered"):
        found.append(f"{_name(crawler)}: {outcome}")
    if crawler.stats.get_value("downloader/response_count", 0) == 0 and not rested(crawler):
        found.append(f"{_name(crawler)}: nothing answered")
    return found
