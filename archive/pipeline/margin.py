"""What another machine may have decided otherwise: the recorded decision stands where a probability is close to a threshold.

Probabilities differ a little from one processor or runtime to the next. Where one is within `MARGIN` of a threshold, and of
what is recorded, both decisions are right; `verify` keeps the recorded one, and lists it.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from archive.facts import Statements, calibration
from archive.model import Fact, FactStatus
from archive.pipeline.deriving import Derived
from archive.stations import names
from archive.stations.evidence import Statement

MARGIN = 15  # thousandths
_STATUSES = (
    FactStatus.NOT_STORED,
    FactStatus.CANDIDATE,
    FactStatus.PUBLISHED,
)  # one is reached from that before it at a threshold
MentionKey = tuple[str, int, int, float | None]  # type, start, end, value


@dataclass(frozen=True)
class Recorded:
    """What an archive has of one fact in one version of an article. `row` is whether its row is of this version; the
    row of a later one has probabilities of its own."""

    row: bool
    status: FactStatus
    probability: int | None
    subject_probability: int | None
    attached: bool


Record = Mapping[MentionKey, Recorded]


def recorded(connection: sqlite3.Connection, url: str) -> dict[int, Record]:
    """What an archive has of the facts of an address, by the capture that each version is read from."""
    versions = dict(
        connection.execute(
            "select number, revisions.capture_id from revisions join articles on articles.id = article_id where url = ?",
            [url],
        ).fetchall()
    )
    rows = connection.execute(
        "select mentions.revision, mentions.revision = facts.revision, 'published', type, mentions.start, mentions.\"end\", value,"
        " probability, subject_probability, station_name_id is not null from fact_mentions mentions"
        " join facts on facts.id = fact_id join articles on articles.id = article_id where url = ?1"
        " union all select json_extract(mention.value, '$[0]'), json_extract(mention.value, '$[0]') = c.revision, 'candidate',"
        " c.type, json_extract(mention.value, '$[1]'), json_extract(mention.value, '$[2]'), c.value, probability,"
        " subject_probability, station_name_id is not null from candidates c"
        " join articles on articles.id = article_id join json_each(c.mentions) mention where url = ?1",
        [url],
    )
    found: dict[int, dict[MentionKey, Recorded]] = {capture: {} for capture in versions.values()}
    for version, row, status, type_, start, end, value, sure, subject, attached in rows:
        if version in versions:
            known = Recorded(bool(row), FactStatus(status), sure, subject, bool(attached))
            found[versions[version]][(type_, start, end, value)] = known
    return dict(found)


def settled(derived: Derived, record: Record | None, report: Callable[[str], None]) -> Derived:
    """What a capture says, with the recorded decisions where these are as good. `derived` has the facts just below the
    threshold of candidates, and later mentions of the same, too (`facts.extract_with_stations` with a margin); those that stay there
    are left out. `record` is None where the archive has no version from this capture. `report` is called with each decision
    that was kept."""
    return replace(derived, facts=tuple(_all_settled(derived, record, report)))


def _all_settled(derived: Derived, record: Record | None, report: Callable[[str], None]) -> Iterator[Fact]:
    """The facts that stand. Of mentions that say the same with one status, the first stands; what status one had on the
    machine that recorded it is not certain where a threshold is close."""
    served = names.served(derived.facts, derived.stations)
    surely, possibly = Statements(), Statements()
    kept: set[object] = (
        set()
    )  # of two identical statements, one is kept whatever the status (archive/pipeline/ingest.py)
    for fact in derived.facts:
        known = (record or {}).get((fact.type, fact.start, fact.end, fact.value))
        is_certain = record is None or fact.probability is None
        if known and known.row and not is_certain:
            ways = [_settled(fact, known, fact.subject in served, report)]
        else:
            ways = [fact] if is_certain else _ways(fact)
        stated = [way for way in ways if way.status]
        is_recorded = is_certain or known is not None
        words = Statement.of(vars(fact)).words()
        if words not in kept and not (
            all(map(surely.contains, stated)) if is_recorded else _may_be_missing(ways, possibly, report)
        ):
            kept.add(words)
            yield stated[0]
        for way in stated:
            possibly.add(way)
        if len(ways) == 1:
            for way in stated:
                surely.add(way)


def _ways(fact: Fact) -> list[Fact]:
    """A fact as it came out here, and with the status that it may have elsewhere."""
    others = [replace(fact, status=one) for one in _STATUSES if one != fact.status]
    return [fact, *(other for other in others if _is_within_reach(fact, other.status, fact.probability))]


def _may_be_missing(ways: list[Fact], earlier: Statements, report: Callable[[str], None]) -> bool:
    """Whether a fact need not be recorded: it may be too unsure, or as sure as an earlier mention of the same."""
    missing = next((way for way in ways if not way.status or earlier.contains(way)), None)
    if missing is not None and missing.status != ways[0].status:
        _report(ways[0], FactStatus.NOT_STORED, ways[0].probability, _crossed(ways[0], missing.status)[0], report)
    return missing is not None


def _settled(fact: Fact, known: Recorded, served: bool, report: Callable[[str], None]) -> Fact:
    """A fact as its row has it, as far as the margin goes."""
    if _is_close(fact.probability, known.probability):
        fact = _with_status(replace(fact, probability=known.probability), known.status, report, fact.probability)
    if _is_close(fact.subject_probability, known.subject_probability):
        fact = _with_subject(fact, known, served, report)
    return fact


def _with_status(fact: Fact, status: FactStatus, report: Callable[[str], None], found: int | None) -> Fact:
    """The fact with the recorded status, where that is within reach of the probability found."""
    crossed = _crossed(fact, status)
    if not crossed or not _is_within_reach(fact, status, found):
        return fact
    _report(fact, status, found, crossed[0], report)
    return replace(fact, status=status)


def _report(fact: Fact, status: FactStatus, found: int | None, threshold: int, report: Callable[[str], None]) -> None:
    report(f"{fact.type} {fact.quote!r} stays {_named(status)}: {found} thousandths here, threshold {threshold}")


def _is_within_reach(fact: Fact, status: FactStatus, found: int | None) -> bool:
    """Whether a fact may have another status elsewhere: all thresholds between that and its own are close."""
    return all(_is_close(found, one) for one in _crossed(fact, status)) and bool(
        fact.subject or status != FactStatus.PUBLISHED
    )


def _crossed(fact: Fact, status: FactStatus) -> tuple[int, ...]:
    """The thresholds between a fact's status and another."""
    first, last = sorted(_STATUSES.index(one) for one in (fact.status, status))
    return calibration().thresholds(fact.type)[first:last]


def _with_subject(fact: Fact, known: Recorded, served: bool, report: Callable[[str], None]) -> Fact:
    found, threshold = fact.subject_probability, calibration().subject_threshold
    fact = replace(fact, subject_probability=known.subject_probability)
    if not served or fact.subject_certain == known.attached or not _is_close(found, threshold):
        return fact
    stays = "attached to its station" if known.attached else "attached to no station"
    report(f"{fact.type} {fact.quote!r} stays {stays}: {found} thousandths here, threshold {threshold}")
    return replace(fact, subject_certain=known.attached)


def _is_close(one: int | None, other: int | None) -> bool:
    return one is not None and other is not None and abs(one - other) <= MARGIN


def _named(status: FactStatus) -> str:
    return {
        FactStatus.NOT_STORED: "unrecorded",
        FactStatus.CANDIDATE: "a candidate",
        FactStatus.PUBLISHED: "published",
    }[status]
