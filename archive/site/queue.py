"""The review queue: the next fact to look at, or the next two stations, for one person."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NotRequired, TypedDict

from archive.decisions.reviews import Reviews
from archive.site import fact
from archive.site.citation import Cited
from archive.site.fact import FactPage
from archive.site.shared import shown
from archive.sql.rows import Row, rows

_CANDIDATE = 50  # its weight among the facts of the queue: what contradicts, changed or was damaged goes before
_NOT_SURE = "程序没有把握，确认后才会发表 not sure enough to be published before somebody confirms it"


class Passage(TypedDict):
    """A candidate, and the text on either side of its quote."""

    fact: Row
    before: str
    after: str


class QueuedFact(TypedDict):
    """A fact (its whole page) or a candidate (its passage) to be reviewed: why, and how many are left with it."""

    fact: Row
    before: str
    after: str
    link: NotRequired[str]
    capture: NotRequired[Row]
    sources: NotRequired[list[Row]]
    cited: NotRequired[Cited]
    reasons: str
    left: int


class QueuedPair(TypedDict):
    """Two stations that may be one, the key of the pair, and how many pairs are left with it."""

    stations: list[Row | None]
    key: str
    left: int


def next_fact(
    connection: sqlite3.Connection, reviews: Reviews, by: str, candidates: sqlite3.Connection | None = None
) -> QueuedFact | None:
    """Choose what a person reviews next.

    Args:
        connection: the published snapshot.
        reviews: the decisions.
        by: the name of the person.
        candidates: the candidates that were put aside when the snapshot was published, if there are any.

    Returns:
        The fact or candidate most worth a look that nobody has decided about. What this person skipped comes last. None if
        nothing is left.
    """
    decided, skipped = set(reviews.standing()), reviews.skipped(by)
    waiting = rows(
        connection,
        "select fact_id, evidence, weight, reasons from review_queue join facts on facts.id = fact_id order by position",
    )
    if candidates:
        waiting += rows(
            candidates,
            f"select id as fact_id, evidence, {_CANDIDATE} as weight, ? as reasons, 1 as candidate from candidates"
            " order by rowid",
            [_NOT_SURE],
        )
    waiting = [row for row in waiting if row["evidence"] not in decided]
    waiting.sort(key=lambda row: (row["evidence"] in skipped, -row["weight"]))
    for row in waiting:
        page: FactPage | Passage | None
        if candidates and "candidate" in row:
            page = candidate(candidates, row["fact_id"])
        else:
            page = fact(connection, row["fact_id"])
        if page:
            return {**page, "reasons": row["reasons"], "left": len(waiting)}
    return None


def candidate(candidates: sqlite3.Connection, number: int) -> Passage | None:
    """Returns what the review page shows of a candidate, None if there is no such candidate."""
    found = rows(candidates, "select * from candidates where id = ?", number)
    return {"fact": shown(found[0]), "before": found[0]["before"], "after": found[0]["after"]} if found else None


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection | None]:
    """The candidates that were put aside when a snapshot was published; None where there are none."""
    if not path.exists():
        yield None
        return
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        yield connection


def next_pair(connection: sqlite3.Connection, reviews: Reviews, by: str) -> QueuedPair | None:
    """Returns two stations with names that end alike, about which nobody has decided. What this person skipped comes last.
    Returns None if nothing is left."""
    decisions = reviews.station_decisions()
    decided, skipped = decisions.same | decisions.different, reviews.skipped(by)
    pairs = rows(connection, "select one, other from station_pairs")
    waiting = []
    for pair in pairs:
        keys = (name_key(connection, pair["one"]), name_key(connection, pair["other"]))
        if tuple(sorted(keys)) not in decided:
            waiting.append(pair | {"key": "|".join(sorted(keys))})
    waiting.sort(key=lambda pair: pair["key"] in skipped)
    if not waiting:
        return None
    pair = waiting[0]
    return {
        "stations": [station_of(connection, pair[side]) for side in ("one", "other")],
        "key": pair["key"],
        "left": len(waiting),
    }


def station_of(connection: sqlite3.Connection, number: int) -> Row | None:
    """A station with its names and its newest facts, to decide about."""
    found = rows(connection, "select * from stations where id = ?", number)
    if not found:
        return None
    names = rows(
        connection, "select id, name, place, division from station_names where station_id = ? order by key", number
    )
    facts = rows(
        connection,
        "select facts.id, quote, title, article_id, articles.key as article_key, as_of, reported_on from facts join articles on articles.id = article_id"
        " where station_id = ? and current order by coalesce(as_of, reported_on) desc limit 6",
        number,
    )
    return found[0] | {"names": names, "facts": facts}


def name_key(connection: sqlite3.Connection, station: int) -> str:
    """The key of a station's first name, which stands for the station in a decision."""
    row = connection.execute("select min(key) from station_names where station_id = ?", [station]).fetchone()
    return str(row[0] or "")
