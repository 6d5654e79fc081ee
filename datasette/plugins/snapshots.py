"""Each answer comes from the snapshot that is published now, and from none that holds what was taken down (see server.snapshots)."""

from collections.abc import Callable

from datasette import Response, hookimpl
from datasette.app import Datasette

from server.asgi import App, Receive, Scope, Send, middleware
from server.language import gettext as _
from server.snapshots import bring_up_to_date


@hookimpl
def asgi_wrapper(datasette: Datasette) -> Callable[[App], App]:
    async def answer(app: App, scope: Scope, receive: Receive, send: Send) -> None:
        if await bring_up_to_date(datasette):
            return await app(scope, receive, send)
        why = _("Something was taken down and is being withdrawn. Try again in a moment.")
        return await Response.text(why, status=503, headers={"retry-after": "5"}).asgi_send(send)

    return middleware(answer)
