"""Sending files that lie ready: whole, in part (Range), or not again to who has them."""

import asyncio
import os
from pathlib import Path

from starlette.responses import FileResponse
from starlette.staticfiles import NotModifiedResponse

from server.asgi import Receive, Scope, Send
from server.programs import has_current

_HEADERS = {
    "cache-control": "no-cache",
    "content-encoding": "identity",
}  # else the site compresses it, and no part could be sent


async def send_stored(
    scope: Scope, receive: Receive, send: Send, path: Path, media_type: str, name: str | None = None
) -> None:
    """Send a file as it is now, to its end, though another file takes its place meanwhile.

    Args:
        scope: the request, with its headers.
        receive: the messages of the client.
        send: where the answer goes.
        path: the file.
        media_type: what it is.
        name: the name under which it is saved; None: it is shown.

    Raises:
        OSError: it cannot be opened.
    """
    with await asyncio.to_thread(path.open, "rb") as file:
        opened, about = f"/dev/fd/{file.fileno()}", os.fstat(file.fileno())
        response = FileResponse(opened, headers=_HEADERS, media_type=media_type, filename=name, stat_result=about)
        is_known = has_current(scope, response.headers["etag"])
        await (NotModifiedResponse(response.headers) if is_known else response)(scope, receive, send)
