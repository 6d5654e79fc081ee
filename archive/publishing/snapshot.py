"""The snapshot that is served: the database as people decided, found sound, swapped in whole. The one before it is kept.
What is taken down leaves it at once, without a new publication."""

import hashlib
import json
import os
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

from archive import schema
from archive.captures.warc import TOMBSTONE
from archive.files import alone
from archive.ingest import settle_stations
from archive.publishing import removed
from archive.publishing.candidates import hide_taken_down, part_with_candidates
from archive.publishing.keys import add_keys
from archive.publishing.reviewed import add_reviews
from archive.publishing.summaries import COUNTED, summarise, undo_summaries
from archive.publishing.takedown import applied, take_down
from archive.reviews import Reviews
from archive.soundness import faults
from archive.stations import identity, names
from archive.store import Archive, ArchiveError, ArchiveOutdated

_FALL = 0.05  # share of the articles, facts or stations that may be gone since the last snapshot


def publish(archive: Archive, *, fall: float = _FALL) -> Path:
    """Write data/published/archive.db and return its path; the snapshot before it stays as archive.previous.db, unless it
    holds what was taken down since. Beside it, candidates.db holds what waits for a person's decision.

    Raises ArchiveError, with the old snapshot untouched, where the database is not sound, or has fewer articles,
    stations or facts than the last snapshot by more than the share `fall`. What people decided (merges, rejections,
    takedowns) is no loss: it is counted by name, in both.
    """
    folder = archive.folder / "published"
    folder.mkdir(exist_ok=True)
    target, draft, previous = (folder / f"archive{ending}" for ending in (".db", ".db.draft", ".previous.db"))
    waiting = folder / "candidates.db.draft"
    for left in (draft, waiting, folder / f"{draft.name}-journal", folder / ".previous"):  # of one that was killed
        left.unlink(missing_ok=True)
    settle_stations(archive)  # what people decided on the site since
    archive.connection.execute("vacuum into ?", [str(draft)])
    try:
        with sqlite3.connect(draft) as connection:
            prepare(connection, archive.reviews, waiting, merged=_merged(archive))
        connection.close()
        wrong = [*_faults(draft), *_fallen(draft, target, fall)]
        if wrong:
            raise ArchiveError("Not published: " + "; ".join(wrong) + ".")
        with alone(folder):
            if target.exists():  # at no moment is there no snapshot
                spare = folder / ".previous"
                os.link(target, spare)
                spare.replace(previous)
                spare.unlink(missing_ok=True)  # two names of one file: the rename leaves both
                if not archive.reviews.takedowns_in_force() <= applied_by(previous):
                    previous.unlink()  # it holds what was taken down
            write_inspection(draft, folder / "inspect.json")
            _pack(draft, folder / "tables.zip")
            waiting.replace(folder / "candidates.db")
            draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
        waiting.unlink(missing_ok=True)
    return target


def prepare(connection: sqlite3.Connection, reviews: Reviews, waiting: Path, merged: int = 0) -> None:
    """Make a snapshot of a copy of archive.db, in place, and write the candidates that wait for a decision to `waiting`.
    `merged` is how many stations fewer there are by people's decisions."""
    removed.begin(connection, merged)
    add_reviews(connection, reviews)
    part_with_candidates(connection, reviews, waiting)
    connection.execute("delete from former_facts where not shown")
    connection.execute("drop table visits")  # the crawler's own, taken-down addresses included
    connection.execute("drop table erased")
    connection.execute("delete from captures where role = ?", [TOMBSTONE])
    add_keys(connection, reviews)
    take_down(connection, reviews)
    summarise(connection)


def withdraw(folder: Path) -> bool:
    """Take out of the snapshot of an archive what was taken down since it was made, and count it again; returns whether
    there was anything. All that is published changes: the snapshot, its tables, the candidates that wait.

    Nothing is read but the snapshot and the list of takedowns, so that neither a crawl nor the state of archive.db delays it.
    """
    target = folder / "published" / "archive.db"
    with closing(Reviews(folder / "reviews.db")) as reviews:
        if reviews.takedowns_in_force() <= applied_by(target):
            return False
        with alone(target.parent):
            if reviews.takedowns_in_force() <= applied_by(target):  # another process was faster
                return False
            _withdraw(target, reviews)
    return True


def _withdraw(target: Path, reviews: Reviews) -> None:
    draft = target.with_name("archive.db.withdrawn")
    try:
        shutil.copyfile(target, draft)
        with closing(sqlite3.connect(draft)) as connection:
            if not connection.execute("select 1 from sqlite_master where name = 'summaries'").fetchone():
                raise ArchiveOutdated(f"{target} was made by another version of dangqun. Run `dangqun publish`.")
            connection.execute("pragma secure_delete = on")
            undo_summaries(connection)
            if (waiting := target.with_name("candidates.db")).exists():
                hide_taken_down(connection, reviews, waiting)
            take_down(connection, reviews)
            summarise(connection)
        target.with_name("tables.zip").unlink(missing_ok=True)  # it takes longer to make than to do without
        write_inspection(draft, target.with_name("inspect.json"))
        draft.replace(target)
        target.with_name("archive.previous.db").unlink(missing_ok=True)  # it holds what was taken down
    finally:
        draft.unlink(missing_ok=True)
    _pack(target, target.with_name("tables.zip"))


def applied_by(snapshot: Path) -> set[int]:
    """The numbers of the takedowns that are applied in a snapshot."""
    with closing(sqlite3.connect(f"file:{quote(str(snapshot))}?immutable=1", uri=True)) as connection:
        return applied(connection)


def _merged(archive: Archive) -> int:
    """How many stations fewer there are by people's decisions."""
    touched = {names.tail(key.split("|")[0]) for key in archive.reviews.decided_names()}
    return identity.merged(archive.connection, touched, archive.decisions())


def published(folder: Path) -> Path:
    """The snapshot of an archive, without what has been taken down by now. Raises ArchiveError where there is none,
    ArchiveOutdated where another version made it."""
    snapshot = folder / "published" / "archive.db"
    if not snapshot.exists():
        raise ArchiveError(
            f"Nothing is published in {folder}. Run `dangqun publish`, `dangqun crawl` or `dangqun import` first."
        )
    with closing(sqlite3.connect(f"file:{quote(str(snapshot))}?immutable=1", uri=True)) as connection:
        if not schema.is_current(connection):
            raise ArchiveOutdated(
                f"What is published in {folder} was made by another version of dangqun. Run `dangqun extract`, which makes"
                " the database anew from the captures and publishes it; until then let the version that made it serve it."
            )
    if (folder / "reviews.db").exists():
        withdraw(folder)
    return snapshot


def inspected(snapshot: Path) -> dict[str, Any] | None:
    """What Datasette may take as known of a snapshot, where that was found out about this very file."""
    try:
        known = json.loads(snapshot.with_name("inspect.json").read_text("utf-8"))
        return known if known["archive"]["size"] == snapshot.stat().st_size else None
    except (OSError, ValueError, KeyError):
        return None


def write_inspection(draft: Path, target: Path) -> None:
    """What Datasette would otherwise count at every start: the digest of the file, its size, the rows of each table."""
    with draft.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    connection = sqlite3.connect(draft)
    try:
        tables = connection.execute("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")
        counts = {
            name: {"count": connection.execute(f'select count(*) from "{name}"').fetchone()[0]}
            for (name,) in tables.fetchall()
        }
    finally:
        connection.close()
    about = {"hash": digest, "size": draft.stat().st_size, "file": "archive.db", "tables": counts}
    _write_whole(target, json.dumps({"archive": about}).encode())


def _pack(draft: Path, target: Path) -> None:
    """The data package of a snapshot as one file. It never outlives its snapshot: what was taken down is not in it."""
    from archive.publishing.tables import export_tables  # pyarrow takes a moment to load

    spare, folder = target.with_suffix(".draft"), target.parent / ".tables"
    shutil.rmtree(folder, ignore_errors=True)
    export_tables(draft, folder)
    with zipfile.ZipFile(spare, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as package:
        for path in sorted(folder.iterdir()):
            package.write(path, path.name)
    shutil.rmtree(folder)
    spare.replace(target)


def _write_whole(target: Path, content: bytes) -> None:
    spare = target.with_suffix(".draft")
    spare.write_bytes(content)
    spare.replace(target)


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
                " (if that is right, publish with --fall)"
            )


def _by_name(left: dict[str, int]) -> str:
    """and 3 taken down, 1 rejected"""
    reasons = ", ".join(f"{count} {why}" for why, count in left.items())
    return f" and {reasons}" if reasons else ""


def _counts(path: Path) -> tuple[dict[str, int], dict[str, dict[str, int]]]:
    """How much a snapshot has, and what people's decisions took from it, by name."""
    with closing(sqlite3.connect(path)) as connection:
        return removed.counts(connection), removed.account(connection)


def totals(archive: Archive) -> dict[str, int]:
    """How much there is: articles, stations, current facts, the statements that they make, reprints, captures, revisions."""
    questions = COUNTED | {"revised": "select count(*) from articles where revision > 1"}
    shown = (*removed.COUNTED, "statements", "reprints", "revised", "captures")
    return {name: archive.connection.execute(questions[name]).fetchone()[0] for name in shown}
