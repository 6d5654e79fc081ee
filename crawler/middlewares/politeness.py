"""Politeness: the crawler adapts to the pace of the site, and stops when the site demands it (rules: `crawler.middlewares.robots`).

After a 429 or 503 the crawler waits as long as Retry-After states; more than MAX_WAIT ends the run. A challenge page ends the
run at once, and the site is left alone until the next day.
"""

import asyncio
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response

from archive.model import Capture
from archive.reading.kind import is_challenge
from archive.storage.runs import RunOutcome
from crawler.middlewares.ending import end
from crawler.schedule import within

_HEAD = 20_000  # bytes that are searched for a challenge


class Throttle(AutoThrottle):
    """Scrapy's AutoThrottle, never faster than robots.txt allows."""

    def _adjust_delay(self, slot, latency, response):  # type: ignore[no-untyped-def]
        super()._adjust_delay(slot, latency, response)
        minimum = self.crawler.stats.get_value(f"robots/delay/{response.url.split('/')[2]}", 0)
        slot.delay = max(slot.delay, minimum)


class WaitMiddleware:
    """Waits after a 429 or 503 as long as it states, then repeats the request, three times at most."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.max_wait = crawler.settings.getfloat("MAX_WAIT")
        self.default_wait = crawler.settings.getfloat("DEFAULT_WAIT")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "WaitMiddleware":
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        """Pause the crawl and repeat the request, or end the run if the site demands more than MAX_WAIT."""
        if response.status not in (429, 503) or is_challenge(_capture(response)):
            return response
        wait = _seconds(response.headers.get("Retry-After"), self.default_wait)
        self.crawler.stats.inc_value("wait/responses")
        if wait > self.max_wait:
            self.crawler.stats.set_value("wait/seconds", round(wait))
            end(self.crawler, RunOutcome.ASKED_TO_WAIT)
            return response
        await self._pause(wait)  # one request at a time: nothing else is sent meanwhile
        assert self.crawler.spider is not None
        again = get_retry_request(
            request, spider=self.crawler.spider, reason=f"HTTP {response.status}", max_retry_times=3
        )
        return again or response

    async def _pause(self, seconds: float) -> None:
        """Wait, unless the crawl is closing."""
        end_of_wait = time.monotonic() + seconds
        while self.crawler.crawling and not self._is_closing() and time.monotonic() < end_of_wait:  # noqa: ASYNC110 (Scrapy has no such event)
            await asyncio.sleep(min(0.5, max(0.0, end_of_wait - time.monotonic())))

    def _is_closing(self) -> bool:
        slot = self.crawler.engine._slot  # noqa: SLF001
        return slot is None or bool(slot.closing)


class ChallengeMiddleware:
    """Counts challenge pages and ends the run. They are captured and never answered."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "ChallengeMiddleware":
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """End the run at a challenge."""
        if is_challenge(_capture(response)):
            self.crawler.stats.inc_value("challenge/pages")
            end(self.crawler, RunOutcome.CHALLENGED)
        return response


class Hours:
    """Ends a run when the hours are over in which its site may be crawled."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        crawler.signals.connect(self.received, signal=signals.response_received)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Hours":
        return cls(crawler)

    def received(self) -> None:
        """Check the clock at every response."""
        hours = self.crawler.settings.get("HOURS") or getattr(self.crawler.spider, "hours", "")
        if not within(hours, datetime.now(UTC)):
            end(self.crawler, RunOutcome.HOURS_OVER)


def _capture(response: Response) -> Capture:
    content_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
    return Capture(response.url, response.body[:_HEAD], response.status, (("Content-Type", content_type),))


def _seconds(stated: bytes | None, default: float) -> float:
    """Retry-After in seconds; `default` if it cannot be parsed."""
    written = (stated or b"").decode("latin-1").strip()
    if written.isdecimal() and len(written) < 10:
        return float(written)
    try:
        return max(0.0, (parsedate_to_datetime(written) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return default
