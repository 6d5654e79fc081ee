"""Readers' SQL neither holds up the site's own pages nor uses up its memory: it runs on limited connections, in threads of its own (see
server.reader_sql)."""

import sqlite3
from collections.abc import Callable

from datasette import hookimpl
from datasette.app import Datasette

from server import reader_sql
from server.asgi import App, Receive, Scope, Send, middleware


@hookimpl(trylast=True)
def prepare_connection(conn: sqlite3.Connection) -> None:
    reader_sql.limit(conn)


@hookimpl
def startup(datasette: Datasette) -> None:
    reader_sql.use_threads(datasette)


@hookimpl(trylast=True)  # the first to see a request
def asgi_wrapper(datasette: Datasette) -> Callable[[App], App]:
    async def answer(app: App, scope: Scope, receive: Receive, send: Send) -> None:
        with reader_sql.for_reader(datasette, scope):
            await app(scope, receive, send)

    return middleware(answer)
