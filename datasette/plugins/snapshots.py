"""Each answer comes from the snapshot that is published now, and from none that holds what was taken down or that another version of
the program made (see server.snapshots)."""

from collections.abc import Callable

from datasette import Request, hookimpl
from datasette.app import Datasette

from server.asgi import App, Receive, Scope, Send, middleware
from server.errors import refusal
from server.snapshots import bring_up_to_date


@hookimpl
def asgi_wrapper(datasette: Datasette) -> Callable[[App], App]:
    own_files = datasette.urls.path("/static/")  # which the page of an error needs, too

    async def answer(app: App, scope: Scope, receive: Receive, send: Send) -> None:
        why = "" if scope["path"].startswith(own_files) else await bring_up_to_date(datasette)
        if not why:
            return await app(scope, receive, send)
        page = await refusal(datasette, Request(scope, receive), 503, why, {"retry-after": "5"})
        return await page.asgi_send(send)

    return middleware(answer)
