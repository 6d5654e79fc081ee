"""/article/KEY, /station/KEY, /outlet/KEY and /fact/KEY: addresses that stay when the database is rebuilt, or read by
another reader. What was merged answers 301, what was split 300 with its parts, what was taken down 410 with a note. The
numbers that Datasette knows rows by (/archive/articles/1) redirect here."""

import os
import re

from datasette import NotFound, Response, hookimpl

from archive import site
from archive.site import citation
from archive.site.addresses import KINDS

_PAGES = {"article": site.article, "station": site.station, "outlet": site.outlet, "fact": site.fact}
_OF_TABLE = {table: kind for kind, (table, _) in KINDS.items()}
_TAKEN_DOWN = "This was taken down on request; nothing of it is shown. 应要求撤下，不再显示。"
_NO_PART = "This article has no such part. 本文没有这一部分。"
_SPLIT = "What this address showed is now several. 这个地址原来所指的，现已分开。"


@hookimpl
def register_routes():
    return [
        (r"^/(?P<kind>article|station|outlet|fact)/(?P<key>[0-9a-f]{24})$", page),
        (r"^/(?P<kind>article|station|outlet)/(?P<key>[0-9a-f]{24})\.json$", as_json),
        (r"^/archive/(?P<table>articles|stations|outlets|facts)/(?P<number>[0-9]{1,18})$", by_number),
    ]


@hookimpl
def prepare_jinja2_environment(env, datasette):
    def address(kind, key):
        return datasette.urls.path(f"/{kind}/{key}")

    def address_in(database, kind, key, number):
        """Of a row in any part of the archive; those of other parts are Datasette's own pages."""
        here = not database or database == "archive"
        return address(kind, key) if here else datasette.urls.row(database, KINDS[kind][0], str(number))

    env.globals |= {"address": address, "address_in": address_in, "passage": site.passage}


async def page(datasette, request):
    kind, key = request.url_vars["kind"], request.url_vars["key"]
    database = datasette.get_database("archive")
    destination = await database.execute_fn(lambda c: site.lookup(c, kind, key))
    shown = {"kind": kind, "table": KINDS[kind][0], "parts": destination.parts, "key": key}
    if destination.number is not None:
        asked = _part(request.args) if kind == "article" else {}
        shown["page"] = await database.execute_fn(lambda c: _PAGES[kind](c, destination.number, **asked))
        if shown["page"] is None:
            raise NotFound(_NO_PART)
        if kind == "fact":
            address = datasette.absolute_url(request, datasette.urls.path(f"/fact/{key}"))
            shown["page"]["citation"] = citation.plain(shown["page"]["cited"], address)
        return Response.html(await datasette.render_template(f"{kind}.html", shown, request=request))
    if destination.to:
        return Response.redirect(datasette.urls.path(f"/{kind}/{destination.to}"), status=301)
    if destination.parts:
        return Response.html(await datasette.render_template("split.html", shown, request=request), status=300)
    if destination.taken_down:
        return Response.html(await datasette.render_template("taken_down.html", shown, request=request), status=410)
    former = await database.execute_fn(lambda c: site.former_fact(c, key)) if kind == "fact" else None
    if former:
        return Response.html(await datasette.render_template("former_fact.html", {"page": former}, request=request))
    return await _in_another_part(datasette, kind, key)


def _part(args):
    """Which part of a long article the request asks for: by its number, or by the key of a fact in it."""
    number = args.get("part") or "1"
    if not re.fullmatch(r"[0-9]{1,6}", number):
        raise NotFound(_NO_PART)
    return {"part": int(number), "fact": args.get("fact") or ""}


async def as_json(datasette, request):
    kind, key = request.url_vars["kind"], request.url_vars["key"]
    destination = await datasette.get_database("archive").execute_fn(lambda c: site.lookup(c, kind, key))
    if destination.number is not None:
        address = datasette.urls.row("archive", KINDS[kind][0], str(destination.number), format="json")
        found = await datasette.client.get(f"{address}?{request.query_string}")
        return Response(found.content, status=found.status_code, content_type=found.headers["content-type"])
    if destination.to:
        return Response.redirect(datasette.urls.path(f"/{kind}/{destination.to}.json"), status=301)
    if destination.parts:
        return Response.json({"ok": False, "error": _SPLIT, "parts": destination.parts}, status=300)
    if destination.taken_down:
        return Response.json({"ok": False, "error": _TAKEN_DOWN}, status=410)
    return await _in_another_part(datasette, kind, key, format="json")


async def by_number(datasette, request):
    kind, number = _OF_TABLE[request.url_vars["table"]], int(request.url_vars["number"])
    key = await datasette.get_database("archive").execute_fn(lambda c: site.key_of_number(c, kind, number))
    if not key:
        raise NotFound(f"There is no {kind} {number}. 没有这个编号。")
    return Response.redirect(datasette.urls.path(f"/{kind}/{key}"), status=301)


async def _in_another_part(datasette, kind, key, **form):
    """Redirect to the row of another part of the archive that is served beside this one."""
    for name in os.environ.get("DANGQUN_PARTS", "").split():
        destination = await datasette.get_database(name).execute_fn(lambda c: site.lookup(c, kind, key))
        if destination.number is not None:
            return Response.redirect(datasette.urls.row(name, KINDS[kind][0], str(destination.number), **form))
    raise NotFound(f"There is no such {kind}: {key}. 没有这个地址。")
