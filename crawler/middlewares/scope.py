"""Scope: a spider asks its own hosts only, and no page can send it to a private address."""

from collections import Counter
from typing import NoReturn
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest

from archive.web.outgoing import OutgoingError, is_loopback, is_private, parse
from crawler.discovery.urls import host_of

_MOST_REPEATS, _MOST_SEGMENTS = 3, 20  # of a path's segments
_MOST_QUERIES = 500  # of one path, where it is no pager, no article's number, and no list names them as articles
_PAGERS = ("page", "id=", "p=")


class ScopeMiddleware:
    """Drops requests, redirects included, that leave the spider's hosts; each under a named count."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.queries: Counter[str] = Counter()  # by path

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "ScopeMiddleware":
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Raise IgnoreRequest where the address is none of ours."""
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
        if request.meta.get("role") == "robots":
            return  # a site may keep its rules anywhere
        hosts = getattr(spider, "hosts", None)
        if hosts is not None and host_of(request.url) not in hosts:
            self._drop("scope/offsite", request)
        if self._is_trap(parts.path, "" if request.meta.get("listed") else parts.query):
            self._drop("scope/trap", request)

    def _is_trap(self, path: str, query: str) -> bool:
        """Whether an address looks made up without end: a path that repeats itself, or one with ever other parameters."""
        segments = Counter(path.strip("/").split("/"))
        if max(segments.values()) > _MOST_REPEATS or segments.total() > _MOST_SEGMENTS:
            return True
        if query and not any(name in query.lower() for name in _PAGERS):
            if self.queries[path] >= _MOST_QUERIES:
                return True
            self.queries[path] += 1
        return False

    def _drop(self, count: str, request: Request) -> NoReturn:
        self.crawler.stats.inc_value(count)
        raise IgnoreRequest(f"{count}: {request.url}")
