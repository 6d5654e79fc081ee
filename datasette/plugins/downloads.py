"""Every download has all rows, and says how many: in its name, and in the header X-Total-Rows (see server.downloads)."""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from datasette import NotFound, Request, Response, hookimpl
from datasette.app import Datasette

from archive import site
from server import downloads, list_downloads
from server.asgi import App, Receive, Scope, Send, middleware
from server.database import read
from server.language import gettext as _
from server.pages import Routes
from server.programs import etag_of_snapshots

_LISTS = {"stations": site.STATIONS_OF_PLACE, "places": site.PLACES_WITHIN}


@hookimpl
def register_routes() -> Routes:
    return [
        (r"^/(?P<kind>facts|articles|stations|outlets)\.(?P<format>csv|xlsx|jsonl|parquet)$", list_downloads.send_list),
        (r"^/(?P<kind>facts|articles|stations|outlets)\.about\.json$", list_downloads.send_about),
        (r"^/place/(?P<key>[^/]{1,900})/(?P<what>stations|places)\.csv$", list_of_place),
    ]


async def list_of_place(datasette: Datasette, request: Request, send: Send, receive: Receive) -> None:
    """All stations of a place, or all places in it, of which its page shows the first."""
    what, key, etag = request.url_vars["what"], unquote(request.url_vars["key"]), etag_of_snapshots(datasette, request)
    if await read(datasette, site.place, key) is None:
        raise NotFound(_("There is no such place."))
    database = datasette.get_database("archive")
    download = await downloads.open_download(datasette, database, _LISTS[what], {"key": key})
    await downloads.send_download(datasette, request, receive, send, download, f"{key}-{what}", "csv", etag)


@hookimpl
def register_output_renderer() -> dict[str, Any]:
    """A link to the XLSX of each table and query; `answer` below answers it."""
    return {"extension": "xlsx", "can_render": lambda view_name: view_name in ("table", "query"), "render": _refuse}


def _refuse() -> Response:
    return Response.text(_("Tables and queries of the archive only."), status=404)


@hookimpl(tryfirst=True)
def asgi_wrapper(datasette: Datasette) -> Callable[[App], App]:
    async def answer(app: App, scope: Scope, receive: Receive, send: Send) -> None:
        target = downloads.target_of(datasette, scope)
        if target is None:
            await app(scope, receive, send)
        else:
            await downloads.answer(datasette, target, app, scope, receive, send)

    return middleware(answer)
