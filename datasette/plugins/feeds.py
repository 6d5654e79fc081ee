"""Atom feeds of new facts: /feed/facts.atom, /feed/station/KEY.atom, /feed/outlet/KEY.atom, /feed/search.atom?q=…&place=… (any search)"""

from datetime import UTC, datetime

from datasette import NotFound, Response, hookimpl
from feedgen.feed import FeedGenerator

from archive import site
from archive.search.engine import SearchError, Wanted
from archive.site import feeds
from archive.site.answer_cache import cached


@hookimpl
def register_routes():
    return [
        (r"^/feed/(?P<kind>facts|search)\.atom$", feed),
        (r"^/feed/(?P<kind>station|outlet)/(?P<key>[0-9a-f]{24})\.atom$", feed),
        (r"^/feed/(?P<kind>station|outlet)/(?P<number>[0-9]{1,18})\.atom$", by_number),
    ]


async def feed(datasette, request):
    kind, key, database = request.url_vars["kind"], request.url_vars.get("key", ""), datasette.get_database("archive")
    if kind == "search":
        try:
            wanted = Wanted.of({name: request.args.get(name) for name in request.args})
            found = await cached(
                database, ("feed", wanted), lambda: database.execute_fn(lambda c: feeds.search(c, wanted))
            )
        except SearchError as error:
            return Response.text(str(error), status=400)
    else:
        destination = await database.execute_fn(lambda c: site.lookup(c, kind, key)) if key else site.Destination()
        if destination.to:
            return Response.redirect(datasette.urls.path(f"/feed/{kind}/{destination.to}.atom"), status=301)
        if destination.taken_down:
            return Response.text(f"This {kind} was taken down on request. 应要求撤下。", status=410)
        found = await database.execute_fn(lambda c: feeds.newest(c, kind, destination.number))
    if found is None:
        raise NotFound(f"There is no such {kind}.")
    title, entries = found
    atom = FeedGenerator()
    atom.id(datasette.absolute_url(request, request.full_path))
    atom.title(f"党群服务站报道档案 {title}".strip())
    atom.link(href=datasette.absolute_url(request, request.full_path), rel="self")
    atom.link(href=datasette.absolute_url(request, "/"), rel="alternate")
    atom.updated(max((entry["updated"] for entry in entries), default=datetime(1970, 1, 1, tzinfo=UTC)))
    facts = datasette.absolute_url(request, datasette.urls.path("/fact/"))
    for entry in entries:
        address = facts + entry["evidence"]
        one = atom.add_entry(order="append")
        one.id(address)
        one.link(href=address)
        one.title(entry["title"])
        one.updated(entry["updated"])
        one.author(name=entry["author"] or "?")
        one.content(entry["content"], type="text")
    return Response(atom.atom_str().decode(), content_type="application/atom+xml; charset=utf-8")


async def by_number(datasette, request):
    kind, number = request.url_vars["kind"], int(request.url_vars["number"])
    key = await datasette.get_database("archive").execute_fn(lambda c: site.key_of_number(c, kind, number))
    if not key:
        raise NotFound(f"There is no such {kind}.")
    return Response.redirect(datasette.urls.path(f"/feed/{kind}/{key}.atom"), status=301)
