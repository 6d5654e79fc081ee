"""Every answer says what a browser may do with it (see server.content_security)."""

from collections.abc import Callable, Generator

from datasette import hookimpl

from server.asgi import App, Receive, Scope, Send, middleware, with_headers
from server.content_security import secured


@hookimpl(wrapper=True)  # after all others, whatever they answer
def asgi_wrapper() -> Generator[None, list[Callable[[App], App]], list[Callable[[App], App]]]:
    others = yield
    return [*others, middleware(_answer)]


async def _answer(app: App, scope: Scope, receive: Receive, send: Send) -> None:
    await app(scope, receive, with_headers(send, secured))
