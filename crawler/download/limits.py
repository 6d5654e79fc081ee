"""Bounds that Scrapy does not set: the size of a response's head."""

from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
)
from scrapy.crawler import Crawler
from twisted.web._newclient import BODY, DONE

_MAX_HEAD = 256 * 1024  # bytes of status line and headers


class _Protocol(_LenientHTTP11ClientProtocol):
    """Closes the connection if the head is too large."""

    _head = 0

    def request(self, request):  # type: ignore[no-untyped-def]
        self._head = 0
        return super().request(request)

    def dataReceived(self, data: bytes) -> None:
        super().dataReceived(data)
        if self._parser is not None and self._parser.state not in (BODY, DONE):
            self._head += len(data)
            if self._head > _MAX_HEAD and self.transport is not None:
                self.transport.abortConnection()


class _Factory(_LenientHTTP11ClientFactory):
    noisy = False

    def buildProtocol(self, addr):  # type: ignore[no-untyped-def]
        return _Protocol(self._quiescentCallback)


class BoundedHandler(HTTP11DownloadHandler):
    """Scrapy's HTTP handler with a bound on the size of heads."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = _Factory  # noqa: SLF001 (Twisted has no option)
