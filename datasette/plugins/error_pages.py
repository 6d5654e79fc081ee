"""Errors have a page in the language of the request. Programs (.json, .csv) get Datasette's answers."""

import re
import traceback
from collections.abc import Awaitable, Callable
from urllib.parse import unquote

from datasette import Request, Response, hookimpl
from datasette.app import Datasette
from datasette.utils import tilde_decode

from archive.language import LANGUAGE, Language
from server.errors import FOR_PROGRAMS
from server.pages import page

_HAN = re.compile(r"[\u4e00-\u9fff]")
_MISLEADING = "Database not found"  # what Datasette says of any address that leads nowhere
_WORDS = 80  # characters of an address that are put into the search box


@hookimpl
def handle_exception(
    datasette: Datasette, request: Request, exception: Exception
) -> Callable[[], Awaitable[Response]] | None:
    if FOR_PROGRAMS.search(request.path):
        return None

    async def answer() -> Response:
        status = getattr(exception, "status", 500)
        if status == 500:
            traceback.print_exception(exception)
        message = "" if status == 500 else _message(exception)
        can_be_read = LANGUAGE.get() == Language.EN or _HAN.search(message)
        context = {
            "status": status,
            "why": message if can_be_read else "",
            "reason": "" if can_be_read else message,
            "guess": tilde_decode(unquote(request.path)).rstrip("/").rpartition("/")[2][:_WORDS],
        }
        return await page(datasette, request, "error.html", context, status)

    return answer


def _message(exception: Exception) -> str:
    """What an error says, as text."""
    message = getattr(exception, "plain_message", "") or getattr(exception, "message", "") or str(exception)
    return "" if message == _MISLEADING else message
