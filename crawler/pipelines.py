"""One verb: read. A page goes to the archive, which says what it is."""

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from archive.ingest import ingest
from archive.records import Article
from crawler.items import Page
from crawler.layouts import known_layouts
from crawler.session import archive_of


class ReadPipeline:
    """Reads a captured page into the archive and counts what it turned out to be."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.archive = archive_of(crawler.settings)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "ReadPipeline":
        return cls(crawler)

    def process_item(self, item: Page) -> Page:
        """Store the article and its facts; DropItem, counted under its kind, for everything else."""
        if item.capture_id is None:
            self.crawler.stats.inc_value("read/unchanged")
            raise DropItem(f"unchanged: {item.url}", log_level="INFO")
        found = ingest(self.archive, item.capture_id, known_layouts())
        if not isinstance(found, Article):
            self.crawler.stats.inc_value(f"read/{found.kind}")
            raise DropItem(f"{found.kind}: {item.url}: {found.reason}", log_level="INFO")
        self.crawler.stats.inc_value("read/article")
        return item
