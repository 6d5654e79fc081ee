"""Reads captured pages into the archive, and requests the further pages of an article."""

import asyncio
import os
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from archive.facts import ModelUnavailable
from archive.model import Article, CaptureKind, NotAnArticle
from archive.pipeline.deriving import Derived
from archive.pipeline.ingest import derived_from, ingest
from archive.pipeline.reread import derive_there, readers
from archive.reading.pager import MAX_PAGES, stem_of
from crawler.discovery.known import is_fetched
from crawler.discovery.layouts import known_layouts
from crawler.items import Page
from crawler.monitoring.quality import Quality
from crawler.session import archive_of

_INLINE = 100  # pages that this process reads: other processes take seconds to start


class ReadPipeline:
    """Reads a captured page into the archive, and counts its kind and its properties."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.archive = archive_of(crawler.settings)
        self.quality = Quality(datetime.now(UTC).date())
        self.count = 0
        self.requested = Counter[str]()  # further pages of articles, by what their addresses have in common
        self.readers: ProcessPoolExecutor | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "ReadPipeline":
        return cls(crawler)

    async def process_item(self, item: Page) -> Page:
        """Store the article and its facts; DropItem, counted under its kind, for everything else."""
        stats = self.crawler.stats
        if item.capture_id is None:
            stats.inc_value("read/unchanged")
            raise DropItem(f"unchanged: {item.url}", log_level="INFO")
        try:
            derived = await self._derived(item.capture_id)
            found = ingest(self.archive, item.capture_id, known_layouts(), {item.capture_id: derived})
        except ModelUnavailable as error:  # the capture is kept, and read when the model is there
            stats.inc_value("read/waiting")
            stats.set_value("unreadable", str(error))
            raise DropItem(f"waiting: {item.url}", log_level="INFO") from None
        for name, count in self.quality.of(derived, item.day):
            if count:
                stats.inc_value(f"seen/{name}", count)
        if isinstance(found, Article) or found.kind == CaptureKind.PART:
            self._request_pages(found if isinstance(found, Article) else derived.found)
        if not isinstance(found, Article):
            stats.inc_value(f"read/{found.kind}")
            raise DropItem(f"{found.kind}: {item.url}: {found.reason}", log_level="INFO")
        stats.inc_value("read/article")
        stats.inc_value("read/new", int(self.archive.is_first_version(item.capture_id)))  # a corrected article is none
        return item

    def _request_pages(self, article: Article | NotAnArticle) -> None:
        """Request the other pages of an article that its site splits into several, unless this run has them already."""
        stats = self.crawler.stats
        if not isinstance(article, Article) or not article.parts:
            return
        stem = stem_of(article.parts)
        for address in article.parts:
            if (
                address == article.url
                or self.requested[stem] >= MAX_PAGES
                or is_fetched(self.crawler.settings, address, stats.get_value("run/id"))
            ):
                continue
            request = self.crawler.spider.page_of_article(address)  # type: ignore[union-attr]
            if request is not None:
                self.requested[stem] += 1
                stats.inc_value("list/further_pages")
                self.crawler.engine.crawl(request)

    async def _derived(self, capture_id: int) -> Derived:
        """Read a capture; in a long crawl other processes do it."""
        self.count += 1
        if self.count <= _INLINE:
            return derived_from(self.archive, capture_id, known_layouts())
        if self.readers is None:
            self.readers = readers(self.archive.folder, known_layouts(), os.cpu_count() or 1)
        return await asyncio.get_running_loop().run_in_executor(self.readers, derive_there, capture_id)

    def close_spider(self) -> None:
        """End the readers."""
        if self.readers is not None:
            self.readers.shutdown()
