"""The lists of articles, facts, stations and outlets: a page of rows, what it can be narrowed to, and what its filters mean."""

import sqlite3
from typing import TypedDict

import numpy as np

from archive.facts import LASTING, fact_types
from archive.search import lists, named
from archive.search.columns import Data
from archive.search.engine import ResultPage, find
from archive.search.facets import Facets, facets
from archive.search.lists import Choice
from archive.search.named import Named
from archive.search.wanted import ListKind, Wanted
from archive.sql.rows import Row
from archive.text import fold

SIZE = 50  # rows of a page
_COLUMNS = 3  # numbers beside a station
_PLACES = 50  # places of a name that are listed
_MANY_QUALIFIERS = 12  # that the form offers
_GOODS = "donation_goods"  # whose qualifiers say what was given


class ListPage(TypedDict):
    """A page of a list. `places` and `outlets` are what the names asked for may mean, where that is more than one thing, and
    `named` what the filters are called (parameter -> name). `columns` are the fact types whose numbers stand beside
    stations (type -> unit). `without` says what an empty list would have without one of its filters."""

    kind: str
    found: ResultPage
    facets: Facets
    places: list[Named]
    outlets: list[Named]
    named: dict[str, str]
    qualifiers: list[str]
    columns: dict[str, str]
    without: list[Choice]


def listing(connection: sqlite3.Connection, kind: str, wanted: Wanted, after: str = "", size: int = SIZE) -> ListPage:
    """Build a page of a list.

    Args:
        connection: the published snapshot.
        kind: a ListKind.
        wanted: what is looked for.
        after: the end of the page before; empty: the first page.
        size: how many rows a page has.

    Returns:
        The page.

    Raises:
        SearchError: the list cannot be made, or takes too long.
    """
    data, kind = Data(connection), ListKind(kind)
    places = named.places(data, wanted.place) if wanted.place else []
    outlets = named.outlets(data, wanted.outlet) if wanted.outlet else []
    found = find(connection, kind, wanted, after, size)
    return {
        "kind": kind,
        "found": found,
        "facets": facets(connection, kind, wanted),
        "places": places if len(places) > 1 else [],
        "outlets": outlets if len(outlets) > 1 else [],
        "named": _names(connection, wanted, places, outlets),
        "qualifiers": data.made("offered qualifiers", lambda: _qualifiers(data)),
        "columns": columns(found.rows, wanted.type),
        "without": [] if found.rows or after else lists.without(connection, kind, wanted),
    }


def columns(found: list[Row], asked: str) -> dict[str, str]:
    """Returns the fact types of the numbers that stand beside stations, with their units: what is asked for, and the main ones
    that any has."""
    known = [one for one in LASTING if any(one in row.get("numbers", {}) for row in found)]
    return {one: fact_types()[one].unit for one in sorted(known, key=lambda one: one != asked)[:_COLUMNS]}


def _qualifiers(data: Data) -> list[str]:
    """The qualifiers that the form offers, those of both scripts once: of all facts but goods, whose qualifiers are their names."""
    of_others = np.unique(data["facts.qualifier"][data["facts.type"] != data.types.get(_GOODS, -1)])
    found = dict[str, str]()
    for one in filter(None, (data.qualifiers[number] for number in of_others)):
        found.setdefault(fold(one), one)
    return list(found.values())[:_MANY_QUALIFIERS]


def names(connection: sqlite3.Connection, wanted: Wanted) -> dict[str, str]:
    """Returns what the filters of a list are called: parameter -> name, where that is one thing."""
    data = Data(connection)
    places = named.places(data, wanted.place) if wanted.place else []
    outlets = named.outlets(data, wanted.outlet) if wanted.outlet else []
    return _names(connection, wanted, places, outlets)


def _names(connection: sqlite3.Connection, wanted: Wanted, places: list[Named], outlets: list[Named]) -> dict[str, str]:
    station = connection.execute("select name from stations where key = ?", [wanted.station]).fetchone()
    found = {"place": _name(places), "outlet": _name(outlets), "station": station[0] if station else ""}
    return {name: words for name, words in found.items() if words}


def tabs(connection: sqlite3.Connection, wanted: Wanted) -> dict[str, int | None]:
    """Returns how many rows each list has of what is looked for, and how many places have such a name; None where the words
    are too frequent to be counted. Raises SearchError."""
    counted: dict[str, int | None] = {str(kind): lists.total(connection, kind, wanted).count for kind in ListKind}
    return {**counted, "places": len(places(connection, wanted.q))}


def places(connection: sqlite3.Connection, written: str) -> list[Named]:
    """Returns the places whose names hold what is written, those with the most articles first."""
    return named.holding(Data(connection), written, _PLACES)


def suggestions(connection: sqlite3.Connection, kind: str, written: str) -> list[Named]:
    """What a reader may be typing.

    Args:
        connection: the published snapshot.
        kind: place, outlet, station or type; or several of the first three, with commas between them.
        written: what is typed so far.

    Returns:
        Ten names at most, with what each lies in and how much there is of it; none for another kind. The name of a fact
        type is its code.
    """
    data, written = Data(connection), written.strip()[:40]
    if kind == "type":
        return _types(connection, fold(written).lower())
    of_kind = {"place": named.suggested_places, "outlet": named.suggested_outlets, "station": named.suggested_stations}
    found = [of_kind[one](data, written) for one in kind.split(",")[: len(of_kind)] if one in of_kind]
    return [one for of_one in found for one in of_one[: named.SUGGESTED // len(found)]]


def _types(connection: sqlite3.Connection, part: str) -> list[Named]:
    """The fact types whose names hold what is typed, those with the most statements first."""
    counted = dict(connection.execute("select name, count from totals where name like 'statements:type:%'").fetchall())
    found = [
        Named(one.id, one.id, "", counted.get(f"statements:type:{one.id}", 0))
        for one in fact_types().values()
        if part in one.zh or part in one.en.lower()
    ]
    return sorted(found, key=lambda one: -one.count)[:10]


def _name(found: list[Named]) -> str:
    return found[0].name if len({one.name for one in found}) == 1 else ""
