"""Publishing: a sound snapshot of the database, swapped in whole."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from archive.store import Archive, ArchiveError

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
}


def publish(archive: Archive) -> Path:
    """Write data/published/archive.db and give its path.

    Raises ArchiveError, with the old snapshot untouched, where the database is not sound.
    """
    folder = archive.folder / "published"
    folder.mkdir(exist_ok=True)
    target, draft = folder / "archive.db", folder / "archive.db.draft"
    draft.unlink(missing_ok=True)
    archive.connection.execute("vacuum into ?", [str(draft)])
    faults = list(_faults(draft))
    if faults:
        draft.unlink()
        raise ArchiveError("Not published: " + "; ".join(faults) + ".")
    draft.replace(target)
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


def totals(archive: Archive) -> dict[str, int]:
    """How much there is: articles, stations, current facts, reprints, captures, revisions."""
    questions = {
        "articles": "select count(*) from articles",
        "stations": "select count(*) from stations",
        "facts": "select count(*) from facts where current",
        "reprints": "select count(*) from reprints",
        "revised": "select count(*) from articles where revision > 1",
        "captures": "select count(*) from captures where repeats is null",
    }
    return {name: archive.connection.execute(question).fetchone()[0] for name, question in questions.items()}
