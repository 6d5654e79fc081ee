"""Each answer comes from the snapshot that is published now, and from none that holds what was taken down: what is listed
is withdrawn first. Requests under way finish on the snapshot that they began with."""

import asyncio
from pathlib import Path
from time import monotonic

from datasette import Response, hookimpl

from archive.errors import DATABASE_ERRORS, ArchiveError
from archive.publishing.snapshot import inspected, withdraw
from archive.publishing.watch import Watch
from server.compat import replace_database, replace_row_counts

_GRACE = 60.0  # seconds that requests under way have with the old one
_PATIENCE = 10.0  # seconds that a request waits while something is withdrawn
_PAUSE = 5.0  # seconds before what could not be withdrawn is tried again
_WAIT = "Something was taken down and is being withdrawn. Please ask again in a moment. 正在下架，请稍后再试。"


class _Served:
    """A snapshot that is served under a name."""

    def __init__(self, name, database):
        self.name, self.path = name, Path(database.path)
        self.watch, self.file, self.task, self.failed = Watch(self.path), None, None, float("-inf")

    async def may_be_shown(self):
        """Withdraw from the snapshot what was taken down; whether that is done."""
        try:
            must = self.watch.must_withdraw()
            if (must or self.watch.must_pack()) and self.task is None and monotonic() - self.failed > _PAUSE:
                self.task = asyncio.create_task(asyncio.to_thread(withdraw, self.watch.folder))
                self.task.add_done_callback(self._end)
            if must and self.task:
                await asyncio.wait([self.task], timeout=_PATIENCE)
                must = self.watch.must_withdraw()
            return not must
        except (OSError, ArchiveError, *DATABASE_ERRORS) as error:  # the list of takedowns cannot be read
            self._tell(error)
            return False

    def _end(self, task):
        self.task = None
        if not task.cancelled() and task.exception():
            self._tell(task.exception())

    def _tell(self, error):
        """Print what is wrong, at most once for each attempt."""
        if monotonic() - self.failed > _PAUSE:
            self.failed = monotonic()
            print(f"{self.name}: what was taken down could not be withdrawn: {error}", flush=True)

    def look(self, datasette):
        """Open the database again where its file is another one."""
        try:
            file = (self.path.stat().st_ino, self.path.stat().st_mtime_ns)
        except OSError:
            return
        if self.file not in (None, file):
            if self.name == "archive":
                replace_row_counts(datasette, inspected(self.path))
            before = replace_database(datasette, self.name, self.path)
            asyncio.get_running_loop().call_later(_GRACE, before.close)
        self.file = file


@hookimpl
def asgi_wrapper(datasette):
    served = vars(datasette).setdefault("_served", [])  # one list, however often it is wrapped

    def wrap(app):
        async def answer(scope, receive, send):
            if scope["type"] == "http":
                if not served:
                    named = datasette.databases.items()
                    served.extend(_Served(name, one) for name, one in named if one.path and not one.is_mutable)
                for one in served:
                    if not await one.may_be_shown():
                        refused = Response.text(_WAIT, status=503, headers={"retry-after": "5"})
                        return await refused.asgi_send(send)
                    one.look(datasette)
            await app(scope, receive, send)

        return answer

    return wrap
