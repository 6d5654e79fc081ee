"""Another reader than the one that is there: the facts of every capture, changed."""

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import fields, replace
from pathlib import Path

from archive.model import Article, Fact
from archive.pipeline.deriving import Derived, derive
from archive.pipeline.ingest import readings, replace_page
from archive.pipeline.reread import outdated
from archive.storage.store import Archive

Change = Callable[[Fact, str], Iterable[Fact]]


def as_written(fact: Fact, text: str) -> Iterable[Fact]:
    """The fact as it is read now."""
    yield fact


def facts_of(database: Path) -> dict[str, tuple[Fact, ...]]:
    """What the reader that made an archive read: the text of each article -> its facts."""
    names = [field.name for field in fields(Fact)]
    with closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        rows = connection.execute(
            "select facts.*, articles.text as whole from facts join articles on articles.id = article_id where current"
            ' order by facts.article_id, facts.start, facts."end"'
        ).fetchall()
    found: dict[str, list[Fact]] = {}
    for row in rows:
        known = {name: row[name] for name in names if name in row.keys()}  # noqa: SIM118
        value, high = (int(v) if isinstance(v, float) and v == int(v) else v for v in (row["value"], row["value_high"]))
        found.setdefault(row["whole"], []).append(Fact(**known | {"value": value, "value_high": high}))
    return {text: tuple(facts) for text, facts in found.items()}


def read_by(store: Archive, change: Change = as_written, known: Mapping[str, tuple[Fact, ...]] | None = None) -> None:
    """Read all captures of an archive by a reader that replaces each fact by what `change` returns for it and its text.

    The facts are those of today's reader or, with `known` (see `facts_of`), those of another.
    """

    def read(capture_id: int) -> Derived:
        derived = derive(store.capture(capture_id))
        if not isinstance(derived.found, Article):
            return derived
        text = derived.found.text
        stated = derived.facts if known is None else known.get(text, ())
        facts = tuple(new for fact in stated for new in change(fact, text))
        assert all(text[fact.start : fact.end] == fact.quote for fact in facts)
        return replace(derived, facts=facts)

    for url, _ in outdated(store, everything=True):
        replace_page(store, url, readings(store, url, read))
