"""The snapshot that is served: the database with people's decisions beside the machine's values, found sound, swapped in
whole. The one before it is kept."""

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from archive.publishing.reviewed import add_reviews
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
_COUNTED = {
    "articles": "select count(*) from articles",
    "stations": "select count(*) from stations",
    "facts": "select count(*) from facts where current",
}


def publish(archive: Archive, *, fall: float = _FALL) -> Path:
    """Write data/published/archive.db and give its path; the snapshot before it stays as archive.previous.db.

    Raises ArchiveError, with the old snapshot untouched, where the database is not sound, or has fewer articles,
    stations or facts than the last snapshot by more than the share `fall`.
    """
    folder = archive.folder / "published"
    folder.mkdir(exist_ok=True)
    target, draft, previous = (folder / f"archive{ending}" for ending in (".db", ".db.draft", ".previous.db"))
    draft.unlink(missing_ok=True)
    archive.connection.execute("vacuum into ?", [str(draft)])
    try:
        with sqlite3.connect(draft) as connection:
            add_reviews(connection, archive.reviews)
            take_down(connection, archive.reviews)
        connection.close()
        faults = [*_faults(draft), *_fallen(draft, target, fall)]
        if faults:
            raise ArchiveError("Not published: " + "; ".join(faults) + ".")
        if target.exists():  # at no moment is there no snapshot
            spare = folder / ".previous"
            spare.unlink(missing_ok=True)
            os.link(target, spare)
            spare.replace(previous)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return target


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
        return {name: connection.execute(question).fetchone()[0] for name, question in _COUNTED.items()}
    finally:
        connection.close()


def totals(archive: Archive) -> dict[str, int]:
    """How much there is: articles, stations, current facts, reprints, captures, revisions."""
    questions = _COUNTED | {
        "reprints": "select count(*) from reprints",
        "revised": "select count(*) from articles where revision > 1",
        "captures": "select count(*) from captures where repeats is null",
    }
    return {name: archive.connection.execute(question).fetchone()[0] for name, question in questions.items()}
