"""Candidates at publication: those that people confirmed become facts of the snapshot, the others leave it.

They lie in a file of their own beside the snapshot, which only the review queue opens: whoever has the snapshot, its
tables or its SQL has no candidate.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from archive.decisions.records import Decision, Review, TakedownKind
from archive.decisions.reviews import Reviews
from archive.publishing.keys import key_of
from archive.publishing.naming import Names
from archive.publishing.takedown import remove_unnamed
from archive.reprints import copies
from archive.sql.rows import rows

_PASSAGE = 120  # characters shown on either side of a quote
_SHOWN = ("quote", "subject", "qualifier", "donor", "recipient", "title", "before", "after")
# The most uncertain first: all of them lie below what is published.
_WAITING = f"""
create table waiting.candidates as
select candidates.*, '' as review, key_of('article', articles.url) as article_key, articles.title, articles.url, articles.published, outlets.name as outlet,
    station_names.station_id, stations.name as station,
    iif(start > {_PASSAGE}, '…', '') || substr(articles.text, max(1, start + 1 - {_PASSAGE}), min(start, {_PASSAGE})) as before,
    substr(articles.text, "end" + 1, {_PASSAGE}) || iif(length(articles.text) > "end" + {_PASSAGE}, '…', '') as after
from candidates join articles on articles.id = article_id join outlets on outlets.id = articles.outlet_id
left join station_names on station_names.id = station_name_id left join stations on stations.id = station_names.station_id
where current order by probability desc, candidates.id
"""


def confirm_candidates(connection: sqlite3.Connection, decided: Mapping[str, Review]) -> None:
    """Make facts, in a draft of a snapshot, of the candidates that people confirmed or corrected. `decided`: evidence ->
    the decision that counts."""
    columns = [name for _, name, *_ in connection.execute("pragma table_info(candidates)") if name != "mentions"]
    named = ", ".join(f'"{name}"' for name in columns)
    for key, review in decided.items():
        if review.decision not in (Decision.CONFIRM, Decision.CORRECT):
            continue
        for row in rows(connection, "select * from candidates where evidence = ?", key):
            number = row["id"]
            connection.execute(
                f"insert into facts ({named}, station_id) select {named}, (select station_id from station_names"
                " where id = station_name_id) from candidates where id = ?",
                [number],
            )
            connection.execute(
                "insert into fact_mentions select ?, json_extract(value, '$[0]'), json_extract(value, '$[1]'),"
                " json_extract(value, '$[2]') from json_each(?)",
                [number, row["mentions"]],
            )
            connection.execute("delete from candidates where id = ?", [number])


def part_with_candidates(connection: sqlite3.Connection, reviews: Reviews, target: Path) -> None:
    """Take the candidates out of a draft of a snapshot, with the stations that nothing else names. What is taken down is in
    neither.

    Args:
        connection: the draft.
        reviews: the decisions.
        target: the file for the candidates of the latest versions, which the review queue opens.
    """
    target.unlink(missing_ok=True)
    connection.commit()
    connection.execute("pragma secure_delete = on")  # what is dropped leaves no words in the file
    connection.execute("attach ? as waiting", [str(target)])
    connection.create_function("key_of", 2, key_of, deterministic=True)
    try:
        connection.execute(_WAITING)
        connection.commit()
    finally:
        connection.execute("detach waiting")
    hide_taken_down(connection, reviews, target)
    connection.execute("drop table candidates")
    remove_unnamed(connection)
    connection.commit()


def hide_taken_down(snapshot: sqlite3.Connection, reviews: Reviews, target: Path) -> None:
    """Take what is taken down out of the candidates that wait.

    Args:
        snapshot: the snapshot, which knows the copies of an article.
        reviews: the decisions.
        target: the file with the candidates.
    """
    listed = reviews.takedowns()
    names = Names(value for kind, value in listed if kind == TakedownKind.NAME)
    urls = {
        same for kind, value in listed if kind == TakedownKind.ARTICLE for same in copies.addresses(snapshot, value)
    }
    with closing(sqlite3.connect(target)) as waiting:
        hidden = [
            (row["id"],)
            for row in rows(waiting, "select * from candidates")
            if row["url"] in urls or any(names.stand_in(row[column] or "") for column in _SHOWN)
        ]
        waiting.execute("pragma secure_delete = on")
        waiting.executemany("delete from candidates where id = ?", hidden)
        waiting.commit()
