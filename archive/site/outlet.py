"""An outlet's page: what it published, the newest first."""

import sqlite3
from typing import TypedDict

from archive.sql.rows import Row, rows

_MAX_ARTICLES = 30  # articles that are listed


class OutletPage(TypedDict):
    """An outlet, the number of its facts, and its newest articles."""

    outlet: Row
    facts: int
    articles: list[Row]


def outlet(connection: sqlite3.Connection, outlet_id: int) -> OutletPage | None:
    """Returns the page of an outlet, None if there is no such outlet."""
    found = rows(connection, "select * from outlets where id = ?", outlet_id)
    if not found:
        return None
    counted = connection.execute("select count from totals where name = ?", [f"facts:outlet:{outlet_id}"]).fetchone()
    return {
        "outlet": found[0],
        "facts": counted[0] if counted else 0,
        "articles": rows(
            connection,
            "select articles.key, title, published, gone_at, (select count(*) from facts where article_id = articles.id"
            f" and current) as facts from articles where outlet_id = ? order by published desc, id desc limit {_MAX_ARTICLES}",
            outlet_id,
        ),
    }
