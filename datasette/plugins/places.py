"""/place/KEY: a place, by its code in the national list of divisions or by its names. A key that no place has any more redirects to
the place with its names, or offers those that there are."""

from urllib.parse import quote, unquote

from datasette import NotFound, Response, hookimpl

from archive import site


@hookimpl
def register_routes():
    return [(r"^/place/(?P<key>[^/]{1,200})$", place)]


async def place(datasette, request):
    key = unquote(request.url_vars["key"])
    database = datasette.get_database("archive")
    page = await database.execute_fn(lambda c: site.place(c, key))
    if page is None:
        return await _formerly(datasette, request, await database.execute_fn(lambda c: site.places_formerly(c, key)))
    return Response.html(await datasette.render_template("place.html", {"page": page}, request=request))


async def _formerly(datasette, request, places):
    if not places:
        raise NotFound("There is no such place. 没有这个地方。")
    if len(places) == 1:
        return Response.redirect(datasette.urls.path(f"/place/{quote(places[0]['key'])}"), status=301)
    parts = [{"key": quote(one["key"]), "name": one["name"], "place": one["path"]} for one in places]
    shown = {"kind": "place", "key": "", "parts": parts}
    return Response.html(await datasette.render_template("split.html", shown, request=request), status=300)
