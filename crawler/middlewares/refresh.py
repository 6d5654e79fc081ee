"""Pages that only refresh to another: many sites use one instead of an HTTP redirect when an article moves."""

from scrapy import Request
from scrapy.downloadermiddlewares.redirect import BaseRedirectMiddleware
from scrapy.http import Response

from archive.model import Capture
from archive.reading.kind import sends_on
from crawler.discovery.urls import host_of


class RefreshMiddleware(BaseRedirectMiddleware):
    """Follows <meta http-equiv="refresh"> of pages without a text of their own, on their host only, as often as HTTP redirects.
    A page that refreshes to another host is read as a `redirect`."""

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """The request for the target, or the response unchanged."""
        kind = (response.headers.get("Content-Type") or b"").decode("latin-1")
        target = sends_on(Capture(response.url, response.body, response.status, (("Content-Type", kind),)))
        if not target or host_of(target) != host_of(request.url):
            return response
        return self._redirect(self._redirect_request_using_get(request, response, target), request, "meta refresh")
