"""MCP without sessions: several processes serve the site, and none knows the sessions of the others. Each request stands alone,
so no stream has anything to wait for: a GET is refused, and a POST that subscribes is ended."""

import asyncio
from collections.abc import Callable

from datasette import Response, hookimpl
from datasette.app import Datasette

from server import options
from server.asgi import App, Message, Receive, Scope, Send, middleware
from server.compat import make_mcp_stateless

_NO_STREAM = "This server sends nothing without a request. Use POST."
_TIMEOUT = options.timeout()  # seconds; readers' SQL has 2


@hookimpl
def startup(datasette: Datasette) -> None:
    make_mcp_stateless(datasette)


@hookimpl
def asgi_wrapper(datasette: Datasette) -> Callable[[App], App]:
    async def answer(app: App, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] != datasette.urls.path("/-/mcp"):
            await app(scope, receive, send)
        elif scope["method"] in ("POST", "DELETE"):
            await _answer_in_time(app, scope, receive, send)
        else:
            refusal = Response.text(_NO_STREAM, status=405, headers={"allow": "POST, DELETE"})
            await refusal.asgi_send(send)

    return middleware(answer)


async def _answer_in_time(app: App, scope: Scope, receive: Receive, send: Send) -> None:
    has_begun = False

    async def send_and_note(message: Message) -> None:
        nonlocal has_begun
        has_begun = True
        await send(message)

    try:
        async with asyncio.timeout(_TIMEOUT):
            await app(scope, receive, send_and_note)
    except TimeoutError:
        if has_begun:
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        else:
            await Response.text("This took too long.", status=503).asgi_send(send)
