"""/search, /articles, /facts, /stations and /outlets: lists by words and filters, as pages and as JSON; /suggest.json: names
while somebody types."""

from dataclasses import asdict, replace
from typing import Any
from urllib.parse import urlencode

from datasette import Request, Response, hookimpl
from datasette.app import Datasette

from archive.facts import fact_types
from archive.labels import type_label
from archive.search.engine import ResultPage
from archive.search.fts import only_without
from archive.search.wanted import ListKind, SearchError, Wanted
from archive.site import listing
from server import lists
from server.answers import ListPage, Refusal, Rows
from server.cache import cached
from server.database import read
from server.pages import Routes, full_address, page

_KINDS = "articles|facts|stations|outlets"
_PAGING = ("size", "_size", "limit", "page")  # what other services call it


@hookimpl
def register_routes() -> Routes:
    return [
        (r"^/search$", search_page),
        (r"^/search\.json$", search_json),
        (rf"^/(?P<kind>{_KINDS})$", list_page),
        (rf"^/(?P<kind>{_KINDS})\.json$", list_json),
        (r"^/suggest\.json$", suggest_json),
    ]


async def list_page(datasette: Datasette, request: Request) -> Response:
    kind = ListKind(request.url_vars["kind"])
    return await _page(datasette, request, lists.asked(request), kind, f"/{kind}", {})


async def search_page(datasette: Datasette, request: Request) -> Response:
    given = lists.asked(request)
    if given.get("kind") == "places":
        return await _places(datasette, request, given)
    try:
        kind = lists.kind_of(given)
    except SearchError as error:
        context = _context(datasette, Wanted(), ListKind.ARTICLES, "/search", {})
        return await page(datasette, request, "list.html", context | {"error": str(error)}, status=400)
    return await _page(datasette, request, given, kind, "/search", {"kind": kind})


async def _page(
    datasette: Datasette, request: Request, given: dict[str, str], kind: ListKind, path: str, fixed: dict[str, str]
) -> Response:
    """A list. What cannot be listed leaves the form as it was filled in."""
    context = _context(datasette, Wanted(), kind, path, fixed) | {"given": given}
    try:
        wanted = Wanted.of(given)
        context |= _context(datasette, wanted, kind, path, fixed)
        if not all(given.values()):  # a form sends its empty fields, too
            return Response.redirect(context["at"](after=given.get("after") or ""))
        context["page"] = await lists.list_page(datasette, kind, wanted, given.get("after") or "")
        if fixed:
            context["tabs"] = await lists.tabs(datasette, wanted)
    except SearchError as error:
        return await page(datasette, request, "list.html", context | {"error": str(error)}, status=400)
    return await page(datasette, request, "list.html", context)


async def _places(datasette: Datasette, request: Request, given: dict[str, str]) -> Response:
    """The places of a name: a tab of the search."""
    wanted = Wanted(q=(given.get("q") or "").strip()[:200])
    context = _context(datasette, wanted, ListKind.ARTICLES, "/search", {"kind": "places"}) | {"given": given}
    context["tabs"] = await lists.tabs(datasette, wanted)
    context["found_places"] = await read(datasette, listing.places, wanted.q)
    return await page(datasette, request, "list.html", context)


def _context(datasette: Datasette, wanted: Wanted, kind: ListKind, path: str, fixed: dict[str, str]) -> dict[str, Any]:
    return {
        "kind": kind,
        "wanted": wanted,
        "fixed": fixed,
        "given": wanted.parameters(),
        "filters": lists.filters(wanted),
        "only_without": only_without(wanted.q),
        "at": lists.links(datasette.urls.path(path), wanted, fixed),
        "sorts": wanted.sorts(kind),
        "order": wanted.order(kind),
        "types": list(fact_types()),
        "page": None,
        "tabs": {},
        "found_places": None,
        "error": "",
    }


async def search_json(datasette: Datasette, request: Request) -> Response:
    given = lists.asked(request)
    try:
        _refuse_paging(given)
        kind = lists.kind_of(given)
        wanted = Wanted.of(given)
        # Of articles, this answer has always had the reprints, too.
        shown = replace(wanted, reprints=wanted.reprints or kind == ListKind.ARTICLES)
        found = await lists.results(datasette, kind, shown, given.get("after") or "")
    except SearchError as error:
        return _refused(error)
    return _answer(datasette, request, kind, found, "/search.json", {"kind": kind, **wanted.parameters()})


async def list_json(datasette: Datasette, request: Request) -> Response:
    kind, given = ListKind(request.url_vars["kind"]), lists.asked(request)
    try:
        _refuse_paging(given)
        wanted = Wanted.of(given)
        found = await lists.results(datasette, kind, wanted, given.get("after") or "", listing.SIZE)
    except SearchError as error:
        return _refused(error)
    return _answer(datasette, request, kind, found, f"/{kind}.json", wanted.parameters())


def _refuse_paging(given: dict[str, str]) -> None:
    """Raise SearchError if a page is asked for in a way that this site does not have."""
    for name in _PAGING:
        if name in given:
            raise SearchError(
                f"{name}：没有这个参数。翻页用after（见next_url），要全部行请下载.csv。",
                f"{name}: there is no such parameter. Go on with `after` (see next_url), or take all rows as .csv.",
            )


def _refused(error: SearchError) -> Response:
    return Response.json(Refusal(ok=False, error=str(error)), status=400)


def _answer(
    datasette: Datasette, request: Request, kind: ListKind, found: ResultPage, path: str, parameters: dict[str, str]
) -> Response:
    following = urlencode({**parameters, "after": found.next})
    next_url = full_address(datasette, request, f"{path}?{following}") if found.next else None
    return Response.json(
        ListPage(
            ok=True, kind=kind, total=found.total, folded=found.folded, sort=found.sort, rows=found.rows, next_url=next_url
        )
    )  # fmt: skip


async def suggest_json(datasette: Datasette, request: Request) -> Response:
    kind, written = request.args.get("kind") or "", (request.args.get("q") or "")[:40]
    found = await cached(
        datasette.get_database("archive"),
        ("suggest", kind, written),
        lambda: read(datasette, listing.suggestions, kind, written),
    )
    rows = [asdict(one) | ({"name": type_label(one.key)} if kind == "type" else {}) for one in found]
    return Response.json(Rows(ok=True, rows=rows))
