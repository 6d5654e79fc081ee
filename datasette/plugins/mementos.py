"""The captures of a page over time, for programs that speak Memento (RFC 7089): /timemap/link/URL and /timemap/json/URL list them,
/timegate/URL leads to the one nearest to Accept-Datetime, /memento/DATE/URL is its page. The page is text; what was captured can be
downloaded from it as a WARC record, and is never shown as HTML of this site."""

from datasette import Request, Response, hookimpl
from datasette.app import Datasette

from archive.site import mementos
from archive.site.mementos import Memento
from server.database import read
from server.language import gettext as _
from server.pages import Routes, full_address, page


@hookimpl
def register_routes() -> Routes:
    return [
        (r"^/timemap/(?P<format>link|json)/(?P<url>.+)$", time_map),
        (r"^/timegate/(?P<url>.+)$", time_gate),
        (r"^/memento/(?P<stamp>[0-9]{14})/(?P<url>.+)$", memento),
    ]


async def time_map(datasette: Datasette, request: Request) -> Response:
    found, site = await _found(datasette, request), _site(datasette, request)
    if not found:
        return await _none(datasette, request)
    if request.url_vars["format"] == "json":
        return Response.json(mementos.time_map(found, site))
    return Response(",\n".join(mementos.links(found, site, every=True)) + "\n", content_type="application/link-format")


async def time_gate(datasette: Datasette, request: Request) -> Response:
    found = await _found(datasette, request)
    if not found:
        return await _none(datasette, request)
    try:
        nearest = mementos.nearest(found, request.headers.get("accept-datetime", ""))
    except (ValueError, OverflowError):
        words = _("Accept-Datetime has to be a time such as %(time)s.", time=found[-1].http_date)
        return Response.text(words, status=400)
    headers = {**_links(datasette, request, found), "vary": "accept-datetime"}
    return Response.redirect(datasette.urls.path(nearest.path), status=302, headers=headers)


async def memento(datasette: Datasette, request: Request) -> Response:
    found = await _found(datasette, request)
    if not found:
        return await _none(datasette, request)
    one = mementos.at_stamp(found, request.url_vars["stamp"])
    if one is None:
        return Response.text(_("This page was not captured at this time."), status=404)
    context = {"page": await read(datasette, mementos.page, one)}
    headers = {**_links(datasette, request, found), "memento-datetime": one.http_date}
    return await page(datasette, request, "memento.html", context, headers=headers)


async def _found(datasette: Datasette, request: Request) -> list[Memento]:
    return await read(datasette, mementos.of_page, _url(request))


async def _none(datasette: Datasette, request: Request) -> Response:
    """The answer about an address without captures. (Datasette would redirect a NotFound whose path has a %.)"""
    destination = await read(datasette, mementos.of_none, _url(request))
    if destination.taken_down:
        return await page(datasette, request, "taken_down.html", {"day": destination.day}, status=410)
    return Response.text(_("No published article rests on a capture of this address."), status=404)


def _url(request: Request) -> str:
    return mementos.asked(request.url_vars["url"], request.query_string)


def _site(datasette: Datasette, request: Request) -> str:
    return full_address(datasette, request, "/").rstrip("/")


def _links(datasette: Datasette, request: Request, found: list[Memento]) -> dict[str, str]:
    return {"link": ", ".join(mementos.links(found, _site(datasette, request)))}
