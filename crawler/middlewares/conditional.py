"""Conditional requests: the server sends a page only if it has changed since its last capture. An unchanged page comes from
the archive."""

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from archive.captures.coding import Undecodable
from archive.model import CaptureKind, CaptureRole
from archive.web.addresses import normal
from crawler.session import archive_of

_CONDITIONS = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}
_BODY_HEADERS = ("Content-Encoding", "Content-Length")


class ConditionalMiddleware:
    """Adds If-None-Match and If-Modified-Since from the last capture; a 304 becomes the captured page."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.archive = archive_of(crawler.settings)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "ConditionalMiddleware":
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Make the request conditional if the archive has the page. robots.txt is always fetched whole: its capture may be
        damaged."""
        if request.meta.get("role") == CaptureRole.ROBOTS:
            return
        for name, value in self.archive.validators(normal(request.url)).items():
            request.headers.setdefault(_CONDITIONS[name], value)

    def process_response(self, request: Request, response: Response) -> Response:
        """Replace a 304 by the captured page, which an earlier run may not have read. Raises Undecodable if it cannot be
        unpacked."""
        if response.status != 304 or not any(name in request.headers for name in _CONDITIONS.values()):
            return response
        self.crawler.stats.inc_value("capture/not_modified")
        captured = self.archive.last_page(normal(request.url))
        if captured is None:
            return response
        if captured.fault and captured.fault.kind != CaptureKind.TRUNCATED:
            raise Undecodable(captured.fault.kind, captured.fault.reason)
        headers = response.headers.copy()
        for name in _BODY_HEADERS:
            headers.pop(name, None)
        headers.setdefault("Content-Type", captured.header("content-type"))
        return response.replace(status=200, body=captured.body, headers=headers)
