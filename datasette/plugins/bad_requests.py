"""What cannot be done with a reader's own words is the reader's error, not ours: 400 with a sentence. Such words are what
Datasette makes SQL or settings of: its own parameters (?_facet=, ?_where=, ?sql=), and conditions (?id__in=). SQLite refuses
some; Datasette itself trips over others, for it reads numbers and JSON out of them without a look. Without such a parameter an
error is ours, and stays a 500."""

import re
import sqlite3

from datasette import Response, hookimpl
from datasette.database import QueryInterrupted

from server.compat import DatasetteError

_OWN = re.compile(r"_|sql$|.+__")
_REFUSALS = (sqlite3.Error, sqlite3.Warning, MemoryError)
_TRIPS = (ValueError, TypeError, LookupError, AttributeError, AssertionError)


@hookimpl(tryfirst=True)
def handle_exception(request, exception):
    own = sorted(name for name in request.args if _OWN.match(name))
    if isinstance(exception, OverflowError) or (own and isinstance(exception, _REFUSALS)):
        return Response.text(f"SQLite refused this: {exception}", status=400)
    if own and isinstance(exception, QueryInterrupted):
        return Response.text("This took too long.", status=400)
    if own and (isinstance(exception, _TRIPS) or getattr(exception, "status", 0) == 500):
        why = f" ({exception.message})" if isinstance(exception, DatasetteError) else ""
        return Response.text(f"A parameter cannot be read{why}. Look at: {', '.join(own)[:500]}.", status=400)
    return None
