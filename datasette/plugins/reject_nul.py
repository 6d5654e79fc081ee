"""An address with a NUL in it is refused: no text of the archive has one, and some of Datasette's own parameters fail on it."""

from collections.abc import Callable

from datasette import Response, hookimpl

from server.asgi import App, Receive, Scope, Send, middleware


@hookimpl(tryfirst=True)
def asgi_wrapper() -> Callable[[App], App]:
    return middleware(_answer)


async def _answer(app: App, scope: Scope, receive: Receive, send: Send) -> None:
    if b"%00" in scope["query_string"] or "\x00" in scope["path"]:
        await Response.text("There is a NUL in this address.", status=400).asgi_send(send)
    else:
        await app(scope, receive, send)
