"""A place: what lies in it, down to its stations."""

import sqlite3

from archive.pages.shared import Row
from archive.rows import count, rows

_MOST = 200  # places or stations listed on one page; the downloads have all
STATIONS_OF_PLACE = (
    "select id, name, stations.place, articles, statements, latest from station_places join stations on stations.id = station_id"
    " where station_places.place = :key order by articles desc, name"
)
PLACES_WITHIN = "select * from places where parent = :key order by articles desc, name"


def place(connection: sqlite3.Connection, key: str) -> Row | None:
    """A place with the places above and below it, and its stations, those with the most coverage first."""
    found = rows(connection, "select * from places where key = ?", key)
    if not found:
        return None
    above: list[Row] = []
    parent = found[0]["parent"]
    while parent and len(above) < 5:
        above[:0] = rows(connection, "select * from places where key = ?", parent)
        parent = above[0]["parent"]
    return {
        "place": found[0],
        "above": above,
        "below": children(connection, key),
        "places_within": count(connection, PLACES_WITHIN, {"key": key}),
        "stations": rows(connection, f"{STATIONS_OF_PLACE} limit {_MOST}", {"key": key}),
        "stations_within": count(connection, STATIONS_OF_PLACE, {"key": key}),
    }


def children(connection: sqlite3.Connection, key: str, most: int = _MOST) -> list[Row]:
    """The places directly below one (below none: the topmost), those with the most coverage, each with a few of its own."""
    tops = rows(connection, f"{PLACES_WITHIN} limit {most}", {"key": key})
    marks = ", ".join("?" * len(tops))
    below = rows(
        connection, f"select key, parent, name, articles from places where parent in ({marks}) order by articles desc, name",
        [top["key"] for top in tops],
    )  # fmt: skip
    return [top | {"below": [row for row in below if row["parent"] == top["key"]][:9]} for top in tops]
