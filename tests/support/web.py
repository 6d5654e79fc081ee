"""A web server of ours on loopback for crawls: routes that may answer anything, and a log of the requests."""

import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from support import page

_TEXT = (
    "街道社区党群服务中心开展活动，党员和居民一起打扫楼道、整理花坛，大家有说有笑。",
    "社区有党员{}名，居民{}户，每周五下午都有志愿者值守。",
)


def story(number: int, day: str = "2024-05-06", words: str = "") -> str:
    """An article of our own, each with another title and text."""
    return page(
        f"第{number}个周末的邻里集市{words}",
        _TEXT[0] + words,
        _TEXT[1].format(20 + number, 300 + number),
        published=f"{day} 09:10",
    )


def listing(paths: list[str], *more: str) -> str:
    """A list page."""
    rows = "".join(f'<li><a href="{path}">消息{path}</a></li>' for path in paths)
    return f"<html><body><ul>{rows}</ul>{''.join(f'<a href={one}>下一页</a>' for one in more)}</body></html>"


@dataclass
class Answer:
    """A response; `body` may come in pieces."""

    body: bytes | str | Iterator[bytes] = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Request:
    """A request: when, what, with which headers (names in lower case)."""

    at: float
    path: str
    headers: Mapping[str, str]


Route = Answer | str | Callable[[Request], Answer]


class Web:
    """A running site. `routes` may change while it runs; a path that is not there is a 404."""

    def __init__(self, routes: Mapping[str, Route]) -> None:
        self.routes: dict[str, Route] = dict(routes)
        self.log: list[Request] = []
        self.open = self.most_open = 0
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"

    def paths(self) -> list[str]:
        """The requested paths, robots.txt aside."""
        return [request.path for request in self.log if request.path != "/robots.txt"]

    def answer(self, request: Request) -> Answer:
        """The response to a request."""
        route = self.routes.get(request.path, Answer("<html><body>页面不存在</body></html>", 404))
        if callable(route):
            route = route(request)
        return Answer(route) if isinstance(route, str) else route

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        web = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                request = Request(time.time(), self.path, {k.lower(): v for k, v in self.headers.items()})
                with web._lock:
                    web.log.append(request)
                    web.open += 1
                    web.most_open = max(web.most_open, web.open)
                try:
                    self._send(web.answer(request))
                except OSError:
                    self.close_connection = True
                finally:
                    with web._lock:
                        web.open -= 1

            def _send(self, answer: Answer) -> None:
                body = answer.body.encode() if isinstance(answer.body, str) else answer.body
                self.send_response(answer.status)
                headers = {"Content-Type": answer.kind, **answer.headers}
                if isinstance(body, bytes):
                    headers.setdefault("Content-Length", str(len(body)))
                else:
                    self.close_connection = True
                    headers["Connection"] = "close"
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                for piece in [body] if isinstance(body, bytes) else body:
                    self.wfile.write(piece)

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler

    def secure(self, context: ssl.SSLContext) -> None:
        """Speak TLS from now on."""
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def _run(self) -> None:
        self._server.serve_forever(poll_interval=0.05)

    def _stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def web(routes: Mapping[str, Route]) -> Iterator[Web]:
    """Serve the routes until the block ends."""
    site = Web(routes)
    threading.Thread(target=site._run, daemon=True).start()
    try:
        yield site
    finally:
        site._stop()
