"""The start page, without Datasette's own list of databases and tables, which it would count first."""

from collections.abc import Awaitable, Callable
from typing import Any

from datasette import Request, Response, hookimpl
from datasette.app import Datasette

from archive import site
from archive.publishing.questions import questions
from server.database import read
from server.pages import Routes, page


@hookimpl
def register_routes() -> Routes:
    return [(r"^/$", start_page)]


async def start_page(datasette: Datasette, request: Request) -> Response:
    context = {"metadata": await datasette.get_instance_metadata()}
    return await page(datasette, request, "index.html", context, view_name="index")


@hookimpl
def extra_template_vars(datasette: Datasette, view_name: str) -> Callable[[], Awaitable[dict[str, Any]]]:
    async def variables() -> dict[str, Any]:
        if view_name != "index":
            return {}
        return {"home": await read(datasette, site.home), "questions": questions()}

    return variables
