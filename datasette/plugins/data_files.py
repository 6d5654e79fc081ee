"""/archive.db, /data/TABLE.csv and .parquet, /data/tables.zip: what is published, as files that lie ready. /data/datapackage.json describes
the tables to programs, /data/codebook.md to people."""

from pathlib import Path

from datasette import NotFound, Request, hookimpl
from datasette.app import Datasette

from server.asgi import Receive, Send
from server.data_set import SAVED, SHOWN, SQLITE
from server.database import table_file
from server.language import gettext as _
from server.pages import Routes
from server.stored_files import send_stored


@hookimpl(tryfirst=True)  # before the plugin that describes tables as NAME.md
def register_routes() -> Routes:
    names = "|".join([*SHOWN, *SAVED]).replace(".", r"\.")
    return [(rf"^/data/(?P<name>{names})$", of_tables), (r"^/(?P<name>[^/.]+)\.db$", snapshot)]


async def of_tables(datasette: Datasette, request: Request, receive: Receive, send: Send) -> None:
    name = request.url_vars["name"]
    path = table_file(datasette, name)
    if path is None:
        raise NotFound(_("No data package was published with this snapshot."))
    media_type, saved = (SHOWN | SAVED)[name], f"dangqun-archive-{name}" if name in SAVED else None
    try:
        await send_stored(request.scope, receive, send, path, media_type, saved)
    except FileNotFoundError:  # another publication takes its place
        raise NotFound(_("No data package was published with this snapshot.")) from None


async def snapshot(datasette: Datasette, request: Request, receive: Receive, send: Send) -> None:
    name = request.url_vars["name"]
    database = datasette.databases.get(name)
    if database is None or database.is_mutable or not database.path:
        raise NotFound(_("There is no page at this address."))
    await send_stored(request.scope, receive, send, Path(database.path), SQLITE, f"{name}.db")
