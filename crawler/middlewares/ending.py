"""Ends a run early, for a named reason, and sends no further request."""

import asyncio
import logging

from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from twisted.python.failure import Failure

from archive.storage.runs import RunOutcome

logger = logging.getLogger(__name__)

_tasks: set[asyncio.Task[None]] = set()  # a task without a reference may be garbage-collected


def end(crawler: Crawler, reason: RunOutcome) -> None:
    """Close the crawl, and drop its queued requests. The first reason counts."""
    if crawler.stats.get_value("ended") is None:
        crawler.stats.set_value("ended", reason.value)
        logger.info("%s: the run ends: %s", crawler.spidercls.name, reason, extra={"reason": reason.value})
        task = asyncio.ensure_future(crawler.engine.close_spider_async(reason=reason.value))
        _tasks.add(task)
        task.add_done_callback(_tasks.discard)
    for slot in crawler.engine.downloader.slots.values():
        while slot.queue:
            request, waiting = slot.queue.popleft()
            waiting.errback(Failure(IgnoreRequest(f"{reason}: {request.url}")))
