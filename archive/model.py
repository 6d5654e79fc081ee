"""The three records that everything passes along: Capture -> Article -> Fact. Plain, immutable data."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from urllib.parse import urlsplit


class CaptureRole(StrEnum):
    """What a response was fetched as. Only pages are read. A tombstone stands where a response was erased."""

    PAGE = ""
    LIST = "list"
    SITEMAP = "sitemap"
    ROBOTS = "robots"
    REDIRECT = "redirect"
    TOMBSTONE = "tombstone"


class CaptureKind(StrEnum):
    """What a capture is: an article, or what it holds instead. A capture that is no page has its role as its kind."""

    ARTICLE = "article"
    # Pages without an article.
    LIST = "list"
    SEVERAL = "several"
    NOTICE = "notice"
    UNTITLED = "untitled"
    ERROR = "error"
    LOGIN = "login"
    SHELL = "shell"
    EMPTY = "empty"
    # Responses that are no page.
    REDIRECT = "redirect"
    GONE = "gone"
    CHALLENGE = "challenge"
    OTHER = "other"
    FEED = "feed"
    SITEMAP = "sitemap"
    ROBOTS = "robots"
    # Articles that are not kept by themselves.
    OFF_TOPIC = "off_topic"
    PART = "part"
    COPY = "copy"
    UNCHANGED = "unchanged"
    TAKEN_DOWN = "taken_down"
    TOMBSTONE = "tombstone"
    # Bytes that cannot be read.
    UNDECODABLE = "undecodable"
    TRUNCATED = "truncated"
    TOO_LARGE = "too_large"
    UNREADABLE = "unreadable"
    DAMAGED = "damaged"


class BlockKind(StrEnum):
    """What a block of an article's text is. The cells of a row are separated by tabs."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    CAPTION = "caption"
    ITEM = "item"
    QUOTE = "quote"
    ROW = "row"


class Origin(StrEnum):
    """Whose words a page shows: its own, another outlet's that it names (reprint), or a copy without leave, often damaged
    (mirror). Unknown: an outlet is named, and the site does not say whether it is its own."""

    ORIGINAL = "original"
    REPRINT = "reprint"
    MIRROR = "mirror"
    UNKNOWN = "unknown"


class DateSource(StrEnum):
    """The part of a page that states when its article appeared. The address is the last resort."""

    NONE = ""
    LAYOUT = "layout"
    HEADER = "header"
    META = "meta"
    DATA = "data"
    ENDING = "ending"
    URL = "url"


class SubjectKind(StrEnum):
    """What a name is of: a station, a housing estate, or a division of one of five levels."""

    STATION = "station"
    ESTATE = "estate"
    COMMUNITY = "community"
    TOWN = "town"
    DISTRICT = "district"
    CITY = "city"
    PROVINCE = "province"


class AddressKind(StrEnum):
    """What has a permanent address on the site."""

    ARTICLE = "article"
    STATION = "station"
    OUTLET = "outlet"
    FACT = "fact"


class FactStatus(StrEnum):
    """Whether a fact is published. A candidate waits until a person confirms it; what is less sure is not stored."""

    PUBLISHED = "published"
    CANDIDATE = "candidate"
    NOT_STORED = ""


@dataclass(frozen=True)
class Capture:
    """One fetched response, as it came.

    `body` is the payload with any Content-Encoding undone, still undecoded bytes. `headers` are (name,
    value) pairs in the order received. `outlet` is the name of the site's publisher where it is known. `fault` says why
    the payload cannot be read as a whole page: its coding cannot be undone (`body` is then as stored), or it was cut off.
    """

    url: str
    body: bytes
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    outlet: str = ""
    fetched: date | None = None  # the day, UTC
    fault: "NotAnArticle | None" = None

    @property
    def host(self) -> str:
        """The host of the address, with its port if the address has one; empty if it is no valid web address."""
        try:
            return urlsplit(self.url).netloc.lower()
        except ValueError:
            return ""

    def header(self, name: str) -> str:
        """The value of a header, empty where it is absent."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


@dataclass(frozen=True)
class Encoding:
    """How bytes became text: what the page declared, what was used, how many characters were beyond repair."""

    declared: str
    used: str
    repaired: int = 0

    @property
    def of_queries(self) -> str:
        """The coding in which the queries of a page's links are sent: its own; UTF-8 for UTF-16."""
        return "utf-8" if self.used.startswith("utf") else self.used


@dataclass(frozen=True)
class Block:
    """A stretch of an article's text, in characters."""

    kind: BlockKind
    start: int
    end: int


@dataclass(frozen=True)
class Link:
    """Words of an article's text that lead somewhere."""

    start: int
    end: int
    href: str


@dataclass(frozen=True)
class Image:
    """A picture that stands before the character `at` of an article's text; `caption` as printed, or its alt text."""

    at: int
    src: str
    caption: str


@dataclass(frozen=True)
class Provenance:
    """Whose page this is, with the reasons, and the outlet that the words likely come from."""

    kind: Origin = Origin.ORIGINAL
    reasons: tuple[str, ...] = ()
    original: str = ""


@dataclass(frozen=True)
class Article:
    """What a capture says. `published` is aware (Asia/Shanghai) or, where no time is stated, a date; `dated_by` is
    the part of the page that stated it.

    `text` is the body as published, one block a line; offsets of facts, blocks and links refer to it. `cut` counts
    what was left out, by name. `method` is the way the body was found: layout, known, prose or (in the
    data of a page that a script draws) state. `canonical` is the address that the page names as its own, empty where it
    names none. `parts` are the addresses of all pages of an article that its site shows in several, in their order, as far
    as the page names them and its own among them; empty for any other.
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
    dated_by: DateSource = DateSource.NONE
    blocks: tuple[Block, ...] = ()
    links: tuple[Link, ...] = ()
    images: tuple[Image, ...] = ()
    cut: tuple[tuple[str, int], ...] = ()
    provenance: Provenance = Provenance()
    canonical: str = ""
    parts: tuple[str, ...] = ()

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

    kind: CaptureKind
    reason: str


@dataclass(frozen=True)
class Fact:
    """One statement that one text makes about one subject (see the fact types in archive/facts/types.toml).

    `text[start:end] == quote` for the text it was read from, notes and damage included. `value` and
    `value_high` are plain numbers in `unit`, None for dates and texts. A `candidate` is not sure enough to be
    published: it is stored for people to decide about, and shown to nobody else.
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
    model: str = ""  # the language model that proposed it; empty for what the grammar found by itself
    repaired: bool = False  # damage within the quote was repaired to read it (archive/text/repair.py)
    division: str = ""  # code of the smallest division that the subject certainly lies in or is
    probability: int | None = None  # thousandths, that type and value are right; None where rules decided
    subject_probability: int | None = None  # thousandths, that the subject is right; None where rules decided
    status: FactStatus = FactStatus.PUBLISHED
    subject_certain: bool = True  # otherwise the fact is attached to no station
    measure: str = ""  # the measure word as written: 册, 箱, 床

    @property
    def is_candidate(self) -> bool:
        """Whether a person has to confirm it before it is shown."""
        return self.status == FactStatus.CANDIDATE


@dataclass(frozen=True)
class NamedStation:
    """A station that a text names, with the places above it (largest first) and its division where that is certain."""

    subject: str
    places: tuple[str, ...] = ()
    division: str = ""
