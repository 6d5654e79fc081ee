"""The snapshot that is served: the database with people's decisions, checked, and replaced as a whole. The previous one is kept.
A takedown acts on it at once, without a new publication."""

import json
import logging
import os
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import quote

from archive.configuration import configuration
from archive.decisions.reports import forget_old_reports
from archive.decisions.reviews import Reviews
from archive.errors import DATABASE_ERRORS, damaged, is_damage
from archive.model import CaptureRole
from archive.pipeline.ingest import settle_stations
from archive.pipeline.reread import undeclared
from archive.publishing import changes, removed
from archive.publishing.candidates import hide_taken_down, part_with_candidates
from archive.publishing.keys import add_keys
from archive.publishing.reviewed import add_reviews
from archive.publishing.stages import stage
from archive.publishing.summaries import COUNTED, is_summarised, summarise, undo_summaries
from archive.publishing.takedown import applied, take_down
from archive.sql.files import alone, remove, sha256_of
from archive.sql.soundness import faults
from archive.stations import identity, names
from archive.storage import schema
from archive.storage.store import Archive, ArchiveError, ArchiveOutdated

PACKAGE = "tables.zip"  # all tables as one file
logger = logging.getLogger(__name__)


def publish(archive: Archive, *, fall: float | None = None) -> Path:
    """Write data/published/archive.db and return its path; the snapshot before it stays as archive.previous.db, unless it
    holds what was taken down since. Beside it, candidates.db holds what waits for a person's decision, and the folder tables/
    what is published as files (see `tables_of`).

    Raises ArchiveError, with the old snapshot untouched, where the database is not sound, was read with a plug-in that is
    not here, or has fewer articles, stations or facts than the last snapshot by more than the share `fall` (by default
    `publish.max_shrink` in dangqun.toml). What people decided (merges, rejections, takedowns) is no loss: it is counted by
    name, in both. Raises OSError and sqlite3.Error where the disk is full.

    All files are complete before the first takes its place; a publication that fails changes none of them.
    """
    folder = archive.folder / "published"
    folder.mkdir(exist_ok=True)
    target, draft = folder / "archive.db", folder / "archive.db.draft"
    waiting, package, inspection, lines = (
        folder / f"{name}.draft" for name in ("candidates.db", "tables", "inspect.json", "changes.jsonl")
    )
    _remove_drafts(folder)  # of a publication that was killed
    forget_old_reports(archive.folder / "reviews.db")
    try:
        settle_stations(archive)  # what people decided on the site since
        _copy(archive, draft)
        with sqlite3.connect(draft, uri=True) as connection:
            prepare(connection, archive.reviews, waiting, _merged(archive), target if target.exists() else None)
        connection.close()
        may_fall = configuration(archive.folder)["publish.max_shrink"] if fall is None else fall
        if wrong := [
            *undeclared(archive.connection),
            *_faults(draft),
            *_fallen(draft, target, may_fall),
            *_forgotten(archive.reviews, target),
        ]:
            raise ArchiveError("Not published: " + "; ".join(wrong) + ".")
        changes.note(draft, target, lines)
        _pack(draft, package)
        write_inspection(draft, inspection)
        with alone(folder):
            spare, previous = folder / ".previous", folder / "archive.previous.db"
            if target.exists() and archive.reviews.takedowns_in_force() <= applied_by(target):
                os.link(target, spare)
            remove(folder.glob("*.withdrawn*"))  # of a withdrawal that was killed
            inspection.replace(folder / "inspect.json")  # it is of no other file than the draft
            _pending(target).touch()  # killed from here on, its tables are made again
            changes.put_in_place(lines, draft, target)
            draft.replace(target)  # at no moment is there no snapshot
            _put_tables(package, target)
            waiting.replace(folder / "candidates.db")
            spare.replace(previous) if spare.exists() else previous.unlink(missing_ok=True)
    finally:
        _remove_drafts(folder)
    logger.info("Published %s", target, extra={"file": target})
    return target


@stage("snapshot")
def prepare(
    connection: sqlite3.Connection, reviews: Reviews, waiting: Path, merged: int = 0, before: Path | None = None
) -> None:
    """Make a snapshot of a copy of archive.db, in place.

    Args:
        connection: the copy, opened with `uri=True`.
        reviews: the decisions.
        waiting: the file for the candidates that wait for a decision.
        merged: by how many stations the decisions reduce their number.
        before: the snapshot before this one.

    Raises ArchiveError if the snapshot before is damaged.
    """
    removed.begin(connection, merged)
    add_reviews(connection, reviews)
    part_with_candidates(connection, reviews, waiting)
    connection.execute("delete from former_facts where not shown")
    connection.execute("drop table fetch_schedule")  # the crawler's own, taken-down addresses included
    connection.execute("drop table erased")
    connection.execute("delete from captures where role = ?", [CaptureRole.TOMBSTONE])
    add_keys(connection, reviews)
    take_down(connection, reviews)
    with _reading(before) if before else nullcontext():
        summarise(connection, before)


@stage("copy")
def _copy(archive: Archive, draft: Path) -> None:
    archive.connection.execute("vacuum into ?", [str(draft)])


def _remove_drafts(folder: Path) -> None:
    """Remove what an interrupted publication left."""
    remove([*folder.glob("*.draft*"), folder / ".previous"])


def withdraw(folder: Path) -> bool:
    """Take out of the snapshot of an archive what was taken down since it was made, and count it again; returns whether
    there was anything. All that is published changes: the snapshot, its tables, the candidates that wait. Raises
    ArchiveError where the snapshot is withdrawn and its tables cannot be packed again; the next call packs them.

    Nothing is read but the snapshot and the list of takedowns, so that neither a crawl nor the state of archive.db delays it.
    """
    target = folder / "published" / "archive.db"
    with closing(Reviews(folder / "reviews.db")) as reviews:
        if _is_withdrawn(target, reviews):
            return False
        with alone(target.parent):
            if _is_withdrawn(target, reviews):  # another process was faster
                return False
            there_was = not reviews.takedowns_in_force() <= applied_by(target)
            if there_was:
                _withdraw(target, reviews)
            _pack_again(target)
    return there_was


def tables_of(target: Path) -> Path:
    """The folder of a snapshot's tables: NAME.csv and NAME.parquet, datapackage.json, codebook.md, and tables.zip with all of
    them and NAME.jsonl. It is of no use while they must be made again (see `must_pack`)."""
    return target.with_name("tables")


def must_pack(target: Path) -> bool:
    """Whether the tables of a snapshot must be made again: the process that made them was killed, or had no room."""
    return _pending(target).exists()


def _is_withdrawn(target: Path, reviews: Reviews) -> bool:
    return reviews.takedowns_in_force() <= applied_by(target) and not must_pack(target)


def _withdraw(target: Path, reviews: Reviews) -> None:
    draft, inspection, lines = (
        target.with_name(f"{name}.withdrawn") for name in (target.name, "inspect.json", "changes.jsonl")
    )
    remove(target.parent.glob("*.withdrawn*"))  # SQLite would take the journal of a killed withdrawal for this one's
    refuse_other_version(target)
    try:
        shutil.copyfile(target, draft)
        with closing(sqlite3.connect(draft)) as connection:
            connection.execute("pragma secure_delete = on")
            undo_summaries(connection)
            _hide_waiting(connection, reviews, target.with_name("candidates.db"))
            take_down(connection, reviews)
            summarise(connection)
        changes.note(draft, target, lines, only=changes.Reason.TAKEDOWN)
        write_inspection(draft, inspection)
        _pending(target).touch()
        _remove_tables(target)  # readers can do without them while they are made
        inspection.replace(target.with_name("inspect.json"))
        changes.put_in_place(lines, draft, target)
        draft.replace(target)
        for held in ("archive.previous.db", ".previous"):  # what was taken down
            target.with_name(held).unlink(missing_ok=True)
    finally:
        remove(target.parent.glob("*.withdrawn*"))


def _hide_waiting(connection: sqlite3.Connection, reviews: Reviews, waiting: Path) -> None:
    """Remove what was taken down from the candidates that wait. Deletes their file if it is damaged: the next publication makes
    it again."""
    try:
        if waiting.exists():
            hide_taken_down(connection, reviews, waiting)
    except DATABASE_ERRORS as error:
        if not is_damage(error):
            raise
        waiting.unlink()


def _pending(target: Path) -> Path:
    """A mark that exists as long as the tables of a snapshot are missing, or are of the snapshot before."""
    return target.with_name("tables.pending")


def _pack_again(target: Path) -> None:
    draft = target.with_name("tables.withdrawn")
    remove([draft])
    try:
        _pack(target, draft)
    except OSError as error:
        raise ArchiveError(
            f"What was taken down is gone from what is published, but its tables cannot be packed again: {error.strerror}."
            " The running site tries again, and so does the next `dangqun serve`."
        ) from None
    else:
        _put_tables(draft, target)
    finally:
        remove([draft])


def _put_tables(draft: Path, target: Path) -> None:
    """Put the tables of a snapshot in the place of those before."""
    _remove_tables(target)
    draft.replace(tables_of(target))
    _pending(target).unlink()


def _remove_tables(target: Path) -> None:
    remove([tables_of(target), *target.parent.glob("tables.zip*")])  # the latter are of an older version


def applied_by(snapshot: Path) -> set[int]:
    """The numbers of the takedowns that are applied in a snapshot."""
    with _reading(snapshot) as connection:
        return applied(connection)


@contextmanager
def _reading(snapshot: Path) -> Iterator[sqlite3.Connection]:
    """A connection to a snapshot. Raises ArchiveError if its file is damaged, or belongs to another program."""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(snapshot))}?immutable=1", uri=True)) as connection:
            connection.execute("select 1 from articles limit 0")  # every version has them, another program has not
            yield connection
    except DATABASE_ERRORS as error:
        if not is_damage(error):
            raise
        raise ArchiveError(damaged(snapshot, error)) from None


def _merged(archive: Archive) -> int:
    """How many stations fewer there are by people's decisions."""
    touched = {names.tail(key.split("|")[0]) for key in archive.reviews.decided_names()}
    return identity.merged(archive.connection, touched, archive.decisions())


def published(folder: Path) -> Path:
    """The snapshot of an archive, without what has been taken down by now. Raises ArchiveError where there is none,
    ArchiveOutdated where another version made it."""
    snapshot = last_published(folder)
    if (folder / "reviews.db").exists():
        withdraw(folder)
    return snapshot


def last_published(folder: Path) -> Path:
    """The snapshot of an archive as it is. Raises ArchiveError where there is none, ArchiveOutdated where another version
    made it."""
    snapshot = folder / "published" / "archive.db"
    if not snapshot.exists():
        raise ArchiveError(
            f"Nothing is published in {folder}. Run `dangqun publish`, `dangqun crawl` or `dangqun import` first."
        )
    refuse_other_version(snapshot)
    return snapshot


def refuse_other_version(snapshot: Path) -> None:
    """Raise ArchiveOutdated, which says what to do, if another version of the program made or published a snapshot."""
    folder = snapshot.parents[1]
    with _reading(snapshot) as connection:
        if not schema.is_current(connection):
            raise ArchiveOutdated(
                f"What is published in {folder} was made by another version of dangqun. Run `dangqun extract`, which makes"
                " the database again from the captures and publishes it; until then let the version that made it serve it."
            )
        if not is_summarised(connection):
            raise ArchiveOutdated(
                f"What is published in {folder} was published by another version of dangqun. Run `dangqun publish`, or"
                " restart `dangqun serve` if it runs since before an upgrade."
            )


def inspected(snapshot: Path) -> dict[str, Any] | None:
    """What Datasette need not count again, or None if inspect.json is of another file: a publication may be killed between the
    two. Size and time of change identify the file; a copy keeps both (`cp --archive`, `rsync --archive`)."""
    try:
        known = json.loads(snapshot.with_name("inspect.json").read_text("utf-8"))
        about = snapshot.stat()
        is_of_it = (known["archive"]["size"], known["archive"]["changed"]) == (about.st_size, about.st_mtime_ns)
        return known if is_of_it else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


@stage("digest")
def write_inspection(draft: Path, target: Path) -> None:
    """What Datasette would otherwise count at every start: the digest of the file, its size, the rows of each table."""
    with closing(sqlite3.connect(draft)) as connection:
        tables = connection.execute("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")
        counts = {
            name: {"count": connection.execute(f'select count(*) from "{name}"').fetchone()[0]}
            for (name,) in tables.fetchall()
        }
    about = draft.stat()
    known = {
        "hash": sha256_of(draft),
        "size": about.st_size,
        "changed": about.st_mtime_ns,
        "file": "archive.db",
        "tables": counts,
    }
    target.write_text(json.dumps({"archive": known}), "utf-8")


@stage("tables")
def _pack(snapshot: Path, folder: Path) -> None:
    """The tables of a snapshot as files, and as one. They never outlive their snapshot: what was taken down is not in them."""
    from archive.publishing.tables import export_tables  # pyarrow takes a moment to load

    export_tables(snapshot, folder)
    files = sorted(folder.iterdir())
    with zipfile.ZipFile(folder / PACKAGE, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as package:
        for path in files:
            is_compressed = path.suffix == ".parquet"
            package.write(path, path.name, zipfile.ZIP_STORED if is_compressed else None)
    remove(folder.glob("*.jsonl"))  # the largest; who wants them takes the package


@stage("checks")
def _faults(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(faults(connection))


def _fallen(draft: Path, target: Path, fall: float) -> Iterator[str]:
    """What has become fewer since the last snapshot by more than may be, what people decided aside."""
    if not target.exists():
        return
    (now, left_now), (before, left_before) = _counts(draft), _counts(target)
    for name, count in before.items():
        gone = left_before[name].get("taken down", 0) - left_now[name].get("taken down", 0)
        erased = max(gone, 0)  # what was taken down may be erased since: it cannot be lost again
        if now[name] + sum(left_now[name].values()) < (count + sum(left_before[name].values()) - erased) * (1 - fall):
            yield (
                f"{now[name]} {name}{_by_name(left_now[name])}, where the last snapshot had {count}{_by_name(left_before[name])}"
                " (if that is right, publish with --max-shrink)"
            )


def _forgotten(reviews: Reviews, target: Path) -> Iterator[str]:
    """A sentence if the last snapshot applies takedowns that the list does not contain, because the list was lost."""
    if target.exists() and applied_by(target) - {entry["id"] for entry in reviews.takedown_list()}:
        yield (
            f"{reviews.path} does not know all takedowns that the last snapshot applies. Put it back from a backup; or, if"
            f" what was taken down may be shown again, delete {target}"
        )


def _by_name(left: dict[str, int]) -> str:
    """and 3 taken down, 1 rejected"""
    reasons = ", ".join(f"{count} {why}" for why, count in left.items())
    return f" and {reasons}" if reasons else ""


def _counts(path: Path) -> tuple[dict[str, int], dict[str, dict[str, int]]]:
    """How much a snapshot has, and what people's decisions took from it, by name."""
    with _reading(path) as connection:
        return removed.counts(connection), removed.account(connection)


def totals(archive: Archive) -> dict[str, int]:
    """How much there is: articles, stations, current facts, the statements that they make, reprints, captures, revisions."""
    questions = COUNTED | {"revised": "select count(*) from articles where revision > 1"}
    shown = (*removed.COUNTED, "statements", "reprints", "revised", "captures")
    return {name: archive.connection.execute(questions[name]).fetchone()[0] for name in shown}
