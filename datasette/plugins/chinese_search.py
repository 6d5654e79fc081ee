"""Datasette's own ?_search= understands Chinese: readers' words become phrase queries over the search text."""

import sqlite3

from datasette import hookimpl

from archive.search.fts import query
from server.compat import SEARCH_FUNCTION


@hookimpl(trylast=True)  # Datasette registers the same function; the last one counts
def prepare_connection(conn: sqlite3.Connection) -> None:
    conn.create_function(SEARCH_FUNCTION, 1, query, deterministic=True)
