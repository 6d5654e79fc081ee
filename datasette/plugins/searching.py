"""/search, and /search.json: articles and facts by words and filters, in all parts of the archive that are served."""

import os
from dataclasses import replace
from urllib.parse import urlencode

from datasette import Response, hookimpl

from archive.facts import fact_types
from archive.search import engine, merging
from archive.search.engine import SearchError, UnknownError, Wanted
from archive.site.answer_cache import cached


@hookimpl
def register_routes():
    return [(r"^/search$", page), (r"^/search\.json$", data)]


async def page(datasette, request):
    kind = request.args.get("kind") or "articles"
    shown = {"kind": kind, "wanted": request.args, "types": fact_types().values(), "found": None, "error": ""}
    try:
        wanted, shown["found"] = await _found(datasette, kind, request.args)
        shown["parameters"] = wanted.parameters()
    except SearchError as error:
        shown["error"], shown["parameters"] = str(error), {}
    html = await datasette.render_template("search.html", shown, request=request)
    return Response.html(html, status=400 if shown["error"] else 200)


async def data(datasette, request):
    try:
        kind = request.args.get("kind") or "articles"
        wanted, found = await _found(datasette, kind, request.args)
    except SearchError as error:
        return Response.json({"ok": False, "error": str(error)}, status=400)
    following = datasette.absolute_url(request, _address(datasette, kind, wanted, found.next)) if found.next else None
    return Response.json(
        {"ok": True, "kind": kind, "total": found.total, "sort": found.sort, "rows": found.rows, "next_url": following}
    )


async def _found(datasette, kind, args):
    if kind not in engine.KINDS:
        raise SearchError(f"kind: {' or '.join(engine.KINDS)}, not {kind[:20]!r}.")
    wanted = Wanted.of({name: args.get(name) for name in args})
    after, parts = args.get("after") or "", os.environ.get("DANGQUN_PARTS", "").split()
    if not parts:
        return wanted, await _in(datasette.get_database("archive"), kind, wanted, after)
    positions, pages, error = merging.positions(after), {}, None
    for name in ("archive", *parts):
        if not merging.has_ended(positions.get(name, "")):
            try:
                pages[name] = await _in(
                    datasette.get_database(name), kind, replace(wanted, sort="date"), positions.get(name, "")
                )
            except UnknownError as refused:  # only other parts have it
                error = refused
    if error and not pages:
        raise error
    return wanted, merging.merged(kind, pages, positions, engine.SIZE)


async def _in(database, kind, wanted, after):
    """A page of results of one snapshot."""
    return await cached(
        database, (kind, wanted, after), lambda: database.execute_fn(lambda c: engine.find(c, kind, wanted, after))
    )


def _address(datasette, kind, wanted, after):
    return datasette.urls.path("/search.json?" + urlencode({"kind": kind, **wanted.parameters(), "after": after}))
