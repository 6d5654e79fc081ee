"""An outlet's page: who it is, what it published and when, what it writes about, and whether it is still collected."""

import sqlite3
from collections import Counter
from typing import TypedDict

from archive.site.chart import Chart, Kind
from archive.site.health import SiteHealth, site_health
from archive.sql.rows import Row, count, rows

_MAX_ARTICLES, _MAX_STATIONS, _MAX_SITES = 20, 12, 5  # that are listed
_COUNTED = ("originals", "reprints", "fetches")
_MONTHS = 36  # months that a chart shows; of a longer time, years


class OutletPage(TypedDict):
    """An outlet and its numbers."""

    outlet: Row
    place: Row | None  # the smallest place that most of its articles about any place are about
    statements: int  # that its articles make, reprints of each other counted once
    originals: int
    reprints: int
    undated: int
    latest: str | None  # its newest article
    chart: Chart  # articles by month or year
    by_year: bool
    stations: list[Row]  # the most written about, each with the number of articles
    stations_of_outlet: int
    sites: list[SiteHealth]  # whose crawls fetch it
    articles: list[Row]  # the newest


def outlet(connection: sqlite3.Connection, outlet_id: int) -> OutletPage | None:
    """Returns the page of an outlet, None if there is no such outlet."""
    found = rows(connection, "select * from outlets where id = ?", outlet_id)
    if not found:
        return None
    months = rows(connection, "select * from outlet_months where outlet_id = ? order by month", outlet_id)
    dated = [month for month in months if month["month"]]
    counted = connection.execute(
        "select count from totals where name = ?", [f"statements:outlet:{outlet_id}"]
    ).fetchone()
    places = rows(connection, "select key, name from places where key = ?", found[0]["place"])
    # SQLite would go through the newest articles of all outlets until it has enough of this one.
    articles = rows(
        connection,
        "select articles.key, title, articles.published, gone_at, article_dates.facts, reprint from articles indexed by articles_outlet"
        " join article_dates on article_dates.id = articles.id where articles.outlet_id = ?"
        f" order by articles.published desc, articles.id desc limit {_MAX_ARTICLES}",
        outlet_id,
    )
    by_year = len(_between(dated)) > _MONTHS
    return {
        "outlet": found[0],
        "place": places[0] if places else None,
        "statements": counted[0] if counted else 0,
        "originals": sum(month["originals"] for month in months),
        "reprints": sum(month["reprints"] for month in months),
        "undated": sum(month["originals"] + month["reprints"] for month in months if not month["month"]),
        "latest": articles[0]["published"] if articles else None,
        "chart": _chart(found[0]["key"], dated, by_year),
        "by_year": by_year,
        "stations": rows(
            connection,
            "select stations.key, name, place, outlet_stations.articles from outlet_stations"
            " join stations on stations.id = station_id where outlet_id = ?"
            f" order by outlet_stations.articles desc, station_id limit {_MAX_STATIONS}",
            outlet_id,
        ),
        "stations_of_outlet": count(
            connection, "select 1 from outlet_stations where outlet_id = :id", {"id": outlet_id}
        ),
        "sites": [
            site_health(connection, site)
            for (site,) in connection.execute(
                f"select site from outlet_sites where outlet_id = ? order by fetches desc limit {_MAX_SITES}",
                [outlet_id],
            ).fetchall()
        ],
        "articles": articles,
    }


def _between(months: list[Row]) -> range:
    """The months from the first to the last, as numbers."""
    numbers = [
        int(month["month"][:4]) * 12 + int(month["month"][5:]) - 1 for month in months if len(month["month"]) == 7
    ]
    return range(min(numbers), max(numbers) + 1) if numbers else range(0)


def _chart(key: str, months: list[Row], by_year: bool) -> Chart:
    """Articles by month or year, and those periods in which nothing of the outlet was fetched and no article is known."""
    length = 4 if by_year else 7
    periods = dict.fromkeys(f"{month // 12:04}-{month % 12 + 1:02}"[:length] for month in _between(months))
    summed = {name: Counter[str]() for name in periods}
    for month in months:
        if month["month"][:length] in summed:
            summed[month["month"][:length]].update({name: month[name] for name in _COUNTED})
    known = {name: counts for name, counts in summed.items() if counts.total()}
    articles = f"/articles?outlet={key}&reprints=1&since={{0}}&until={{0}}"
    return {
        "kind": Kind.BARS,
        "stacked": True,
        "series": [
            {
                "label": "",
                "marks": [
                    {"at": name, "value": counts[part], "page": articles.format(name)} for name, counts in known.items()
                ],
            }
            for part in ("originals", "reprints")
        ],
        "missing": [name for name in summed if name not in known],
    }
