"""One verb: read. A page goes to the archive, which says what it is."""

from datetime import UTC, datetime

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from archive.deriving import derive
from archive.ingest import ingest
from archive.records import Article
from crawler.items import Page
from crawler.layouts import known_layouts
from crawler.quality import Quality
from crawler.session import archive_of


class ReadPipeline:
    """Reads a captured page into the archive, counts what it turned out to be and what it was like."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.archive = archive_of(crawler.settings)
        self.quality = Quality(datetime.now(UTC).date())

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "ReadPipeline":
        return cls(crawler)

    def process_item(self, item: Page) -> Page:
        """Store the article and its facts; DropItem, counted under its kind, for everything else."""
        stats = self.crawler.stats
        if item.capture_id is None:
            stats.inc_value("read/unchanged")
            raise DropItem(f"unchanged: {item.url}", log_level="INFO")
        derived = derive(self.archive.capture(item.capture_id), known_layouts())
        found = ingest(self.archive, item.capture_id, known_layouts(), {item.capture_id: derived})
        for name, count in self.quality.of(derived, item.day):
            if count:
                stats.inc_value(f"seen/{name}", count)
        if not isinstance(found, Article):
            stats.inc_value(f"read/{found.kind}")
            raise DropItem(f"{found.kind}: {item.url}: {found.reason}", log_level="INFO")
        stats.inc_value("read/article")
        return item
