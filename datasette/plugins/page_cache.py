"""Each of Datasette's few connections keeps 64 MB of pages: the upper levels of the indexes of a large archive."""

from datasette import hookimpl


@hookimpl
def prepare_connection(conn):
    conn.execute("pragma cache_size = -64000")
