"""Politeness: the pace that the site bears, and silence when it asks for silence (`crawler.middlewares.robots`: what it allows).

A 429 or 503 is waited for as long as Retry-After says; longer than LONGEST_WAIT ends the run. A page that asks
the browser to prove itself ends the run at once, and the site is left alone until the next day.
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
from crawler.middlewares.ending import end
from crawler.schedule import within

_HEAD = 20_000  # bytes that challenges are looked for in


class Throttle(AutoThrottle):
    """Scrapy's AutoThrottle, never faster than robots.txt allows."""

    def _adjust_delay(self, slot, latency, response):  # type: ignore[no-untyped-def]
        super()._adjust_delay(slot, latency, response)
        asked = self.crawler.stats.get_value(f"robots/delay/{response.url.split('/')[2]}", 0)
        slot.delay = max(slot.delay, asked)


class WaitMiddleware:
    """Waits as long as a 429 or 503 says, then asks again; a few times, and not for ever."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.longest = crawler.settings.getfloat("LONGEST_WAIT")
        self.usual = crawler.settings.getfloat("USUAL_WAIT")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "WaitMiddleware":
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        """Hold the site's queue and ask again, or end the run where the site asks for more than a run waits."""
        if response.status not in (429, 503) or is_challenge(_capture(response)):
            return response
        wait = _seconds(response.headers.get("Retry-After"), self.usual)
        self.crawler.stats.inc_value("wait/asked")
        if wait > self.longest:
            self.crawler.stats.set_value("wait/seconds", round(wait))
            end(self.crawler, "asked_to_wait")
            return response
        await self._quiet(wait)  # requests go one by one: nothing else leaves meanwhile
        assert self.crawler.spider is not None
        again = get_retry_request(
            request, spider=self.crawler.spider, reason=f"HTTP {response.status}", max_retry_times=3
        )
        return again or response

    async def _quiet(self, seconds: float) -> None:
        """Wait, unless the crawl is told to end."""
        end_of_wait = time.monotonic() + seconds
        while self.crawler.crawling and not self._is_closing() and time.monotonic() < end_of_wait:
            await asyncio.sleep(min(0.5, max(0.0, end_of_wait - time.monotonic())))

    def _is_closing(self) -> bool:
        slot = self.crawler.engine._slot
        return slot is None or bool(slot.closing)


class ChallengeMiddleware:
    """Recognises challenge pages, counts them and ends the run; they are kept as they came and never answered."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "ChallengeMiddleware":
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """End the run at a challenge."""
        if is_challenge(_capture(response)):
            self.crawler.stats.inc_value("challenge/pages")
            end(self.crawler, "challenged")
        return response


class Hours:
    """Ends a run when the hours are over within which its site may be asked."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        crawler.signals.connect(self.received, signal=signals.response_received)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Hours":
        return cls(crawler)

    def received(self) -> None:
        """Look at the clock with every response."""
        hours = self.crawler.settings.get("HOURS") or getattr(self.crawler.spider, "hours", "")
        if not within(hours, datetime.now(UTC)):
            end(self.crawler, "hours_over")


def _capture(response: Response) -> Capture:
    content_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
    return Capture(response.url, response.body[:_HEAD], response.status, (("Content-Type", content_type),))


def _seconds(stated: bytes | None, usual: float) -> float:
    """Retry-After, in seconds or as a date; `usual` where it says nothing readable."""
    written = (stated or b"").decode("latin-1").strip()
    if written.isdecimal() and len(written) < 10:
        return float(written)
    try:
        return max(0.0, (parsedate_to_datetime(written) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return usual
