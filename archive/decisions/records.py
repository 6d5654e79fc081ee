"""What people decide, as rows and codes."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, TypedDict

from archive.model import AddressKind


class Decision(StrEnum):
    """What a person decides about a fact. A note leaves the fact as it is."""

    CONFIRM = "confirm"
    REJECT = "reject"
    CORRECT = "correct"
    NOTE = "note"


class StationDecision(StrEnum):
    """What a person decides about two names."""

    SAME = "same"
    DIFFERENT = "different"


class TakedownKind(StrEnum):
    """What is taken down: an article, by its address, or a name, which is blacked out."""

    ARTICLE = "article"
    NAME = "name"


class ReviewedFact(TypedDict):
    """A fact as it was when it was reviewed, with its article's address. Offsets count characters of the article's text."""

    url: str
    type: str
    subject: str
    value: float | None
    value_high: float | None
    unit: str
    approx: str
    qualifier: str
    date: str
    quote: str
    start: int
    end: int


class Corrections(TypedDict, total=False):
    """The fields of a fact that a person corrected."""

    type: str
    subject: str
    value: float | None
    value_high: float | None
    date: str
    qualifier: str


class Takedown(NamedTuple):
    """Something that is not to be published."""

    kind: TakedownKind
    value: str


class TakedownRow(TypedDict):
    """An entry of the list of takedowns. Times are UTC, ISO 8601."""

    id: int
    kind: str
    value: str
    reason: str
    by: str
    at: str
    undone_at: str | None
    undone_by: str | None


class StationDecisionRow(TypedDict):
    """A decision about two names, given by their keys. Times are UTC, ISO 8601."""

    id: int
    kind: str
    one_name: str
    other_name: str
    reason: str
    by: str
    at: str
    undone_at: str | None
    undone_by: str | None


class Accuracy(NamedTuple):
    """How many facts of a type were reviewed, and how many of them confirmed."""

    confirmed: int
    reviewed: int


class TakenDownKey(NamedTuple):
    """The key of an article, a station or a fact that was taken down."""

    kind: AddressKind
    key: str


@dataclass(frozen=True)
class Review:
    """One decision about one fact. Times are UTC, ISO 8601."""

    id: int
    evidence: str
    fact: ReviewedFact
    decision: Decision
    corrected: Corrections
    note: str
    by: str
    at: str
    undone_at: str | None
    undone_by: str | None


class Attached(NamedTuple):
    """The decisions that count, by the evidence of the fact or candidate that they are about now; and those that are about
    no current one, to be looked at again."""

    by_evidence: dict[str, Review]
    open: list[Review]


class PublishedName(NamedTuple):
    """The key of a station, and that of a name that it is published with."""

    station: str
    name: str
