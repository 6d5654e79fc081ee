"""What SQLite refuses of a reader's own SQL (?_where=, ?sql=), and a number that it cannot hold, are the reader's errors,
not ours: 400 with the words that say so."""

import sqlite3

from datasette import Response, hookimpl

_OWN = ("sql", "_where")
_REFUSALS = (sqlite3.Error, sqlite3.Warning, MemoryError)


@hookimpl(tryfirst=True)
def handle_exception(request, exception):
    refused = isinstance(exception, _REFUSALS) and any(name in request.args for name in _OWN)
    if refused or isinstance(exception, OverflowError):
        return Response.text(f"SQLite refused this: {exception}", status=400)
    return None
