"""/capture/ID.warc.gz: the WARC record that an article rests on, as it was captured."""

from datasette import NotFound, Request, Response, hookimpl
from datasette.app import Datasette

from archive.publishing.public import record
from server.data_set import WARC
from server.database import archive_folder, read
from server.language import gettext as _
from server.pages import Routes


@hookimpl
def register_routes() -> Routes:
    return [(r"^/capture/(?P<number>[0-9]{1,18})\.warc\.gz$", download)]


async def download(datasette: Datasette, request: Request) -> Response:
    folder, number = archive_folder(datasette), int(request.url_vars["number"])
    found = await read(datasette, lambda connection: record(folder, connection, number))
    if found is None:
        raise NotFound(
            _("This capture cannot be downloaded: no published article rests on it, or it is not kept here.")
        )
    name, content = found
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, content_type=WARC, headers=headers)
