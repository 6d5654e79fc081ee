"""What readers ask may neither hold up the site's own pages nor take its memory: their SQL runs on connections of little power
(see archive.site.guarded), in threads of its own (see archive.site.threads), and a process with a thread that does not end is ended
itself, for `dangqun serve` starts another. (Datasette's own time limit is replaced: it looks at the clock too seldom.)"""

import os
import signal
import sqlite3
import threading
import time
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path

from datasette import hookimpl
from datasette.utils import tilde_decode

from archive.site.guarded import guard
from archive.site.threads import ASKED, Asked, Threads
from server import compat

_HEAP = 384_000_000  # bytes that SQLite may hold in a process, of which each connection keeps some of pages
_OF_READERS = "pragma cache_size = -16000"  # kibibytes of pages, of a connection of theirs
# Steps of SQLite's machine between two looks at the clock: each step of a reader's may join or look through texts of the
# longest kind. Looking so often makes the site's own queries take half as long again, and they have no such steps.
_STEPS, _OWN_STEPS = 20, 1000
_APART = 60  # seconds after which a process ends itself though none has begun in the place of the one before


@hookimpl(trylast=True)
def prepare_connection(conn):
    if conn.row_factory is sqlite3.Row:  # Datasette's; a download reads its rows one by one
        conn.row_factory = _row
    if ASKED.get():
        conn.execute(_OF_READERS)
    guard(conn)


def _row(cursor, row):
    asked = ASKED.get()
    if asked:
        try:
            asked.count(row)
        except ValueError as error:
            raise sqlite3.DataError(str(error)) from None
    return sqlite3.Row(cursor, row)


@hookimpl
def startup(datasette):
    if isinstance(datasette.executor, Threads):
        return
    compat.replace_time_limit(_in_time)
    compat.replace_executor(datasette, Threads(datasette.setting("num_sql_threads")))
    if "DANGQUN_ENDED" in os.environ:
        Path(os.environ["DANGQUN_ENDED"]).write_bytes(b"")
        sqlite3.connect(":memory:").execute(f"pragma hard_heap_limit = {_HEAP}")  # of the whole process
        threading.Thread(target=_watch, args=[datasette.executor], name="watch", daemon=True).start()


def _watch(threads):
    while not (threads.stuck() and _may_end()):
        time.sleep(1)
    print("A query does not end: the process that runs it is replaced.", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)  # nothing else ends a thread that is inside SQLite


def _may_end():
    """Whether none is missing that ended itself: one of several processes is always there to answer."""
    with Path(os.environ["DANGQUN_ENDED"]).open("r+b") as file:
        flock(file, LOCK_EX)
        ended = os.fstat(file.fileno())
        if ended.st_size and time.time() - ended.st_mtime < _APART:
            return False
        file.write(b"1")
        return True


def _steps(milliseconds):
    if milliseconds <= 20:
        return 1
    return _STEPS if ASKED.get() else _OWN_STEPS


@contextmanager
def _in_time(connection, milliseconds):
    end = time.monotonic() + milliseconds / 1000
    connection.set_progress_handler(lambda: time.monotonic() >= end, _steps(milliseconds))
    try:
        yield
    finally:
        connection.set_progress_handler(None, 0)


@hookimpl(trylast=True)  # so that it is the first to see a request
def asgi_wrapper(datasette):
    def wrap(app):
        async def answer(scope, receive, send):
            if scope["type"] != "http" or ASKED.get() is not None or not _asks(datasette, scope):
                return await app(scope, receive, send)
            before = ASKED.set(Asked(whole=scope["path"].endswith(".xlsx")))
            try:
                await app(scope, receive, send)
            finally:
                ASKED.reset(before)

        return answer

    return wrap


def _asks(datasette, scope):
    """Whether a request can bring SQL, or conditions, of a reader's own."""
    base = datasette.setting("base_url").rstrip("/")
    database, _, rest = scope["path"].removeprefix(base).lstrip("/").partition("/")
    if database == "-":
        return rest.startswith("mcp")
    return tilde_decode(database) in datasette.databases and bool(scope["query_string"] or rest.startswith("-/"))
