"""Every download has all rows, and says how many: in its name, and in the header X-Total-Rows.

Datasette's own CSV ends after a page, a thousand rows or a hundred megabytes, and writes errors between the rows. So the CSV
of tables and queries is written here (see archive.site.downloads), and their JSON where its shape has no room for a next page.
What a request asks for, and whether it may, is Datasette's to say: it is asked for the SQL first, as anybody can ask it.
"""

import asyncio
import json
import re
import sqlite3
from urllib.parse import parse_qsl, quote, unquote, urlencode

from datasette import NotFound, Request, Response, hookimpl
from datasette.plugins import pm
from datasette.utils import tilde_decode

from archive import site
from archive.publishing.questions import questions
from archive.site.downloads import Download, TooSlowError, with_labels
from server.compat import without_page_limit

_ADDRESS = re.compile(r"/(?P<database>[^/]+)/(?:-/query|(?P<table>[^/]+))\.(?P<form>csv|json|xlsx)")
_OURS = "_size _next _stream _dl _header _shape _nl _labels _label _extra _trace _ttl _nocount _nofacet _json".split()
_PAGED = ("_size", "_json", "_extra")  # who asks for one of these in JSON is answered by Datasette
_IN_EXCEL = 1_000_000  # rows that datasette-xlsx writes
_TOO_MANY = "This has more than a million rows: take the CSV, or add a filter. 超过一百万行，请下载 CSV 或加筛选条件。"


@hookimpl
def register_routes():
    return [(r"^/place/(?P<key>[^/]{1,200})/(?P<what>stations|places)\.csv$", of_place)]


async def of_place(datasette, request, send, receive):
    """All stations of a place, or all places in it, of which its page shows the first."""
    what, key = request.url_vars["what"], unquote(request.url_vars["key"])
    database = datasette.get_database("archive")
    if await database.execute_fn(lambda c: site.place(c, key)) is None:
        raise NotFound("There is no such place. 没有这个地方。")
    sql = {"stations": site.STATIONS_OF_PLACE, "places": site.PLACES_WITHIN}[what]
    download = await _begun(datasette, database, sql, {"key": key})
    await _send(datasette, request, receive, send, download, f"{key}-{what}", "csv")


@hookimpl(tryfirst=True)
def asgi_wrapper(datasette):
    def wrap(app):
        async def answer(scope, receive, send):
            asked = _asked_for(datasette, scope) if scope["type"] == "http" else None
            if asked is None:
                return await app(scope, receive, send)
            database, name, form = asked
            paged = bool(name) and (await database.table_exists(name) or await database.view_exists(name))
            status, headers, body = await _of_datasette(app, scope, "query,count_sql" if paged else "query")
            if 300 <= status < 400:  # to the same with other parameters
                return await app(scope, receive, send)
            if status != 200:
                return await _answer(send, status, headers, body)
            request = Request(scope, receive)
            try:
                download = await _asked(datasette, database, name, request, json.loads(body))
            except (TooSlowError, sqlite3.Error) as error:
                return await Response.json({"ok": False, "error": str(error)}, status=400).asgi_send(send)
            if form != "xlsx":
                return await _send(
                    datasette, request, receive, send, download, name or "query", _written(form, request.args)
                )
            download.close()
            if download.total > _IN_EXCEL:
                return await Response.text(_TOO_MANY, status=400).asgi_send(send)
            await app(scope, receive, _with_total(send, download.total))

        return answer

    return wrap


def _asked_for(datasette, scope):
    """(database, name, form) of a request whose answer must have all rows, else None."""
    base = datasette.setting("base_url").rstrip("/")
    found = _ADDRESS.fullmatch(scope["path"].removeprefix(base)) if scope["method"] in ("GET", "HEAD") else None
    database = datasette.databases.get(tilde_decode(found["database"])) if found else None
    if database is None or database.path is None:
        return None
    name, form = tilde_decode(found["table"] or ""), found["form"]
    args = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    if form == "json":
        shape = args.get("_shape", "objects")
        whole = not name or (name in questions() and database.name == "archive")  # queries have no next page
        if shape not in ("array", "objects") or not (whole or shape == "array") or any(one in args for one in _PAGED):
            return None
    return database, name, form


async def _of_datasette(app, scope, extras):
    """What Datasette answers in JSON about a request: (status, headers, body), with these extras, and for tables no rows."""
    kept = [
        (name, value)
        for name, value in parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        if name not in _OURS and not name.startswith("_facet")
    ]
    query = urlencode([*kept, ("_size", "0"), ("_nofacet", "1"), ("_nocount", "1"), ("_extra", extras)])
    path = re.sub(r"\.\w+\Z", ".json", scope["path"])
    raw = re.sub(rb"\.\w+\Z", b".json", scope.get("raw_path", scope["path"].encode()).partition(b"?")[0])
    asked = {**scope, "method": "GET", "path": path, "raw_path": raw, "query_string": query.encode("latin-1")}
    status, headers, body = 500, [], []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status, headers = message["status"], message.get("headers", [])
        else:
            body.append(message.get("body", b""))

    await app(asked, receive, send)
    return status, headers, b"".join(body)


async def _asked(datasette, database, name, request, described):
    """The download of a request, whose SQL Datasette describes."""
    sql, parameters = described["query"]["sql"], described["query"]["params"]
    if "count_sql" not in described:  # a query, which has no pages
        return await _begun(datasette, database, sql, parameters)
    whole = without_page_limit(sql)
    counting = described["count_sql"]
    size = (request.args.getlist("_size") or [""])[-1]  # the links of a page say `max` after what it was asked for
    has_limit = size.isdecimal() and len(size) < 19  # a longer number is more rows than any table has
    if has_limit and not request.args.get("_stream"):
        whole, counting = f"{whole} limit {int(size)}", f"select min({int(size)}, ({counting}))"
    labels = await _labels(database, name, request.args)
    return await _begun(datasette, database, whole, parameters, labels, counting)


async def _labels(database, table, args):
    """Column -> (table, its key, its label column) of the columns that a request wants with names."""
    wanted, all_ = args.getlist("_label"), args.get("_labels", "") not in ("", "0", "off", "false")
    found = {}
    for key in await database.foreign_keys_for_table(table) if wanted or all_ else ():
        label = await database.label_column_for_table(key["other_table"]) or key["other_column"]
        if key["column"] in wanted or (all_ and not wanted):
            found[key["column"]] = (key["other_table"], key["other_column"], label)
    return found


async def _begun(datasette, database, sql, parameters, labels=None, counting=""):
    """A download, counted, on a connection of its own: one that is sent slowly keeps nobody waiting."""

    def begin():
        never_written = "" if database.is_mutable else "&immutable=1"
        address = f"file:{quote(str(database.path))}?mode=ro{never_written}"
        connection = sqlite3.connect(address, uri=True, check_same_thread=False)
        try:
            connection.text_factory = lambda content: str(content, "utf-8", "replace")
            pm.hook.prepare_connection(conn=connection, database=database.name, datasette=datasette)
            connection.execute("pragma cache_size = -8000")
            if not labels:
                return Download(connection, sql, parameters, counting=counting)
            columns = [
                name for name, *_ in connection.execute(f"select * from ({sql}) limit 0", parameters).description
            ]
            present = {name: where for name, where in labels.items() if name in columns}
            return Download(connection, with_labels(sql, columns, present), parameters, present, counting)
        except BaseException:
            connection.close()
            raise

    return await _in_turn(datasette, begin)


async def _in_turn(datasette, read, *arguments):
    """What takes time, in a thread, and few at a time."""
    return await asyncio.get_running_loop().run_in_executor(datasette.executor.downloads, read, *arguments)


def _written(form, args):
    if form == "csv":
        return "csv without names" if args.get("_header") == "off" else "csv"
    if args.get("_shape") != "array":
        return "json"
    return "json lines" if args.get("_nl") else "json array"


_FORMS = {  # how it is written, of which type, and how its file's name ends
    "csv": (Download.csv, "text/csv; charset=utf-8", "csv"),
    "csv without names": (lambda download: download.csv(header=False), "text/csv; charset=utf-8", "csv"),
    "json": (Download.json_answer, "application/json; charset=utf-8", ""),
    "json array": (Download.json_array, "application/json; charset=utf-8", ""),
    "json lines": (Download.json_lines, "text/plain; charset=utf-8", ""),
}


async def _send(datasette, request, receive, send, download, name, form):
    """A download, piece by piece, until its end or until nobody is there. One that fails on the way is broken off: it has
    no last piece, and the reader's program says so."""
    write, content_type, ending = _FORMS[form]
    headers = {"content-type": content_type, "x-total-rows": str(download.total), "cache-control": "no-cache"}
    if ending:
        file = f"{name}-{download.total}-rows.{ending}"
        plain = re.sub(r"[^\w.-]", "_", file, flags=re.ASCII)
        headers["content-disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file, safe='')}"
    encoded = [(key.encode(), value.encode("latin-1")) for key, value in headers.items()]
    await send({"type": "http.response.start", "status": 200, "headers": encoded})
    pieces, gone = write(download), asyncio.ensure_future(_gone(receive))
    try:
        while request.method != "HEAD" and not gone.done():
            piece = await _in_turn(datasette, next, pieces, None)
            if piece is None:
                break
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        gone.cancel()
        pieces.close()
        download.close()


async def _gone(receive):
    while (await receive())["type"] != "http.disconnect":
        pass


async def _answer(send, status, headers, body):
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _with_total(send, total):
    async def send_with_total(message):
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), (b"x-total-rows", str(total).encode())]}
        await send(message)

    return send_with_total
