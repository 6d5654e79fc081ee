"""Takedowns: listed articles leave a snapshot, listed names are blacked out in it. The captures stay as they are.

A name is replaced by as many ■ as it has characters, so that every offset still holds; a fact whose words or subject hold it
is not published. Pages, search, exports and feeds all come from the snapshot.
"""

import sqlite3
from collections.abc import Iterable

from archive.reviews import Reviews
from archive.search import shadow

# Where text of an article can hold a name: table -> columns.
_TEXTS = {
    "articles": ("title", "source", "authors", "editor", "text", "likely_original", "images", "provenance_reasons"),
    "revisions": ("title", "text"),
    "facts": ("donor", "recipient"),
}


def take_down(connection: sqlite3.Connection, reviews: Reviews) -> None:
    """Remove from a snapshot what is listed, from the free pages of its file too."""
    listed = reviews.takedowns()
    if not listed:
        return
    _remove(connection, [value for kind, value in listed if kind == "article"])
    for name in (value for kind, value in listed if kind == "name"):
        _black_out(connection, name)
    for table in ("articles_search", "facts_search", "stations_search"):
        connection.execute(f"insert into {table} ({table}) values ('optimize')")
    connection.commit()
    connection.execute("vacuum")


def _remove(connection: sqlite3.Connection, urls: Iterable[str]) -> None:
    for url in urls:
        row = connection.execute("select id from articles where url = ?", [url]).fetchone()
        if row:
            facts = "select id from facts where article_id = ?"
            connection.execute(f"delete from facts_search where rowid in ({facts})", row)
            connection.execute(f"delete from facts_said where fact_id in ({facts})", row)
            for table, column in (
                ("facts", "article_id"), ("revisions", "article_id"), ("bands", "article_id"),
                ("reprints", "article_id"), ("reprints", "original_id"), ("likenesses", "article_id"), ("likenesses", "other_id"),
                ("articles_search", "rowid"), ("articles", "id"),
            ):  # fmt: skip
                connection.execute(f"delete from {table} where {column} = ?", row)
        connection.execute("update captures set url = '', reason = 'taken down' where url = ?", [url])


def _black_out(connection: sqlite3.Connection, name: str) -> None:
    black = "■" * len(name)
    gone = "select id from facts where instr(quote, ?1) or instr(subject, ?1) or instr(qualifier, ?1)"
    connection.execute(f"delete from facts_search where rowid in ({gone})", [name])
    connection.execute(f"delete from facts_said where fact_id in ({gone})", [name])
    connection.execute(f"delete from facts where id in ({gone})", [name])
    touched = connection.execute("select id from articles where instr(text, ?1) or instr(title, ?1)", [name]).fetchall()
    for table, columns in _TEXTS.items():
        for column in columns:
            connection.execute(
                f"update {table} set {column} = replace({column}, ?1, ?2) where instr({column}, ?1)", [name, black]
            )
    for article_id, title, text in connection.execute(
        f"select id, title, text from articles where id in ({', '.join('?' * len(touched))})",
        [row[0] for row in touched],
    ).fetchall():
        connection.execute(
            "update articles_search set title = ?, text = ? where rowid = ?", [shadow(title), shadow(text), article_id]
        )
