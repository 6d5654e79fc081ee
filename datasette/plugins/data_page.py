"""/data: what can be downloaded, and how programs use the API."""

from datasette import NotFound, Request, Response, hookimpl
from datasette.app import Datasette

from archive.facts import fact_types
from archive.labels import QUALIFIERS, UNITS
from archive.publishing.questions import questions
from server.asgi import Send
from server.compat import AsgiFileDownload
from server.data_set import PACKAGE
from server.database import snapshot
from server.language import gettext as _
from server.pages import Routes, full_address, page

_TABLES = (
    "facts", "statements", "articles", "stations", "places", "outlets", "reprints", "revisions", "captures", "station_history",
    "contradictions", "fact_changes",
)  # fmt: skip


@hookimpl
def register_routes() -> Routes:
    return [(r"^/data$", data_page), (r"^/data/tables\.zip$", tables)]


async def data_page(datasette: Datasette, request: Request) -> Response:
    database, package = datasette.get_database("archive"), snapshot(datasette).with_name(PACKAGE)
    station = await database.execute("select key from stations order by articles desc, name limit 1")
    place = await database.execute("select name from places order by articles desc, key limit 1")
    context = {
        "place": place.first()["name"] if place.rows else "望潭区",
        "station": f"/station/{station.first()['key']}.json" if station.rows else "/station/KEY.json",
        "snapshot_size": snapshot(datasette).stat().st_size,
        "snapshot_hash": database.hash,
        "package_size": package.stat().st_size if package.exists() else None,
        "address": full_address(datasette, request, "/").rstrip("/"),
        "types": list(fact_types()),
        "qualifiers": list(QUALIFIERS),
        "units": list(UNITS),
        "questions": questions(),
        "tables": _TABLES,
    }
    return await page(datasette, request, "data.html", context)


async def tables(datasette: Datasette, send: Send) -> None:
    package = snapshot(datasette).with_name(PACKAGE)
    if not package.exists():
        raise NotFound(_("No data package was published with this snapshot."))
    headers = {"content-disposition": 'attachment; filename="dangqun-archive-tables.zip"'}
    await AsgiFileDownload(package, "dangqun-archive-tables.zip", "application/zip", headers=headers).asgi_send(send)
