"""The snapshot that is served: the database with people's decisions beside the machine's values, found sound, swapped in
whole. The one before it is kept."""

import hashlib
import json
import os
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from archive.ingest import settle_stations
from archive.publishing.reviewed import add_reviews
from archive.publishing.summaries import COUNTED, summarise
from archive.publishing.takedown import take_down
from archive.store import Archive, ArchiveError

_FALL = 0.05  # share of the articles, facts or stations that may be gone since the last snapshot
_SOUND = {
    "articles without a title": "select count(*) from articles where trim(title) = ''",
    "articles without a capture": "select count(*) from articles where capture_id not in (select id from captures)",
    "facts without an article": "select count(*) from facts where article_id not in (select id from articles)",
    "facts whose quote is not in their article": (
        "select count(*) from facts join articles on articles.id = article_id"
        ' where current and substr(text, start + 1, "end" - start) != quote'
    ),
    "current facts of an older revision": (
        "select count(*) from facts join articles on articles.id = article_id where current and facts.revision != articles.revision"
    ),
    "reprints without an original": (
        "select count(*) from reprints where original_id not in (select id from articles) or article_id not in (select id from articles)"
    ),
    "facts of a station that is not there": (
        "select count(*) from facts where station_id is not null and station_id not in (select id from stations)"
    ),
}
_NO_FEWER = ("articles", "stations", "facts")


def publish(archive: Archive, *, fall: float = _FALL) -> Path:
    """Write data/published/archive.db and give its path; the snapshot before it stays as archive.previous.db.

    Raises ArchiveError, with the old snapshot untouched, where the database is not sound, or has fewer articles,
    stations or facts than the last snapshot by more than the share `fall`.
    """
    folder = archive.folder / "published"
    folder.mkdir(exist_ok=True)
    target, draft, previous = (folder / f"archive{ending}" for ending in (".db", ".db.draft", ".previous.db"))
    for left in (draft, folder / f"{draft.name}-journal", folder / ".previous"):  # of one that was killed
        left.unlink(missing_ok=True)
    settle_stations(archive)  # what people decided on the site since
    archive.connection.execute("vacuum into ?", [str(draft)])
    try:
        with sqlite3.connect(draft) as connection:
            add_reviews(connection, archive.reviews)
            connection.execute("drop table visits")  # the crawler's own, taken-down addresses included
            take_down(connection, archive.reviews)
            summarise(connection)
        connection.close()
        faults = [*_faults(draft), *_fallen(draft, target, fall)]
        if faults:
            raise ArchiveError("Not published: " + "; ".join(faults) + ".")
        if target.exists():  # at no moment is there no snapshot
            spare = folder / ".previous"
            os.link(target, spare)
            spare.replace(previous)
            spare.unlink(missing_ok=True)  # two names of one file: the rename leaves both
        write_inspection(draft, folder / "inspect.json")
        _pack(draft, folder / "tables.zip")
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return target


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


def _faults(path: Path) -> Iterator[str]:
    connection = sqlite3.connect(path)
    try:
        if connection.execute("pragma integrity_check").fetchone()[0] != "ok":
            yield "the database file is damaged"
        for fault, question in _SOUND.items():
            count = connection.execute(question).fetchone()[0]
            if count:
                yield f"{count} {fault}"
    finally:
        connection.close()


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
    """How much there is: articles, stations, current facts, reprints, captures, revisions."""
    questions = COUNTED | {"revised": "select count(*) from articles where revision > 1"}
    shown = (*_NO_FEWER, "reprints", "revised", "captures")
    return {name: archive.connection.execute(questions[name]).fetchone()[0] for name in shown}
