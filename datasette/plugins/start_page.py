"""The start page, without Datasette's own list of databases and tables, which it would count first."""

from datasette import Request, Response, hookimpl
from datasette.app import Datasette

from archive import site
from server.database import read
from server.pages import Routes, page


@hookimpl
def register_routes() -> Routes:
    return [(r"^/$", start_page)]


async def start_page(datasette: Datasette, request: Request) -> Response:
    context = {"home": await read(datasette, site.home)}
    return await page(datasette, request, "index.html", context, view_name="index")
