"""Pages that only send on: a moved article often leaves one behind, in place of an HTTP redirect."""

from scrapy import Request
from scrapy.downloadermiddlewares.redirect import BaseRedirectMiddleware
from scrapy.http import Response

from archive.model import Capture
from archive.reading.kind import sends_on
from crawler.discovery.urls import host_of


class RefreshMiddleware(BaseRedirectMiddleware):
    """Follows <meta http-equiv="refresh"> of pages without a text of their own, as far as their own host, as often as
    HTTP redirects. What leads elsewhere is read, and named, as a redirect."""

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """The request for the page that is meant, or the response as it is."""
        kind = (response.headers.get("Content-Type") or b"").decode("latin-1")
        target = sends_on(Capture(response.url, response.body, response.status, (("Content-Type", kind),)))
        if not target or host_of(target) != host_of(request.url):
            return response
        return self._redirect(self._redirect_request_using_get(request, response, target), request, "meta refresh")
