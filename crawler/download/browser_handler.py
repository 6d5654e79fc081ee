"""The handler of `crawler.download.browser`; imported only where scrapy-playwright is installed."""

from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

from crawler.download.limits import BoundedHandler


class BrowserHandler(ScrapyPlaywrightDownloadHandler, BoundedHandler):
    """Draws what asks for it, fetches everything else within our bounds."""
