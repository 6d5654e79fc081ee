"""Whether a snapshot may be shown: checked by the site before each answer, so that a takedown acts at once."""

import sqlite3
from pathlib import Path

from archive.publishing.snapshot import applied_by, must_pack, refuse_other_version
from archive.sql.migrations import open_reviews


class Watch:
    """Compares the takedowns that a snapshot applies with those in force. Costs some microseconds while neither changes.

    One thread at a time may use it.
    """

    def __init__(self, snapshot: Path) -> None:
        self.folder = snapshot.resolve().parents[1]
        self._snapshot, self._decisions = snapshot.resolve(), self.folder / "reviews.db"
        self._connection: sqlite3.Connection | None = None
        self._file, self._version = 0, -1
        self._listed: set[int] = set()
        self._seen: tuple[int, int] | None = None
        self._applied: set[int] = set()

    def must_withdraw(self) -> bool:
        """Whether something in the snapshot was taken down. Raises ArchiveOutdated if another version of the program made the
        snapshot; OSError, sqlite3.Error and ArchiveError if it cannot be determined."""
        applied = self._applied_now()
        return not self._in_force() <= applied

    def must_pack(self) -> bool:
        """Whether a withdrawal is unfinished: the snapshot no longer shows what was taken down, but its tables are missing."""
        return must_pack(self._snapshot)

    def close(self) -> None:
        """Close the database of decisions."""
        if self._connection:
            self._connection.close()
        self._connection = None

    def _in_force(self) -> set[int]:
        if not self._decisions.exists():
            return set()
        file = self._decisions.stat().st_ino
        if self._connection is None or file != self._file:  # the first time, or put back from a backup
            self.close()
            self._connection = open_reviews(self._decisions)
            self._file, self._version = file, -1
        version = self._connection.execute("pragma data_version").fetchone()[0]
        if version != self._version:
            numbers = self._connection.execute("select id from takedowns where undone_at is null")
            self._listed, self._version = {number for (number,) in numbers}, version
        return self._listed

    def _applied_now(self) -> set[int]:
        try:
            about = self._snapshot.stat()
        except FileNotFoundError:  # what was opened is served on
            return self._applied
        if (about.st_ino, about.st_mtime_ns) != self._seen:
            refuse_other_version(self._snapshot)
            self._applied, self._seen = applied_by(self._snapshot), (about.st_ino, about.st_mtime_ns)
        return self._applied
