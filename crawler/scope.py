"""Scope: a spider asks its own hosts only, and no page can send it to a private address."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest


class ScopeMiddleware:
    """Drops requests, redirects included, that leave the spider's hosts; each under a named count."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "ScopeMiddleware":
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Raise IgnoreRequest where the address is none of ours."""
        spider = self.crawler.spider
        parts = urlsplit(request.url)
        if parts.scheme not in ("http", "https"):
            self._drop("scope/scheme", request)
        if is_private(parts.hostname or "") and not getattr(spider, "loopback", False):
            self._drop("scope/private", request)
        hosts = getattr(spider, "hosts", None)
        if hosts is not None and parts.netloc not in hosts:
            self._drop("scope/offsite", request)

    def _drop(self, count: str, request: Request) -> None:
        self.crawler.stats.inc_value(count)
        raise IgnoreRequest(f"{count}: {request.url}")


def is_private(host: str) -> bool:
    """Whether a host is written as an address that is not public, or is a name of this machine."""
    try:
        return not ip_address(host.strip("[]")).is_global
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal"))
