"""Every answer says what a browser may do with it (see server.content_security)."""

from collections.abc import Callable

from datasette import hookimpl

from server.asgi import App, Receive, Scope, Send, middleware, with_headers
from server.content_security import secured


@hookimpl
def asgi_wrapper() -> Callable[[App], App]:
    return middleware(_answer)


async def _answer(app: App, scope: Scope, receive: Receive, send: Send) -> None:
    await app(scope, receive, with_headers(send, secured))
