"""Each answer comes from the snapshot that is published now, and from none that holds what was taken down (see server.snapshots)."""

from collections.abc import Callable

from datasette import Response, hookimpl
from datasette.app import Datasette

from server.asgi import App, Receive, Scope, Send, middleware
from server.snapshots import served

_WAIT = "Something was taken down and is being withdrawn. Please ask again in a moment. 正在下架，请稍后再试。"


@hookimpl
def asgi_wrapper(datasette: Datasette) -> Callable[[App], App]:
    async def answer(app: App, scope: Scope, receive: Receive, send: Send) -> None:
        for snapshot in served(datasette):
            if not await snapshot.withdraw_takedowns():
                refusal = Response.text(_WAIT, status=503, headers={"retry-after": "5"})
                return await refusal.asgi_send(send)
            snapshot.reload(datasette)
        return await app(scope, receive, send)

    return middleware(answer)
