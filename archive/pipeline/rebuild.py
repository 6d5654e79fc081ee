"""Makes the database again from the captures, when it has the tables of another version.

The new one is made in `.rebuild/`, a view of the same folder with its own database, like a database that was lost: captures
are indexed, then read. It replaces the old one when it is complete and sound; until then the old one stays unchanged. If the
rebuild is killed, the next start continues it.

A rebuild carries over what the captures do not state: runs, what monitors found in them, which run fetched a capture, and
what records of early versions omit (outlet, role). It also keeps keys and numbers that others may cite: the keys of facts,
and the numbers of captures, outlets, articles and stations. It does not touch reviews.db, which holds people's decisions.
"""

import logging
import shutil
import sqlite3
import time
from collections.abc import Callable, Container, Mapping
from contextlib import closing
from itertools import count
from pathlib import Path

from archive.captures.warc import RecordLocation
from archive.pipeline.reread import outdated, reread
from archive.reading import Layouts
from archive.sql.rows import is_empty
from archive.sql.soundness import faults
from archive.stations import evidence
from archive.storage import schema
from archive.storage.store import (
    DATABASE,
    PATIENCE,
    Archive,
    ArchiveBusy,
    ArchiveError,
    Known,
    connect,
    hold,
    open_unrecovered,
)

_FOLDER = ".rebuild"
Report = Callable[[str, int, int, int], None]  # what is done, how many more of them, of how many, articles among them
# A role before there was a column for it.
_EARLY_ROLE = (
    "case when kind in ('sitemap', 'robots', 'redirect') or (kind = 'list' and reason is null) then kind else '' end"
)
logger = logging.getLogger(__name__)


# (table, column) -> what older versions called the column.
_FORMER_NAMES = {
    ("findings", "message"): "said",
    ("findings", "observed"): "found",
    ("captures", "duplicate_of"): "repeats",
}


def rebuild(
    folder: Path, layouts: Layouts | None = None, *, processes: int = 1, report: Report = lambda *_: None
) -> None:
    """Make the database of an archive again from its captures, and replace the old one.

    Raises ArchiveBusy if another process holds the archive. Raises ArchiveError, with the old database unchanged, if captures
    that it knows are not in the WARC files, or if the new one is not sound.
    """
    with hold(folder):
        old, spare = folder / DATABASE, folder / _FOLDER
        logger.info("Rebuilding %s from its captures", old)
        _prepare(spare, old)
        with open_unrecovered(spare) as fresh:
            fresh.connection.execute("attach ? as old", [str(old.resolve())])
            _carry_over(fresh.connection)
            with fresh.transaction() as connection:
                evidence.carry(connection, connection, "old")
            _index(fresh, report)
            _number_articles(fresh.connection)
            jobs = outdated(fresh, layouts)
            report("pages", 0, len(jobs), 0)
            reread(
                fresh,
                jobs,
                layouts,
                processes=processes,
                report=lambda pages, found: report("pages", pages, len(jobs), found),
            )
            with fresh.transaction():
                _drop_what_is_no_more(fresh.connection)
                _number_stations(fresh.connection)
            fresh.connection.execute("detach old")
            wrong = list(faults(fresh.connection))
            if wrong:
                raise ArchiveError(
                    f"The database that was made again is not sound: {'; '.join(wrong)}. The old one stays."
                )
            _leave_log(fresh.connection, spare / DATABASE)
        _exchange(old, spare / DATABASE)
        shutil.rmtree(spare)
        logger.info("Rebuilt %s", old)


def _prepare(spare: Path, old: Path) -> None:
    """A folder for the new database, with what was begun and still holds."""
    if (spare / DATABASE).exists() and not _may_go_on(spare / DATABASE, old):
        shutil.rmtree(spare)
    spare.mkdir(exist_ok=True)
    for name in ("warc", "reviews.db", "decided.db"):
        link = spare / name
        if not link.is_symlink():
            link.symlink_to(Path("..") / name)


def _may_go_on(begun: Path, old: Path) -> bool:
    """Whether a rebuild that was broken off can go on: it is whole and for this version, and the old database was not
    written to since (by the version that made it)."""
    try:
        with closing(connect(begun)) as connection:
            if not schema.is_current(connection):
                return is_empty(connection)
            return _is_whole(connection) and not _is_behind(connection, old)
    except (ArchiveError, sqlite3.DatabaseError):
        return False


def _is_whole(connection: sqlite3.Connection) -> bool:
    return connection.execute("pragma quick_check").fetchone()[0] == "ok"


def _is_behind(connection: sqlite3.Connection, old: Path) -> bool:
    """Whether the old database has got other runs, or other numbers for captures, than the one begun."""
    connection.execute("attach ? as old", [str(old)])
    changed = connection.execute(
        "select (select max(id) from runs) is not (select max(id) from old.runs) or exists (select 1 from captures"
        " join old.captures theirs on theirs.warc_file = captures.warc_file"
        " and theirs.warc_offset = captures.warc_offset where theirs.id != captures.id)"
    )
    return bool(changed.fetchone()[0])


def _carry_over(connection: sqlite3.Connection) -> None:
    for table in ("runs", "findings", "outlets"):
        into, of = _shared_columns(connection, table)
        if into:
            connection.execute(f"insert or replace into main.{table} ({into}) select {of} from old.{table}")


def _shared_columns(connection: sqlite3.Connection, table: str, without: Container[str] = ()) -> tuple[str, str]:
    """The columns of a table that both databases have: as the new one names them, and as the old one does."""
    there = _columns(connection, "old", table)
    named = {
        name: next((one for one in (name, _FORMER_NAMES.get((table, name))) if one in there), None)
        for name in sorted(_columns(connection, "main", table))
        if name not in without
    }
    pairs = [(f'"{new}"', f'"{old}"') for new, old in named.items() if old]
    return ", ".join(new for new, _ in pairs), ", ".join(old for _, old in pairs)


def _index(fresh: Archive, report: Report) -> None:
    """Index the captures of the WARC files, under the numbers that they had."""
    connection = fresh.connection
    total, last = connection.execute("select count(*), coalesce(max(id), 0) from old.captures").fetchone()
    role = "role" if "role" in _columns(connection, "old", "captures") else _EARLY_ROLE
    question = (
        f"select captures.id, run_id, coalesce(outlets.name, ''), {role} from old.captures"
        " left join old.outlets on outlets.id = outlet_id where warc_file = ? and warc_offset = ?"
    )
    report("captures", connection.execute("select count(*) from captures").fetchone()[0], total, 0)

    def known(location: RecordLocation) -> Known:
        report("captures", 1, total, 0)
        row = connection.execute(question, [location.file, location.offset]).fetchone()
        if row:
            return Known(*row)
        newest = connection.execute("select coalesce(max(id), 0) from captures").fetchone()[0]
        return Known(max(newest, last) + 1)  # its number must not be one that comes later

    fresh.recover(known)
    _carry_damaged(fresh)
    lost = connection.execute(
        "select warc_file, count(*) from old.captures theirs where not exists (select 1 from captures where"
        " captures.warc_file = theirs.warc_file and captures.warc_offset = theirs.warc_offset) group by 1 order by 1"
    ).fetchall()
    if lost:
        listed = ", ".join(f"{file} ({captures})" for file, captures in lost[:5])
        raise ArchiveError(
            f"{sum(captures for _, captures in lost)} captures of the database are not to be found in the WARC files: {listed}."
            f" The old database stays. Put the files back from a backup; or, to do without them, move {DATABASE} away and"
            " run `dangqun extract`."
        )


def _carry_damaged(fresh: Archive) -> None:
    """Keep the rows of captures whose records are damaged: their location is within the file, and no other record is there. They
    are read as `damaged`, and read again once a backup of the file is in its place."""
    connection = fresh.connection
    sizes = {path.name: path.stat().st_size for path in fresh.warc.files()}
    connection.create_function("size_of", 1, lambda name: sizes.get(name, 0), deterministic=True)
    derived = {"kind", "reason", "page_key", "stem", "reader_version", "extractor_version"}
    into, of = _shared_columns(connection, "captures", without=derived)
    connection.execute(
        f"insert into captures ({into}) select {of} from old.captures theirs"
        " where size_of(warc_file) >= warc_offset + warc_length and not exists (select 1 from captures there"
        " where there.warc_file = theirs.warc_file and there.warc_offset < theirs.warc_offset + theirs.warc_length"
        " and there.warc_offset + there.warc_length > theirs.warc_offset)"
    )
    connection.execute(
        "update captures set kind = case when role != '' then role when duplicate_of is not null then 'unchanged' end"
        " where kind is null and (role != '' or duplicate_of is not null)"
    )


def _number_articles(connection: sqlite3.Connection) -> None:
    """A row for each article that there was, under its number, which reading brings in line; without a version, so that
    it differs from one that has been read."""
    row = {
        name: "''" if kind.lower() == "text" else "0"
        for _, name, kind, needed, default, _ in connection.execute("pragma main.table_info(articles)")
        if needed and default is None
    }
    row |= {"id": "theirs.id", "url": "theirs.url", "outlet_id": "theirs.outlet_id", "capture_id": "max(captures.id)"}
    connection.execute(
        f"insert or ignore into main.articles ({', '.join(row)}) select {', '.join(row.values())} from old.articles theirs"
        " join captures on captures.url = theirs.url group by theirs.id"
    )


def _drop_what_is_no_more(connection: sqlite3.Connection) -> None:
    """The numbers that nothing has taken."""
    connection.execute("delete from articles where reader_version = ''")
    connection.execute(
        "delete from outlets where id not in (select outlet_id from captures where outlet_id is not null)"
        " and id not in (select outlet_id from articles)"
    )


def _number_stations(connection: sqlite3.Connection) -> None:
    """Give each station the number that one of its names had; the others come after all of these."""
    if not _columns(connection, "old", "station_names"):
        return
    pairs = connection.execute(
        "select names.station_id, theirs.station_id from station_names names join stations on stations.id = names.station_id"
        " left join old.station_names theirs on theirs.key = names.key order by stations.key, theirs.station_id"
    ).fetchall()
    numbers: dict[int, int] = {}
    taken: set[int] = set()
    for station, before in pairs:
        if before is not None and before not in taken and station not in numbers:
            numbers[station] = before
            taken.add(before)
    last = connection.execute("select coalesce(max(id), 0) from old.stations").fetchone()[0]
    free = count(max([last, *(station for station, _ in pairs)]) + 1)
    for station, _ in pairs:
        if station not in numbers:
            numbers[station] = station if station > last else next(free)
    _renumber_stations(connection, {was: becomes for was, becomes in numbers.items() if was != becomes})


def _renumber_stations(connection: sqlite3.Connection, numbers: Mapping[int, int]) -> None:
    connection.execute("pragma defer_foreign_keys = on")
    connection.execute("create temp table numbers (was integer primary key, becomes integer not null)")
    connection.executemany("insert into numbers values (?, ?)", numbers.items())
    connection.execute("update stations set id = -becomes from numbers where id = was")  # two may change places
    connection.execute("update stations set id = -id where id < 0")
    for table in ("station_names", "facts"):
        connection.execute(f"update {table} set station_id = becomes from numbers where station_id = was")
    connection.execute("drop table numbers")


def _columns(connection: sqlite3.Connection, database: str, table: str) -> set[str]:
    return {row[1] for row in connection.execute(f"pragma {database}.table_info({table})")}


def _exchange(old: Path, new: Path) -> None:
    """Put a database in the place of another. At no moment is there neither."""
    with closing(sqlite3.connect(old, timeout=PATIENCE, isolation_level=None)) as connection:
        while True:
            _leave_log(connection, old)
            connection.execute("begin exclusive")
            if connection.execute("pragma journal_mode").fetchone()[0] == "delete":  # nobody opened it in between
                break
            connection.rollback()
        new.replace(old)


def _leave_log(connection: sqlite3.Connection, path: Path) -> None:
    """Wait until nobody else has a database open, and bring all of it into its one file: a log that is left beside it
    would be taken for that of the file that comes in its place. Raises ArchiveBusy where that takes too long."""
    deadline = time.monotonic() + PATIENCE
    while not _is_one_file(connection):
        if time.monotonic() > deadline:
            raise ArchiveBusy(f"Somebody has {path} open. Close what reads it, and run the command again.")
        time.sleep(0.2)


def _is_one_file(connection: sqlite3.Connection) -> bool:
    try:
        return connection.execute("pragma journal_mode = delete").fetchone()[0] == "delete"
    except sqlite3.OperationalError:
        return False
