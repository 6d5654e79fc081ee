"""What programs get as JSON: the keys of the answers, from which their description is made (see server.openapi)."""

from typing import TypedDict

from archive.search.wanted import ListKind, Sort
from archive.site.health import SiteHealth
from archive.sql.rows import Row


class Refusal(TypedDict):
    """Why there is no answer: `ok` is false, and `error` a sentence."""

    ok: bool
    error: str


class ListPage(TypedDict):
    """A page of a list; `total` is null where there are more rows than were counted, `next_url` where this page is the last."""

    ok: bool
    kind: ListKind
    total: int | None
    folded: int
    sort: Sort
    rows: list[Row]
    next_url: str | None


class ColumnWords(TypedDict):
    """What a column of a file holds."""

    name: str
    type: str
    zh: str
    en: str


Columns = list[ColumnWords]


class ListAbout(TypedDict):
    """What a list as a file is about; `rows` is null where they were not counted."""

    ok: bool
    list: str
    query: str
    address: str
    rows: int | None
    reprints_left_out: str
    snapshot: str
    downloaded_at: str
    licence: str
    columns: Columns


class Rows(TypedDict):
    """Some rows."""

    ok: bool
    rows: list[Row]


class AllRows(Rows):
    """All rows."""

    total: int
    truncated: bool


class Publications(TypedDict):
    """The publications that are kept, the newest first; `url` of each leads to its changes, and is null for the first."""

    ok: bool
    total: int
    rows: list[Row]
    next_url: None


class Health(TypedDict):
    """How the crawls of the sites went."""

    ok: bool
    sites: list[SiteHealth]
    findings: list[Row]
