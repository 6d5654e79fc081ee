"""Errors as pages in the language of the request, and as JSON for programs."""

import re
from collections.abc import Mapping

from datasette import Request, Response
from datasette.app import Datasette

from server.pages import page

FOR_PROGRAMS = re.compile(r"\.(?:json|csv)\Z|/-/mcp\Z")  # paths


async def refusal(
    datasette: Datasette, request: Request, status: int, why: str, headers: Mapping[str, str] | None = None
) -> Response:
    """The answer to a request that is not carried out.

    Args:
        datasette: the site.
        request: the request.
        status: the status of the answer.
        why: the reason, in the language of the request.
        headers: further headers.

    Returns:
        A page; JSON where the path is for programs.
    """
    headers = {"cache-control": "no-store", **(headers or {})}
    if FOR_PROGRAMS.search(request.path):
        return Response.json({"ok": False, "error": why}, status=status, headers=headers)
    return await page(datasette, request, "error.html", {"status": status, "why": why}, status, headers=headers)
