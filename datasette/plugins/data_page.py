"""/data: what can be taken away, and how programs ask."""

from pathlib import Path

from datasette import NotFound, Response, hookimpl

from archive.facts import fact_types
from archive.publishing.questions import questions
from server.compat import AsgiFileDownload


@hookimpl
def register_routes():
    return [(r"^/data$", page), (r"^/data/tables\.zip$", tables)]


def _package(datasette):
    return Path(datasette.get_database("archive").path).with_name("tables.zip")


async def page(datasette, request):
    database, package = datasette.get_database("archive"), _package(datasette)
    station = await database.execute("select key from stations order by articles desc, name limit 1")
    shown = {
        "station": f"/station/{station.first()['key']}.json" if station.rows else "/station/KEY.json",
        "snapshot_size": Path(database.path).stat().st_size,
        "snapshot_hash": database.hash,
        "package_size": package.stat().st_size if package.exists() else None,
        "address": datasette.absolute_url(request, datasette.urls.path("/")).rstrip("/"),
        "types": fact_types().values(),
        "questions": questions(),
    }
    return Response.html(await datasette.render_template("data.html", shown, request=request))


async def tables(datasette, send):
    package = _package(datasette)
    if not package.exists():
        raise NotFound("No data package was published with this snapshot.")
    headers = {"content-disposition": 'attachment; filename="dangqun-archive-tables.zip"'}
    await AsgiFileDownload(package, "dangqun-archive-tables.zip", "application/zip", headers=headers).asgi_send(send)
