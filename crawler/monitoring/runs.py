"""Runs: each execution of a crawl is a row, with its counts, its outcome and its findings."""

import logging
from datetime import UTC, datetime
from typing import Any

from scrapy import Spider, signals
from scrapy.crawler import Crawler

from archive.facts import ModelUnavailable
from archive.pipeline.ingest import catch_up
from archive.storage.runs import Run, RunCommand, RunOutcome
from crawler import schedule
from crawler.discovery.layouts import known_layouts
from crawler.monitoring import health
from crawler.session import archive_of

_STORED = (
    "capture/", "read/", "scope/", "list/", "seen/", "failed/", "robots/", "robotstxt/forbidden", "wait/", "challenge/",
)  # fmt: skip
logger = logging.getLogger(__name__)


class RunRecorder:
    """Starts a run with the spider, and finishes it with the counts of the middlewares."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.archive = archive_of(crawler.settings)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "RunRecorder":
        recorder = cls(crawler)
        crawler.signals.connect(recorder.opened, signal=signals.spider_opened)
        crawler.signals.connect(recorder.closed, signal=signals.spider_closed)
        return recorder

    def opened(self, spider: Any) -> None:
        """Start the run, and read pages that a killed run fetched and did not read."""
        last = schedule.last_crawl(self.archive, spider.name)
        spider.thorough = last is not None and not _was_complete(last)
        self.run_id = self.archive.start_run(RunCommand.CRAWL, spider.name)
        self.crawler.stats.set_value("run/id", self.run_id)
        self._catch_up()

    def closed(self, spider: Spider, reason: str) -> None:
        """Finish the run, and check it. Captures that never reached the pipeline (such as a body that cannot be unpacked) are
        read first."""
        try:
            self._catch_up(self.run_id)
        except Exception:  # else the run would look as if it had been killed, and be repeated at once
            logger.exception("%s: what was fetched cannot be read", spider.name)
            reason = "unread" if reason == "finished" else reason
        counts = run_stats(self.crawler)
        answered = any(name.startswith("capture/") for name in counts)
        unanswered = reason == RunOutcome.FINISHED and not answered and not rested(self.crawler)
        outcome = RunOutcome.UNANSWERED if unanswered else reason  # to be tried again soon
        self.archive.finish_run(self.run_id, outcome, counts)
        self.crawler.stats.set_value("run/outcome", outcome)
        health.check(self.archive, self.run_id, spider, datetime.now(UTC))

    def _catch_up(self, run_id: int | None = None) -> None:
        try:
            catch_up(self.archive, known_layouts(), run_id)
        except ModelUnavailable as error:
            self.crawler.stats.set_value("unreadable", str(error))


def _was_complete(run: Run) -> bool:
    """Whether a run finished and every request was answered. If not, a known page in a list does not mean that all older ones
    are known."""
    return run["outcome"] == RunOutcome.FINISHED and not any(name.startswith("failed/") for name in run["stats"])


def rested(crawler: Crawler) -> bool:
    """Whether a crawl requested nothing, since it skipped all lists."""
    return bool(crawler.stats.get_value("list/resting")) and not crawler.stats.get_value("downloader/request_count")


def run_stats(crawler: Crawler) -> dict[str, int]:
    """The counts of a crawl that are stored with its run."""
    return {name: count for name, count in sorted(crawler.stats.get_stats().items()) if name.startswith(_STORED)}
