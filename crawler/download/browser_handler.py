"""The handler of `crawler.download.browser`; imported only if scrapy-playwright is installed."""

from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

from crawler.download.limits import BoundedHandler


class BrowserHandler(ScrapyPlaywrightDownloadHandler, BoundedHandler):
    """Renders requests that are marked for it, and fetches all others within our bounds."""
