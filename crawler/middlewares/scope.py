"""Scope: a spider requests its own hosts only, and no page can send it to a private address."""

from collections import Counter
from typing import NoReturn
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest

from archive.model import CaptureRole
from archive.web.outgoing import OutgoingError, is_loopback, is_private, parse
from crawler.discovery.urls import host_of

_MAX_REPEATS, _MAX_SEGMENTS = 3, 20  # of a path's segments
_MAX_QUERIES = 500  # of one path, unless they are a pager or article numbers, or a list names them as articles
_PAGERS = ("page", "id=", "p=")


class ScopeMiddleware:
    """Drops requests to other hosts than the spider's, redirects included, and counts each under a name."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.queries: Counter[str] = Counter()  # by path

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "ScopeMiddleware":
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Raise IgnoreRequest if the URL is out of scope."""
        spider = self.crawler.spider
        if self.crawler.stats.get_value("ended"):
            raise IgnoreRequest(f"the run is ending: {request.url}")
        try:
            host = parse(request.url).host
        except OutgoingError as error:
            self._drop(f"scope/{error.kind}", request)
        parts = urlsplit(request.url)
        if is_private(host) and not (getattr(spider, "loopback", False) and is_loopback(host)):
            self._drop("scope/private", request)
        if request.meta.get("role") == CaptureRole.ROBOTS:
            return  # a site may keep its rules anywhere
        hosts = getattr(spider, "hosts", None)
        if hosts is not None and host_of(request.url) not in hosts:
            self._drop("scope/offsite", request)
        if self._is_trap(parts.path, "" if request.meta.get("listed") else parts.query):
            self._drop("scope/trap", request)

    def _is_trap(self, path: str, query: str) -> bool:
        """Whether a URL looks like one of an endless series: its path repeats itself, or has ever new parameters."""
        segments = Counter(path.strip("/").split("/"))
        if max(segments.values()) > _MAX_REPEATS or segments.total() > _MAX_SEGMENTS:
            return True
        if query and not any(name in query.lower() for name in _PAGERS):
            if self.queries[path] >= _MAX_QUERIES:
                return True
            self.queries[path] += 1
        return False

    def _drop(self, count: str, request: Request) -> NoReturn:
        self.crawler.stats.inc_value(count)
        raise IgnoreRequest(f"{count}: {request.url}")
