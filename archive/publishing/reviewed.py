"""People's decisions in a snapshot: beside each fact what was decided about it, and how often the machine was right.

The machine's value is never overwritten: a corrected fact shows both. Who decided is not published.
"""

import sqlite3

from archive.facts import fact_types
from archive.publishing.candidates import confirm_candidates
from archive.reviews import Review, Reviews
from archive.rows import packed
from archive.stations.names import normal

_TABLES = """
alter table facts add column review text not null default '';
alter table facts add column reviewed_value real;
alter table facts add column reviewed_value_high real;
alter table facts add column reviewed text not null default '{}';
alter table facts add column reviewed_at text;
create table accuracy (
    type text primary key references fact_types (id),
    confirmed integer not null,
    reviewed integer not null,
    share real
);
create table reviews_open (
    evidence text primary key,
    said text not null,
    decision text not null,
    reviewed_at text not null
);
"""


def add_reviews(connection: sqlite3.Connection, reviews: Reviews) -> None:
    """Add what people decided to a snapshot: confirmed candidates as facts, columns beside the facts, the accuracy by
    type, and the reviews whose evidence is no longer there."""
    attached, is_open = reviews.attached(connection)
    confirm_candidates(connection, attached)
    for statement in _TABLES.split(";\n"):
        if statement.strip():
            connection.execute(statement)
    for key, review in attached.items():
        fixed = _shown_as_decided(connection, key, review)
        connection.execute(
            "update facts set review = ?, reviewed_value = coalesce(?, value), reviewed_value_high = coalesce(?, value_high),"
            " reviewed = ?, reviewed_at = ? where evidence = ?",
            [review.decision, fixed.get("value"), fixed.get("value_high"), packed(fixed), review.at, key],
        )
    connection.execute("update facts set reviewed_value = null, reviewed_value_high = null where review = 'reject'")
    for review in is_open:
        connection.execute(
            "insert into reviews_open values (?, ?, ?, ?)",
            [review.evidence, packed(review.said), review.decision, review.at],
        )
    counts = reviews.accuracy()
    connection.executemany(
        "insert into accuracy values (?, ?, ?, ?)",
        [
            (type_, *counts.get(type_, (0, 0)), counts[type_][0] / counts[type_][1] if type_ in counts else None)
            for type_ in fact_types()
        ],
    )


def _shown_as_decided(connection: sqlite3.Connection, key: str, review: Review) -> dict[str, object]:
    """What a fact is shown with: what a person corrected, and what the person saw and let stand, where another reader has
    it otherwise."""
    row = connection.execute("select subject, qualifier, date from facts where evidence = ?", [key]).fetchone()
    stood = {}
    if row and review.decision != "reject":
        for name, now in zip(("subject", "qualifier", "date"), row, strict=True):
            seen = str(review.said.get(name) or "")
            if seen and normal(seen) != normal(now):
                stood[name] = seen
    return stood | review.corrected
