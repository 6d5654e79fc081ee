"""Politeness: what robots.txt asks for, at the pace that the site bears, and silence when it asks for silence.

robots.txt rules by agent, Crawl-delay included; where it cannot be had (server error, no answer) the site is left alone
(RFC 9309). A 429 or 503 is waited for as long as Retry-After says; longer than LONGEST_WAIT ends the run. A page that asks
the browser to prove itself ends the run at once, and the site is left alone until the next day.
"""

import asyncio
import logging
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest, StopDownload
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response
from scrapy.robotstxt import RobotParser

from archive.reading.kind import is_challenge
from archive.records import Capture
from crawler.ending import end
from crawler.schedule import within

_ROBOTS_SIZE = 512 * 1024  # bytes of robots.txt that are read; RFC 9309 asks for 500 KiB at least
_LONGEST_DELAY = 120.0  # seconds of a Crawl-delay; a site that wants more is asked that seldom
_HEAD = 20_000  # bytes that challenges are looked for in
logger = logging.getLogger(__name__)
logging.getLogger("scrapy.downloadermiddlewares.robotstxt").setLevel(logging.CRITICAL)  # we say it in a sentence


class Robots(RobotsTxtMiddleware):
    """Scrapy's, with Crawl-delay, an upper size, and the site left alone where its rules cannot be had."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.refused: set[str] = set()
        crawler.signals.connect(self.received, signal=signals.bytes_received)

    def received(self, data: bytes, request: Request) -> None:
        """Stop reading a robots.txt that is too long; what has come is obeyed."""
        if request.url.endswith("/robots.txt"):
            length = request.meta["robots_length"] = request.meta.get("robots_length", 0) + len(data)
            if length > _ROBOTS_SIZE:
                self._stats.inc_value("robots/cut")
                raise StopDownload(fail=False)

    async def process_request(self, request: Request, spider: Spider | None = None) -> None:
        """A robots.txt may declare any length: it is `received` that cuts it."""
        if request.url.endswith("/robots.txt"):
            request.meta["download_maxsize"] = 0
        await super().process_request(request)

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status >= 500 or response.status == 429:
            self._leave(netloc, f"its robots.txt answered {response.status}")
        elif response.status >= 400 or b"<html" in response.body[:500].lower():
            response = response.replace(body=b"")  # there is none: everything may be asked for
        await super()._parse_robots(response, netloc, request)
        parser = self._parsers[netloc]
        delay = parser.crawl_delay(self._agent()) if isinstance(parser, RobotParser) else None
        if delay:
            self._slow_down(netloc, min(float(delay), _LONGEST_DELAY))

    def _slow_down(self, netloc: str, delay: float) -> None:
        """Keep to a Crawl-delay from the next request on."""
        self.crawler.stats.set_value(f"robots/delay/{netloc}", delay)
        downloader = self.crawler.engine.downloader
        host = netloc.partition(":")[0]
        downloader.per_slot_settings[host] = {"delay": delay}
        if host in downloader.slots:
            slot = downloader.slots[host]
            slot.delay = max(slot.delay, delay)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        if not isinstance(exc, IgnoreRequest):
            self._leave(netloc, f"its robots.txt could not be had ({type(exc).__name__})")
        super()._robots_error(exc, netloc)

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        if request.url.split("/")[2] in self.refused:
            raise IgnoreRequest(f"robots.txt unknown: {request.url}")
        super().process_request_2(rp, request)

    def _leave(self, netloc: str, why: str) -> None:
        self.refused.add(netloc)
        self._stats.inc_value("robots/unknown")
        logger.warning("%s is left alone: %s", netloc, why)

    def _agent(self) -> str:
        return self._robotstxt_useragent or self._default_useragent


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
