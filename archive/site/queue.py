"""The review queue: the next fact to look at, for one person. It may be narrowed to one thing of the archive.

Reasons are codes: those of archive/publishing/queue.py, `not_sure` for a candidate, and `reported` where a reader says that a
fact is wrong.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple, NotRequired, TypedDict

from archive.decisions.records import Decision, Review
from archive.decisions.reports import Report, Reports
from archive.decisions.reviews import Reviews
from archive.model import AddressKind
from archive.site import fact
from archive.site.addresses import KINDS, lookup
from archive.site.citation import Cited
from archive.site.fact import FactPage
from archive.site.shared import shown
from archive.sql.rows import Row, rows

_REPORTED, _CANDIDATE = (
    1000,
    50,
)  # weights: readers' reports go first; candidates behind what contradicts, changed or was damaged
_MAX_WAITING = 5000  # candidates that wait at a time
PLACE = "place"
_QUEUED = "select fact_id, evidence, weight, reasons from review_queue join facts on facts.id = fact_id"
_OF = "select id as fact_id, evidence, 0 as weight, '' as reasons from facts"
# What waits in all, and what of it belongs to a thing of a kind, with a number or a key.
_WITHIN: dict[str, str] = {
    "": f"{_QUEUED} order by position",
    AddressKind.FACT: f"{_OF} where id = :number",
    AddressKind.ARTICLE: f"{_OF} where article_id = :number and current and review = '' order by start limit 1000",
    AddressKind.STATION: f"{_OF} where station_id = :number and current and review = '' order by id desc limit 1000",
    AddressKind.OUTLET: f"{_QUEUED} join articles on articles.id = article_id where outlet_id = :number order by position",
    PLACE: f"{_QUEUED} where station_id in (select station_id from station_places where place = :key) order by position",
}
_NAME = {
    AddressKind.ARTICLE: "title",
    AddressKind.STATION: "name",
    AddressKind.OUTLET: "name",
    AddressKind.FACT: "quote",
}


class Scope(NamedTuple):
    """What of the queue is wanted: all (kind and key are empty), or what belongs to the thing of a kind with a key."""

    kind: str = ""
    key: str = ""


EVERYTHING = Scope()


class Passage(TypedDict):
    """A candidate, and the text on either side of its quote."""

    fact: Row
    before: str
    after: str


class QueuedFact(TypedDict):
    """A fact (its whole page) or a candidate (its passage) to be reviewed: why, and how many are left with it; what a person
    has decided about it since the snapshot was made, with the fact as it will be; and what readers reported."""

    fact: Row
    before: str
    after: str
    link: NotRequired[str]
    capture: NotRequired[Row]
    sources: NotRequired[list[Row]]
    cited: NotRequired[Cited]
    reasons: list[str]
    left: int
    decided: Review | None
    now: Row
    read: Row
    reports: list[Report]


def next_fact(
    connection: sqlite3.Connection,
    reviews: Reviews,
    by: str,
    candidates: sqlite3.Connection | None = None,
    *,
    reports: Reports | None = None,
    scope: Scope = EVERYTHING,
    first: str = "",
) -> QueuedFact | None:
    """Choose what a person reviews next.

    Args:
        connection: the published snapshot.
        reviews: the decisions.
        by: the name of the person.
        candidates: the candidates that were put aside when the snapshot was published, if there are any.
        reports: what readers reported.
        scope: what of the queue is wanted.
        first: the evidence of what goes first, if it waits.

    Returns:
        The fact or candidate most worth a look that nobody has decided about since a reader reported it, or at all. What this
        person skipped comes last. None if nothing is left.
    """
    decided, skipped = reviews.standing(), reviews.skipped(by)
    reported = reported_facts(connection, reports) if reports else {}
    waiting = _waiting(connection, scope, {*decided}, _since_decided(reported, decided), candidates)
    waiting.sort(key=lambda row: (row["evidence"] != first, row["evidence"] in skipped, -row["weight"]))
    for row in waiting:
        page: FactPage | Passage | None
        if candidates and "candidate" in row:
            page = candidate(candidates, row["fact_id"])
        else:
            page = fact(connection, row["fact_id"])
        if page:
            review = decided.get(row["evidence"])
            read = page["fact"] | json.loads(page["fact"].get("extracted") or "{}")
            return {
                **page,
                "reasons": row["reasons"].split(";") if row["reasons"] else [],
                "left": len(waiting),
                "decided": review,
                "now": (read | review.corrected if review.decision == Decision.CORRECT else read)
                if review
                else page["fact"],
                "read": read,
                "reports": reported.get(row["evidence"], []),
            }
    return None


def count_waiting(
    connection: sqlite3.Connection, reviews: Reviews, candidates: sqlite3.Connection | None, reports: Reports
) -> int:
    """Returns how many facts and candidates wait in all."""
    decided = reviews.standing()
    reported = _since_decided(reported_facts(connection, reports), decided)
    return len(_waiting(connection, EVERYTHING, {*decided}, reported, candidates))


def reported_facts(connection: sqlite3.Connection, reports: Reports) -> dict[str, list[Report]]:
    """Returns the open reports about facts, by the evidence of the fact that they are about now."""
    found = [report for report in reports.open() if report["kind"] == AddressKind.FACT]
    keys = json.dumps(sorted({report["key"] for report in found}))
    now = dict(
        connection.execute(
            "select value, coalesce((select successor from former_facts where key = value), value) from json_each(?)",
            [keys],
        )
    )
    by_evidence: dict[str, list[Report]] = {}
    for report in found:
        by_evidence.setdefault(now[report["key"]], []).append(report)
    return by_evidence


def name_of(connection: sqlite3.Connection, scope: Scope) -> str | None:
    """Returns the name of what a part of the queue belongs to; None if there is no such thing."""
    if scope.kind == PLACE:
        found = connection.execute("select name from places where key = ?", [scope.key]).fetchone()
    else:
        number = _number(connection, scope)
        table = KINDS[scope.kind].table
        found = connection.execute(
            f"select {_NAME[AddressKind(scope.kind)]} from {table} where id = ?", [number]
        ).fetchone()
    return str(found[0]) if found else None


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


def _since_decided(reported: Mapping[str, list[Report]], decided: Mapping[str, Review]) -> set[str]:
    """The evidence of what was reported after it was decided."""
    return {
        key
        for key, reports in reported.items()
        if key not in decided or any(report["at"] >= decided[key].at for report in reports)
    }


def _waiting(
    connection: sqlite3.Connection,
    scope: Scope,
    decided: set[str],
    reported: set[str],
    candidates: sqlite3.Connection | None,
) -> list[Row]:
    """What waits within a scope. A fact whose own page is asked for waits whatever was decided about it."""
    given = {"number": _number(connection, scope), "key": scope.key}
    found = rows(connection, _WITHIN[scope.kind], given)
    if scope.kind == AddressKind.FACT:
        return found
    here = {row["evidence"] for row in found}
    wrong = rows(
        connection,
        "select id as fact_id, evidence, ? as weight, 'reported' as reasons from facts"
        " where evidence in (select value from json_each(?))",
        [_REPORTED, json.dumps(sorted(reported & here if scope.kind else reported))],
    )
    undecided = [row for row in found if row["evidence"] not in decided | reported]
    return wrong + undecided + (_candidates(candidates, scope, given, decided) if candidates else [])


def _candidates(candidates: sqlite3.Connection, scope: Scope, given: Row, decided: set[str]) -> list[Row]:
    """The candidates that wait: all, or those of an article or a station."""
    if scope.kind not in ("", AddressKind.ARTICLE, AddressKind.STATION):
        return []
    within = f" and {scope.kind}_id = :number" if scope.kind else ""
    return rows(
        candidates,
        f"select id as fact_id, evidence, {_CANDIDATE} as weight, 'not_sure' as reasons, 1 as candidate from candidates"
        f" where evidence not in (select value from json_each(:decided)){within} order by rowid limit {_MAX_WAITING}",
        given | {"decided": json.dumps(sorted(decided))},
    )


def _number(connection: sqlite3.Connection, scope: Scope) -> int | None:
    """The number of the row that a scope is about, if it has one."""
    if scope.kind not in KINDS:
        return None
    found = lookup(connection, scope.kind, scope.key)
    return lookup(connection, scope.kind, found.to).number if found.to else found.number
