"""What the page of takedowns proposes to take down."""

import sqlite3
from typing import TypedDict


class Proposed(TypedDict):
    """An article that may be taken down."""

    key: str
    url: str
    title: str


def address_of(connection: sqlite3.Connection, article: str, fact: str) -> Proposed | None:
    """Find the article that has a key, or states the fact with a key.

    Args:
        connection: the published snapshot.
        article: the key of an article, or empty.
        fact: the key of a fact, or empty.

    Returns:
        The article; None if no published one has either key.
    """
    row = connection.execute(
        "select key, url, title from articles where key = ? union all select key, url, title from articles"
        " where id = (select article_id from facts where evidence = ?) limit 1",
        [article or None, fact or None],
    ).fetchone()
    return Proposed(key=row[0], url=row[1], title=row[2]) if row else None
