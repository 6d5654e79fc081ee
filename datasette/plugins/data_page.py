"""/data: what can be downloaded, and how programs use the API."""

from contextlib import suppress

from datasette import Request, Response, hookimpl
from datasette.app import Datasette

from archive.facts import fact_types
from archive.labels import QUALIFIERS, UNITS
from archive.publishing.changes import published
from archive.publishing.codebook import TABLES
from archive.publishing.questions import questions
from archive.publishing.snapshot import PACKAGE
from server.database import read, snapshot, table_file
from server.openapi import parameters
from server.pages import Routes, full_address, page

_TABLES = (
    "facts", "statements", "articles", "stations", "places", "outlets", "reprints", "revisions", "captures", "station_history",
    "contradictions", "fact_changes",
)  # fmt: skip
_PUBLICATIONS = 10  # the newest


@hookimpl
def register_routes() -> Routes:
    return [(r"^/data$", data_page)]


async def data_page(datasette: Datasette, request: Request) -> Response:
    database, package = datasette.get_database("archive"), table_file(datasette, PACKAGE)
    station = await database.execute("select key from stations order by articles desc, name limit 1")
    place = await database.execute("select name from places order by articles desc, key limit 1")
    article = await database.execute("select url from articles order by id limit 1")
    context = {
        "captured": article.first()["url"] if article.rows else "http://news.example/1.html",
        "publications": (await read(datasette, published))[:_PUBLICATIONS],
        "place": place.first()["name"] if place.rows else "望潭区",
        "station": f"/station/{station.first()['key']}.json" if station.rows else "/station/KEY.json",
        "snapshot_size": snapshot(datasette).stat().st_size,
        "snapshot_hash": database.hash,
        "package_size": package.stat().st_size if package else None,
        "parameters": parameters(),
        "files": {name: _sizes(datasette, name) for name in TABLES} if package else {},
        "address": full_address(datasette, request, "/").rstrip("/"),
        "types": list(fact_types()),
        "qualifiers": list(QUALIFIERS),
        "units": list(UNITS),
        "questions": questions(),
        "tables": _TABLES,
    }
    return await page(datasette, request, "data.html", context)


def _sizes(datasette: Datasette, table: str) -> dict[str, int]:
    """The sizes of a table's files, by their formats."""
    files = {format_: table_file(datasette, f"{table}.{format_}") for format_ in ("csv", "parquet")}
    with suppress(FileNotFoundError):  # another publication takes its place
        return {format_: path.stat().st_size for format_, path in files.items() if path}
    return {}
