"""Downloads of raw tables and queries: their CSV and XLSX, and their JSON where its shape has no room for a next page, with all rows.

Datasette's own CSV ends after a page, a thousand rows or a hundred megabytes, and writes errors between the rows. So the site writes it (see
archive.site.downloads). Which rows a request means, and whether its sender may see them, is for Datasette to decide: the site first requests
the SQL from it, as any client can.
"""

import asyncio
import json
import re
import sqlite3
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextvars import copy_context
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar
from urllib.parse import parse_qsl, quote, urlencode

from datasette import Request, Response
from datasette.app import Datasette
from datasette.database import Database
from datasette.plugins import pm
from datasette.utils import tilde_decode

from archive.publishing.questions import questions
from archive.publishing.writers import MEDIA_TYPES, Csv, Format, JsonObjects, Writer
from archive.publishing.xlsx import Xlsx
from archive.site.downloads import Download, TooSlowError, with_labels
from server.asgi import App, Message, Receive, Scope, Send
from server.compat import without_page_limit
from server.language import gettext as _
from server.programs import etag_of_snapshots
from server.reader_sql import threads_of
from server.sending import File, packed, send_file

Result = TypeVar("Result")
Labels = Mapping[str, tuple[str, str, str]]  # column -> (table, its key, its label column)

_ADDRESS = re.compile(r"/(?P<database>[^/]+)/(?:-/query|(?P<table>[^/]+))\.(?P<format>csv|json|xlsx)")
# Parameters that say how rows are shown, not which rows.
_OF_DISPLAY = (
    "_size _next _stream _dl _header _shape _nl _labels _label _extra _trace _ttl _nocount _nofacet _json".split()
)
_OF_PAGES = ("_size", "_json", "_extra")  # JSON with one of these is answered by Datasette


class Target(NamedTuple):
    """What a request wants to download: a table or query of a database; the name is empty for SQL of the reader's own."""

    database: Database
    name: str
    format: str


class Answer(NamedTuple):
    """An answer of Datasette's, kept in memory."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


def target_of(datasette: Datasette, scope: Scope) -> Target | None:
    """What a request wants, if its answer must have all rows."""
    base = datasette.setting("base_url").rstrip("/")
    found = _ADDRESS.fullmatch(scope["path"].removeprefix(base)) if scope["method"] in ("GET", "HEAD") else None
    database = datasette.databases.get(tilde_decode(found["database"])) if found else None
    if found is None or database is None or database.path is None:
        return None
    target = Target(database, tilde_decode(found["table"] or ""), found["format"])
    args = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    return None if target.format == "json" and _has_pages(target, args) else target


def _has_pages(target: Target, args: Mapping[str, str]) -> bool:
    """Whether JSON is answered in pages, by Datasette."""
    shape = args.get("_shape", "objects")
    # Queries have no next page.
    is_query = not target.name or (target.name in questions() and target.database.name == "archive")
    is_whole = shape == "array" or (shape == "objects" and is_query)
    return not is_whole or any(name in args for name in _OF_PAGES)


async def answer(datasette: Datasette, target: Target, app: App, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request with all rows of its target, or with Datasette's refusal."""
    request, database, name, format_ = Request(scope, receive), *target
    etag = etag_of_snapshots(
        datasette, request
    )  # at first: newer rows under an older ETag do no harm, the reverse does
    is_table = bool(name) and (await database.table_exists(name) or await database.view_exists(name))
    described = await _describe(app, scope, "query,count_sql" if is_table else "query")
    if 300 <= described.status < 400:  # to the same with other parameters
        return await app(scope, receive, send)
    if described.status != 200:
        return await _send_answer(send, described)
    try:
        download = await _open_target(datasette, target, request, json.loads(described.body))
    except (TooSlowError, sqlite3.Error) as error:
        refusal = Response.json({"ok": False, "error": str(error)}, status=400)
        return await refusal.asgi_send(send)
    form = _variant(format_, request)
    return await send_download(datasette, request, receive, send, download, name or "query", form, etag)


async def _describe(app: App, scope: Scope, extras: str) -> Answer:
    """What Datasette answers in JSON about the rows of a request, with these extras, and no rows of a table."""
    kept = [
        (name, value)
        for name, value in parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        if name not in _OF_DISPLAY and not name.startswith("_facet")
    ]
    query = urlencode([*kept, ("_size", "0"), ("_nofacet", "1"), ("_nocount", "1"), ("_extra", extras)])
    path = re.sub(r"\.\w+\Z", ".json", scope["path"])
    raw = re.sub(rb"\.\w+\Z", b".json", scope.get("raw_path", scope["path"].encode()).partition(b"?")[0])
    described = {**scope, "method": "GET", "path": path, "raw_path": raw, "query_string": query.encode("latin-1")}
    status, headers, body = 500, [], []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status, headers = message["status"], message.get("headers", [])
        else:
            body.append(message.get("body", b""))

    await app(described, receive, send)
    return Answer(status, headers, b"".join(body))


async def _open_target(datasette: Datasette, target: Target, request: Request, described: dict[str, Any]) -> Download:
    """The download of a request whose SQL Datasette describes."""
    sql, parameters = described["query"]["sql"], described["query"]["params"]
    if "count_sql" not in described:  # a query, which has no pages
        return await open_download(datasette, target.database, sql, parameters)
    whole, counting = without_page_limit(sql), described["count_sql"]
    # The links of a page add `max` to the size that the page was requested with.
    size = (request.args.getlist("_size") or [""])[-1]
    has_limit = size.isdecimal() and len(size) < 19  # a longer number is more rows than any table has
    if has_limit and not request.args.get("_stream"):
        whole, counting = f"{whole} limit {int(size)}", f"select min({int(size)}, ({counting}))"
    labels = await _labels(target, request)
    return await open_download(datasette, target.database, whole, parameters, labels, counting)


async def _labels(target: Target, request: Request) -> Labels:
    """The columns that a request wants with names beside their numbers."""
    names = request.args.getlist("_label")
    all_ = request.args.get("_labels", "") not in ("", "0", "off", "false")
    found = {}
    for key in await target.database.foreign_keys_for_table(target.name) if names or all_ else ():
        label = await target.database.label_column_for_table(key["other_table"]) or key["other_column"]
        if key["column"] in names or (all_ and not names):
            found[key["column"]] = (key["other_table"], key["other_column"], label)
    return found


async def open_download(
    datasette: Datasette,
    database: Database,
    sql: str,
    parameters: Mapping[str, Any] | Sequence[Any],
    labels: Labels | None = None,
    counting: str = "",
) -> Download:
    """A download, with its rows counted, on a connection of its own: one that is sent slowly delays no other.

    `labels` name the columns that get names beside their numbers; `counting` is SQL for the number of rows, if known. Raises
    TooSlowError and sqlite3.Error.
    """

    def open_() -> Download:
        connection = _connect(datasette, database)
        try:
            if not labels:
                return Download(connection, sql, parameters, counting)
            description = connection.execute(f"select * from ({sql}) limit 0", parameters).description
            columns = [name for name, *_ in description]
            present = {name: where for name, where in labels.items() if name in columns}
            labelled = with_labels(sql, columns, present)
            return Download(connection, labelled, parameters, counting, list(present))
        except BaseException:
            connection.close()
            raise

    return await _in_thread(datasette, open_)


def _connect(datasette: Datasette, database: Database) -> sqlite3.Connection:
    never_written = "" if database.is_mutable else "&immutable=1"
    address = f"file:{quote(str(database.path))}?mode=ro{never_written}"
    connection = sqlite3.connect(address, uri=True, check_same_thread=False)
    try:
        connection.text_factory = lambda content: str(content, "utf-8", "replace")
        pm.hook.prepare_connection(conn=connection, database=database.name, datasette=datasette)
        connection.execute("pragma cache_size = -8000")
    except BaseException:
        connection.close()
        raise
    return connection


async def _in_thread(datasette: Datasette, function: Callable[..., Result], *arguments: Any) -> Result:
    """Call a function that takes time, in one of the few threads for downloads."""
    threads, context = threads_of(datasette).downloads, copy_context()  # with the language of the request
    return await asyncio.get_running_loop().run_in_executor(threads, context.run, function, *arguments)


def _variant(format_: str, request: Request) -> str:
    """Which of the forms of a file the parameters of a request choose."""
    if format_ == "csv":
        return "csv without header" if request.args.get("_header") == "off" else "csv"
    if format_ == "xlsx" or request.args.get("_shape") != "array":
        return format_
    return "json lines" if request.args.get("_nl") else "json array"


def _file(download: Download, name: str, form: str, about: Mapping[str, str]) -> tuple[File, Writer]:
    """What is known of a download as a file, and what writes it."""
    columns, labelled, total = download.columns, download.labelled, download.total
    named = f"{name}-{total}-rows"
    if form.startswith("csv"):
        csv = Csv(columns, header=form == "csv")
        return File(MEDIA_TYPES[Format.CSV], f"{named}.csv", total), csv
    if form == "xlsx":
        return File(MEDIA_TYPES[Format.XLSX], f"{named}.xlsx", total), Xlsx(columns, name, about)
    if form == "json lines":
        return File("text/plain; charset=utf-8", total=total), JsonObjects(columns, labelled)
    answer = f'{{"ok": true, "total": {total}, "truncated": false, "rows": ['
    parts = ("[", ", ", "]") if form == "json array" else (answer, ", ", "]}")
    return File("application/json; charset=utf-8", total=total), JsonObjects(columns, labelled, parts)


async def send_download(
    datasette: Datasette,
    request: Request,
    receive: Receive,
    send: Send,
    download: Download,
    name: str,
    form: str,
    etag: str,
) -> None:
    """Send a download in one of the forms that `_variant` returns, with the ETag that it had before it was opened."""
    address = str(datasette.absolute_url(request, request.full_path))
    file, writer = _file(download, name, form, {_("Address"): address})
    file = replace(file, headers={"etag": etag})
    file, writer = packed(request.scope, file, writer)
    try:
        await send_file(request.scope, receive, send, file, _pieces(datasette, download, writer))
    finally:
        download.close()


async def _pieces(datasette: Datasette, download: Download, writer: Writer) -> AsyncGenerator[bytes, None]:
    pieces = download.pieces(writer)
    try:
        while (piece := await _in_thread(datasette, next, pieces, None)) is not None:
            yield piece
    finally:
        pieces.close()


async def _send_answer(send: Send, kept: Answer) -> None:
    await send({"type": "http.response.start", "status": kept.status, "headers": kept.headers})
    await send({"type": "http.response.body", "body": kept.body})
