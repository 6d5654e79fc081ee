"""An answer to a program that is made as a whole has an ETag, and is not sent again to who has it (304)."""

from collections.abc import Callable

from datasette import hookimpl
from starlette.datastructures import MutableHeaders
from starlette.staticfiles import NotModifiedResponse

from server.asgi import App, Message, Receive, Scope, Send, middleware
from server.programs import for_programs, has_current, weak_etag


@hookimpl
def asgi_wrapper() -> Callable[[App], App]:
    return middleware(_answer)


async def _answer(app: App, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["method"] not in ("GET", "HEAD") or not for_programs(scope["path"]):
        await app(scope, receive, send)
        return
    begun: Message | None = None

    async def send_tagged(message: Message) -> None:
        nonlocal begun
        if message["type"] == "http.response.start" and message["status"] == 200:
            begun = message
            return
        start, begun = begun, None
        if start and not message.get("more_body"):
            headers = MutableHeaders(raw=list(start["headers"]))
            headers.setdefault("cache-control", "no-cache")  # what was taken down may be in no answer of a cache
            if "etag" not in headers:
                body = message.get("body", b"")
                headers["etag"], headers["content-length"] = weak_etag(body), str(len(body))
            if has_current(scope, headers["etag"]):
                await NotModifiedResponse(headers)(scope, receive, send)
                return
            start = {**start, "headers": headers.raw}
        if start:
            await send(start)
        await send(message)

    await app(scope, receive, send_tagged)
