"""The snapshot that is served: the database with people's decisions beside the machine's values, found sound, swapped in
whole. The one before it is kept."""

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
from archive.ingest import settle_stations
from archive.publishing.candidates import part_with_candidates
from archive.publishing.reviewed import add_reviews
from archive.publishing.summaries import COUNTED, summarise
from archive.publishing.takedown import take_down
from archive.soundness import faults
from archive.store import Archive, ArchiveError, ArchiveOutdated

_FALL = 0.05  # share of the articles, facts or stations that may be gone since the last snapshot
_NO_FEWER = ("articles", "stations", "facts")


def publish(archive: Archive, *, fall: float = _FALL) -> Path:
    """Write data/published/archive.db and give its path; the snapshot before it stays as archive.previous.db. Beside it,
    candidates.db holds what waits for a person's decision.

    Raises ArchiveError, with the old snapshot untouched, where the database is not sound, or has fewer articles,
    stations or facts than the last snapshot by more than the share `fall`.
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
            add_reviews(connection, archive.reviews)
            part_with_candidates(connection, archive.reviews, waiting)
            connection.execute("delete from former_facts where not shown")
            connection.execute("drop table visits")  # the crawler's own, taken-down addresses included
            connection.execute("drop table erased")
            connection.execute("delete from captures where role = ?", [TOMBSTONE])
            take_down(connection, archive.reviews)
            summarise(connection)
        connection.close()
        wrong = [*_faults(draft), *_fallen(draft, target, fall)]
        if wrong:
            raise ArchiveError("Not published: " + "; ".join(wrong) + ".")
        if target.exists():  # at no moment is there no snapshot
            spare = folder / ".previous"
            os.link(target, spare)
            spare.replace(previous)
            spare.unlink(missing_ok=True)  # two names of one file: the rename leaves both
        write_inspection(draft, folder / "inspect.json")
        _pack(draft, folder / "tables.zip")
        waiting.replace(folder / "candidates.db")
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
        waiting.unlink(missing_ok=True)
    return target


def published(folder: Path) -> Path:
    """The snapshot of an archive. Raises ArchiveError where there is none, ArchiveOutdated where another version made it."""
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
    """What has become fewer since the last snapshot by more than may be."""
    if not target.exists():
        return
    now, before = _counts(draft), _counts(target)
    for name, count in before.items():
        if now[name] < count * (1 - fall):
            yield f"{now[name]} {name}, where the last snapshot had {count} (if that is right, publish with --fall)"


def _counts(path: Path) -> dict[str, int]:
    connection = sqlite3.connect(path)
    try:
        return {name: connection.execute(COUNTED[name]).fetchone()[0] for name in _NO_FEWER}
    finally:
        connection.close()


def totals(archive: Archive) -> dict[str, int]:
    """How much there is: articles, stations, current facts, the statements that they make, reprints, captures, revisions."""
    questions = COUNTED | {"revised": "select count(*) from articles where revision > 1"}
    shown = (*_NO_FEWER, "statements", "reprints", "revised", "captures")
    return {name: archive.connection.execute(questions[name]).fetchone()[0] for name in shown}
