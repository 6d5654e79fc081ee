"""The archive on disk: a folder with WARC files and one SQLite database.

    data/warc/*.warc.gz        every response as it came
    data/archive.db            what they say (WAL; one writer at a time, held by data/.lock; see schema.sql)
    data/reviews.db            what people decided about it
    data/published/archive.db  the snapshot that is served

Acknowledged means: the WARC record is flushed and its row is committed. What a crash leaves in between
is found again by `open_for_writing`.
"""

import fcntl
import json
import logging
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Self

from archive.captures.warc import Exchange, RecordLocation, Revisited, ScannedRecord, WarcFile, WarcFolder, is_torn
from archive.decisions.reviews import Reviews
from archive.errors import DATABASE_ERRORS, ArchiveError, DamagedRecord, damaged, is_damage
from archive.model import Capture, CaptureKind, CaptureRole
from archive.sql.rows import is_empty
from archive.stations.identity import Decisions
from archive.storage import erased, fetch_schedule, schema
from archive.storage.decided import Decided
from archive.storage.runs import RunCommand

# What of the captures is read: pages, not what a crawl fetched to find them, nor what repeats another.
PAGES = "duplicate_of is null and role = ''"
DATABASE = "archive.db"
PATIENCE = 120  # seconds to wait where somebody else has locked the database
WARC_SIZE = 1_000_000_000  # bytes after which the next WARC file is begun
_MOVED = -1  # instead of a WARC file's size: it is being rewritten, and its records may lie elsewhere
logger = logging.getLogger(__name__)


class ArchiveBusy(ArchiveError):
    """Another process is writing to the archive."""


class ArchiveOutdated(ArchiveError):
    """The database has the tables of another version; `archive.pipeline.rebuild` makes it again."""


@dataclass(frozen=True)
class Known:
    """What was known of a capture before, and is not all in its record."""

    number: int | None = None
    run_id: int | None = None
    outlet: str = ""
    role: str = ""  # a CaptureRole


class Archive:
    """One archive folder, open. Use `open_for_writing` or `open_for_reading`. `connection` is in autocommit between
    transactions."""

    def __init__(
        self, folder: Path, connection: sqlite3.Connection, lock: IO[str] | None, warc_size: int = WARC_SIZE
    ) -> None:
        self.folder = folder
        self.connection = connection
        self.warc = WarcFolder(folder / "warc")
        self.cut: list[str] = []  # WARC files whose torn end was cut off at opening
        self.damaged: list[str] = []  # locations in WARC files that were skipped at opening
        self._lock = lock
        self._warc_size = warc_size
        self._file: WarcFile | None = None
        self._reviews: Reviews | None = None
        self._decided: Decided | None = None

    @property
    def reviews(self) -> Reviews:
        """What people decided; a database of its own beside this one."""
        if self._reviews is None:
            self._reviews = Reviews(self.folder / "reviews.db")
        return self._reviews

    @property
    def decided(self) -> Decided:
        """What was read out of texts before; a file of its own beside this database, made at first use."""
        if self._decided is None:
            self._decided = Decided(self.folder / "decided.db")
        return self._decided

    def decisions(self) -> Decisions:
        """What people decided about which names are one station."""
        return self.reviews.station_decisions()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close files and release the lock."""
        if self._file:
            self._file.close()
        if self._reviews:
            self._reviews.close()
        if self._decided:
            self._decided.close()
        self.connection.close()
        if self._lock:
            self._lock.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it or nothing. Within another transaction it is a savepoint, which may fail alone."""
        is_part = self.connection.in_transaction
        self.connection.execute("savepoint part" if is_part else "begin immediate")
        try:
            yield self.connection
        except BaseException:
            if not is_part:
                self.connection.rollback()
            elif self.connection.in_transaction:  # a full disk may have ended the whole transaction
                self.connection.execute("rollback to part")
                self.connection.execute("release part")
            raise
        self.connection.execute("release part" if is_part else "commit")

    # Runs

    def start_run(self, command: RunCommand, site: str) -> int:
        """Record that a crawl, import or check of a `site` (its name, or the paths that are imported) begins. Returns the run's id."""
        with self.transaction() as connection:
            row = connection.execute(
                "insert into runs (command, site, started) values (?, ?, ?)", [command, site, _now()]
            )
        assert row.lastrowid is not None
        logger.info("Run %d begins: %s %s", row.lastrowid, command, site, extra={"run": row.lastrowid})
        return row.lastrowid

    def finish_run(self, run_id: int, outcome: str, stats: Mapping[str, int | float | str]) -> None:
        """Record how a run ended: its outcome (a RunOutcome, or another reason of Scrapy) and its counts by name."""
        with self.transaction() as connection:
            connection.execute(
                "update runs set finished = ?, outcome = ?, stats = ? where id = ?",
                [_now(), outcome, json.dumps(stats, ensure_ascii=False, sort_keys=True), run_id],
            )
        logger.info(
            "Run %d ended: %s", run_id, outcome, extra={"run": run_id, "outcome": outcome, "counts": dict(stats)}
        )

    # Captures

    def save_capture(self, exchange: Exchange, run_id: int | None) -> int | None:
        """Keep a response: first its WARC record, then its row.

        Args:
            exchange: the request and the response.
            run_id: the run that fetched it; None: none did.

        Returns:
            The id of the capture. None if there is nothing new to read: the address had the same bytes last time (a revisit is
            kept, without the bytes), an imported page had them at any time, or the article was erased (nothing is kept).

        Raises:
            OSError: the disk refuses.
        """
        if self.is_erased(exchange.url):
            return None
        imported = bool(exchange.source)
        known = self.connection.execute(
            "select digest, status, fetched_at from captures where url = ? order by id desc limit ?",
            [exchange.url, -1 if imported else 1],
        ).fetchall()
        if imported and (exchange.digest, exchange.status) in [row[:2] for row in known]:
            return None
        same = next((row for row in known if not imported and _is_same(exchange, row[0], row[1])), None)
        digest = same[0] if same else exchange.digest
        if self._file is None or self._file.size > self._warc_size:
            self._next_file()
        assert self._file is not None
        location = self._file.append(exchange, revisit_of=Revisited(digest, exchange.url, same[2]) if same else None)
        found = ScannedRecord(
            location, exchange.url, _iso(exchange.fetched_at), exchange.status, exchange.content_type, digest, exchange.role,
            exchange.outlet, exchange.source, exchange.any_topic, same is not None,
        )  # fmt: skip
        capture_id = self._insert_capture(found, Known(run_id=run_id))
        return None if same else capture_id

    def known_kind(self, exchange: Exchange) -> str:
        """Returns what became of a page whose bytes are known: `unchanged` of an article, else the kind of its capture."""
        kind = self.connection.execute(
            "select kind from captures where url = ? and digest = ? and kind is not null order by id desc limit 1",
            [exchange.url, exchange.digest],
        ).fetchone()
        return CaptureKind.UNCHANGED if kind in (None, (CaptureKind.ARTICLE,)) else str(kind[0])

    def is_erased(self, url: str) -> bool:
        """Whether an address, or another of its page, had an article that was erased: it is not kept again."""
        return erased.is_erased(self.connection, url)

    def _next_file(self) -> None:
        if self._file:
            self._file.close()
        self._file = self.warc.writer(f"dangqun-{datetime.now(UTC):%Y%m%d%H%M%S%f}")

    def _insert_capture(self, found: ScannedRecord, known: Known) -> int:
        found = replace(found, outlet=found.outlet or known.outlet, role=found.role or known.role)
        with self.transaction() as connection:
            duplicate_of = None
            if found.is_revisit:
                row = connection.execute(
                    "select coalesce(duplicate_of, id) from captures where url = ? and digest = ? and (status = ? or 304 in (status, ?))"
                    " order by id desc limit 1",
                    [found.url, found.digest, found.status, found.status],
                ).fetchone()
                duplicate_of = row and row[0]
            cursor = connection.execute(
                "insert into captures (id, url, fetched_at, status, content_type, digest, warc_file, warc_offset, warc_length,"
                " outlet_id, role, kind, run_id, source, any_topic, duplicate_of) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    known.number, found.url, found.fetched_at, found.status, found.content_type, found.digest,
                    found.location.file, found.location.offset, found.location.length,
                    self.outlet(found.outlet, Capture(found.url, b"").host) if found.outlet else None,
                    found.role, found.role or (CaptureKind.UNCHANGED if found.is_revisit else None), known.run_id, found.source, int(found.any_topic),
                    duplicate_of,
                ],
            )  # fmt: skip
            assert cursor.lastrowid is not None
            if found.role == CaptureRole.TOMBSTONE:
                self._note_erased(cursor.lastrowid, found)
            elif found.role in (CaptureRole.PAGE, CaptureRole.REDIRECT):
                once = bool(found.role or found.source)
                fetch_schedule.note(
                    connection, found.url, found.outlet, found.fetched_at, unchanged=found.is_revisit, once=once
                )
        return cursor.lastrowid

    def _note_erased(self, capture_id: int, found: ScannedRecord) -> None:
        erased.note(self.connection, capture_id, found)
        fetch_schedule.note(self.connection, found.url, found.outlet, found.fetched_at, unchanged=False, once=True)

    def put_in_place(self, path: Path, draft: Path) -> None:
        """Put a rewritten WARC file, which has the same captures in the same order or tombstones instead, in the place of
        the old one. Killed at any moment, either file is there whole, and the next opening finds its records again."""
        with self.transaction() as connection:
            connection.execute("insert or replace into warc_files values (?, ?)", [path.name, _MOVED])
        draft.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # the new name is on the disk before the rows are
        finally:
            os.close(folder)
        self._find_again(path)

    def _find_again(self, path: Path) -> None:
        """Bring the rows of a WARC file in line with its records, in one transaction. Raises ArchiveError where these are
        others."""
        rows = self.connection.execute(
            "select id, url, fetched_at from captures where warc_file = ? order by warc_offset", [path.name]
        ).fetchall()
        found = self.warc.scan(path).found
        if [row[1:] for row in rows] != [(one.url, one.fetched_at) for one in found[: len(rows)]]:
            raise ArchiveError(
                f"{path} does not hold the captures that the database knows. Put it back from a backup; or move {DATABASE}"
                " away and run `dangqun extract`."
            )
        with self.transaction() as connection:
            connection.execute("update captures set warc_offset = -1 - warc_offset where warc_file = ?", [path.name])
            for (number, *_), one in zip(rows, found, strict=False):
                connection.execute(
                    "update captures set warc_offset = ?, warc_length = ? where id = ?",
                    [one.location.offset, one.location.length, number],
                )
                if one.role == CaptureRole.TOMBSTONE:
                    self._note_erased(number, one)
            connection.execute("insert or replace into warc_files values (?, ?)", [path.name, path.stat().st_size])

    def capture(self, capture_id: int) -> Capture:
        """Returns a capture, read from its WARC file. Raises ArchiveError if the file cannot be read, DamagedRecord if the capture
        is not in it as it was written."""
        row = self.connection.execute(
            "select warc_file, warc_offset, warc_length, coalesce(outlets.name, ''), fetched_at from captures"
            " left join outlets on outlets.id = outlet_id where captures.id = (select coalesce(duplicate_of, id) from captures where id = ?)",
            [capture_id],
        ).fetchone()
        if row is None:
            raise ArchiveError(f"There is no capture {capture_id}.")
        try:
            capture = self.warc.read(RecordLocation(*row[:3]), row[3])
        except OSError as error:
            raise ArchiveError(f"Capture {capture_id} cannot be read from {row[0]}: {error}") from None
        except ValueError as error:
            raise DamagedRecord(f"Capture {capture_id} is damaged: {error}") from None
        return replace(capture, fetched=date.fromisoformat(row[4][:10]))

    def validators(self, url: str) -> dict[str, str]:
        """Returns the headers ETag and Last-Modified that an address last had, by their names in lower case, for conditional
        requests; none if the address was not there."""
        row = self.connection.execute(
            "select warc_file, warc_offset, warc_length from captures where url = ? and status in (200, 304)"
            " and id >= coalesce((select max(id) from captures c where c.url = captures.url and status not in (200, 304)), 0)"
            " order by id desc limit 1",
            [url],
        ).fetchone()
        try:
            headers = self.warc.headers(RecordLocation(*row)) if row else {}
        except OSError:
            return {}
        return {name: headers[name] for name in ("etag", "last-modified") if headers.get(name)}

    def is_list(self, url: str) -> bool:
        """Whether the last page of an address only led to others."""
        row = self.connection.execute(
            "select kind from captures where url = ? and duplicate_of is null order by id desc limit 1", [url]
        ).fetchone()
        return row is not None and row[0] in (CaptureKind.LIST, CaptureKind.SHELL)

    def last_page(self, url: str) -> Capture | None:
        """Returns the page that an address last showed, None if none is kept. Raises ArchiveError if it cannot be read."""
        row = self.connection.execute(
            "select coalesce(duplicate_of, id) from captures where url = ? and status in (200, 304) order by id desc limit 1",
            [url],
        ).fetchone()
        return self.capture(row[0]) if row else None

    def last_answer(self, url: str, since: datetime, before: datetime) -> Capture | None:
        """Returns the last response of an address from `since` on and before `before` that is no error, None if none is kept.
        Raises ArchiveError if it cannot be read."""
        row = self.connection.execute(
            "select id from captures where url = ? and fetched_at >= ? and fetched_at < ? and status < 400"
            " order by id desc limit 1",
            [url, _iso(since), _iso(before)],
        ).fetchone()
        return self.capture(row[0]) if row else None

    def unread(self, run_id: int | None = None) -> list[int]:
        """Returns the ids of captures that are not read yet, of one run or of all (`run_id` is None): what a crash left between
        fetching and reading."""
        rows = self.connection.execute(
            "select id from captures where kind is null and (?1 is null or run_id = ?1) order by id", [run_id]
        )
        return [row[0] for row in rows]

    def is_first_version(self, capture_id: int) -> bool:
        """Returns whether a capture has the first version of an article: there was none before it."""
        found = self.connection.execute("select 1 from revisions where capture_id = ? and number = 1", [capture_id])
        return found.fetchone() is not None

    def outlet(self, name: str, host: str = "") -> int:
        """Returns the id of an outlet, and makes its row if it is new. Call this within a transaction."""
        found = self.connection.execute("select id from outlets where name = ?", [name]).fetchone()
        if found:
            return found[0]
        cursor = self.connection.execute("insert into outlets (name, host) values (?, ?)", [name, host])
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def recover(self, known: Callable[[RecordLocation], Known] = lambda location: Known()) -> int:
        """Index WARC records that a crash kept out of the database.

        A record that the crash left unfinished at the end of a file is cut off, and `cut` names the file. What is damaged within
        a file is skipped, and `damaged` names it.

        Args:
            known: returns what was known of the capture at a location before.

        Returns:
            How many records were indexed.
        """
        found = 0
        seen = dict(self.connection.execute("select name, size from warc_files").fetchall())
        for path in self.warc.files():
            size = path.stat().st_size
            if seen.get(path.name) == _MOVED:
                self._find_again(path)
            if seen.get(path.name) == size:
                continue
            end = self.connection.execute(
                "select coalesce(max(warc_offset + warc_length), 0) from captures where warc_file = ?", [path.name]
            ).fetchone()[0]
            scan = self.warc.scan(path, end)
            for record in scan.found:
                self._insert_capture(record, known(record.location))
            found += len(scan.found)
            if scan.end < size and is_torn(path, scan.end):
                os.truncate(path, scan.end)
                self.cut.append(path.name)
            self.damaged += [f"{path.name} at byte {at}" for at in scan.damaged if at < path.stat().st_size]
            with self.transaction() as connection:
                connection.execute("insert or replace into warc_files values (?, ?)", [path.name, path.stat().st_size])
        return found


def open_for_writing(folder: Path, warc_size: int = WARC_SIZE, operator: str = "") -> Archive:
    """Open an archive for the only process that writes to it, and make it if it is new.

    Args:
        folder: the archive's folder.
        warc_size: bytes after which the next WARC file begins.
        operator: who can be reached about the crawl; each WARC file says so.

    Returns:
        The archive, with what a crash kept out of its database.

    Raises:
        ArchiveBusy: another process holds it.
        ArchiveOutdated: its database is of another version.
        ArchiveError: the folder cannot be used.
    """
    archive = open_unrecovered(folder, warc_size)
    archive.warc.operator = operator
    archive.recover()
    return archive


def open_unrecovered(folder: Path, warc_size: int = WARC_SIZE) -> Archive:
    """As `open_for_writing`, with what a crash kept out of the database left out as yet."""
    lock = hold(folder)
    try:
        connection = connect(folder / DATABASE)
        if is_empty(connection):
            schema.create(connection)
        _refuse_outdated(folder, connection)
        schema.refresh_fact_types(connection)
    except BaseException:
        lock.close()
        raise
    return Archive(folder, connection, lock, warc_size)


def open_for_reading(folder: Path) -> Archive:
    """Open an existing archive to look at it. Raises ArchiveError where there is none, ArchiveOutdated where its database
    is of another version."""
    ensure_there(folder)
    connection = connect(folder / DATABASE)
    _refuse_outdated(folder, connection)
    return Archive(folder, connection, None)


def ensure_there(folder: Path) -> None:
    """Raise ArchiveError where a folder holds no archive."""
    if not (folder / DATABASE).exists():
        raise ArchiveError(
            f"There is no archive in {folder}. Make one with `dangqun demo`, `dangqun crawl` or `dangqun import`, or name another with --archive."
        )


def is_outdated(folder: Path) -> bool:
    """Whether an archive has a database, and one of another version."""
    if not (folder / DATABASE).exists():
        return False
    with closing(connect(folder / DATABASE)) as connection:
        return not (is_empty(connection) or schema.is_current(connection))


def hold(folder: Path) -> IO[str]:
    """Returns the lock of an archive, held until the file is closed. Raises ArchiveBusy if another process holds it, ArchiveError
    if the folder cannot be used."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / ".lock").open("w")
    except OSError as error:
        raise ArchiveError(
            f"The archive folder {folder} cannot be written to: {error.strerror}. Choose another with --archive."
        ) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise ArchiveBusy(
            f"Another dangqun process is writing to {folder}. Wait for it to end, or choose another folder with --archive."
        ) from None
    return lock


def connect(path: Path) -> sqlite3.Connection:
    """A connection to a database of an archive, in autocommit. Raises ArchiveError if its file is damaged, or belongs to
    another program."""
    connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
    try:
        connection.execute("pragma journal_mode = wal")
        if not is_empty(connection):
            connection.execute("select 1 from captures limit 0")  # every version has them, another program has not
    except DATABASE_ERRORS as error:
        connection.close()
        if not is_damage(error):
            raise
        raise ArchiveError(damaged(path, error)) from None
    connection.execute("pragma synchronous = normal")
    connection.execute("pragma foreign_keys = on")
    # A large archive's indexes are met at random positions: keep what leads there at hand.
    connection.execute("pragma cache_size = -256000")
    return connection


def _refuse_outdated(folder: Path, connection: sqlite3.Connection) -> None:
    if not schema.is_current(connection):
        connection.close()
        raise ArchiveOutdated(
            f"The database in {folder} was made by another version of dangqun. Run `dangqun extract`: it is made again"
            " from the captures, and what was published last is served meanwhile."
        )


def _is_same(exchange: Exchange, digest: str, status: int) -> bool:
    """Whether a response says what the capture before it did: by its bytes, or because the server says so."""
    if exchange.status == 304:
        return True
    return exchange.digest == digest and status in (exchange.status, 304)


def _now() -> str:
    return _iso(datetime.now(UTC))


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
