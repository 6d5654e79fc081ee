"""`extract`: an article's text to its facts. Pure: no clock, no network, no database."""

import re
from datetime import date

from archive.facts import chain, donations, shapes, subjects
from archive.facts.document import Document
from archive.facts.propose.names import Name
from archive.facts.shapes import Found
from archive.facts.types import load
from archive.records import Article, Fact, NamedStation
from archive.text import fold
from archive.topic import is_worth_folding, may_hold_facts

VERSION = "5"
_WIDER = re.compile(r"全(?:国|省|市|州|区|县)(?!级|性|面)|各地|各级|各省|各市")
_SCOPE = 300  # characters before a number in which its scope may be said
_NEAR = 20  # statements before one that can overlap it
_NOT_NOUN = re.compile(r"[^一-鿿]|[一二两三四五六七八九十百千万余多近约超共个处家座所名户人有了]")
_MAX_TEXT = 200_000  # characters; no article is longer, and time stays bounded


def extract(article: Article) -> list[Fact]:
    """The facts of an article, in order of their quotes; offsets refer to `article.text`."""
    return extract_text(article.text, article.published_date)


def extract_text(raw: str, published: date | None = None) -> list[Fact]:
    """The facts of a text as published; `raw[fact.start:fact.end] == fact.quote` for each.

    `published` justifies years where the words alone do not; without it a header line of the text may.
    Numbers that damage may have touched are left out.
    """
    document = _document(raw, published)
    return _facts(document) if document else []


def read_out(article: Article) -> tuple[list[Fact], list[NamedStation]]:
    """The facts of an article, and the stations that it names, whether it says anything about them or not."""
    document = _document(article.text, article.published_date)
    return (_facts(document), _stations(document)) if document else ([], [])


def _document(raw: str, published: date | None) -> Document | None:
    """The text laid out for reading; None where it holds no facts."""
    if not is_worth_folding(raw):
        return None
    document = Document.of(raw[:_MAX_TEXT], published)
    return document if may_hold_facts(document.text) else None


def _stations(document: Document) -> list[NamedStation]:
    found = {}
    for name in document.distinct_names:
        if name.kind == "station":
            full = chain.full_name(document, name)
            found[full.text] = NamedStation(
                document.name_text(full), chain.places(document, full), chain.division(document, full)
            )
    return list(found.values())


def _facts(document: Document) -> list[Fact]:
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
    before: tuple[Name, int] | None = None
    for statement in _once(found):
        if statement.tainted:
            continue
        type_ = statement.type
        owned = document.text.startswith(type_.heads, statement.start)
        name = subjects.of(document, statement.start, statement.end, type_.subjects, before, owned=owned)
        if name and _is_of(document, statement, name):
            before = (name, statement.end)
            facts.append(_fact(document, statement, chain.full_name(document, name)))
    return _without_repeats(facts)


def _once(found: list[Found]) -> list[Found]:
    """One statement for one stretch of numbers: the first type that claimed it keeps it."""
    kept: list[Found] = []
    for statement in found:
        clash = [
            k
            for k in kept[-_NEAR:]
            if k.value is not None
            and statement.value is not None
            and k.start < statement.end
            and statement.start < k.end
        ]
        if not clash:
            kept.append(statement)
    return kept


def _is_of(document: Document, found: Found, name: Name) -> bool:
    """Whether a number can be about a place: not 全市招募志愿者 about the 小区 that was named last."""
    if (found.value or 0) > found.type.ceiling.get(name.kind, float("inf")):
        return False
    if name.kind in ("province", "city", "district"):
        return True
    start = max(document.sentence(found.start)[0], found.start - _SCOPE)
    said = name.end if start <= name.end <= found.start else start
    clause, _ = document.clause(found.start, found.end)
    wider = list(_WIDER.finditer(document.text, said, found.end))
    return not any(match.start() >= clause or document.text[match.start() - 1] in ",。;:!?\n" for match in wider)


def _fact(document: Document, found: Found, name: Name) -> Fact:
    donor, recipient = (
        donations.parties(document, found.start, found.end) if found.type.id in donations.TYPES else ("", "")
    )
    start, end = document.clean.span(found.start, found.end)
    return Fact(
        type=found.type.id,
        subject=document.name_text(name),
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
        donor=donor,
        recipient=recipient,
        places=chain.places(document, name),
        repaired=document.clean.is_repaired(found.start, found.end),
        division=chain.division(document, name),
    )


def _without_repeats(facts: list[Fact]) -> list[Fact]:
    """The first mention of each statement; a later one that says the same of the same adds nothing."""
    seen: dict[tuple[object, ...], list[str]] = {}
    kept = []
    for fact in facts:
        number = (fact.value, fact.value_high, fact.qualifier)
        words = (fact.subject, fact.quote if fact.unit == "text" else "")
        said = seen.setdefault((fact.type, fact.date, number if fact.value is not None else words), [])
        noun = _NOT_NOUN.sub("", fold(fact.quote))
        # 16个社区装修完毕 and 16个已进驻 are two statements; 在册党员58名 and 58名党员 are one.
        if not said or (fact.unit == "count" and not any(noun in other or other in noun for other in said)):
            kept.append(fact)
        said.append(noun)
    return kept
