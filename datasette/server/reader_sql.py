"""Readers' SQL, kept apart: on connections that can do little (see archive.site.guarded), in threads of its own (see
server.threads). A process with a thread that does not end is ended itself; `dangqun serve` starts another. Datasette's own time
limit is replaced, because it looks at the clock too seldom.
"""

import os
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Any

from datasette.app import Datasette
from datasette.utils import tilde_decode

from archive.site.guarded import guard
from server import compat
from server.asgi import Scope
from server.threads import READER, ReaderRequest, Threads

_HEAP = 384_000_000  # bytes that SQLite may hold in a process, of which each connection keeps some as a cache of pages
_READERS_CACHE = "pragma cache_size = -16000"  # kibibytes of a reader's connection
# Steps of SQLite's machine between two looks at the clock: each step of a reader's may join or search texts of the longest kind.
# Looking so often makes the site's own queries take half as long again, and they have no such steps.
_READERS_STEPS, _OWN_STEPS = 20, 1000
_SHORT = 20  # milliseconds; a shorter limit is checked at each step
_RESTART_GAP = 60  # seconds after which a process ends itself though no other has started since the last one ended


def limit(connection: sqlite3.Connection) -> None:
    """Limit what a new connection can do, and count the rows that are read for a reader."""
    if connection.row_factory is sqlite3.Row:  # Datasette's; a download reads its rows one by one
        connection.row_factory = _counted_row
    if READER.get():
        connection.execute(_READERS_CACHE)
    guard(connection)


def use_threads(datasette: Datasette) -> None:
    """Let Datasette run readers' queries in threads of their own, and watch that none is stuck. To be called once."""
    if isinstance(datasette.executor, Threads):
        return
    threads = Threads(datasette.setting("num_sql_threads"))
    compat.replace_time_limit(_time_limit)
    compat.replace_executor(datasette, threads)
    if "DANGQUN_ENDED" in os.environ:
        Path(os.environ["DANGQUN_ENDED"]).write_bytes(b"")
        sqlite3.connect(":memory:").execute(f"pragma hard_heap_limit = {_HEAP}")  # of the whole process
        threading.Thread(target=_watch, args=[threads], name="watch", daemon=True).start()


def threads_of(datasette: Datasette) -> Threads:
    """The threads that `use_threads` made."""
    threads = datasette.executor
    assert isinstance(threads, Threads)
    return threads


@contextmanager
def for_reader(datasette: Datasette, scope: Scope) -> Iterator[None]:
    """Let the queries of a request run as a reader's, if it can bring SQL, or conditions, of a reader's own."""
    if READER.get() is not None or not _is_readers(datasette, scope):
        yield
        return
    before = READER.set(ReaderRequest())
    try:
        yield
    finally:
        READER.reset(before)


def _is_readers(datasette: Datasette, scope: Scope) -> bool:
    base = datasette.setting("base_url").rstrip("/")
    database, _, rest = scope["path"].removeprefix(base).lstrip("/").partition("/")
    if database == "-":
        return bool(rest.startswith("mcp"))
    return tilde_decode(database) in datasette.databases and bool(scope["query_string"] or rest.startswith("-/"))


def _counted_row(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> sqlite3.Row:
    reader = READER.get()
    if reader:
        try:
            reader.count(row)
        except ValueError as error:
            raise sqlite3.DataError(str(error)) from None
    return sqlite3.Row(cursor, row)


@contextmanager
def _time_limit(connection: sqlite3.Connection, milliseconds: int) -> Iterator[None]:
    end = time.monotonic() + milliseconds / 1000
    steps = 1 if milliseconds <= _SHORT else _READERS_STEPS if READER.get() else _OWN_STEPS
    connection.set_progress_handler(lambda: time.monotonic() >= end, steps)
    try:
        yield
    finally:
        connection.set_progress_handler(None, 0)


def _watch(threads: Threads) -> None:
    while not (threads.stuck() and _may_end()):
        time.sleep(1)
    print("A query does not end: the process that runs it is replaced.", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)  # nothing else ends a thread that is inside SQLite


def _may_end() -> bool:
    """Whether every process that ended itself has been replaced: of several processes, one is always there to answer."""
    with Path(os.environ["DANGQUN_ENDED"]).open("r+b") as file:
        flock(file, LOCK_EX)
        ended = os.fstat(file.fileno())
        if ended.st_size and time.time() - ended.st_mtime < _RESTART_GAP:
            return False
        file.write(b"1")
        return True
