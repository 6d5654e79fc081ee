"""/place/KEY: a place, by its code in the national list of divisions or by its names."""

from urllib.parse import unquote

from datasette import NotFound, Response, hookimpl

from archive import pages


@hookimpl
def register_routes():
    return [(r"^/place/(?P<key>[^/]{1,200})$", place)]


async def place(datasette, request):
    key = unquote(request.url_vars["key"])
    page = await datasette.get_database("archive").execute_fn(lambda c: pages.place(c, key))
    if page is None:
        raise NotFound("There is no such place. 没有这个地方。")
    return Response.html(await datasette.render_template("place.html", {"page": page}, request=request))
