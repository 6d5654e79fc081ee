"""People's decisions in a snapshot: beside each fact what was decided about it, and how often the machine was right.

The machine's value is never overwritten: a corrected fact shows both. Who decided is not published.
"""

import sqlite3

from archive.facts import fact_types
from archive.reviews import Reviews
from archive.rows import packed

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
    """Add what people decided to a snapshot: columns beside the facts, the accuracy by type, and the reviews whose
    evidence is no longer there."""
    for statement in _TABLES.split(";\n"):
        if statement.strip():
            connection.execute(statement)
    for review in reviews.standing().values():
        fixed = dict(review.corrected)
        connection.execute(
            "update facts set review = ?, reviewed_value = coalesce(?, value), reviewed_value_high = coalesce(?, value_high),"
            " reviewed = ?, reviewed_at = ? where evidence = ?",
            [review.decision, fixed.get("value"), fixed.get("value_high"), packed(fixed), review.at, review.evidence],
        )
    connection.execute("update facts set reviewed_value = null, reviewed_value_high = null where review = 'reject'")
    for review in reviews.orphans(connection):
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
