"""How many articles name a station of a place at the top of the tree, by year: what the archive covers, and where it has gaps."""

import sqlite3

_COVERAGE = """
create table coverage (
    place text not null, -- key of a place at the top of the tree
    year text not null,
    articles integer not null,
    primary key (place, year)
) without rowid;
insert into coverage
    select places.key, substr(article_places.published, 1, 4), count(*) from places
    join article_places on article_places.place = places.key
    where places.parent = '' and article_places.published != '' group by 1, 2
"""


def cover(connection: sqlite3.Connection) -> None:
    """Count, when a snapshot is published."""
    for statement in _COVERAGE.split(";\n"):
        connection.execute(statement)
