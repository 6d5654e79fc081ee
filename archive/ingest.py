"""From a capture to rows: read it, take out its facts, and store both in one transaction a page."""

import hashlib
import json
import sqlite3
from urllib.parse import urlsplit

from archive import facts, reading, reprints, search, stations, topic
from archive.places.divisions import path_of
from archive.records import Article, Fact, NotAnArticle
from archive.store import Archive
from archive.text import clean


def ingest(
    archive: Archive, capture_id: int, layouts: reading.Layouts | None = None, *, any_topic: bool = False
) -> Article | NotAnArticle:
    """Read a capture and store what it says. Reading it again changes nothing.

    Every capture ends with a kind: `article`, or what it is instead and why; an article about something else is
    `off_topic`, remembered and not stored, unless `any_topic` is wanted. `layouts` are what is known of the pages of some hosts.
    """
    capture = archive.capture(capture_id)
    found = reading.read(capture, layouts)
    about = topic.Topic(True, "")
    if isinstance(found, Article):
        about = topic.decide(f"{found.title}\n{found.text}")
        if not (about.on or any_topic or _is_known(archive, found.url)):
            found = NotAnArticle("off_topic", about.reason)
    statements = facts.extract(found) if isinstance(found, Article) else []
    with archive.transaction() as connection:
        if isinstance(found, Article):
            article_id = _store_article(archive, capture_id, found, about.reason)
            if article_id:
                _store_facts(connection, article_id, found, statements)
                reprints.record(connection, article_id, found.text)
            kind, reason = "article", ""
        else:
            kind, reason = found.kind, found.reason
        connection.execute("update captures set kind = ?, reason = ? where id = ?", [kind, reason, capture_id])
    return found


def _is_known(archive: Archive, url: str) -> bool:
    """Whether the archive has an article of this address: it stays one, whatever becomes of its text."""
    return archive.connection.execute("select 1 from articles where url = ?", [url]).fetchone() is not None


def catch_up(archive: Archive, layouts: reading.Layouts | None = None) -> int:
    """Read what an earlier process fetched and did not come to read; gives how many captures."""
    unread = archive.unread()
    for capture_id in unread:
        ingest(archive, capture_id, layouts)
    return len(unread)


def _store_article(archive: Archive, capture_id: int, article: Article, about: str) -> int | None:
    """Insert or revise; gives the article's id, None where this reading says nothing new."""
    connection = archive.connection
    host = urlsplit(article.url).netloc
    outlet_id = connection.execute("select outlet_id from captures where id = ?", [capture_id]).fetchone()[0]
    if outlet_id is None:
        outlet_id = archive.outlet(host or article.outlet or "unknown", host)
    published = article.published_iso or None
    title = clean(article.title).text  # for readers; the capture keeps it as published
    reading_now = (title, published, article.text)
    old = connection.execute(
        "select id, revision, title, published, text from articles where url = ?", [article.url]
    ).fetchone()
    if old and old[2:] == reading_now:
        return None
    revision = old[1] + 1 if old else 1
    row = {
        "url": article.url,
        "outlet_id": outlet_id,
        "title": title,
        "published": published,
        "source": article.outlet,
        "authors": "、".join(article.authors),
        "editor": article.editor,
        "text": article.text,
        "revision": revision,
        "capture_id": capture_id,
        "encoding": _json(vars(article.encoding)),
        "method": article.method,
        "dated_by": article.dated_by,
        "blocks": _json([[block.kind, block.start, block.end] for block in article.blocks]),
        "links": _json([[link.start, link.end, link.href] for link in article.links]),
        "images": _json([[image.at, image.src, image.caption] for image in article.images]),
        "cut": _json(dict(article.cut)),
        "provenance": article.provenance.kind,
        "provenance_reasons": _json(article.provenance.reasons),
        "likely_original": article.provenance.original,
        "topic": about,
        "reader_version": reading.VERSION,
        "extractor_version": facts.VERSION,
    }
    names = list(row)
    article_id = connection.execute(
        f"insert into articles ({', '.join(names)}) values ({', '.join('?' * len(names))}) on conflict (url) do update set "
        + ", ".join(f"{name} = excluded.{name}" for name in names[1:])
        + " returning id",
        list(row.values()),
    ).fetchone()[0]
    connection.execute(
        "insert into revisions (article_id, number, capture_id, title, published, text) values (?, ?, ?, ?, ?, ?)",
        [article_id, revision, capture_id, *reading_now],
    )
    connection.execute("delete from articles_search where rowid = ?", [article_id])
    connection.execute(
        "insert into articles_search (rowid, title, text) values (?, ?, ?)",
        [article_id, search.shadow(title), search.shadow(article.text)],
    )
    return article_id


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _store_facts(connection: sqlite3.Connection, article_id: int, article: Article, found: list[Fact]) -> None:
    """Make the facts of this reading the current ones; a fact that is said no more stays, marked as past."""
    connection.execute("update facts set current = 0 where article_id = ?", [article_id])
    revision = connection.execute("select revision from articles where id = ?", [article_id]).fetchone()[0]
    of_article = {
        stations.normal_name(fact.subject): _station(connection, fact)
        for fact in found
        if fact.subject_kind == "station"
    }
    for fact in found:
        named = of_article.get(stations.normal_name(fact.subject))
        row = {
            "type": fact.type,
            "subject": fact.subject,
            "value": fact.value,
            "value_high": fact.value_high,
            "unit": fact.unit,
            "approx": fact.approx,
            "qualifier": fact.qualifier,
            "date": fact.date,
            "as_of": fact.date if fact.date and not fact.date.startswith("-") else article.published_iso[:10] or None,
            "quote": fact.quote,
            "article_id": article_id,
            "station_id": named or stations.station_of(fact, of_article),
            "start": fact.start,
            "end": fact.end,
            "revision": revision,
            "current": 1,
            "donor": fact.donor,
            "recipient": fact.recipient,
            "repaired": int(fact.repaired),
            "evidence": evidence(article.url, fact),
        }
        names = ", ".join(f'"{name}"' for name in row)
        changes = ", ".join(f'"{name}" = excluded."{name}"' for name in row)
        fact_id = connection.execute(
            f"insert into facts ({names}) values ({', '.join('?' * len(row))})"
            f" on conflict (evidence) do update set {changes} returning id",
            list(row.values()),
        ).fetchone()[0]
        label = connection.execute("select label from fact_types where id = ?", [fact.type]).fetchone()[0]
        connection.execute("delete from facts_search where rowid = ?", [fact_id])
        connection.execute(
            "insert into facts_search (rowid, text) values (?, ?)",
            [fact_id, search.shadow(f"{fact.subject} | {fact.quote} | {label}")],
        )


def _station(connection: sqlite3.Connection, fact: Fact) -> int:
    key = stations.key_of(fact)
    found = connection.execute("select id from stations where key = ?", [key]).fetchone()
    if found:
        _place(connection, found[0], fact.division)
        return found[0]
    name, place = stations.normal_name(fact.subject), stations.place_of(fact)
    station_id = connection.execute(
        "insert into stations (name, place, key) values (?, ?, ?) returning id", [name, place, key]
    ).fetchone()[0]
    connection.execute(
        "insert into stations_search (rowid, text) values (?, ?)",
        [station_id, search.shadow(f"{name} | {place}")],
    )
    _place(connection, station_id, fact.division)
    return station_id


def _place(connection: sqlite3.Connection, station_id: int, code: str) -> None:
    """Record where a station is, where an article makes it certain and more exact than was known."""
    connection.execute(
        "update stations set division = ?, division_name = ? where id = ? and length(division) < length(?)",
        [code, " ".join(path_of(code)), station_id, code],
    )


def evidence(url: str, fact: Fact) -> str:
    """The key of a statement: the same words of the same article saying the same thing, wherever they stand."""
    said = [url, fact.type, fact.quote, fact.value, fact.value_high, fact.qualifier, fact.date]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()[:24]
