"""When a page was last fetched, and when it is worth another look: the oftener it has changed, the sooner.

One row an address, brought up with each capture, so that a crawl asks by address and by day and never looks at the rest
of the archive. All of it follows from the captures. A page is seen again after a day; each time that nothing
has changed the pause is three times as long, and after some four months nobody looks any more. After a change the pause is a day
again. What was older than a month when it was first fetched is not looked at again, unless its site says that it has changed.
"""

import sqlite3
from collections.abc import Iterable
from datetime import datetime, timedelta

from archive.storage.erased import is_erased

_FIRST, _FACTOR, _LAST = timedelta(days=1), 3, timedelta(days=100)
_OLD = (  # a month: corrections come soon
    "exists (select 1 from articles where articles.url = fetch_schedule.url and published < date(fetch_schedule.fetched_at, '-30 days'))"
)
_MISSED = "(status >= 400 or kind is 'truncated')"  # a capture that is not all of its page
_PAUSE, _LONGEST = timedelta(hours=1), timedelta(days=7)  # between two looks at a list


def note(
    connection: sqlite3.Connection, url: str, outlet: str, fetched_at: str, *, unchanged: bool, once: bool = False
) -> None:
    """Record that a page was fetched.

    Args:
        connection: the database.
        url: the address of the page.
        outlet: the name of its outlet.
        fetched_at: when (UTC, ISO 8601).
        unchanged: whether it was as before.
        once: whether it is not to be fetched again, because it was imported or is a redirect.
    """
    row = connection.execute("select unchanged from fetch_schedule where url = ?", [url]).fetchone()
    times = row[0] + 1 if row and unchanged else 0
    connection.execute(
        "insert or replace into fetch_schedule values (?, ?, ?, ?, ?)",
        [url, outlet, fetched_at, times, None if once else _due(fetched_at, times)],
    )


def no_article(connection: sqlite3.Connection, url: str) -> None:
    """A page turned out to be none that this archive keeps: it is not looked at again, unless it was refused or cut off."""
    connection.execute(
        "update fetch_schedule set due = null where url = ? and not exists (select 1 from captures where captures.url = fetch_schedule.url"
        f" and id = (select max(id) from captures c where c.url = fetch_schedule.url) and {_MISSED})",
        [url],
    )


def article(connection: sqlite3.Connection, url: str) -> None:
    """A page turned out to be an article: one that was old news when it was fetched is not looked at again."""
    connection.execute(f"update fetch_schedule set due = null where url = ? and {_OLD}", [url])


def part(connection: sqlite3.Connection, url: str, lead: str) -> None:
    """A page turned out to be one of the article at another address: it is looked at again as long as that one."""
    connection.execute(
        "update fetch_schedule set due = null where url = ?1 and not exists (select 1 from articles where articles.url = ?2 and not"
        " (coalesce(published, '') < date(fetch_schedule.fetched_at, '-30 days') and published is not null))",
        [url, lead],
    )


def is_wanted(connection: sqlite3.Connection, forms: Iterable[str], now: str, changed: str = "") -> bool:
    """Whether a page that a list names is to be fetched: where none of its address' forms was, where the site says
    (`changed`, UTC, ISO) that it has changed since, and where it was refused or cut off and is due again; never where its
    article was erased."""
    for url in forms:
        if is_erased(connection, url):
            return False
        row = connection.execute(
            f"select fetch_schedule.fetched_at, due, {_MISSED}, kind from fetch_schedule join captures on captures.url = fetch_schedule.url"
            " where fetch_schedule.url = ? order by captures.id desc limit 1",
            [url],
        ).fetchone()
        if row:
            fetched_at, due, missed, kind = row
            again = missed and due is not None and due <= now
            return kind != "off_topic" and (changed > fetched_at or again)
    return True


def due(connection: sqlite3.Connection, outlet: str, now: str, most: int) -> list[str]:
    """Returns at most `most` addresses of articles of an outlet (its name) that are to be fetched again at a moment
    (UTC, ISO 8601), the longest due first.
    """
    rows = connection.execute(
        "select url from fetch_schedule where outlet = ? and due <= ? order by due limit ?", [outlet, now, most]
    )
    return [row[0] for row in rows]


def next_look(connection: sqlite3.Connection, url: str) -> str:
    """When a list is worth asking again (UTC, ISO), '' for now: an hour after it had nothing new, twice as long each
    time, at most a week. Only what runs saw that came to their end counts, and whose lists were as usual: one that is
    broken is the same at each look, and is fetched until it is mended."""
    rows = connection.execute(
        "select fetched_at, duplicate_of is not null and status < 400 and outcome = 'finished' and not exists (select 1 from"
        " findings where findings.run_id = runs.id and expectation glob 'list_*')"
        " from captures join runs on runs.id = run_id where url = ? order by captures.id desc limit 12",
        [url],
    ).fetchall()
    times = 0
    for _, nothing_new in rows:
        if not nothing_new:
            break
        times += 1
    return _plus(rows[0][0], min(_PAUSE * 2 ** (times - 1), _LONGEST)) if times else ""


def _due(fetched_at: str, times: int) -> str | None:
    pause = _FIRST * _FACTOR**times
    return _plus(fetched_at, pause) if pause <= _LAST else None


def _plus(moment: str, pause: timedelta) -> str:
    return (datetime.fromisoformat(moment) + pause).strftime("%Y-%m-%dT%H:%M:%SZ")
