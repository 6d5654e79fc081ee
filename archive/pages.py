"""What the pages of the site show: queries over the published database, shaped for templates.

Every function takes an open connection and gives plain data. Texts are handed on as they are; the
templates escape them.
"""

import json
import sqlite3
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from archive import labels
from archive.labels import qualifier_label, type_label, value_label
from archive.stations.names import normal

Row = dict[str, Any]
_PASSAGE = 120  # characters shown on either side of a quote

_FACT = """
    select facts.*, articles.title, articles.published, articles.outlet_id, outlets.name as outlet,
        stations.name as station, coalesce(reprints.original_id, facts.article_id) as story
    from facts
    join articles on articles.id = facts.article_id
    join outlets on outlets.id = articles.outlet_id
    left join stations on stations.id = facts.station_id
    left join reprints on reprints.article_id = facts.article_id
"""


def home(connection: sqlite3.Connection) -> Row:
    """The start page: totals, how often people confirmed the machine, the newest articles and facts, the stations with
    the most coverage."""
    return {
        "accuracy": [
            row | {"type_label": type_label(row["type"])}
            for row in _rows(connection, "select * from accuracy where reviewed order by share desc, reviewed desc")
        ],
        "totals": {
            "articles": _one(connection, "select count(*) from articles"),
            "stations": _one(connection, "select count(*) from stations"),
            "facts": _one(connection, "select count(*) from facts where current"),
            "outlets": _one(connection, "select count(distinct outlet_id) from articles"),
            "reprints": _one(connection, "select count(*) from reprints"),
            "captures": _one(connection, "select count(*) from captures where repeats is null"),
        },
        "articles": _rows(
            connection,
            "select articles.id, title, published, outlets.name as outlet,"
            " (select count(*) from facts where article_id = articles.id and current) as facts"
            " from articles join outlets on outlets.id = outlet_id"
            " where articles.id not in (select article_id from reprints) order by published desc, articles.id desc limit 8",
        ),
        "facts": [
            _shown(fact)
            for fact in _rows(
                connection,
                _FACT
                + " where current and reprints.article_id is null order by articles.published desc, start limit 8",
            )
        ],
        "stations": _rows(
            connection,
            "select stations.id, stations.name, place, count(distinct facts.article_id) as articles, count(facts.id) as facts"
            " from stations left join facts on station_id = stations.id and current"
            " group by stations.id order by articles desc, stations.name limit 12",
        ),
    }


def article(connection: sqlite3.Connection, article_id: int) -> Row | None:
    """One article: its text cut into segments with the facts that each carries, capture, revisions, cluster."""
    found = _rows(
        connection,
        "select articles.*, outlets.name as outlet, captures.digest, captures.fetched_at, captures.warc_file,"
        " captures.warc_offset, captures.source as file from articles"
        " join outlets on outlets.id = articles.outlet_id join captures on captures.id = capture_id where articles.id = ?",
        article_id,
    )
    if not found:
        return None
    facts = [
        _shown(fact) for fact in _rows(connection, _FACT + " where facts.article_id = ? order by start", article_id)
    ]
    current = [fact for fact in facts if fact["current"]]
    return {
        "article": _unpacked(found[0]),
        "link": web_address(found[0]["url"]),
        "paragraphs": paragraphs(found[0]["text"], current),
        "facts": current,
        "past": [fact for fact in facts if not fact["current"]],
        "revisions": _revisions(connection, article_id, facts),
        "cluster": _cluster(connection, article_id),
    }


def _revisions(connection: sqlite3.Connection, article_id: int, facts: list[Row]) -> list[Row]:
    """The versions of an article, the latest first, each with what it changed in the facts: what appeared, what vanished,
    and what was one number and is another now."""
    versions = _rows(
        connection,
        "select number, title, fetched_at, digest from revisions join captures on captures.id = capture_id"
        " where article_id = ? order by number desc",
        article_id,
    )
    shown = {fact["id"]: fact for fact in facts}
    changes = _rows(connection, "select revision, change, fact_id from fact_changes where article_id = ?", article_id)
    for version in versions:
        of_kind: dict[str, list[Row]] = {"appeared": [], "vanished": []}
        for change in changes:
            if change["revision"] == version["number"] and change["fact_id"] in shown:
                of_kind[change["change"]].append(shown[change["fact_id"]])
        changed = []
        for before in list(of_kind["vanished"]):
            same = [f for f in of_kind["appeared"] if (f["type"], f["subject"]) == (before["type"], before["subject"])]
            if same:
                of_kind["vanished"].remove(before)
                of_kind["appeared"].remove(same[0])
                changed.append({"before": before, "after": same[0]})
        version.update(of_kind, changed=changed)
    return versions


def fact(connection: sqlite3.Connection, fact_id: int) -> Row | None:
    """One fact: the passage that says it, what it rests on, who else says it, and how to cite it."""
    found = _rows(connection, _FACT + " where facts.id = ?", fact_id)
    if not found:
        return None
    shown = _shown(found[0])
    (article_,) = _rows(connection, "select * from articles where id = ?", shown["article_id"])
    said = _rows(
        connection,
        'select revisions.text, revisions.capture_id, s.start, s."end" from facts_said s join facts on facts.id = fact_id'
        " join revisions on revisions.article_id = facts.article_id and number = s.revision"
        " where fact_id = ? order by s.revision desc limit 1",
        fact_id,
    )[0]
    (capture,) = _rows(connection, "select * from captures where id = ?", said["capture_id"])
    return {
        "fact": shown,
        "link": web_address(article_["url"]),
        "before": said["text"][max(0, said["start"] - _PASSAGE) : said["start"]],
        "after": said["text"][said["end"] : said["end"] + _PASSAGE],
        "capture": capture,
        "sources": _sources(connection, shown),
        "cited": _cited(shown, article_, capture),
    }


def fact_by_evidence(connection: sqlite3.Connection, evidence: str) -> Row | None:
    """What a citation needs of the fact with this key."""
    found = _rows(connection, _FACT + " where evidence = :key", {"key": evidence})
    if not found:
        return None
    (article_,) = _rows(connection, "select * from articles where id = ?", found[0]["article_id"])
    (capture,) = _rows(connection, "select * from captures where id = ?", article_["capture_id"])
    return _cited(found[0], article_, capture)


def _cited(fact_: Row, article_: Row, capture: Row) -> Row:
    names = ("title", "authors", "published", "url")
    return fact_ | {name: article_[name] for name in names} | {"fetched_at": capture["fetched_at"]}


def _sources(connection: sqlite3.Connection, fact_: Row) -> list[Row]:
    """The facts of the same story that say the same, this one included."""
    rows = _rows(
        connection,
        _FACT
        + " where facts.current and coalesce(reprints.original_id, facts.article_id) = :story and facts.type = :type",
        {"story": fact_["story"], "type": fact_["type"]},
    )
    return [
        row
        for row in rows
        if all(row[name] == fact_[name] for name in ("value", "value_high", "date"))
        and normal(row["qualifier"]) == normal(fact_["qualifier"])
    ]


def station(connection: sqlite3.Connection, station_id: int) -> Row | None:
    """One station: its statements with their sources, reprints folded, and its numbers over time."""
    found = _rows(connection, "select * from stations where id = ?", station_id)
    if not found:
        return None
    facts = _rows(
        connection,
        _FACT
        + " join fact_types on fact_types.id = facts.type where facts.station_id = ? and current"
        + " order by fact_types.position, as_of desc, facts.article_id = story desc, facts.id",
        station_id,
    )
    statements = _fold([_shown(fact) for fact in facts])
    groups: dict[str, list[Row]] = {}
    for statement in statements:
        groups.setdefault(statement["type_label"], []).append(statement)
    return {
        "station": found[0],
        "groups": groups,
        "series": _series(statements),
        "names": _rows(
            connection,
            "select name, place from station_names where station_id = ? order by length(name) desc, key",
            station_id,
        ),
        "contradictions": _contradictions(connection, station_id, statements),
    }


def paragraphs(text: str, facts: list[Row]) -> list[list[Row]]:
    """The text as paragraphs of segments {text, facts}; overlapping quotes are cut at each other's ends."""
    edges = {0, len(text)}
    for fact in facts:
        edges |= {fact["start"], fact["end"]}
    cuts = sorted(edge for edge in edges if 0 <= edge <= len(text))
    lines: list[list[Row]] = [[]]
    for start, end in pairwise(cuts):
        inside = [fact for fact in facts if fact["start"] <= start and end <= fact["end"]]
        for number, piece in enumerate(text[start:end].split("\n")):
            if number:
                lines.append([])
            if piece:
                lines[-1].append({"text": piece, "facts": inside})
    return [line for line in lines if line]


def web_address(url: str) -> str:
    """The address if a browser may follow it, else nothing."""
    return url if urlsplit(url).scheme in ("http", "https") else ""


def _fold(facts: list[Row]) -> list[Row]:
    """Statements of one story that say the same, made one with all their sources, the original first."""
    folded: dict[tuple[object, ...], Row] = {}
    for fact in facts:
        said = normal(fact["quote"]) if fact["value"] is None else fact["value"]
        key = (fact["story"], fact["type"], said, fact["value_high"], normal(fact["qualifier"]), fact["date"])
        folded.setdefault(key, fact | {"sources": []})["sources"].append(fact)
    return list(folded.values())


def _series(statements: list[Row]) -> list[Row]:
    """Numbers of one type and qualifier stated for at least two dates, oldest first, scaled for bars."""
    grouped: dict[tuple[str, str], list[Row]] = {}
    for statement in statements:
        if statement["value"] is not None and statement["as_of"] and statement["unit"] in ("person", "household"):
            grouped.setdefault((statement["type_label"], statement["qualifier_label"]), []).append(statement)
    series = []
    for (label, qualifier), points in grouped.items():
        points.sort(key=lambda point: point["as_of"])
        if len({point["as_of"] for point in points}) > 1:
            most = max(point["value"] for point in points)
            bars = [point | {"width": max(2, round(300 * point["value"] / most))} for point in points]
            series.append({"label": label, "qualifier": qualifier, "points": bars})
    return series


def _contradictions(connection: sqlite3.Connection, station_id: int, statements: list[Row]) -> list[Row]:
    """Pairs of statements of one type, for one date, that give different numbers."""
    by_fact = {source["id"]: source for statement in statements for source in statement["sources"]}
    pairs = _rows(connection, "select one_fact, other_fact from contradictions where station_id = ?", station_id)
    return [
        {"one": by_fact[pair["one_fact"]], "other": by_fact[pair["other_fact"]]}
        for pair in pairs
        if pair["one_fact"] in by_fact and pair["other_fact"] in by_fact
    ]


def _cluster(connection: sqlite3.Connection, article_id: int) -> list[Row]:
    """The same story elsewhere: the other members of an article's cluster, the likely original first, with what speaks for
    it."""
    rows = _rows(
        connection,
        "with story as (select coalesce((select original_id from reprints where article_id = :id), :id) as id)"
        " select articles.id, title, published, outlets.name as outlet, articles.id = story.id as original,"
        " coalesce((select min(reasons) from reprints where original_id = articles.id), '[]') as reasons"
        " from articles join outlets on outlets.id = outlet_id, story"
        " where articles.id != :id and (articles.id = story.id"
        " or articles.id in (select article_id from reprints where original_id = story.id))"
        " order by original desc, published",
        {"id": article_id},
    )
    return [row | {"reasons": json.loads(row["reasons"])} for row in rows]


def _shown(fact: Row) -> Row:
    return fact | {
        "type_label": type_label(fact["type"]),
        "value_label": value_label(fact["value"], fact["value_high"], fact["approx"], fact["unit"]),
        "qualifier_label": qualifier_label(fact["qualifier"]),
        "review_note": labels.review_note(fact),
    }


def _rows(connection: sqlite3.Connection, sql: str, arguments: object = None) -> list[Row]:
    given = arguments if isinstance(arguments, dict) else [] if arguments is None else [arguments]
    cursor = connection.execute(sql, given)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def _one(connection: sqlite3.Connection, sql: str) -> int:
    return connection.execute(sql).fetchone()[0]


def _unpacked(article: dict[str, Any]) -> dict[str, Any]:
    """An article's row with its JSON columns read and its codes in words."""
    packed = ("encoding", "blocks", "links", "images", "cut", "provenance_reasons")
    return (
        article
        | {name: json.loads(article[name]) for name in packed}
        | {
            "provenance_label": labels.PROVENANCE.get(article["provenance"]),
            "dated_by_label": labels.PLACES.get(article["dated_by"]),
        }
    )
