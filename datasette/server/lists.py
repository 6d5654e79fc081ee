"""The pages of lists: their filters as parts of an address, and their rows from all parts of the archive that are served."""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from functools import partial
from typing import Any
from urllib.parse import urlencode

from datasette import Request
from datasette.app import Datasette

from archive.search import merging
from archive.search.engine import ResultPage, find
from archive.search.wanted import ListKind, SearchError, Sort, UnknownError, Wanted
from archive.site import listing
from server import options
from server.cache import cached
from server.database import read, read_part

ANSWER = 20  # rows of an answer of /search.json
_UNCOUNTED: dict[str, Any] = {
    "facets": None,
    "places": [],
    "outlets": [],
    "named": {},
    "qualifiers": [],
    "columns": {},
    "without": [],
}


def asked(request: Request) -> dict[str, str]:
    """The parameters of a request, each once."""
    args = request.args  # parsed at each access, which takes seconds for thousands of parameters
    return {name: args.get(name) for name in args}


def kind_of(given: Mapping[str, str]) -> ListKind:
    """What a search is for: articles, unless the address says something else. Raises SearchError."""
    kind = given.get("kind") or ListKind.ARTICLES
    if kind not in [*ListKind]:
        known = [*ListKind]
        raise SearchError(
            f"kind：须为{'、'.join(known)}之一，不能是{kind[:20]!r}。",
            f"kind: {', '.join(known[:-1])} or {known[-1]}, not {kind[:20]!r}.",
        )
    return ListKind(kind)


async def results(datasette: Datasette, kind: ListKind, wanted: Wanted, after: str, size: int = ANSWER) -> ResultPage:
    """A page of the results of all parts of the archive that are served. Raises SearchError."""
    parts = options.parts()
    if not parts:
        return await _results_of(datasette, "archive", kind, wanted, after, size)
    return await _results_of_parts(datasette, ["archive", *parts], kind, wanted, after, size)


async def list_page(datasette: Datasette, kind: ListKind, wanted: Wanted, after: str) -> dict[str, Any]:
    """What a page of a list shows. An archive in several parts is listed as one, without counts by kind. Raises SearchError."""
    if options.parts():
        found = await results(datasette, kind, wanted, after, listing.SIZE)
        return {**_UNCOUNTED, "kind": kind, "found": found, "columns": listing.columns(found.rows, wanted.type)}
    return dict(await read(datasette, listing.listing, kind, wanted, after))


async def tabs(datasette: Datasette, wanted: Wanted) -> dict[str, int | None]:
    """How much each list has of what is looked for. Raises SearchError."""
    if options.parts():
        return dict.fromkeys(ListKind)
    counted: dict[str, int | None] = await cached(
        datasette.get_database("archive"), ("tabs", wanted), partial(read, datasette, listing.tabs, wanted)
    )
    return counted


def links(path: str, wanted: Wanted, fixed: Mapping[str, str] | None = None) -> Callable[..., str]:
    """A function for templates that writes the address of a list with some parameters changed: `at(type="", sort="name")`.
    `fixed` are parameters besides those of the list. The cursor is dropped when what is listed changes."""
    parameters = wanted.parameters()

    def at(to: str = "", **changes: object) -> str:
        values = {**(fixed or {}), **parameters, **{name: str(value) for name, value in changes.items()}}
        query = urlencode({name: value for name, value in values.items() if value})
        return (to or path) + (f"?{query}" if query else "")

    return at


def filters(wanted: Wanted) -> list[str]:
    """The names of the filters that are set, in the order of the sentence: dates once."""
    unset = Wanted()
    names = [one.name for one in fields(wanted) if getattr(wanted, one.name) != getattr(unset, one.name)]
    if "since" in names and "until" in names:
        names.remove("until")
    if "min" in names and "max" in names:
        names.remove("max")
    has_dates = "since" in names or "until" in names
    return [name for name in names if name not in ("sort", "reprints") and (name != "by" or not has_dates)]


async def _results_of_parts(
    datasette: Datasette, parts: list[str], kind: ListKind, wanted: Wanted, after: str, size: int
) -> ResultPage:
    """By date. A place or an outlet need be known to one of the parts only."""
    positions, found, error = merging.positions(after), dict[str, ResultPage](), None
    for name in parts:
        position = positions.get(name, "")
        if not merging.has_ended(position):
            try:
                newest = replace(wanted, sort=Sort.DATE)
                found[name] = await _results_of(datasette, name, kind, newest, position, size)
            except UnknownError as unknown:
                error = unknown
    if error and not found:
        raise error
    return merging.merged(kind, found, positions, size)


async def _results_of(
    datasette: Datasette, part: str, kind: ListKind, wanted: Wanted, after: str, size: int
) -> ResultPage:
    def search(connection: sqlite3.Connection) -> ResultPage:
        return find(connection, kind, wanted, after, size)

    found: ResultPage = await cached(
        datasette.get_database(part), (kind, wanted, after, size), partial(read_part, datasette, part, search)
    )
    return found
