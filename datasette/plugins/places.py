"""/place/KEY: a place, by its code in the national list of divisions or by its names. A key that no place has any more redirects to
the place with its names, or offers those that there are."""

from urllib.parse import quote, unquote

from datasette import NotFound, Request, Response, hookimpl
from datasette.app import Datasette

from archive import site
from server.database import read
from server.pages import Routes, page


@hookimpl
def register_routes() -> Routes:
    return [(r"^/place/(?P<key>[^/]{1,200})$", place_page)]


async def place_page(datasette: Datasette, request: Request) -> Response:
    key = unquote(request.url_vars["key"])
    place = await read(datasette, site.place, key)
    if place is not None:
        return await page(datasette, request, "place.html", {"page": place})
    places = await read(datasette, site.places_formerly, key)
    if not places:
        raise NotFound("There is no such place. 没有这个地方。")
    if len(places) == 1:
        return Response.redirect(datasette.urls.path(f"/place/{quote(places[0]['key'])}"), status=301)
    parts = [{"key": quote(one["key"]), "name": one["name"], "place": one["path"]} for one in places]
    return await page(datasette, request, "split.html", {"kind": "place", "key": "", "parts": parts}, status=300)
