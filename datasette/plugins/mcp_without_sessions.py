"""MCP without sessions: several processes serve the site, and none knows the sessions of the others. Each request stands alone,
so no stream has anything to wait for: a GET is refused, and a POST that subscribes is ended."""

import asyncio
import os

from datasette import Response, hookimpl

from server.compat import make_mcp_stateless

_LONGEST = float(os.environ.get("DANGQUN_PATIENCE") or 30)  # seconds; readers' SQL has 2
_NO_STREAM = "This server sends nothing without a request. Use POST."


@hookimpl
def startup(datasette):
    make_mcp_stateless(datasette)


@hookimpl
def asgi_wrapper(datasette):
    def wrap(app):
        async def answer(scope, receive, send):
            if scope["type"] != "http" or scope["path"] != datasette.urls.path("/-/mcp"):
                return await app(scope, receive, send)
            if scope["method"] not in ("POST", "DELETE"):
                refused = Response.text(_NO_STREAM, status=405, headers={"allow": "POST, DELETE"})
                return await refused.asgi_send(send)
            begun = False

            async def send_and_note(message):
                nonlocal begun
                begun = True
                await send(message)

            try:
                async with asyncio.timeout(_LONGEST):
                    await app(scope, receive, send_and_note)
            except TimeoutError:
                if not begun:
                    return await Response.text("This took too long.", status=503).asgi_send(send)
                await send({"type": "http.response.body", "body": b"", "more_body": False})

        return answer

    return wrap
