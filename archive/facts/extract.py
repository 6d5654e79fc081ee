"""`extract`: an article's text to its facts. Pure: no clock, no network, no database."""

import re
from datetime import date

from archive.facts import shapes, subjects
from archive.facts.document import Document
from archive.facts.shapes import Found
from archive.facts.types import load
from archive.records import Article, Fact
from archive.topic import may_hold_facts

VERSION = "1"
_WIDER = re.compile(r"全(?:国|省|市|州|区|县)")
_MAX_TEXT = 200_000  # characters; no article is longer, and time stays bounded


def extract(article: Article) -> list[Fact]:
    """The facts of an article, in order of their quotes; offsets refer to `article.text`."""
    return extract_text(article.text, article.published_date)


def extract_text(raw: str, published: date | None = None) -> list[Fact]:
    """The facts of a text as published; `raw[fact.start:fact.end] == fact.quote` for each.

    `published` justifies years where the words alone do not; without it a header line of the text may.
    Numbers that damage may have touched are left out.
    """
    document = Document.of(raw[:_MAX_TEXT], published)
    if not may_hold_facts(document.text):
        return []
    types = load()
    by_shape: dict[str, list] = {}
    for type_ in types.values():
        by_shape.setdefault(type_.shape, []).append(type_)
    found = shapes.find_counts(document, by_shape["count"])
    for shape, find in (
        ("goods", shapes.find_goods),
        ("event", shapes.find_events),
        ("address", shapes.find_addresses),
        ("rooms", shapes.find_rooms),
    ):
        for type_ in by_shape[shape]:
            found.extend(find(document, type_))
    found.sort(key=lambda f: (f.start, f.end))
    facts: list[Fact] = []
    for statement in _once(found):
        if not statement.tainted and (fact := _fact(document, statement)):
            facts.append(fact)
    return _without_repeats(facts)


def _once(found: list[Found]) -> list[Found]:
    """One statement for one stretch of numbers: the first type that claimed it keeps it."""
    kept: list[Found] = []
    for statement in found:
        clash = [
            k
            for k in kept
            if k.value is not None
            and statement.value is not None
            and k.start < statement.end
            and statement.start < k.end
        ]
        if not clash:
            kept.append(statement)
    return kept


def _fact(document: Document, found: Found) -> Fact | None:
    name = subjects.of(document, found.start, found.end, found.type.subjects)
    if name is None:
        return None
    start, end = document.clause(found.start, found.end)
    if _WIDER.search(document.text[start : found.end]) and name.kind not in ("province", "city", "district"):
        return None  # 全市招募志愿者: a number about more than the place that was named last
    name = subjects.full_name(document, name)
    start, end = document.clean.span(found.start, found.end)
    return Fact(
        type=found.type.id,
        subject=document.published_text(name.start, name.end),
        value=found.value,
        value_high=found.value_high,
        unit=found.type.unit,
        approx=found.approx,
        qualifier=found.qualifier,
        date=found.date,
        quote=document.clean.raw[start:end],
        start=start,
        end=end,
        subject_kind=name.kind,
        places=subjects.places(document, name),
    )


def _without_repeats(facts: list[Fact]) -> list[Fact]:
    """The first mention of each statement; a later one that says the same of the same adds nothing."""
    seen, kept = set(), []
    for fact in facts:
        number = (fact.value, fact.value_high, fact.qualifier)
        words = (fact.subject, fact.quote if fact.unit == "text" else "")
        key = (fact.type, fact.date, number if fact.value is not None else words)
        if key not in seen:
            seen.add(key)
            kept.append(fact)
    return kept
