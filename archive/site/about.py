"""The page about the archive: how well it is read, and what it covers."""

import sqlite3
from typing import NamedTuple, TypedDict

from archive.facts import fact_types
from archive.facts.scores import LOCAL, PRESS, Score, Scores, scores
from archive.sql.rows import rows

FEW = 10  # facts of a type in unseen texts, below which its shares say nothing
_PLACES = 40  # with the most articles
_YEARS = 12  # the latest ones
_SHADES = 5


class TypeScore(NamedTuple):
    """How well facts of a type are read in local news and in national press; None where no such text has any."""

    type: str
    local: Score | None
    press: Score | None


class Cell(NamedTuple):
    """Articles about a place in a year. `shade` is 0 where there are none, else 1 (few) to 5 (as many as anywhere)."""

    articles: int
    shade: int


class PlaceCoverage(TypedDict):
    """A place, and its articles in each of the years."""

    key: str
    name: str
    cells: list[Cell]


class AboutPage(TypedDict):
    """Scores together and by type, those with the most facts first; coverage by place and year, and of how many places; totals;
    the years of the oldest and the newest article; how many facts people reviewed and confirmed; when anything was fetched last."""

    local: Scores
    press: Scores
    types: list[TypeScore]
    years: list[str]
    places: list[PlaceCoverage]
    places_of: int
    totals: dict[str, int]
    since: str | None
    until: str | None
    reviewed: int
    confirmed: int
    fetched: str | None


def about(connection: sqlite3.Connection) -> AboutPage:
    """Returns the page about the archive."""
    years = [str(year) for (year,) in connection.execute("select distinct year from coverage order by year")][-_YEARS:]
    since, until = connection.execute(
        "select (select published from article_dates where published != '' order by published limit 1),"
        " (select published from article_dates order by published desc limit 1)"
    ).fetchone()
    reviewed, confirmed = connection.execute(
        "select coalesce(sum(reviewed), 0), coalesce(sum(confirmed), 0) from accuracy"
    ).fetchone()
    return {
        "local": scores(LOCAL),
        "press": scores(PRESS),
        "types": _types(),
        "years": years,
        "places": _coverage(connection, years),
        "places_of": connection.execute("select count(*) from places where parent = ''").fetchone()[0],
        "totals": {
            row["name"]: row["count"] for row in rows(connection, "select * from totals where name not like '%:%'")
        },
        "since": since,
        "until": until or None,
        "reviewed": reviewed,
        "confirmed": confirmed,
        "fetched": connection.execute("select max(last_fetched_at) from outlets").fetchone()[0],
    }


def _types() -> list[TypeScore]:
    local, press = scores(LOCAL).types, scores(PRESS).types
    of_types = [TypeScore(name, local.get(name), press.get(name)) for name in fact_types()]
    return sorted(of_types, key=lambda one: -(one.local.facts if one.local else 0))


def _coverage(connection: sqlite3.Connection, years: list[str]) -> list[PlaceCoverage]:
    places = rows(
        connection, "select key, name from places where parent = '' order by articles desc, name limit ?", _PLACES
    )
    counted = {
        (row["place"], row["year"]): row["articles"]
        for row in rows(connection, "select place, year, articles from coverage")
    }
    most = max(counted.values(), default=0)
    return [
        {
            "key": place["key"],
            "name": place["name"],
            "cells": [_cell(counted.get((place["key"], year), 0), most) for year in years],
        }
        for place in places
    ]


def _cell(articles: int, most: int) -> Cell:
    """Each shade stands for half as many as the next."""
    if not articles:
        return Cell(0, 0)
    halvings = (most // articles).bit_length() - 1
    return Cell(articles, max(1, _SHADES - halvings))
