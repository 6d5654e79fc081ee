"""/search, and /search.json: articles and facts by words and filters, in all parts of the archive that are served."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from datasette import Request, Response, hookimpl
from datasette.app import Datasette

from archive.facts import fact_types
from archive.search import engine, merging
from archive.search.engine import ResultPage, SearchError, SearchKind, Sort, UnknownError, Wanted
from server import options
from server.cache import cached
from server.database import read_part
from server.pages import Routes, full_address, page


@hookimpl
def register_routes() -> Routes:
    return [(r"^/search$", search_page), (r"^/search\.json$", search_json)]


async def search_page(datasette: Datasette, request: Request) -> Response:
    kind = request.args.get("kind") or "articles"
    context: dict[str, Any] = {"kind": kind, "wanted": request.args, "types": fact_types().values()}
    context |= {"parameters": {}, "found": None, "error": ""}
    try:
        wanted, context["found"] = await _search(datasette, request, kind)
        context["parameters"] = wanted.parameters()
    except SearchError as error:
        context["error"] = str(error)
    return await page(datasette, request, "search.html", context, status=400 if context["error"] else 200)


async def search_json(datasette: Datasette, request: Request) -> Response:
    kind = request.args.get("kind") or "articles"
    try:
        wanted, found = await _search(datasette, request, kind)
    except SearchError as error:
        return Response.json({"ok": False, "error": str(error)}, status=400)
    next_page = urlencode({"kind": kind, **wanted.parameters(), "after": found.next})
    next_url = full_address(datasette, request, f"/search.json?{next_page}") if found.next else None
    return Response.json(
        {"ok": True, "kind": kind, "total": found.total, "sort": found.sort, "rows": found.rows, "next_url": next_url}
    )


async def _search(datasette: Datasette, request: Request, kind: str) -> tuple[Wanted, ResultPage]:
    """What a request looks for, and a page of its results. Raises SearchError."""
    if kind not in [*SearchKind]:
        raise SearchError(f"kind: {' or '.join(SearchKind)}, not {kind[:20]!r}.")
    args = request.args  # parsed at each access, which takes seconds for thousands of parameters
    wanted = Wanted.of({name: args.get(name) for name in args})
    after, parts = args.get("after") or "", options.parts()
    if not parts:
        return wanted, await _search_part(datasette, "archive", kind, wanted, after)
    return wanted, await _search_parts(datasette, ["archive", *parts], kind, wanted, after)


async def _search_parts(datasette: Datasette, parts: list[str], kind: str, wanted: Wanted, after: str) -> ResultPage:
    """A page of the results of several parts, by date. A place or an outlet need be known to one of them only."""
    positions, found, error = merging.positions(after), {}, None
    for name in parts:
        position = positions.get(name, "")
        if not merging.has_ended(position):
            try:
                found[name] = await _search_part(datasette, name, kind, replace(wanted, sort=Sort.DATE), position)
            except UnknownError as unknown:
                error = unknown
    if error and not found:
        raise error
    return merging.merged(kind, found, positions, engine.SIZE)


async def _search_part(datasette: Datasette, part: str, kind: str, wanted: Wanted, after: str) -> ResultPage:
    found: ResultPage = await cached(
        datasette.get_database(part),
        (kind, wanted, after),
        lambda: read_part(datasette, part, engine.find, kind, wanted, after),
    )
    return found
