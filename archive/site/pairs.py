"""Two stations that may be one: the pairs that wait for a decision, the search for a second station, and what a merger changes."""

import sqlite3
from typing import TypedDict

from archive.decisions.reviews import Reviews
from archive.model import AddressKind
from archive.site.addresses import lookup
from archive.sql.rows import Row, rows
from archive.stations import names

_MAX_FOUND = 30
_MAX_STATEMENTS = 500  # statements of a station that are looked through for the latest of each type
_MAX_ARTICLES = 6


class History(TypedDict):
    """A station to decide about: its row and names, the latest number of each type, its articles (the newest ones)."""

    station: Row
    names: list[Row]
    latest: list[Row]
    articles: list[Row]


class Pair(TypedDict):
    """Two stations that may be one: that whose address stays, and that whose address leads there once they are merged, with as
    many facts as that has. `differs`: the places that texts name with them differ."""

    stays: History
    goes: History
    differs: bool


class Choice(TypedDict):
    """A station, the stations that it may be one with (those that were searched for, else those with similar names or in the same place), and
    the pair with the one that was chosen."""

    station: History | None
    found: list[Row]
    pair: Pair | None


class QueuedPair(TypedDict):
    """A pair that waits, the key of the pair, and how many wait with it."""

    pair: Pair
    key: str
    left: int


def next_pair(connection: sqlite3.Connection, reviews: Reviews, by: str) -> QueuedPair | None:
    """Returns two stations with names that end alike, about which nobody has decided. What this person skipped comes last.
    Returns None if nothing is left."""
    skipped = reviews.skipped(by)
    waiting = _waiting(connection, reviews)
    waiting.sort(key=lambda one: one["key"] in skipped)
    for one in waiting:
        histories = [history(connection, one[side]) for side in ("one", "other")]
        if histories[0] and histories[1]:
            return {
                "pair": pair(connection, histories[0], histories[1]),
                "key": one["key"],
                "left": len(waiting),
            }
    return None


def count_pairs(connection: sqlite3.Connection, reviews: Reviews) -> int:
    """Returns how many pairs wait."""
    return len(_waiting(connection, reviews))


def choice(connection: sqlite3.Connection, key: str, other: str, words: str) -> Choice:
    """Choose a station to merge another one with.

    Args:
        connection: the published snapshot.
        key: the key of the station.
        other: the key of the other station, or empty.
        words: words of its name or place, or empty.

    Returns:
        What the page shows.
    """
    station, chosen = history_of_key(connection, key), history_of_key(connection, other) if other else None
    if station is None:
        return {"station": None, "found": [], "pair": None}
    number = station["station"]["id"]
    is_other = chosen is not None and chosen["station"]["id"] != number
    return {
        "station": station,
        "found": found(connection, words, number) if words else alike(connection, number),
        "pair": pair(connection, station, chosen) if chosen and is_other else None,
    }


def history_of_key(connection: sqlite3.Connection, key: str) -> History | None:
    """Returns the station with a key, None if there is none."""
    found = lookup(connection, AddressKind.STATION, key)
    number = lookup(connection, AddressKind.STATION, found.to).number if found.to else found.number
    return history(connection, number) if number is not None else None


def history(connection: sqlite3.Connection, number: int) -> History | None:
    """Returns a station to decide about, None if there is none with this number."""
    found = rows(connection, "select * from stations where id = ?", number)
    if not found:
        return None
    named = "select id, name, place, division from station_names where station_id = ? order by key"
    return {
        "station": found[0],
        "names": rows(connection, named, number),
        "latest": _latest(connection, number),
        "articles": rows(
            connection,
            "select key, title, published from articles where id in (select article_id from fact_dates where station_id = ?)"
            f" order by published desc, id desc limit {_MAX_ARTICLES}",
            number,
        ),
    }


def pair(connection: sqlite3.Connection, one: History, other: History) -> Pair:
    """Returns two stations with what merging them changes."""
    stays = _oldest(connection, one["station"]["id"], other["station"]["id"])
    one, other = (other, one) if stays == other["station"]["id"] else (one, other)
    places = [{name["place"] for name in each["names"] if name["place"]} for each in (one, other)]
    return {"stays": one, "goes": other, "differs": bool(places[0] and places[1] and not places[0] & places[1])}


def alike(connection: sqlite3.Connection, number: int) -> list[Row]:
    """Returns the stations whose names end as those of this one do, then those in the same place; of each those with the most
    articles first."""
    return rows(
        connection,
        "select stations.*, stations.id in (select case one when :id then other else one end from station_pairs"
        " where :id in (one, other)) as is_alike from stations where id != :id"
        " and (is_alike or place = (select nullif(place, '') from stations where id = :id))"
        f" order by is_alike desc, articles desc, name limit {_MAX_FOUND}",
        {"id": number},
    )


def found(connection: sqlite3.Connection, words: str, besides: int) -> list[Row]:
    """Returns the stations that have words in one of their names or in its places, in any script, those with the most articles
    first; but for the one with the number `besides`."""
    given = [word for word in map(names.normal, words[:100].split()) if word]
    if not given:
        return []
    matches = " and ".join("instr(key, ?)" for _ in given)
    return rows(
        connection,
        f"select * from stations where id in (select station_id from station_names where {matches}) and id != ?"
        f" order by articles desc, name limit {_MAX_FOUND}",
        [*given, besides],
    )


def name_key(connection: sqlite3.Connection, station: int) -> str:
    """The key of a station's first name, which stands for the station in a decision."""
    row = connection.execute("select min(key) from station_names where station_id = ?", [station]).fetchone()
    return str(row[0] or "")


def _waiting(connection: sqlite3.Connection, reviews: Reviews) -> list[Row]:
    """The pairs about which nobody has decided, each with its key."""
    decisions = reviews.station_decisions()
    decided = decisions.same | decisions.different
    first = dict(
        connection.execute(
            "select station_id, min(key) from station_names where station_id in (select one from station_pairs union select other"
            " from station_pairs) group by station_id"
        ).fetchall()
    )
    waiting = []
    for one in rows(connection, "select one, other from station_pairs"):
        keys = tuple(sorted((first.get(one["one"], ""), first.get(one["other"], ""))))
        if keys not in decided:
            waiting.append(one | {"key": "|".join(keys)})
    return waiting


def _latest(connection: sqlite3.Connection, number: int) -> list[Row]:
    """The latest statement of each type with a number, in the order of the types."""
    stated = rows(
        connection,
        "select statements.*, '' as measure, facts.evidence from statements join facts on facts.id = fact_id"
        " join fact_types on fact_types.id = statements.type where statements.station_id = ? and statements.value is not null"
        " order by fact_types.position, coalesce(statements.as_of, statements.reported_on) desc, fact_id desc"
        f" limit {_MAX_STATEMENTS}",
        number,
    )
    latest: dict[str, Row] = {}
    for row in stated:
        latest.setdefault(row["type"], row)
    return list(latest.values())


def _oldest(connection: sqlite3.Connection, one: int, other: int) -> int:
    """Which of two stations has the earliest name, which names both once they are merged (archive/publishing/keys.py)."""
    row = connection.execute(
        "select station_names.station_id from station_names join facts on station_name_id = station_names.id"
        " where station_names.station_id in (?, ?) group by station_names.id"
        " order by coalesce(min(reported_on), '9'), station_names.key limit 1",
        [one, other],
    ).fetchone()
    return int(row[0]) if row else one
