"""Content codings: the archive's own decoder unpacks responses, so that spiders and the reader see the same bytes."""

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.responsetypes import responsetypes

from archive.captures.coding import Undecodable, decoded


class DecodingMiddleware:
    """Replaces Scrapy's HttpCompressionMiddleware. A page that cannot be unpacked is captured, and not passed on."""

    def __init__(self, crawler: Crawler) -> None:
        self.max_size = crawler.settings.getint("DOWNLOAD_MAXSIZE")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "DecodingMiddleware":
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """Unpack the body. Raises Undecodable, which the spider counts; a response with another status than 200 is passed on
        unchanged, since its status is enough."""
        codings = tuple(
            ("Content-Encoding", one.decode("latin-1")) for one in response.headers.getlist("Content-Encoding")
        )
        try:
            body = decoded(response.body, codings, request.meta.get("download_maxsize") or self.max_size)
        except Undecodable:
            if response.status == 200:
                raise
            return response
        headers = response.headers.copy()
        headers.pop("Content-Encoding", None)
        kind = responsetypes.from_args(headers=headers, url=response.url, body=body)
        return response.replace(cls=kind, headers=headers, body=body)
