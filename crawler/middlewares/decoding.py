"""Codings of responses, undone by the archive's own rule: what is searched for links is what articles are read from."""

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.responsetypes import responsetypes

from archive.captures.coding import Undecodable, decoded


class DecodingMiddleware:
    """Undoes Content-Encoding, in place of Scrapy's. A page that cannot be unpacked is kept and goes no further."""

    def __init__(self, crawler: Crawler) -> None:
        self.most = crawler.settings.getint("DOWNLOAD_MAXSIZE")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "DecodingMiddleware":
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """The response with its body unpacked. Raises Undecodable, which the spider counts; an answer with another
        status than 200 goes on, since its status is enough."""
        codings = tuple(
            ("Content-Encoding", one.decode("latin-1")) for one in response.headers.getlist("Content-Encoding")
        )
        try:
            body = decoded(response.body, codings, request.meta.get("download_maxsize") or self.most)
        except Undecodable:
            if response.status == 200:
                raise
            return response
        headers = response.headers.copy()
        headers.pop("Content-Encoding", None)
        kind = responsetypes.from_args(headers=headers, url=response.url, body=body)
        return response.replace(cls=kind, headers=headers, body=body)
