"""The snapshots that are served: what was taken down is withdrawn from them before they are shown, and a newer file is opened as soon as it
is published. Requests under way finish on the snapshot that they began with."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from weakref import WeakKeyDictionary

from datasette.app import Datasette
from datasette.database import Database

from archive.errors import DATABASE_ERRORS, ArchiveError
from archive.publishing.snapshot import inspected, withdraw
from archive.publishing.watch import Watch
from archive.storage.store import ArchiveOutdated
from server.compat import replace_database, replace_row_counts
from server.language import gettext as _

_GRACE = 60.0  # seconds for which the snapshot before stays open, for requests under way
_WAIT = 10.0  # seconds that a request waits while something is withdrawn
_RETRY_AFTER = 5.0  # seconds before a failed withdrawal is tried again
_NOT_WITHDRAWN = "what was taken down could not be withdrawn"


_IN_USE: Counter[Database] = Counter()  # how many downloads read a database


@contextmanager
def kept_open(database: Database) -> Iterator[None]:
    """Keep a database open for a download that reads it until its end, though a newer snapshot is served."""
    _IN_USE[database] += 1
    try:
        yield
    finally:
        _IN_USE[database] -= 1
        if not _IN_USE[database]:
            del _IN_USE[database]


def _close(database: Database) -> None:
    """Close a database that is served no more, once no download reads it."""
    if _IN_USE[database]:
        asyncio.get_running_loop().call_later(_GRACE, _close, database)
    else:
        database.close()


class Served:
    """A snapshot that is served under a name.

    Attributes:
        task: the withdrawal under way.
        failed_at: when the last withdrawal failed, by the monotonic clock.
        file: inode and time of change of the file that is open; None before the first request.
    """

    def __init__(self, name: str, path: Path) -> None:
        self.task: asyncio.Task[bool] | None = None
        self.failed_at = float("-inf")
        self._name, self._path = name, path
        self._watch = Watch(path)
        self.file: tuple[int, int] | None = None

    async def withdraw_takedowns(self) -> str:
        """Withdraw from the snapshot what was taken down. Returns why it cannot be shown; empty if it can."""
        try:
            must = self._watch.must_withdraw()
            if (must or self._watch.must_pack()) and self.task is None and self._may_try():
                self.task = asyncio.create_task(asyncio.to_thread(withdraw, self._watch.folder))
                self.task.add_done_callback(self._end)
            if must and self.task:
                await asyncio.wait([self.task], timeout=_WAIT)
                must = self._watch.must_withdraw()
            return _withdrawing() if must else ""
        except ArchiveOutdated as error:
            self._report(str(error))
            return _(
                "Another version of the program published this archive. Its operator has to run “dangqun publish”, or to restart “dangqun serve”."
            )
        except (OSError, ArchiveError, *DATABASE_ERRORS) as error:  # the list of takedowns cannot be read
            self._report(f"{_NOT_WITHDRAWN}: {error}")
            return _withdrawing()

    def reload(self, datasette: Datasette) -> None:
        """Open the database again if its file is another one, or may be: what was opened before the first request is not known."""
        try:
            about = self._path.stat()
        except OSError:
            return
        file = (about.st_ino, about.st_mtime_ns)
        if self.file != file:
            if self._name == "archive":
                replace_row_counts(datasette, inspected(self._path))
            before = replace_database(datasette, self._name, self._path)
            asyncio.get_running_loop().call_later(_GRACE, _close, before)
        self.file = file

    def _end(self, task: asyncio.Task[bool]) -> None:
        self.task = None
        error = None if task.cancelled() else task.exception()
        if error:
            self._report(f"{_NOT_WITHDRAWN}: {error}")

    def _report(self, problem: str) -> None:
        """Print what is wrong, at most once for each attempt."""
        if self._may_try():
            self.failed_at = monotonic()
            print(f"{self._name}: {problem}", flush=True)

    def _may_try(self) -> bool:
        return monotonic() - self.failed_at > _RETRY_AFTER


_SERVED: WeakKeyDictionary[Datasette, list[Served]] = WeakKeyDictionary()


def served(datasette: Datasette) -> list[Served]:
    """The snapshots that an application serves, the same ones each time."""
    if not _SERVED.get(datasette):
        databases = datasette.databases.items()
        _SERVED[datasette] = [
            Served(name, Path(one.path)) for name, one in databases if one.path and not one.is_mutable
        ]
    return _SERVED[datasette]


async def bring_up_to_date(datasette: Datasette) -> str:
    """Serve what is published now, without what was taken down. Returns why that failed, for readers; empty if it succeeded."""
    for snapshot in served(datasette):
        if why := await snapshot.withdraw_takedowns():
            return why
        snapshot.reload(datasette)
    return ""


def _withdrawing() -> str:
    return _("Something was taken down and is being withdrawn. Try again in a moment.")
