"""/article/KEY, /station/KEY, /outlet/KEY and /fact/KEY: addresses that stay when the database is rebuilt, or when another version of the
reader reads the captures. What was merged answers 301, what was split 300 with its parts, what was taken down 410 with a note. The
numbers by which Datasette identifies rows (/archive/articles/1) redirect here."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from typing import Any

from datasette import NotFound, Request, Response, hookimpl
from datasette.app import Datasette
from jinja2 import Environment

from archive import labels, site
from archive.decisions import gate
from archive.decisions.records import Review
from archive.decisions.reviews import Reviews
from archive.site import citation
from archive.site.addresses import KINDS
from archive.site.fact import pending
from archive.sql.rows import Row
from server import options
from server.database import decisions, read, read_part
from server.language import gettext as _
from server.operator import decided
from server.pages import Routes, full_address, page
from server.programs import etag_of_snapshots

_PAGES: dict[str, Callable[..., Any]] = {
    "article": site.article,
    "station": site.station,
    "outlet": site.outlet,
    "fact": site.fact_page,
}
_KIND_OF_TABLE = {keyed.table: kind for kind, keyed in KINDS.items()}


@hookimpl
def register_routes() -> Routes:
    return [
        (r"^/(?P<kind>article|station|outlet|fact)/(?P<key>[0-9a-f]{24})$", permanent_page),
        (r"^/(?P<kind>article|station|outlet)/(?P<key>[0-9a-f]{24})\.json$", permanent_json),
        (r"^/archive/(?P<table>articles|stations|outlets|facts)/(?P<number>[0-9]{1,18})$", from_number),
    ]


@hookimpl
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    def address(kind: str, key: str) -> str:
        return str(datasette.urls.path(f"/{kind}/{key}"))

    def address_in(database: str, kind: str, key: str, number: int) -> str:
        """The address of a row in any part of the archive; rows of other parts have Datasette's own pages."""
        is_here = not database or database == "archive"
        return address(kind, key) if is_here else datasette.urls.row(database, KINDS[kind][0], str(number))

    env.globals |= {"address": address, "address_in": address_in, "passage": site.passage}


async def permanent_page(datasette: Datasette, request: Request) -> Response:
    kind, key = request.url_vars["kind"], request.url_vars["key"]
    destination = await read(datasette, site.lookup, kind, key)
    context = {"kind": kind, "table": KINDS[kind][0], "parts": destination.parts, "key": key, "day": destination.day}
    if destination.number is not None:
        context["page"] = await _content(datasette, request, kind, key, destination.number)
        return await page(datasette, request, f"{kind}.html", context)
    if destination.to:
        return Response.redirect(datasette.urls.path(f"/{kind}/{destination.to}"), status=301)
    if destination.parts:
        return await page(datasette, request, "split.html", context, status=300)
    if destination.taken_down:
        return await page(datasette, request, "taken_down.html", context, status=410)
    former = await read(datasette, site.former_fact, key) if kind == "fact" else None
    if former:
        return await page(datasette, request, "former_fact.html", {"page": former})
    return await _redirect_to_part(datasette, kind, key)


async def permanent_json(datasette: Datasette, request: Request) -> Response:
    kind, key = request.url_vars["kind"], request.url_vars["key"]
    destination = await read(datasette, site.lookup, kind, key)
    if destination.number is not None:
        etag = etag_of_snapshots(datasette, request)  # the row's own answer says how long it took
        address = datasette.urls.row("archive", KINDS[kind][0], str(destination.number), format="json")
        row = await datasette.client.get(f"{address}?{request.query_string}")
        media_type = row.headers["content-type"]
        return Response(row.content, status=row.status_code, headers={"etag": etag}, content_type=media_type)
    if destination.to:
        return Response.redirect(datasette.urls.path(f"/{kind}/{destination.to}.json"), status=301)
    if destination.parts:
        return Response.json(
            {"ok": False, "error": _("What this address showed has been split."), "parts": destination.parts},
            status=300,
        )
    if destination.taken_down:
        words, contact = _("This was taken down on request, and is no longer shown."), decided(datasette)["contact"]
        error = {"ok": False, "error": words, "taken_down": destination.day, "contact": contact}
        return Response.json(error, status=410)
    return await _redirect_to_part(datasette, kind, key, format="json")


async def from_number(datasette: Datasette, request: Request) -> Response:
    kind, number = _KIND_OF_TABLE[request.url_vars["table"]], int(request.url_vars["number"])
    key = await read(datasette, site.key_of_number, kind, number)
    if not key:
        raise NotFound(_("There is nothing with this number."))
    return Response.redirect(datasette.urls.path(f"/{kind}/{key}"), status=301)


async def _content(datasette: Datasette, request: Request, kind: str, key: str, number: int) -> dict[str, Any]:
    """What the page of a row shows."""
    options = _part_of_article(request) if kind == "article" else {}
    content: dict[str, Any] | None = await read(datasette, _PAGES[kind], number, **options)
    if content is None:
        raise NotFound(_("This article has no such part."))
    address = full_address(datasette, request, f"/{kind}/{key}")
    if kind == "fact":
        citations = {form: write(content["cited"], address) for form, write in citation.FORMS.items()}
        waiting = await _pending(datasette, request, content["fact"])
        return content | {"citations": citations, "address": address, "pending": waiting}
    if kind == "station":
        today = datetime.now(labels.BEIJING).date().isoformat()
        return content | {"citation": citation.of_station(content["station"], address, today)}
    return content


async def _pending(datasette: Datasette, request: Request, fact: Row) -> Review | None:
    """For editors: what was decided about a fact and is not published yet."""
    try:
        await gate.name_of(datasette, request)
    except gate.Refused:
        return None

    def find(_snapshot: sqlite3.Connection) -> Review | None:
        with closing(Reviews(decisions(datasette))) as reviews:
            return pending(reviews, fact)

    return await read(datasette, find)


def _part_of_article(request: Request) -> dict[str, Any]:
    """Which part of a long article a request wants: by its number, or by the key of a fact in it."""
    number = request.args.get("part") or "1"
    if not re.fullmatch(r"[0-9]{1,6}", number):
        raise NotFound(_("This article has no such part."))
    return {"part": int(number), "fact": request.args.get("fact") or ""}


async def _redirect_to_part(datasette: Datasette, kind: str, key: str, **form: str) -> Response:
    """Redirect to the row of another part of the archive that is served beside this one."""
    for name in options.parts():
        destination = await read_part(datasette, name, site.lookup, kind, key)
        if destination.number is not None:
            return Response.redirect(datasette.urls.row(name, KINDS[kind][0], str(destination.number), **form))
    raise NotFound(_("There is nothing at this address."))
