"""Whether a database is sound: what must hold before it takes another's place, or is published."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from archive.errors import DATABASE_ERRORS, damaged

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


def faults(connection: sqlite3.Connection) -> Iterator[str]:
    """What is wrong with a database, a phrase each; nothing where it is sound."""
    if connection.execute("pragma integrity_check").fetchone()[0] != "ok":
        yield "the database file is damaged"
    for fault, question in _SOUND.items():
        count = connection.execute(question).fetchone()[0]
        if count:
            yield f"{count} {fault}"


def damages(folder: Path) -> Iterator[str]:
    """A sentence for each damaged database of an archive, with the way to restore it. Reads every database completely."""
    for path in (folder / "archive.db", folder / "reviews.db", *sorted((folder / "published").glob("*.db"))):
        if path.is_file() and (wrong := _damage(path)) != "ok":
            yield damaged(path, wrong)


def _damage(path: Path) -> object:
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as connection:
            return connection.execute("pragma quick_check(1)").fetchone()[0]
    except DATABASE_ERRORS as error:
        return error
