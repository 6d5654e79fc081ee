"""/capture/ID.warc.gz: the WARC record that an article rests on, as it was captured."""

from pathlib import Path

from datasette import NotFound, Response, hookimpl

from archive.publishing.public import record


@hookimpl
def register_routes():
    return [(r"^/capture/(?P<number>[0-9]{1,18})\.warc\.gz$", download)]


async def download(datasette, request):
    database = datasette.get_database("archive")
    folder, number = Path(database.path).parents[1], int(request.url_vars["number"])
    found = await database.execute_fn(lambda c: record(folder, c, number))
    if found is None:
        raise NotFound("This capture cannot be downloaded: no published article rests on it, or it is not kept here.")
    name, content = found
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, content_type="application/gzip", headers=headers)
