"""Programs in the pages of other sites may read what is for programs (CORS). They never send a cookie along, and read nothing that a
cookie opens: no page, nothing below /-/, and no answer to a form."""

from collections.abc import Callable, Generator

from datasette import Response, hookimpl

from server.asgi import App, Headers, Receive, Scope, Send, middleware, with_headers
from server.programs import for_programs

_OPEN = {"access-control-allow-origin": "*", "access-control-expose-headers": "*"}
_PREFLIGHT = _OPEN | {
    "access-control-allow-headers": "*",
    "access-control-allow-methods": "GET, HEAD",
    "access-control-max-age": "86400",
    "allow": "GET, HEAD, OPTIONS",
}


@hookimpl(wrapper=True)  # after all others: their refusals are read, too
def asgi_wrapper() -> Generator[None, list[Callable[[App], App]], list[Callable[[App], App]]]:
    others = yield
    return [*others, middleware(_answer)]


async def _answer(app: App, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["method"] not in ("GET", "HEAD", "OPTIONS") or not for_programs(scope["path"]):
        await app(scope, receive, send)
    elif scope["method"] == "OPTIONS":
        await Response("", status=204, headers=_PREFLIGHT).asgi_send(send)
    else:
        await app(scope, receive, with_headers(send, _opened))


def _opened(headers: Headers) -> Headers:
    headers = list(headers)
    is_page = any(name.lower() == b"content-type" and value.startswith(b"text/html") for name, value in headers)
    return headers if is_page else [*headers, *((name.encode(), value.encode()) for name, value in _OPEN.items())]
