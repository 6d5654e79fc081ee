"""The coverage desk: what came in since an editor was last here, and what is odd about it."""

import re
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TypedDict

from archive.labels import BEIJING
from archive.sql.rows import Row, count, rows

_MAX_LISTED = 100  # of everything that is listed
_LOOKED = 20_000  # captures that are looked through for what is new
_SILENT = 14  # days without anything new after which an outlet is named
_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
_FIRST = 7  # days that count as new at the first visit


class Counted(NamedTuple):
    """How many of the new articles are of an outlet, or about a place; the name of the place is empty where no fact has one."""

    name: str
    articles: int


class DeskPage(TypedDict):
    """What came in since a moment (UTC, ISO 8601), what of it stands alone or is reprinted, which articles changed, which
    outlets are silent, and which numbers contradict each other."""

    since: str
    day: str  # of `since`, in Beijing
    outlet: str  # whose new articles are listed; empty: all
    place: str  # about which the new articles are that are listed; empty: all
    count: int  # of new articles
    by_outlet: list[Counted]
    by_place: list[Counted]
    articles: list[Row]
    alone: list[Row]
    growing: list[Row]
    changed: list[Row]
    silent: list[Row]
    contradictions: list[Row]
    contradicting: int  # pairs in all
    unwell: int  # sites whose last crawl was not as usual


def desk(connection: sqlite3.Connection, since: str, now: datetime, *, outlet: str = "", place: str = "") -> DeskPage:
    """Build the desk.

    Args:
        connection: the published snapshot.
        since: what is new came after this moment (UTC, ISO 8601) or on this day (Beijing time) and later; anything else: a week
            before now.
        now: the present moment, UTC.
        outlet: the name of the only outlet whose new articles are listed.
        place: the name of the only place about which the new articles are that are listed.

    Returns:
        The page.
    """
    since = _moment(since) or (now - timedelta(days=_FIRST)).strftime(_FORMAT)
    new = _new(connection, since)
    listed = [one for one in new if outlet in ("", one["outlet"]) and place in ("", one["place"])]
    originals = [article for article in listed if article["original_id"] is None]
    return {
        "since": since,
        "day": datetime.fromisoformat(since).astimezone(BEIJING).date().isoformat(),
        "outlet": outlet,
        "place": place,
        "count": len(new),
        "by_outlet": _counted(new, "outlet"),
        "by_place": _counted(new, "place"),
        "articles": listed[:_MAX_LISTED],
        "alone": [article for article in originals if not article["copies"]][:_MAX_LISTED],
        "growing": _growing(connection, [article["id"] for article in new]),
        "changed": rows(
            connection,
            "select articles.id, articles.key, title, outlets.name as outlet, number, fetched_at from (select article_id, number, capture_id"
            f" from revisions indexed by revisions_later where number > 1 order by capture_id desc limit {_MAX_LISTED}) later"
            " join captures on captures.id = later.capture_id join articles on articles.id = article_id"
            " join outlets on outlets.id = articles.outlet_id where fetched_at > ? order by fetched_at desc",
            since,
        ),
        "silent": rows(
            connection,
            "select id, key, name, articles, last_fetched_at from outlets where articles > 0 and last_fetched_at < ? order by last_fetched_at",
            (now - timedelta(days=_SILENT)).strftime(_FORMAT),
        ),
        "contradictions": rows(
            connection,
            "select contradictions.*, stations.name, stations.key as station_key, one.evidence as one_key, other.evidence as other_key"
            " from contradictions join stations on stations.id = contradictions.station_id"
            " join facts one on one.id = one_fact join facts other on other.id = other_fact"
            f" order by at desc limit {_MAX_LISTED}",
        ),
        "contradicting": count(connection, "select 1 from contradictions"),
        "unwell": count(
            connection,
            "select distinct site from findings where run_id in (select max(id) from runs where command = 'crawl' group by site)",
        ),
    }


def _moment(since: str) -> str:
    """The moment that somebody named, UTC; empty where that is none."""
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", since):
        return since
    try:
        return datetime.strptime(since, "%Y-%m-%d").replace(tzinfo=BEIJING).astimezone(UTC).strftime(_FORMAT)
    except (ValueError, OverflowError):
        return ""


def _new(connection: sqlite3.Connection, since: str) -> list[Row]:
    """The articles first captured after a moment, the newest first."""
    return rows(
        connection,
        "select articles.id, articles.key, articles.title, articles.published, outlets.name as outlet, fetched_at,"
        " (select original_id from reprints where article_id = articles.id) as original_id,"
        " (select count(*) from reprints where original_id = articles.id) as copies,"
        " coalesce((select coalesce(nullif(division_name, ''), place) from facts join stations on stations.id = station_id"
        " where article_id = articles.id and current limit 1), '') as place"
        f" from (select id, fetched_at from captures where kind = 'article' order by id desc limit {_LOOKED}) fresh"
        " join revisions on revisions.capture_id = fresh.id and number = 1 join articles on articles.id = revisions.article_id"
        " join outlets on outlets.id = articles.outlet_id where fetched_at > ? order by fetched_at desc, articles.id desc",
        since,
    )


def _counted(articles: list[Row], name: str) -> list[Counted]:
    counts: dict[str, int] = {}
    for article in articles:
        counts[article[name]] = counts.get(article[name], 0) + 1
    return sorted((Counted(*pair) for pair in counts.items()), key=lambda one: (-one.articles, one.name))


def _growing(connection: sqlite3.Connection, new: list[int]) -> list[Row]:
    """Stories that were reprinted by what is new, with how often in all."""
    chosen = new[:5000]
    marks = ", ".join("?" * len(chosen))
    return rows(
        connection,
        "select articles.id, articles.key, title, outlets.name as outlet, count(*) as added,"
        " (select count(*) from reprints where original_id = articles.id) as copies from reprints"
        " join articles on articles.id = original_id join outlets on outlets.id = articles.outlet_id"
        f" where article_id in ({marks}) group by original_id order by added desc, copies desc limit {_MAX_LISTED}",
        chosen,
    )
