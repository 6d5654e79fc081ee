"""A progress bar for each site while a crawl runs."""

from rich.progress import Progress
from scrapy import signals
from scrapy.crawler import Crawler


class ProgressBar:
    """Counts the responses of one crawler against the requests known so far."""

    def __init__(self, crawler: Crawler, progress: Progress, name: str) -> None:
        self.crawler = crawler
        self.progress = progress
        self.task = progress.add_task(name, total=0, articles=0)
        self.total = 0
        crawler.signals.connect(self.scheduled, signal=signals.request_scheduled)
        crawler.signals.connect(self.received, signal=signals.response_received)
        crawler.signals.connect(self.closed, signal=signals.spider_closed)

    def scheduled(self) -> None:
        """Count a request."""
        self.total += 1
        self.progress.update(self.task, total=self.total)

    def received(self) -> None:
        """Count a response."""
        self.progress.update(self.task, advance=1, articles=self._articles())

    def closed(self) -> None:
        """Fill the bar, although some requests may have had no response."""
        total = max(self.total, 1)
        self.progress.update(self.task, total=total, completed=total, articles=self._articles())

    def _articles(self) -> int:
        return self.crawler.stats.get_value("read/article", 0) if self.crawler.stats else 0
