"""People's decisions in a snapshot. They are carried out in the table `facts`, so that whatever rests on it (pages, charts,
questions, search, feeds, downloads, SQL) shows what people decided without a step of its own.

A rejected fact is a fact no more: it stays in `former_facts`, where its address leads. A corrected one has the corrected
values, with what the program extracted beside them (`extracted`). A decision holds for each reprint that says the same. Who decided
is not published.
"""

import sqlite3
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from archive.decisions.records import Decision, Review
from archive.decisions.reviews import Reviews
from archive.facts import fact_types
from archive.publishing.candidates import confirm_candidates
from archive.publishing.removed import noted
from archive.publishing.takedown import drop_facts
from archive.sql.rows import Row, packed, put, rows
from archive.stations import identity, names
from archive.stations.identity import StationName
from archive.stations.names import normal
from archive.stations.statements import comparable
from archive.text import clean

_TABLES = """
alter table facts add column review text not null default '';
alter table facts add column reviewed_value real;
alter table facts add column reviewed_value_high real;
alter table facts add column corrections text not null default '{}';
alter table facts add column reviewed_at text;
alter table facts add column extracted text not null default '{}';
alter table former_facts add column rejected integer not null default 0;
create table accuracy (
    type text primary key references fact_types (id),
    confirmed integer not null,
    reviewed integer not null,
    share real
);
create table reviews_open (
    evidence text primary key,
    reviewed_fact text not null,
    decision text not null,
    reviewed_at text not null
);
"""
_LEFT_TO_STAND = ("subject", "qualifier", "date")
_CORRECTABLE = ("type", "subject", "value", "value_high", "unit", "measure", "qualifier", "date")
_STORY = "select article_id from reprints where original_id = :story union select :story"
_STATED = """
select * from (
    select evidence, stated.article_id, type, subject, value, value_high, unit, qualifier, date, quote, subject_key,
        qualifier_key, detail_key, current, names.station_id,
        coalesce(original_id, stated.article_id) as story
    from {0} stated left join station_names names on names.id = station_name_id
    left join reprints on reprints.article_id = stated.article_id)
"""
_FORMER = """
insert or replace into former_facts (key, url, type, subject, value, value_high, unit, approx, qualifier, date, quote, start,
    "end", revision, shown, rejected)
select evidence, url, type, subject, value, value_high, unit, approx, qualifier, date, quote, start, "end", facts.revision, 1, 1
from facts join articles on articles.id = article_id where evidence = ?
"""


def add_reviews(connection: sqlite3.Connection, reviews: Reviews) -> None:
    """Carry out in a draft of a snapshot what people decided, and add the accuracy by type and the reviews whose evidence
    is no longer there."""
    attached, is_open = reviews.attached(connection)
    for statement in _TABLES.split(";\n"):
        if statement.strip():
            connection.execute(statement)
    _carry_out(connection, _decided(connection, attached))
    for review in is_open:
        connection.execute(
            "insert into reviews_open values (?, ?, ?, ?)",
            [review.evidence, packed(review.fact), review.decision, review.at],
        )
    counts = reviews.accuracy()
    connection.executemany(
        "insert into accuracy values (?, ?, ?, ?)",
        [
            (type_, *counts.get(type_, (0, 0)), counts[type_][0] / counts[type_][1] if type_ in counts else None)
            for type_ in fact_types()
        ],
    )


class _Decided(NamedTuple):
    """The evidence of a fact or candidate, the decision about it, and what is shown instead."""

    key: str
    review: Review
    fixed: Row

    @property
    def is_rejected(self) -> bool:
        """Whether it is no fact, or one of a type that a plug-in declared and nothing does now."""
        return self.review.decision == Decision.REJECT or self.fixed.get("type", "") not in ("", *fact_types())


def _carry_out(connection: sqlite3.Connection, found: list[_Decided]) -> None:
    """Confirm, correct and reject facts, each step noted."""
    with noted(connection, "confirmed"):
        confirm_candidates(connection, {key: review for key, review, _ in found})
    with noted(connection, "corrected"):
        for one in found:
            if not one.is_rejected:
                for fact in rows(connection, "select * from facts where evidence = ?", one.key):
                    _correct(connection, fact, one.review, one.fixed)
    with noted(connection, "rejected"):
        for one in found:
            if one.is_rejected:
                _reject(connection, one.key)


def _decided(connection: sqlite3.Connection, attached: Mapping[str, Review]) -> list[_Decided]:
    """The facts and candidates that people decided about, those of reprints included. What somebody decided about a
    statement itself goes first, then the latest decision about its reprints."""
    found: dict[str, tuple[Review, Row]] = {}
    for key, review in sorted(attached.items(), key=lambda pair: pair[1].id):
        for fact in _facts(connection, "evidence = ?", [key]):
            fixed = _fixed(fact, review)
            found |= {same: (review, fixed) for same in _in_reprints(connection, fact) if same not in attached}
            found[key] = (review, fixed)
    return [_Decided(key, review, fixed) for key, (review, fixed) in found.items()]


def _fixed(fact: Row, review: Review) -> Row:
    """What is shown instead of what a reader reads: what a person corrected, and what the person saw and let stand, where
    another reader has it otherwise."""
    if review.decision == Decision.REJECT:
        return {}
    seen = {name: str(review.fact.get(name) or "") for name in _LEFT_TO_STAND}
    stood = {name: then for name, then in seen.items() if then and normal(then) != normal(fact[name])}
    return stood | review.corrected


def _in_reprints(connection: sqlite3.Connection, fact: Row) -> set[str]:
    """The evidence of what says the same in the other articles of its story. Where one article says it in several places,
    details and words distinguish these: a copy says the one that was decided about in the same words."""
    story = {"story": fact["story"], "type": fact["type"]}
    others = _facts(connection, f"type = :type and current and article_id in ({_STORY})", story)
    same = [other for other in others if _says(other) == _says(fact) and _are_about_one(other, fact)]
    times = Counter(other["article_id"] for other in same)
    is_alone, words = times[fact["article_id"]] == 1, _words(fact)
    return {
        other["evidence"]
        for other in same
        if other["article_id"] != fact["article_id"]
        and (
            (is_alone and times[other["article_id"]] == 1)
            or (
                other["detail_key"] == fact["detail_key"]
                and (is_alone or _words(other) in words or words in _words(other))
            )
        )
    }


def _says(fact: Row) -> tuple[object, ...]:
    return (fact["unit"], fact["value"], fact["value_high"], fact["qualifier_key"])


def _words(fact: Row) -> str:
    """A quote without what a mirror's script and notes change in it."""
    return normal(clean(fact["quote"]).text)


def _are_about_one(one: Row, other: Row) -> bool:
    same_station = one["station_id"] is not None and one["station_id"] == other["station_id"]
    return same_station or one["subject_key"] == other["subject_key"]


def _facts(connection: sqlite3.Connection, where: str, given: object) -> list[Row]:
    """Facts and candidates with their stations and the stories that they are of."""
    return [
        row
        for table in ("facts", "candidates")
        for row in rows(connection, f"{_STATED.format(table)} where {where}", given)
    ]


def _correct(connection: sqlite3.Connection, fact: Row, review: Review, fixed: Row) -> None:
    """Put into a fact's row what is shown instead of what was read, and beside it what was read."""
    now = {name: fact[name] for name in _CORRECTABLE} | fixed
    if now["type"] != fact["type"]:
        unit = fact_types()[str(now["type"])].unit
        now |= {"unit": unit, "measure": now["measure"] if unit == fact["unit"] else ""}
    if "value_high" not in fixed and not _is_range(now["value"], now["value_high"]):
        now["value_high"] = None
    extracted = {name: fact[name] for name in _CORRECTABLE if now[name] != fact[name]}
    decided = {
        "review": review.decision,
        "corrections": packed(fixed),
        "reviewed_at": review.at,
        "extracted": packed(extracted),
    }
    values = {"reviewed_value": now["value"], "reviewed_value_high": now["value_high"]}
    put(connection, "facts", now | values | decided | _what_follows(connection, fact, now, fixed), fact["id"])


def _what_follows(connection: sqlite3.Connection, fact: Row, now: Row, fixed: Row) -> Row:
    """The other columns that follow from corrected ones."""
    follows: Row = {}
    date = str(now["date"])
    if "date" in fixed:
        follows["as_of"] = date if date[:1].isdigit() else None
    subject = str(now["subject"])
    if normal(subject) != normal(fact["subject"]):
        follows |= _station_called(connection, subject, fact)
    return follows | comparable(fact | now)


def _is_range(value: object, high: object) -> bool:
    return isinstance(value, int | float) and isinstance(high, int | float) and value < high


def _station_called(connection: sqlite3.Connection, subject: str, fact: Row) -> Row:
    """The only station that a corrected subject can mean where the fact was read; none where it could be several."""
    place, division = connection.execute(
        "select coalesce(max(place), ''), coalesce(max(division), '') from station_names where id = ?",
        [fact["station_name_id"]],
    ).fetchone()
    called = StationName(0, "", subject, place, division, None)
    found = connection.execute(
        "select id, key, name, place, division, station_id from station_names where tail = ? and station_id is not null"
        " order by key",
        [names.tail(subject)],
    )
    there = [StationName(*row) for row in found]
    able = identity.likely(called, there)
    if len(able) != 1:
        return {"station_name_id": None, "station_id": None}
    return {"station_name_id": next(one.id for one in there if one.station_id in able), "station_id": able.pop()}


def _reject(connection: sqlite3.Connection, key: str) -> None:
    """Make a fact a former one; a candidate waits no longer."""
    connection.execute(_FORMER, [key])
    drop_facts(connection, "evidence = ?", [key])
    connection.execute("delete from candidates where evidence = ?", [key])
