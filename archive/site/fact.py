"""A fact's page: the passage that says it, what it rests on, who else says it, who says otherwise, how to cite it."""

import json
import sqlite3
from typing import NamedTuple, TypedDict

from archive.decisions.records import Decision, Review
from archive.decisions.reviews import Reviews
from archive.labels import qualifier_label, type_label, value_label
from archive.language import Words
from archive.site.citation import FORMER, REJECTED, Cited, cited
from archive.site.place import places_of_station
from archive.site.shared import FACT, shown, web_address
from archive.sql.rows import Row, rows

_PASSAGE = 120  # characters shown on either side of a quote
_MAX_OTHERS = 20  # other numbers of the same kind that a page lists


class FactPage(TypedDict):
    """A fact, the passage that states it, its capture, and the facts of other articles that state the same."""

    fact: Row
    link: str
    before: str
    after: str
    capture: Row
    sources: list[Row]
    cited: Cited


class Others(NamedTuple):
    """Other statements of the same kind about the same station: those that agree, those that contradict this one, and those
    for other dates."""

    agree: list[Row]
    contradict: list[Row]
    elsewhen: list[Row]


class WholeFactPage(FactPage):
    """The page of a fact as readers see it: with where the station lies, how sure the reader is (thousandths, None where rules
    decided) of the number, and of what it is about where that is less sure, and the other statements."""

    places: list[Row]
    sure: int | None
    subject_sure: int | None
    others: Others


class FormerFactPage(TypedDict):
    """A fact that is read no more, or that a person rejected; its article, None if that is gone; and the key of the fact that
    is read instead, empty if none is."""

    fact: Row
    article: Row | None
    link: str
    successor: str


def fact(connection: sqlite3.Connection, fact_id: int) -> FactPage | None:
    """Returns a fact with what it rests on, None if there is no such fact."""
    found = rows(connection, FACT + " where facts.id = ?", fact_id)
    if not found:
        return None
    stated = shown(found[0])
    (article_,) = rows(connection, "select * from articles where id = ?", stated["article_id"])
    mention = _last_mention(connection, fact_id)
    (capture,) = rows(connection, "select * from captures where id = ?", _capture_of(mention))
    before, after = _around(mention["text"], mention["start"], mention["end"])
    return {
        "fact": stated,
        "link": web_address(article_["url"]),
        "before": before,
        "after": after,
        "capture": capture,
        "sources": _sources(connection, stated),
        "cited": cited(stated, article_, capture),
    }


def fact_page(connection: sqlite3.Connection, fact_id: int) -> WholeFactPage | None:
    """Returns the page of a fact, None if there is no such fact."""
    page = fact(connection, fact_id)
    if page is None:
        return None
    stated = page["fact"]
    number, subject = _sure(stated)
    return {
        **page,
        "places": places_of_station(connection, stated["station_id"]),
        "sure": number,
        "subject_sure": subject,
        "others": _others(connection, stated),
    }


def pending(reviews: Reviews, fact_: Row) -> Review | None:
    """Returns what people decided about a fact since its snapshot was made: a review, undone if they took it back; None where
    the snapshot shows what they decided."""
    decided = [one for one in reviews.history(fact_["evidence"]) if one.decision != Decision.NOTE]
    standing = [one for one in decided if one.undone_at is None]
    if standing:
        return standing[-1] if standing[-1].at != fact_["reviewed_at"] else None
    return next((one for one in decided if one.at == fact_["reviewed_at"]), None)


def former_fact(connection: sqlite3.Connection, key: str) -> FormerFactPage | None:
    """Returns the page of a former fact, None if no former fact has this key."""
    found = rows(connection, "select * from former_facts where key = ?", key)
    if not found:
        return None
    former = found[0]
    former |= {
        "measure": "",
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


def _why(former: Row) -> Words:
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
            stated = former["fact"] | {"evidence": evidence, "outlet": former["article"]["outlet"]}
            return {**cited(stated, former["article"], former["article"]), "former": _why(former["fact"])}
        return None
    (article_,) = rows(connection, "select * from articles where id = ?", found[0]["article_id"])
    mention = _last_mention(connection, found[0]["id"])
    (capture,) = rows(connection, "select * from captures where id = ?", _capture_of(mention))
    return cited(found[0], article_, capture)


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


def _around(text: str, start: int, end: int) -> tuple[str, str]:
    """The words before and after a quote, with … where the text goes on."""
    before, after = text[max(0, start - _PASSAGE) : start], text[end : end + _PASSAGE]
    return ("…" if start > _PASSAGE else "") + before, after + ("…" if len(text) > end + _PASSAGE else "")


def _sure(stated: Row) -> tuple[int | None, int | None]:
    """How sure the reader is of a number, and of what it is about: the latter where that is less sure."""
    number, subject = stated["probability"], stated["subject_probability"]
    return number, subject if subject is not None and (number is None or subject < number) else None


def _sources(connection: sqlite3.Connection, fact_: Row) -> list[Row]:
    """The facts of other articles of the same story that make the same statement, and this one."""
    return rows(
        connection,
        FACT + " where facts.current and statement_facts.statement = ? group by facts.article_id order by facts.id",
        fact_["statement"],
    )


def _others(connection: sqlite3.Connection, fact_: Row) -> Others:
    """What other stories say of the same kind of number of the same station."""
    found = Others([], [], [])
    if fact_["station_id"] is None or fact_["value"] is None:
        return found
    disputed = {
        row["at"]
        for row in rows(
            connection,
            "select at from contradictions where station_id = ? and type = ? and qualifier = ?",
            [fact_["station_id"], fact_["type"], fact_["qualifier"]],
        )
    }
    for other in rows(
        connection,
        FACT + " where facts.id in (select fact_id from statements where station_id = ? and type = ? and qualifier_key = ?"
        f" and fact_id != ? order by as_of desc limit {_MAX_OTHERS}) order by coalesce(facts.as_of, facts.reported_on) desc, facts.id",
        [fact_["station_id"], fact_["type"], fact_["qualifier_key"], fact_["statement"]],
    ):  # fmt: skip
        if (other["value"], other["value_high"]) == (fact_["value"], fact_["value_high"]):
            found.agree.append(other)
        elif _at(other) == _at(fact_) in disputed:
            found.contradict.append(other)
        else:
            found.elsewhen.append(other)
    return found


def _at(stated: Row) -> str | None:
    """The date that a number is for: that which is stated, else that of the report."""
    return stated["as_of"] or stated["reported_on"]
