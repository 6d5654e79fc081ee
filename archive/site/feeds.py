"""What feeds hold: the newest facts of all, of a station, of an outlet, of a place, or of a search, as plain data.

A statement stands in a feed once, by the first fact that made it there: its reprints are no news.
"""

import re
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple, TypedDict

from lxml import etree
from lxml.builder import ElementMaker

from archive.labels import type_label, value_label
from archive.language import NAME
from archive.search import lists
from archive.search.wanted import ListKind, Wanted
from archive.sql.rows import Row, rows

MEDIA_TYPE = "application/atom+xml; charset=utf-8"
_ATOM = "http://www.w3.org/2005/Atom"
_E = ElementMaker(namespace=_ATOM, nsmap={None: _ATOM})
_NEWEST = 50
_LOOKED = 400  # facts of a station that are looked at for its newest statements
_ARTICLES = 100  # of a place, the newest
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FACTS = """
    select facts.id, evidence, facts.type, subject, value, value_high, approx, unit, measure, date, quote, articles.title, articles.url,
        outlets.name as outlet, coalesce(stations.name, '') as station, articles.published, captures.fetched_at
    from facts join articles on articles.id = facts.article_id join outlets on outlets.id = articles.outlet_id
    join captures on captures.id = articles.capture_id left join fact_dates d on d.id = facts.id left join stations on stations.id = d.station_id
    where facts.current {where} order by facts.id desc limit ?
"""
# The first of a statement's facts, among those that `within` lets through.
_FIRST = """
    and not exists (
        select 1 from statement_facts mine join statement_facts other using (statement)
        join facts earlier on earlier.id = other.fact_id join fact_dates e on e.id = other.fact_id join articles on articles.id = earlier.article_id
        where mine.fact_id = facts.id and other.fact_id < facts.id and earlier.current {within})
"""


class FeedKind(StrEnum):
    """Whose facts a feed has: all, a station's, an outlet's, or a place's."""

    FACTS = "facts"
    STATION = "station"
    OUTLET = "outlet"
    PLACE = "place"


_WHERE = {
    FeedKind.FACTS: (_FIRST.format(within=""), ""),
    # The index knows which are the newest: of a station's hundreds, no others are fetched.
    FeedKind.STATION: (
        "and facts.id in (select id from fact_dates where station_id = ?1"
        f" order by id desc limit {_LOOKED})" + _FIRST.format(within="and e.station_id = ?1"),
        "select name from stations where id = ?",
    ),
    FeedKind.OUTLET: (
        "and articles.outlet_id = ?1" + _FIRST.format(within="and articles.outlet_id = ?1"),
        "select name from outlets where id = ?",
    ),
    FeedKind.PLACE: (
        "and facts.article_id in (select article_id from article_places where place = ?1"
        f" order by article_id desc limit {_ARTICLES}) and d.station_id in (select station_id from station_places where place = ?1)"
        + _FIRST.format(within="and e.station_id in (select station_id from station_places where place = ?1)"),
        "select name from places where key = ?",
    ),
}


class Entry(TypedDict):
    """An entry of a feed. Its texts are fit for XML."""

    evidence: str
    title: str
    content: str
    author: str
    updated: datetime


class Feed(NamedTuple):
    """The title of a feed, and its entries, the newest first."""

    title: str
    entries: list[Entry]


def newest(connection: sqlite3.Connection, kind: str, which: int | str | None = None) -> Feed | None:
    """Build the feed of the newest facts.

    Args:
        connection: the published snapshot.
        kind: a FeedKind.
        which: the number of the station or outlet, or the key of the place.

    Returns:
        The feed, None if there is no such station, outlet or place.
    """
    where, named = _WHERE[FeedKind(kind)]
    arguments: list[object] = [which] if named else []
    title = ""
    if named:
        name = connection.execute(named, arguments).fetchone()
        if name is None:
            return None
        title = name[0]
    found = rows(connection, _FACTS.format(where=where), [*arguments, _NEWEST])
    return Feed(_for_xml(title), [_entry(row) for row in found])


def search(connection: sqlite3.Connection, wanted: Wanted) -> Feed:
    """Returns the feed of the newest facts that a search finds. Raises SearchError."""
    newest_first = replace(wanted, sort="", reprints=False)
    numbers: list[object] = [*lists.numbers(connection, ListKind.FACTS, newest_first, size=_NEWEST).numbers]
    marks = ", ".join("?" * len(numbers))
    found = rows(connection, _FACTS.format(where=f"and facts.id in ({marks})"), [*numbers, _NEWEST])
    return Feed(_for_xml(" ".join(wanted.parameters().values())), [_entry(row) for row in found])


def atom(title: str, entries: list[Entry], address: str, home: str, facts: str) -> str:
    """Write a feed as an Atom document.

    Args:
        title: the title of the feed.
        entries: its entries, the newest first.
        address: the address of the feed itself.
        home: the address of the site.
        facts: the address that the keys of facts are appended to.

    Returns:
        The document.
    """
    feed = _E.feed(
        _E.id(address),
        _E.title(f"{NAME.get()[0]} {title}".strip()),
        _E.updated(updated(entries).isoformat()),
        _E.link(href=address, rel="self"),
        _E.link(href=home, rel="alternate"),
        *(
            _E.entry(
                _E.id(facts + entry["evidence"]),
                _E.title(entry["title"]),
                _E.updated(entry["updated"].isoformat()),
                _E.author(_E.name(entry["author"] or "?")),
                _E.content(entry["content"], type="text"),
                _E.link(href=facts + entry["evidence"]),
            )
            for entry in entries
        ),
    )
    return str(etree.tostring(feed, encoding="UTF-8", xml_declaration=True).decode())


def updated(entries: list[Entry]) -> datetime:
    """When the newest of some entries came."""
    return max((entry["updated"] for entry in entries), default=datetime(1970, 1, 1, tzinfo=UTC))


def _for_xml(text: str) -> str:
    """A text without the characters that no XML may hold; what a page once held could break the feed."""
    return _NOT_XML.sub("\ufffd", text)


def _entry(fact: Row) -> Entry:
    amount = value_label(fact["value"], fact["value_high"], fact["approx"], fact["unit"], fact["measure"])
    number = amount or fact["date"]
    return {
        "evidence": fact["evidence"],
        "title": _for_xml(f"{fact['station'] or fact['subject']}: {type_label(fact['type'])} {number}".strip()),
        "content": _for_xml(f"“{fact['quote']}” ({fact['outlet']}: 《{fact['title']}》)"),
        "author": _for_xml(fact["outlet"]),
        "updated": datetime.fromisoformat(fact["fetched_at"]),
    }
