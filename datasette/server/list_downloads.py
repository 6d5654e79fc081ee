"""Lists as files: the rows that a list shows, all of them, in its order (see archive.site.flat).

Rows are looked up by their numbers, a few thousand at a time, and no query stays open between: a list of a million rows takes no more
memory than one of five thousand, and a slow reader holds no lock.
"""

import re
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from sqlite3 import Connection
from urllib.parse import urlencode

from datasette import Request, Response
from datasette.app import Datasette
from datasette.database import Database
from markupsafe import Markup

from archive.errors import LocalizedError
from archive.language import chosen
from archive.publishing.codebook import Column
from archive.publishing.takedown import applied
from archive.publishing.writers import MEDIA_TYPES, Format, Writer, writer
from archive.search.lists import Total, numbers, total
from archive.search.wanted import ListKind, UnknownError, Wanted
from archive.site import listing
from archive.site.flat import Origin, columns, flat
from archive.sql.rows import in_time
from server import lists, options
from server.answers import ColumnWords, Refusal
from server.asgi import Receive, Send
from server.database import read_part
from server.language import gettext as _
from server.pages import full_address
from server.programs import etag_of_snapshots
from server.sending import File, packed, refuse, send_file
from server.snapshots import bring_up_to_date, kept_open
from server.threads import READER, ReaderRequest

_ROWS, _TEXTS = 5000, 200  # rows that are read at once; articles with their texts
_SECONDS = 30.0  # for these
_SNAPSHOT = 12  # digits of a hash that name a snapshot
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f/\\:*?"<>|]+')
_MAX_NAME = 80  # characters of what a file's name says of its list


@dataclass(frozen=True)
class ListFile:
    """A list that is asked for as a file.

    Attributes:
        kind: what is listed.
        wanted: what of it.
        words: that, in the language of the request; empty: everything.
        totals: how many rows each part of the archive has that is served, the first one's first.
        address: the address of the site, without a stroke at its end.
        snapshot: what names the snapshot of the first part.
    """

    kind: ListKind
    wanted: Wanted
    words: str
    totals: Mapping[str, Total]
    address: str
    snapshot: str

    @property
    def rows(self) -> int | None:
        """How many rows there are; None: they were not counted."""
        counted = [one.count for one in self.totals.values()]
        return None if None in counted else sum(filter(None, counted))

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the rows."""
        return columns(self.kind, options.texts())

    def at(self, ending: str) -> str:
        """The address of the list, with an ending (.csv) in front of its query."""
        query = urlencode(self.wanted.parameters())
        return f"{self.address}/{self.kind}{ending}{'?' if query else ''}{query}"

    def name(self, format_: str) -> str:
        """A name for the file: what is asked for, and how many rows there are."""
        asked = "-".join(filter(None, [self.kind, _NOT_IN_NAMES.sub(" ", self.words)[:_MAX_NAME].strip()]))
        return f"{asked}{'' if self.rows is None else f'-{self.rows}-rows'}.{format_}"

    def about(self) -> dict[str, str]:
        """What the file is about, for programs."""
        return {
            "list": self.kind,
            "query": "&".join(f"{name}={value}" for name, value in self.wanted.parameters().items()),
            "address": self.at(""),
            "rows": "" if self.rows is None else str(self.rows),
            "reprints_left_out": str(sum(one.folded for one in self.totals.values())),
            "snapshot": self.snapshot,
            "downloaded_at": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "licence": "Facts: Apache-2.0. Quotes and texts belong to their outlets.",
        }

    def about_in_words(self) -> dict[str, str]:
        """The same in the language of the request, and what each column means."""
        labels = {
            "list": _("List"),
            "query": _("Query"),
            "address": _("Address"),
            "rows": _("Rows"),
            "reprints_left_out": _("Reprints left out"),
            "snapshot": _("Snapshot"),
            "downloaded_at": _("Downloaded (UTC)"),
            "licence": _("Licence"),
        }
        words = self.about() | {
            "query": self.words or _("everything"),
            "licence": _("Facts: Apache-2.0. Quotes and texts belong to their outlets."),
        }
        meanings = {column.name: chosen((column.zh, column.en)) for column in self.columns}
        return {labels[name]: value for name, value in words.items()} | {"": "", _("Column"): _("Meaning")} | meanings


async def asked(datasette: Datasette, request: Request) -> ListFile:
    """The list that a request asks for. Raises SearchError."""
    kind, wanted = ListKind(request.url_vars["kind"]), Wanted.of(lists.asked(request))
    totals = await _totals(datasette, kind, wanted)
    named = await read_part(datasette, next(iter(totals)), listing.names, wanted)  # a part that knows them
    context = {"filters": lists.filters(wanted), "wanted": wanted, "named": named}
    html = await datasette.render_template("_sentence.html", context, request=request)
    words = Markup(html).striptags()  # noqa: S704 (plain text: its entities are resolved)
    address = full_address(datasette, request, "/").rstrip("/")
    return ListFile(kind, wanted, words, totals, address, _snapshot(datasette.get_database("archive")))


async def _totals(datasette: Datasette, kind: ListKind, wanted: Wanted) -> dict[str, Total]:
    """How many rows each part of the archive has. A place or an outlet need be known to one of them only."""
    found, unknown = dict[str, Total](), None
    for part in ["archive", *options.parts()]:
        try:
            found[part] = await read_part(datasette, part, total, kind, wanted)
        except UnknownError as error:
            unknown = error
    if unknown and not found:
        raise unknown
    return found


def _snapshot(database: Database) -> str:
    return (database.hash or "")[:_SNAPSHOT]


async def send_list(datasette: Datasette, request: Request, receive: Receive, send: Send) -> None:
    """Send all rows of a list, in the format at the end of the request's address."""
    format_, etag = Format(request.url_vars["format"]), etag_of_snapshots(datasette, request)
    try:
        of_list = await asked(datasette, request)
    except LocalizedError as error:
        await refuse(send, str(error))
        return
    about = of_list.about() if format_ == Format.PARQUET else of_list.about_in_words()
    described_by = f'<{of_list.at(".about.json")}>; rel="describedby"; type="application/json"'
    headers = {"link": described_by, "etag": etag}
    file = File(MEDIA_TYPES[format_], of_list.name(format_), of_list.rows, headers)
    file, made = packed(request.scope, file, writer(format_, of_list.columns, of_list.kind, about))
    before = READER.set(ReaderRequest(is_streamed=True))  # what is read for it is read in the threads for downloads
    try:
        await send_file(request.scope, receive, send, file, _pieces(datasette, of_list, made))
    finally:
        READER.reset(before)


async def send_about(datasette: Datasette, request: Request) -> Response:
    """What a list as a file is about, for formats that have no room for it: the query, the snapshot, the licence, the columns."""
    headers = {"etag": etag_of_snapshots(datasette, request)}  # it says when it was downloaded
    try:
        of_list = await asked(datasette, request)
    except LocalizedError as error:
        return Response.json(Refusal(ok=False, error=str(error)), status=400)
    described = [ColumnWords(name=c.name, type=c.kind, zh=c.zh, en=c.en) for c in of_list.columns]
    about = {"ok": True, **of_list.about(), "rows": of_list.rows, "columns": described}
    return Response.json(about, headers=headers)


async def _pieces(datasette: Datasette, of_list: ListFile, made: Writer) -> AsyncGenerator[bytes, None]:
    """The file, a chunk of rows at a time, each part of the archive as the snapshot has it that was served at its begin. A piece may be
    empty: then it can be noticed that the client left."""
    begin = made.begin()  # sent with the first rows: what cannot be begun is answered with an error
    for part in of_list.totals:
        database, after = datasette.get_database(part), ""
        origin = Origin(of_list.address, _snapshot(database))
        with kept_open(database):
            while True:
                await _check_takedowns(datasette, part, database)
                read_chunk = partial(_chunk, of_list, made, origin, after)
                piece, after = await database.execute_fn(read_chunk)
                yield begin + piece
                begin = b""
                if not after:
                    break
    yield begin + made.end()


def _chunk(of_list: ListFile, made: Writer, origin: Origin, after: str, connection: Connection) -> tuple[bytes, str]:
    """What the following rows add to the file, and where the rows after them begin."""
    texts = options.texts() and of_list.kind == ListKind.ARTICLES
    found = numbers(connection, of_list.kind, of_list.wanted, after, _TEXTS if texts else _ROWS)
    with in_time(connection, _SECONDS, _broken_off()):
        rows = flat(connection, of_list.kind, found.numbers, origin, texts)
    return made.rows(rows), found.next


async def _check_takedowns(datasette: Datasette, part: str, database: Database) -> None:
    """Raise where something was taken down since a file was begun, which it may hold."""
    problem = await bring_up_to_date(datasette)  # other requests may all go to other processes
    served = datasette.get_database(part)
    if problem:
        raise _broken_off()
    if served is not database and await served.execute_fn(applied) != await database.execute_fn(applied):
        raise _broken_off()


def _broken_off() -> LocalizedError:
    return LocalizedError("下载中断，请重新下载。", "The download was broken off. Start it again.")
