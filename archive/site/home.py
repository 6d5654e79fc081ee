"""The start page."""

import sqlite3
from typing import TypedDict

from archive.labels import type_label
from archive.site.place import PLACES_WITHIN, children
from archive.site.shared import FACT, shown
from archive.sql.rows import Row, count, rows


class HomePage(TypedDict):
    """Totals by name, how far each fact type can be trusted, where the stations lie, the newest articles and facts."""

    totals: dict[str, int]
    accuracy: list[Row]
    places: list[Row]
    places_at_top: int
    articles: list[Row]
    facts: list[Row]
    stations: list[Row]


def home(connection: sqlite3.Connection) -> HomePage:
    """Returns the start page."""
    newest = rows(
        connection,
        "select articles.id, articles.key, title, articles.published, outlets.name as outlet,"
        " (select count(*) from facts where article_id = articles.id and current) as facts"
        " from article_dates join articles on articles.id = article_dates.id join outlets on outlets.id = articles.outlet_id"
        " where not reprint order by article_dates.published desc, article_dates.id desc limit 8",
    )
    numbers = [article["id"] for article in newest]
    marks = ", ".join("?" * len(numbers))
    return {
        "totals": {
            row["name"]: row["count"] for row in rows(connection, "select * from totals where name not like '%:%'")
        },
        "accuracy": [
            row | {"type_label": type_label(row["type"])}
            for row in rows(
                connection,
                "select fact_types.id as type, coalesce(totals.count, 0) as statements, coalesce(confirmed, 0) as confirmed,"
                " coalesce(reviewed, 0) as reviewed, share from fact_types left join accuracy on accuracy.type = fact_types.id"
                " left join totals on totals.name = 'statements:type:' || fact_types.id order by statements desc, position",
            )
        ],
        "places": children(connection, "", 40),
        "places_at_top": count(connection, PLACES_WITHIN, {"key": ""}),
        "articles": newest,
        "facts": [
            shown(fact)
            for fact in rows(
                connection,
                f"{FACT} where current and facts.id = statement and facts.article_id in ({marks}) order by articles.published desc, start limit 8",
                numbers,
            )
        ],
        "stations": rows(
            connection,
            "select id, key, name, place, articles, statements from stations order by articles desc, name limit 12",
        ),
    }
