"""Serving the sample outlets on loopback, one port each, from threads of this process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from crawler import sample
from crawler.sample.outlets import Printed, pages

_GONE = Printed(
    404,
    {"Content-Type": "text/html; charset=utf-8"},
    "<html><title>404</title><body>页面不存在</body></html>".encode(),
)


class SampleSite:
    """The three outlets, running. `print_edition` changes what they say; `log` holds the requests as (outlet, path)."""

    def __init__(self) -> None:
        self.print_edition(1)
        self.log: list[tuple[str, str]] = []
        self.servers: list[ThreadingHTTPServer] = []

    def print_edition(self, edition: int, corrected: str = "") -> None:
        """Bring out an edition; its corrections are dated `corrected` (ISO)."""
        self.edition = edition
        self.corrected = corrected

    def answer(self, name: str, path: str) -> Printed:
        """The response to a path."""
        self.log.append((name, path))
        return pages(name, self.edition, self.corrected).get(path, _GONE)


@contextmanager
def serve() -> Iterator[SampleSite]:
    """Run the sample site until the block ends. Raises OSError where a port is taken."""
    site = SampleSite()
    try:
        for number, name in enumerate(sample.NAMES):
            server = ThreadingHTTPServer(("127.0.0.1", sample.FIRST_PORT + number), _handler(site, name))
            server.daemon_threads = True
            site.servers.append(server)
            threading.Thread(target=server.serve_forever, daemon=True).start()
        yield site
    finally:
        for server in site.servers:
            server.shutdown()
            server.server_close()


def _handler(site: SampleSite, name: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            printed = site.answer(name, self.path)
            self.send_response(printed.status)
            for header, value in {**printed.headers, "Content-Length": str(len(printed.body))}.items():
                self.send_header(header, value)
            self.end_headers()
            self.wfile.write(printed.body)

        def log_message(self, format: str, *args: object) -> None:
            pass  # `SampleSite.log` has the requests

    return Handler
