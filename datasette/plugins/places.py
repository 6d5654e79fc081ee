"""/places, /place/KEY and /compare?of=KEY,KEY: where stations lie, what is known of a place, and how places and stations differ.

The key of a place is its code in the national list of divisions, or its names. A key that no place has any more redirects to the place
with its names, or offers those that there are.
"""

from collections.abc import Mapping
from urllib.parse import quote, unquote, urlencode

from datasette import NotFound, Request, Response, hookimpl
from datasette.app import Datasette
from jinja2 import Environment

from archive import site
from archive.errors import LocalizedError
from archive.site.compare import MOST, Comparison, offered
from server.database import read
from server.language import gettext as _
from server.pages import Routes, page


@hookimpl
def register_routes() -> Routes:
    return [
        (r"^/places$", places_page),
        (r"^/place/(?P<key>[^/]{1,900})$", place_page),
        (r"^/compare$", compare_page),
    ]


@hookimpl
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    def compare_address(parameters: Mapping[str, str]) -> str:
        return str(datasette.urls.path(f"/compare?{urlencode(parameters, safe=',')}"))

    env.globals["compare_address"] = compare_address


async def places_page(datasette: Datasette, request: Request) -> Response:
    q = (request.args.get("q") or "").strip()[:100]
    places = await read(datasette, site.places, q)
    if len(places["found"]) == 1:
        return Response.redirect(datasette.urls.path(f"/place/{quote(places['found'][0].key)}"), status=303)
    return await page(datasette, request, "places.html", {"page": places, "q": q})


async def place_page(datasette: Datasette, request: Request) -> Response:
    key = unquote(request.url_vars["key"])
    type_, sort = request.args.get("type") or "", request.args.get("sort") or ""
    place = await read(datasette, site.place, key, type_, sort)
    if place is not None:
        return await page(datasette, request, "place.html", {"page": place})
    places = await read(datasette, site.places_formerly, key)
    if not places:
        raise NotFound(_("There is no such place."))
    if len(places) == 1:
        return Response.redirect(datasette.urls.path(f"/place/{quote(places[0]['key'])}"), status=301)
    parts = [{"key": quote(one["key"]), "name": one["name"], "place": one["path"]} for one in places]
    return await page(datasette, request, "split.html", {"kind": "place", "key": "", "parts": parts}, status=300)


async def compare_page(datasette: Datasette, request: Request) -> Response:
    given = {name: request.args.get(name) or "" for name in ("of", "type", "at")}
    name = (request.args.get("add") or "").strip()[:100]
    context: dict[str, object] = {"name": name, "offered": [], "error": ""}
    try:
        comparison = Comparison.of_parameters(given)
    except LocalizedError as error:
        comparison, context["error"] = Comparison(), error
    if name:
        context["offered"] = meant = await read(datasette, offered, name)
        if len(meant) == 1 and len(comparison.of) < MOST:
            added = comparison.parameters(of=(*comparison.of, meant[0]["key"]))
            return Response.redirect(datasette.urls.path(f"/compare?{urlencode(added, safe=',')}"), status=303)
    content = await read(datasette, site.compare, comparison)
    status = 400 if context["error"] else 200
    return await page(datasette, request, "compare.html", {"page": content, "most": MOST, **context}, status=status)
