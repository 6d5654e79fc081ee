"""A snapshot published while the site runs is served from its first second: the database is opened anew when its file is
another one. Requests under way finish on the old one."""

import asyncio
from pathlib import Path
from time import monotonic

from datasette import hookimpl
from datasette.database import Database

from archive.publishing.snapshot import inspected

_SECONDS = 2.0  # between two looks at the file
_GRACE = 60.0  # seconds that requests under way have with the old one


@hookimpl
def asgi_wrapper(datasette):
    seen = vars(datasette).setdefault("_snapshot_seen", {"file": None, "at": 0.0})  # one, however often it is wrapped

    def look():
        database = datasette.databases.get("archive")
        if database is None or monotonic() - seen["at"] < _SECONDS:
            return
        seen["at"] = monotonic()
        path = Path(database.path)
        try:
            file = (path.stat().st_ino, path.stat().st_mtime_ns)
        except OSError:
            return
        if seen["file"] not in (None, file):
            datasette.inspect_data = inspected(path)
            opened = Database(datasette, path=str(path), is_mutable=False)
            opened.name = opened.route = "archive"
            datasette.databases = {**datasette.databases, "archive": opened}
            asyncio.get_running_loop().call_later(_GRACE, database.close)
        seen["file"] = file

    def wrap(app):
        async def answer(scope, receive, send):
            if scope["type"] == "http":
                look()
            await app(scope, receive, send)

        return answer

    return wrap
