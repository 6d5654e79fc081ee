"""The three records that everything passes along: Capture -> Article -> Fact. Plain, immutable data."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Capture:
    """One fetched response, as it came.

    `body` is the payload with any Content-Encoding undone, still undecoded bytes. `headers` are (name,
    value) pairs in the order received. `outlet` is the name of the site's publisher where it is known.
    """

    url: str
    body: bytes
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    outlet: str = ""

    def header(self, name: str) -> str:
        """The value of a header, empty where it is absent."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


@dataclass(frozen=True)
class Encoding:
    """How bytes became text: what the page declared, what was used, how many characters were beyond repair."""

    declared: str
    used: str
    repaired: int = 0


@dataclass(frozen=True)
class Article:
    """What a capture says. `published` is aware (Asia/Shanghai) or, where no time is stated, a date.

    `text` is the body as published, one block a line; offsets of facts refer to it.
    """

    url: str
    title: str
    published: datetime | date | None
    outlet: str
    authors: tuple[str, ...]
    editor: str
    text: str
    encoding: Encoding
    method: str

    @property
    def published_date(self) -> date | None:
        """The day of publication."""
        return self.published.date() if isinstance(self.published, datetime) else self.published

    @property
    def published_iso(self) -> str:
        """ISO 8601; with +08:00 where a time is known, the bare day where not, empty where nothing is."""
        return self.published.isoformat() if self.published else ""


@dataclass(frozen=True)
class NotAnArticle:
    """Why a capture has no article: a kind that is counted, and a reason that a person can read."""

    kind: str
    reason: str


@dataclass(frozen=True)
class Fact:
    """One statement that one text makes about one subject (see the fact types in archive/facts/types.toml).

    `text[start:end] == quote` for the text it was read from, notes and damage included. `value` and
    `value_high` are plain numbers in `unit`, None for dates and texts.
    """

    type: str
    subject: str
    value: int | float | None
    value_high: int | float | None
    unit: str
    approx: str
    qualifier: str
    date: str
    quote: str
    start: int
    end: int
    subject_kind: str = ""
    tainted: bool = False
    donor: str = ""
    recipient: str = ""
    places: tuple[str, ...] = ()  # named above the subject, largest first
