"""Atom feeds of new facts: /feed/facts.atom, /feed/station/KEY.atom, /feed/outlet/KEY.atom, /feed/place/KEY.atom,
/feed/search.atom?q=…&place=… (any search; also as /facts.atom)."""

from email.utils import format_datetime
from typing import Any
from urllib.parse import quote, unquote

from datasette import NotFound, Request, Response, hookimpl
from datasette.app import Datasette

from archive import site
from archive.search.wanted import SearchError, Wanted
from archive.site import feeds
from server.cache import cached
from server.database import read
from server.language import gettext as _
from server.pages import Routes, full_address


@hookimpl
def register_routes() -> Routes:
    return [
        (r"^/feed/facts\.atom$", feed_of_facts),
        (r"^/feed/search\.atom$", feed_of_search),
        (r"^/(articles|facts|stations|outlets)\.atom$", feed_of_search),
        (r"^/feed/(?P<kind>station|outlet)/(?P<key>[0-9a-f]{24})\.atom$", feed_of_one),
        (r"^/feed/(?P<kind>station|outlet)/(?P<number>[0-9]{1,18})\.atom$", from_number),
        (r"^/feed/place/(?P<key>[^/]{1,900})\.atom$", feed_of_place),
    ]


async def feed_of_facts(datasette: Datasette, request: Request) -> Response:
    return _feed(datasette, request, await read(datasette, feeds.newest, "facts"))


async def feed_of_search(datasette: Datasette, request: Request) -> Response:
    database, args = datasette.get_database("archive"), request.args
    try:
        wanted = Wanted.of({name: args.get(name) for name in args})
        content = await cached(database, ("feed", wanted), lambda: read(datasette, feeds.search, wanted))
    except SearchError as error:
        return Response.text(str(error), status=400)
    return _feed(datasette, request, content)


async def feed_of_one(datasette: Datasette, request: Request) -> Response:
    kind, key = request.url_vars["kind"], request.url_vars["key"]
    destination = await read(datasette, site.lookup, kind, key)
    if destination.to:
        return Response.redirect(datasette.urls.path(f"/feed/{kind}/{destination.to}.atom"), status=301)
    if destination.taken_down:
        return Response.text(_("This was taken down on request."), status=410)
    content = await read(datasette, feeds.newest, kind, destination.number)
    if content is None:
        raise NotFound(
            _("There is no station at this address.") if kind == "station" else _("There is no outlet at this address.")
        )
    return _feed(datasette, request, content)


async def feed_of_place(datasette: Datasette, request: Request) -> Response:
    key = unquote(request.url_vars["key"])
    content = await read(datasette, feeds.newest, "place", key)
    if content is not None:
        return _feed(datasette, request, content)
    places = await read(datasette, site.places_formerly, key)
    if len(places) != 1:
        raise NotFound(_("There is no such place."))
    return Response.redirect(datasette.urls.path(f"/feed/place/{quote(places[0]['key'])}.atom"), status=301)


async def from_number(datasette: Datasette, request: Request) -> Response:
    kind, number = request.url_vars["kind"], int(request.url_vars["number"])
    key = await read(datasette, site.key_of_number, kind, number)
    if not key:
        raise NotFound(
            _("There is no station at this address.") if kind == "station" else _("There is no outlet at this address.")
        )
    return Response.redirect(datasette.urls.path(f"/feed/{kind}/{key}.atom"), status=301)


def _feed(datasette: Datasette, request: Request, content: Any) -> Response:
    title, entries = content
    own, home = (datasette.absolute_url(request, path) for path in (request.full_path, "/"))
    atom = feeds.atom(title, entries, own, home, full_address(datasette, request, "/fact/"))
    headers = {"last-modified": format_datetime(feeds.updated(entries), usegmt=True)}
    return Response(atom, headers=headers, content_type=feeds.MEDIA_TYPE)
