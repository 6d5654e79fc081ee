"""An error that a reader's own parameters cause is answered with 400 and a sentence. Such parameters are those that Datasette makes SQL or
settings of: its own (?_facet=, ?_where=, ?sql=), and conditions (?id__in=). SQLite refuses some; Datasette itself fails on others, because
it reads numbers and JSON from them without a check. Without such a parameter an error is the site's, and stays a 500."""

import re
import sqlite3

from datasette import Request, Response, hookimpl
from datasette.database import QueryInterrupted

from server.compat import DatasetteError
from server.language import gettext as _

_READERS = re.compile(r"_|sql$|.+__")
_REFUSED = (sqlite3.Error, sqlite3.Warning, MemoryError)
_UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, AssertionError)


@hookimpl(tryfirst=True)
def handle_exception(request: Request, exception: Exception) -> Response | None:
    names = sorted(name for name in request.args if _READERS.match(name))
    if isinstance(exception, OverflowError) or (names and isinstance(exception, _REFUSED)):
        return Response.text(_("SQLite refused this: %(why)s", why=exception), status=400)
    if names and isinstance(exception, QueryInterrupted):
        return Response.text(_("This took too long."), status=400)
    if names and (isinstance(exception, _UNREADABLE) or getattr(exception, "status", 0) == 500):
        why = f" ({exception.message})" if isinstance(exception, DatasetteError) else ""
        parameters = ", ".join(names)[:500]
        refusal = _("A parameter cannot be read%(why)s. Check: %(parameters)s.", why=why, parameters=parameters)
        return Response.text(refusal, status=400)
    return None
