"""Captures: the archive keeps every response unchanged, before anything else reads it."""

import sqlite3
from datetime import UTC, datetime
from itertools import accumulate

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from archive.captures.coding import Headers
from archive.captures.damage import MAX_HEAD
from archive.captures.warc import Exchange, Truncation
from archive.model import CaptureRole
from archive.storage.runs import RunOutcome
from archive.web.addresses import normal
from crawler.download.browser import MARK
from crawler.middlewares.ending import end
from crawler.session import archive_of

# Chunking is undone by the network layer; WARC readers would try to undo it again.
_UNDONE = {"transfer-encoding": "X-Orig-Transfer-Encoding"}


class CaptureMiddleware:
    """Saves responses; `request.meta["capture_id"]` identifies them in later stages.

    A write error ends the crawl: nothing is read that is not captured.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.archive = archive_of(crawler.settings)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "CaptureMiddleware":
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Let the last try accept a body that is cut off. A robots.txt must be whole."""
        tries = request.meta.get("retry_times", 0)
        is_robots = request.meta.get("role", CaptureRole.ROBOTS) == CaptureRole.ROBOTS
        if not is_robots and tries >= self.crawler.settings.getint("RETRY_TIMES"):
            request.meta["download_fail_on_dataloss"] = False

    def process_response(self, request: Request, response: Response) -> Response:
        """Capture the exchange, and pass the response on."""
        stats = self.crawler.stats
        if _is_cut(response):
            stats.inc_value("failed/cut_off")
        try:
            capture_id = self.archive.save_capture(self._exchange(request, response), stats.get_value("run/id"))
        except (OSError, sqlite3.Error):
            stats.inc_value("capture/failed")
            end(self.crawler, RunOutcome.ARCHIVE_UNWRITABLE)
            raise
        request.meta["capture_id"] = capture_id
        was_erased = capture_id is None and self.archive.is_erased(normal(request.url))
        stats.inc_value(
            "capture/taken_down" if was_erased else "capture/unchanged" if capture_id is None else "capture/new"
        )
        return response

    def _exchange(self, request: Request, response: Response) -> Exchange:
        role = CaptureRole(request.meta.get("role", CaptureRole.PAGE))
        if response.status in (301, 302, 303, 307, 308):
            role = CaptureRole.REDIRECT
        return Exchange(
            url=normal(request.url),  # the target of a redirect may not be in normal form
            fetched_at=datetime.now(UTC),
            status=response.status,
            headers=_pairs(response.headers) + ((MARK,) if "playwright" in response.flags else ()),
            body=response.body,
            method=request.method,
            request_headers=_pairs(request.headers),
            role=role,
            outlet=getattr(self.crawler.spider, "outlet", ""),
            truncated=_truncation(response),
        )


def _truncation(response: Response) -> Truncation:
    if "download_stopped" in response.flags:
        return Truncation.LENGTH
    return Truncation.DISCONNECT if _is_cut(response) else Truncation.NONE


def _is_cut(response: Response) -> bool:
    """Whether a body is shorter than its server declared. Some servers declare too much: a page with its end is whole, and a
    content coding shows by itself whether it is."""
    whole = b"</html>" in response.body[-1000:].lower() or response.headers.get("Content-Encoding")
    return "dataloss" in response.flags and not whole


def _pairs(headers: dict[bytes, list[bytes]]) -> Headers:
    """The headers as text, as many as fit into the head of a record."""
    pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, values in headers.items() for value in values]
    sizes = accumulate(len(name) + len(value) + 4 for name, value in pairs)
    kept = (pair for pair, size in zip(pairs, sizes, strict=True) if size <= MAX_HEAD)
    return tuple((_UNDONE.get(name.lower(), name), value) for name, value in kept)
