"""ASGI middleware in one form: a function that answers an HTTP request, or hands it on to the application."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]


def middleware(answer: Callable[[App, Scope, Receive, Send], Awaitable[None]]) -> Callable[[App], App]:
    """What the hook asgi_wrapper returns: it calls `answer(app, scope, receive, send)` for each HTTP request. All else, as the start of
    the server, goes to the application directly."""

    def wrap(app: App) -> App:
        async def answer_http(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                await answer(app, scope, receive, send)
            else:
                await app(scope, receive, send)

        return answer_http

    return wrap


def with_headers(send: Send, change: Callable[[Headers], Headers]) -> Send:
    """A `send` whose answers have their headers changed."""

    async def send_changed(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": list(change(message.get("headers", ())))}
        await send(message)

    return send_changed
