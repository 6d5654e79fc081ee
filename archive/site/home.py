"""The start page."""

import sqlite3
from typing import TypedDict

from archive.facts.scores import LOCAL, Scores, scores
from archive.site.shared import FACT
from archive.sql.rows import Row, rows

_NEWEST = 40  # articles among which the newest facts are looked for
_LISTED = 8


class HomePage(TypedDict):
    """Totals by name; the places at the top of the tree with the most articles; one fact each of the newest articles; how well
    local news is read; when anything was fetched last."""

    totals: dict[str, int]
    places: list[Row]
    facts: list[Row]
    scores: Scores
    fetched: str | None


def home(connection: sqlite3.Connection) -> HomePage:
    """Returns the start page."""
    return {
        "totals": {
            row["name"]: row["count"] for row in rows(connection, "select * from totals where name not like '%:%'")
        },
        "places": rows(
            connection, "select * from places where parent = '' order by articles desc, key limit ?", _LISTED
        ),
        "facts": _newest_facts(connection),
        "scores": scores(LOCAL),
        "fetched": connection.execute("select max(last_fetched_at) from outlets").fetchone()[0],
    }


def _newest_facts(connection: sqlite3.Connection) -> list[Row]:
    """Of the newest articles that are no reprints, the first fact with a number each; all of them where there are fewer."""
    articles = rows(
        connection,
        "select id from article_dates where not reprint order by published desc, id desc limit ?",
        _NEWEST,
    )
    numbers = [article["id"] for article in articles]
    facts = rows(
        connection,
        f"{FACT} where current and facts.id = statement and facts.article_id in ({', '.join('?' * len(numbers))})"
        " and (facts.value is not null or facts.date != '')"
        " order by articles.published desc, facts.article_id desc, facts.value is null, facts.start",
        numbers,
    )
    first = {fact["article_id"]: fact for fact in reversed(facts)}
    chosen = [fact for fact in facts if first[fact["article_id"]] is fact]
    others = [fact for fact in facts if first[fact["article_id"]] is not fact]
    return (chosen + others)[:_LISTED]
