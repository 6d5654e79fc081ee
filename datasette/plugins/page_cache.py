"""Each of Datasette's few connections caches 64 MB of database pages: the upper levels of the indexes of a large archive."""

import sqlite3

from datasette import hookimpl


@hookimpl
def prepare_connection(conn: sqlite3.Connection) -> None:
    conn.execute("pragma cache_size = -64000")
