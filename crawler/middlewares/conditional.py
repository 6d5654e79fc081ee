"""Only what changed: the server is asked whether a page is still as it was last kept, and what it need not send again
comes from the archive."""

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from archive.captures.coding import Undecodable
from archive.web.addresses import normal
from crawler.session import archive_of

_ASKED = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}
_CODED = ("Content-Encoding", "Content-Length")


class ConditionalMiddleware:
    """Adds If-None-Match and If-Modified-Since from the last capture; a 304 goes on as the page that it stands for."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.archive = archive_of(crawler.settings)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "ConditionalMiddleware":
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Ask conditionally where the archive has the page. Rules are asked for whole: what is kept of them may be damaged."""
        if request.meta.get("role") == "robots":
            return
        for name, value in self.archive.validators(normal(request.url)).items():
            request.headers.setdefault(_ASKED[name], value)

    def process_response(self, request: Request, response: Response) -> Response:
        """Put the kept bytes in place of a 304: what an earlier run did not come to do with them is done now. Raises
        Undecodable where they cannot be unpacked."""
        if response.status != 304 or not any(name in request.headers for name in _ASKED.values()):
            return response
        self.crawler.stats.inc_value("capture/not_modified")
        kept = self.archive.last_page(normal(request.url))
        if kept is None:
            return response
        if kept.fault and kept.fault.kind != "truncated":
            raise Undecodable(kept.fault.kind, kept.fault.reason)
        headers = response.headers.copy()
        for name in _CODED:
            headers.pop(name, None)
        headers.setdefault("Content-Type", kept.header("content-type"))
        return response.replace(status=200, body=kept.body, headers=headers)
