"""What another machine may have decided otherwise: the recorded decision stands where a probability is close to a threshold.

Probabilities differ a little from one processor or runtime to the next. Where one is within `MARGIN` of a threshold, and of
what is recorded, both decisions are right; `verify` keeps the recorded one, and lists it.
"""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from archive.deriving import Derived
from archive.facts import calibration
from archive.records import Fact
from archive.stations import names

MARGIN = 15  # thousandths
_STATUSES = ("", "candidate", "published")  # one is reached from that before it at a threshold
Place = tuple[str, int, int, float | None]  # type, start, end, value


@dataclass(frozen=True)
class Recorded:
    """What an archive has of one fact in one version of an article. `row` is whether its row tells of this version; the
    row of a later one has probabilities of its own."""

    row: bool
    status: str
    probability: int | None
    subject_probability: int | None
    attached: bool


Record = Mapping[Place, Recorded]


def recorded(connection: sqlite3.Connection, url: str) -> dict[int, Record]:
    """What an archive has of the facts of an address, by the capture that each version is read from."""
    versions = dict(
        connection.execute(
            "select number, revisions.capture_id from revisions join articles on articles.id = article_id where url = ?",
            [url],
        ).fetchall()
    )
    rows = connection.execute(
        "select said.revision, said.revision = facts.revision, 'published', type, said.start, said.\"end\", value,"
        " probability, subject_probability, station_name_id is not null from facts_said said"
        " join facts on facts.id = fact_id join articles on articles.id = article_id where url = ?1"
        " union all select json_extract(said.value, '$[0]'), json_extract(said.value, '$[0]') = c.revision, 'candidate',"
        " c.type, json_extract(said.value, '$[1]'), json_extract(said.value, '$[2]'), c.value, probability,"
        " subject_probability, station_name_id is not null from candidates c"
        " join articles on articles.id = article_id join json_each(said) said where url = ?1",
        [url],
    )
    found: dict[int, dict[Place, Recorded]] = {capture: {} for capture in versions.values()}
    for version, row, status, type_, start, end, value, sure, subject, attached in rows:
        if version in versions:
            known = Recorded(bool(row), status, sure, subject, bool(attached))
            found[versions[version]][(type_, start, end, value)] = known
    return dict(found)


def settled(derived: Derived, record: Record | None, told: Callable[[str], None]) -> Derived:
    """What a capture says, with the recorded decisions where these are as good. `derived` has the facts just below the
    threshold of candidates, too (`facts.read_out` with a margin); those that stay there are left out. `record` is None
    where the archive has no version from this capture. `told` is called with each decision that was kept."""
    if record is None:
        return replace(derived, facts=tuple(fact for fact in derived.facts if fact.status))
    served = names.served(derived.facts, derived.stations)
    kept = (
        _settled(fact, record.get((fact.type, fact.start, fact.end, fact.value)), fact.subject in served, told)
        for fact in derived.facts
    )
    return replace(derived, facts=tuple(fact for fact in kept if fact.status))


def _settled(fact: Fact, known: Recorded | None, served: bool, told: Callable[[str], None]) -> Fact:
    """A fact as it is recorded, as far as the margin goes; without a status where it is none."""
    if fact.probability is None:
        return fact
    if known is None:
        return _with_status(fact, "", told)
    if not known.row:
        return fact if fact.status else _with_status(fact, "candidate", told)
    if _is_close(fact.probability, known.probability):
        fact = _with_status(replace(fact, probability=known.probability), known.status, told, fact.probability)
    if _is_close(fact.subject_probability, known.subject_probability):
        fact = _with_subject(fact, known, served, told)
    return fact


def _with_status(fact: Fact, status: str, told: Callable[[str], None], found: int | None = None) -> Fact:
    """The fact with the recorded status, where all thresholds between that and its own are close."""
    found = fact.probability if found is None else found
    first, last = sorted(_STATUSES.index(one) for one in (fact.status, status))
    thresholds = calibration().thresholds(fact.type)[first:last]
    if (
        first == last
        or not all(_is_close(found, one) for one in thresholds)
        or (status == "published" and not fact.subject)
    ):
        return fact
    told(f"{fact.type} {fact.quote!r} stays {_named(status)}: {found} thousandths here, threshold {thresholds[0]}")
    return replace(fact, status=status)


def _with_subject(fact: Fact, known: Recorded, served: bool, told: Callable[[str], None]) -> Fact:
    found, threshold = fact.subject_probability, calibration().subject_threshold
    fact = replace(fact, subject_probability=known.subject_probability)
    if not served or fact.subject_certain == known.attached or not _is_close(found, threshold):
        return fact
    stays = "attached to its station" if known.attached else "attached to no station"
    told(f"{fact.type} {fact.quote!r} stays {stays}: {found} thousandths here, threshold {threshold}")
    return replace(fact, subject_certain=known.attached)


def _is_close(one: int | None, other: int | None) -> bool:
    return one is not None and other is not None and abs(one - other) <= MARGIN


def _named(status: str) -> str:
    return {"": "unrecorded", "candidate": "a candidate", "published": "published"}[status]
