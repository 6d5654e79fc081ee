"""A place: what lies in it, down to its stations."""

import sqlite3
from typing import TypedDict

from archive.places.divisions import path_of
from archive.sql.rows import Row, count, rows
from archive.text import fold

_MAX_LISTED = 200  # places or stations listed on one page; the downloads have all
STATIONS_OF_PLACE = (
    "select id, key, name, stations.place, articles, statements, latest from station_places join stations on stations.id = station_id"
    " where station_places.place = :key order by articles desc, name"
)
PLACES_WITHIN = "select * from places where parent = :key order by articles desc, name"


class PlacePage(TypedDict):
    """A place. The places above it begin with the topmost; the places below it and its stations, with those that have the
    most coverage. The numbers count what is not listed, too."""

    place: Row
    above: list[Row]
    below: list[Row]
    places_within: int
    stations: list[Row]
    stations_within: int


def place(connection: sqlite3.Connection, key: str) -> PlacePage | None:
    """Returns the page of a place, None if there is no such place."""
    found = rows(connection, "select * from places where key = ?", key)
    if not found:
        return None
    return {
        "place": found[0],
        "above": _above(connection, found[0]),
        "below": children(connection, key),
        "places_within": count(connection, PLACES_WITHIN, {"key": key}),
        "stations": rows(connection, f"{STATIONS_OF_PLACE} limit {_MAX_LISTED}", {"key": key}),
        "stations_within": count(connection, STATIONS_OF_PLACE, {"key": key}),
    }


def places_formerly(connection: sqlite3.Connection, key: str) -> list[Row]:
    """The places that an address led to before the division of their stations was known, or when it was taken for another
    one: those with the names that the key holds or its code has, each with `path`, the names down to it."""
    names = [fold(name) for name in (path_of(key) if key.isdecimal() else key.split())]
    found = rows(connection, "select * from places where folded = ? order by key limit 50", names[-1]) if names else []
    paths = [[above["name"] for above in _above(connection, one)] + [one["name"]] for one in found]
    return [
        one | {"path": " ".join(path)}
        for one, path in zip(found, paths, strict=True)
        if {*names} <= (met := {fold(name) for name in path}) or met <= {*names}
    ]


def _above(connection: sqlite3.Connection, place_: Row) -> list[Row]:
    """The places above one, the topmost first."""
    above: list[Row] = []
    parent = place_["parent"]
    while parent and len(above) < 5:
        above[:0] = rows(connection, "select * from places where key = ?", parent)
        parent = above[0]["parent"]
    return above


def children(connection: sqlite3.Connection, key: str, most: int = _MAX_LISTED) -> list[Row]:
    """Returns at most `most` places directly below one (below none: the topmost), those with the most coverage first, each
    with a few of its own.
    """
    tops = rows(connection, f"{PLACES_WITHIN} limit {most}", {"key": key})
    marks = ", ".join("?" * len(tops))
    below = rows(
        connection, f"select key, parent, name, articles from places where parent in ({marks}) order by articles desc, name",
        [top["key"] for top in tops],
    )  # fmt: skip
    return [top | {"below": [row for row in below if row["parent"] == top["key"]][:9]} for top in tops]
