"""The spider for a site without a class: it follows links from one URL, within bounds; the general reader reads the pages."""

from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

from scrapy import Request, Spider
from scrapy.http import Response

from crawler.discovery import known, links
from crawler.discovery.urls import canonical
from crawler.items import Page

_NOT_PAGES = (
    ".jpg",
    ".jpeg",
    ".png",
    ".gif",
    ".pdf",
    ".doc",
    ".docx",
    ".xls",
    ".xlsx",
    ".zip",
    ".mp4",
    ".mp3",
    ".css",
    ".js",
    ".apk",
)


class Anywhere(Spider):
    """Follows links from `url`: on its host, under `path`, at most `depth` links away, at most `pages` pages. It does not fetch
    known articles again, but pages that list others, to find new ones."""

    name = "anywhere"
    outlet = ""
    hours = ""
    loopback = False

    def __init__(
        self, url: str = "", path: str = "/", depth: int = 2, pages: int = 200, loopback: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.url = canonical(url)
        self.path = urlsplit(canonical(urljoin(self.url, path))).path
        self.depth, self.pages, self.loopback = depth, pages, loopback
        self.host = urlsplit(self.url).netloc
        self.outlet = self.host
        self.name = self.host or type(self).name
        self.hosts = {self.host}
        self.seen: set[str] = set()
        self.thorough = False

    async def start(self) -> AsyncIterator[Request]:
        """Request the URL, and the missing pages of known articles."""
        self.seen.add(self.url)
        yield self._page(self.url, 0)
        for address in known.pages_to_fetch(self.settings, self.outlet, self.pages):
            if (request := self.page_of_article(address)) is not None:
                yield request

    def parse(self, response: Response, **kwargs: Any) -> Iterator[Page | Request]:
        """Read the page, and follow its links."""
        yield Page(response.url, response.meta.get("capture_id"), response.meta.get("day"))
        depth = response.meta["distance"]
        if depth >= self.depth or b"html" not in (response.headers.get("Content-Type") or b"html").lower():
            return
        for entry in links.links(response):
            address = canonical(entry.address)
            parts = urlsplit(address)
            if (
                parts.netloc != self.host
                or not parts.path.startswith(self.path)
                or parts.path.lower().endswith(_NOT_PAGES)
            ):
                continue
            if address in self.seen:
                continue
            if len(self.seen) >= self.pages:
                self.crawler.stats.inc_value("list/beyond_pages")
                continue
            self.seen.add(address)
            if known.only_lists(self.settings, address) or known.is_wanted(self.settings, address):
                yield self._page(address, depth + 1, entry.day)
            else:
                self.crawler.stats.inc_value("list/known")

    def page_of_article(self, address: str) -> Request | None:
        """The request for a further page of an article; None if it is out of scope."""
        parts = urlsplit(address)
        if address in self.seen or parts.netloc != self.host or not parts.path.startswith(self.path):
            return None
        if len(self.seen) >= self.pages:
            self.crawler.stats.inc_value("list/beyond_pages")
            return None
        self.seen.add(address)
        return self._page(address, self.depth)

    def _page(self, address: str, distance: int, day: Any = None) -> Request:
        meta = {"role": "", "distance": distance, "day": day}
        return Request(address, self.parse, errback=self.failed, meta=meta, dont_filter=True, priority=-distance)

    def failed(self, failure: Any) -> None:
        """Count a failed request."""
        if failure.type.__name__ != "IgnoreRequest":
            self.crawler.stats.inc_value(f"failed/{failure.type.__name__}")
