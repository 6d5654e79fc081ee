"""A fact's page: the passage that says it, what it rests on, who else says it, how to cite it."""

import json
import sqlite3
from typing import TypedDict

from archive.labels import qualifier_label, type_label, value_label
from archive.site.citation import FORMER, REJECTED, Cited
from archive.site.shared import FACT, shown, web_address
from archive.sql.rows import Row, rows

_PASSAGE = 120  # characters shown on either side of a quote


class FactPage(TypedDict):
    """A fact, the passage that states it, its capture, and the facts of other articles that state the same."""

    fact: Row
    link: str
    before: str
    after: str
    capture: Row
    sources: list[Row]
    cited: Cited


class FormerFactPage(TypedDict):
    """A fact that is read no more, or that a person rejected; its article, None if that is gone; and the key of the fact that
    is read instead, empty if none is."""

    fact: Row
    article: Row | None
    link: str
    successor: str


def fact(connection: sqlite3.Connection, fact_id: int) -> FactPage | None:
    """Returns the page of a fact, None if there is no such fact."""
    found = rows(connection, FACT + " where facts.id = ?", fact_id)
    if not found:
        return None
    stated = shown(found[0])
    (article_,) = rows(connection, "select * from articles where id = ?", stated["article_id"])
    mention = _last_mention(connection, fact_id)
    (capture,) = rows(connection, "select * from captures where id = ?", _capture_of(mention))
    return {
        "fact": stated,
        "link": web_address(article_["url"]),
        "before": mention["text"][max(0, mention["start"] - _PASSAGE) : mention["start"]],
        "after": mention["text"][mention["end"] : mention["end"] + _PASSAGE],
        "capture": capture,
        "sources": _sources(connection, stated),
        "cited": _cited(stated, article_, capture),
    }


def former_fact(connection: sqlite3.Connection, key: str) -> FormerFactPage | None:
    """Returns the page of a former fact, None if no former fact has this key."""
    found = rows(connection, "select * from former_facts where key = ?", key)
    if not found:
        return None
    former = found[0]
    former |= {
        "type_label": type_label(former["type"]),
        "value_label": value_label(former["value"], former["value_high"], former["approx"], former["unit"]),
        "qualifier_label": qualifier_label(former["qualifier"]),
    }
    article_ = rows(
        connection,
        "select articles.key, title, authors, published, articles.url, outlets.name as outlet, fetched_at from articles"
        " join outlets on outlets.id = articles.outlet_id join captures on captures.id = capture_id where articles.url = ?",
        former["url"],
    )
    return {
        "fact": former,
        "article": article_[0] if article_ else None,
        "link": web_address(former["url"]),
        "successor": former["successor"] or "",
    }


def _why(former: Row) -> str:
    """Why a former fact is one no more."""
    return REJECTED if former["rejected"] else FORMER


def fact_by_evidence(connection: sqlite3.Connection, evidence: str) -> Cited | None:
    """Returns what a citation needs of the fact with this key, or of the one that is read in its place; of one that is read no
    more, what it stated. Returns None if no fact ever had the key."""
    found = rows(
        connection,
        FACT + " where evidence = coalesce((select successor from former_facts where key = :key), :key)",
        {"key": evidence},
    )
    if not found:
        former = former_fact(connection, evidence)
        if former and former["article"]:
            cited = _cited(
                former["fact"] | {"evidence": evidence, "outlet": former["article"]["outlet"]},
                former["article"],
                former["article"],
            )
            return {**cited, "former": _why(former["fact"])}
        return None
    (article_,) = rows(connection, "select * from articles where id = ?", found[0]["article_id"])
    mention = _last_mention(connection, found[0]["id"])
    (capture,) = rows(connection, "select * from captures where id = ?", _capture_of(mention))
    return _cited(found[0], article_, capture)


def _last_mention(connection: sqlite3.Connection, fact_id: int) -> Row:
    """The last version of its article that says a fact, and where."""
    return rows(
        connection,
        'select revisions.text, revisions.capture_id, revisions.page_spans, s.start, s."end" from fact_mentions s join facts on facts.id = fact_id'
        " join revisions on revisions.article_id = facts.article_id and number = s.revision"
        " where fact_id = ? order by s.revision desc limit 1",
        fact_id,
    )[0]


def _capture_of(mention: Row) -> int:
    """The number of the capture that words are from, which begin at `start` of an article's version: of its own, or of the
    page that they stand on."""
    inside = (capture for start, end, capture in json.loads(mention["page_spans"]) if start <= mention["start"] < end)
    return next(inside, mention["capture_id"])


def _cited(fact_: Row, article_: Row, capture: Row) -> Cited:
    return {
        "evidence": fact_["evidence"],
        "quote": fact_["quote"],
        "title": article_["title"],
        "authors": article_["authors"],
        "outlet": fact_["outlet"],
        "published": article_["published"],
        "url": article_["url"],
        "fetched_at": capture["fetched_at"],
    }


def _sources(connection: sqlite3.Connection, fact_: Row) -> list[Row]:
    """The facts of other articles of the same story that make the same statement, and this one."""
    return rows(
        connection,
        FACT + " where facts.current and statement_facts.statement = ? group by facts.article_id order by facts.id",
        fact_["statement"],
    )
