"""`extract`: an article's text to its facts. Pure: no clock, no network, no database.

The grammar proposes, a model decides, invariants check.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from archive.facts import chain, check
from archive.facts.decide import Decision, decide
from archive.facts.decide.decoding import PERSON, Span
from archive.facts.document import Document
from archive.facts.propose import names
from archive.facts.propose.names import KINDS, OTHER, UNNAMED, Name
from archive.facts.types import FactType, load
from archive.model import Article, Fact, FactStatus, NamedStation
from archive.reading.topic import is_worth_folding, may_hold_facts
from archive.text import fold

_NOT_NOUN = re.compile(r"[^一-鿿]|[一二两三四五六七八九十百千万余多近约超共个处家座所名户人有了]")
_MAX_TEXT = 200_000  # characters; no article is longer, and time stays bounded
_CACHED_TEXTS = 256  # texts
_LISTED = 60  # characters from one number to the next in which they are of two, if their subjects are
_MAX_COMPARED = 500  # mentions of one number of one type that a later one is compared with
_PLACE_WORDS = frozenset(word for kind in ("estate", "community", "town") for word in KINDS[kind])
_NOBODY = Name(0, 0, "", "")

Place = tuple[Name, tuple[str, ...], str]  # a subject, the places above it, its division


def extract(article: Article) -> list[Fact]:
    """The facts of an article, candidates among them, in order of their quotes; offsets refer to `article.text`."""
    return extract_text(article.text, article.published_date)


def extract_text(raw: str, published: date | None = None) -> list[Fact]:
    """The facts of a text as published; `raw[fact.start:fact.end] == fact.quote` for each.

    `published` justifies years where the words alone do not. Without it, a header line of the text may justify them.
    The facts include those that are not sure enough to be published, with the status `candidate`. They include no
    number that damage may have changed. Raises ModelUnavailable.
    """
    return list(_read(raw[:_MAX_TEXT], published)[0])


def extract_with_stations(article: Article, margin: int = 0) -> tuple[list[Fact], list[NamedStation]]:
    """The facts of an article and all stations that it names, with facts or without. With a margin (thousandths), the
    facts include those at most that far below the threshold of candidates, without a status, and repeated mentions (see
    `Statements`). Raises ModelUnavailable."""
    facts, stations = _read(article.text[:_MAX_TEXT], article.published_date, margin)
    return list(facts), list(stations)


@lru_cache(maxsize=_CACHED_TEXTS)
def _read(raw: str, published: date | None, margin: int = 0) -> tuple[tuple[Fact, ...], tuple[NamedStation, ...]]:
    if not is_worth_folding(raw):
        return (), ()
    document = Document.of(raw, published)
    if not may_hold_facts(document.text):
        return (), ()
    return tuple(_facts(document, margin)), tuple(_stations(document))


def _stations(document: Document) -> list[NamedStation]:
    found = {}
    for name in document.distinct_names:
        if name.kind == "station":
            full = chain.full_name(document, name)
            found[full.text] = NamedStation(
                document.name_text(full), chain.places(document, full), chain.division(document, full)
            )
    return list(found.values())


def _facts(document: Document, margin: int) -> list[Fact]:
    types = load()
    places: dict[Span | None, Place] = {}
    found = [f for d in decide(document, margin) if (f := _fact(document, d, types[d.type], places)) is not None]
    sound = (fact for fact in found if not check.broken(document.clean.raw, fact, types[fact.type]))
    in_order = sorted(sound, key=lambda fact: (fact.start, fact.end))
    return in_order if margin else list(_without_repeats(in_order))


def _fact(document: Document, decision: Decision, type_: FactType, places: dict[Span | None, Place]) -> Fact | None:
    candidate = decision.candidate
    if type_.unit != "text" and check.is_denied(document, candidate):
        return None
    span = check.quote_of(document, candidate, decision.start, decision.end)
    if span is None:
        return None
    if decision.subject not in places:
        places[decision.subject] = _place(document, decision.subject)
    name, above, division = places[decision.subject]
    start, end = document.clean.span(*span)
    quantity = candidate.quantity
    happened, counted = candidate.date, decision.date
    return Fact(
        type=type_.id,
        subject=document.name_text(name),
        value=quantity.value if quantity else None,
        value_high=quantity.value_high if quantity else None,
        unit=type_.unit,
        approx=quantity.approx if quantity else "exact",
        qualifier=" ".join(filter(None, [*decision.closed, _published_words(document, decision.words)])),
        date=happened.iso if happened else counted.counted_on if counted else "",
        quote=document.clean.raw[start:end],
        start=start,
        end=end,
        subject_kind=name.kind,
        tainted=bool(quantity and quantity.tainted),
        donor=_published_words(document, decision.donor),
        recipient="" if decision.recipient == PERSON else _published_words(document, decision.recipient),
        places=above,
        repaired=document.clean.is_repaired(*span),
        division=division,
        probability=decision.thousandths,
        subject_probability=decision.subject_thousandths,
        status=FactStatus.CANDIDATE if decision.status and not name.text else FactStatus(decision.status),
        subject_certain=decision.subject_certain,
        measure=quantity.measure if quantity else "",
    )


def _place(document: Document, span: Span | None) -> Place:
    if span is None:
        return _NOBODY, (), ""
    name = names.at(document.text, *span)
    if name.kind == UNNAMED:
        name = document.mentions.antecedent(document.text, name.start, name.end) or name
    elif name.kind == OTHER:
        name = _in_full(document, name)
    name = chain.full_name(document, name)
    return name, chain.places(document, name), chain.division(document, name)


def _in_full(document: Document, short: Name) -> Name:
    """碧波社区, where the subject is only called 碧波 and one place of the text is that with its kind."""
    meant = {name.text: name for name in document.names if name.text.removeprefix(short.text) in _PLACE_WORDS}
    return next(iter(meant.values())) if len(meant) == 1 else short


def _published_words(document: Document, span: Span | str | None) -> str:
    """The words of a span as published; a mark (PERSON) unchanged."""
    if span is None or isinstance(span, str):
        return span or ""
    return document.published_text(*span)


class Statements:
    """The statements of an article so far. A later mention of one of them adds nothing."""

    def __init__(self) -> None:
        self._by_number: dict[tuple[object, ...], dict[tuple[str, ...], Fact]] = defaultdict(dict)

    def add(self, fact: Fact) -> None:
        """Record the statement of a fact."""
        known = self._by_number[_number(fact)]
        if len(known) < _MAX_COMPARED:
            known[_noun(fact), fact.donor, fact.subject] = fact

    def contains(self, fact: Fact) -> bool:
        """Whether a fact repeats an earlier one of its status."""
        known, noun = self._by_number[_number(fact)], _noun(fact)
        return any(_is_repeated(other, words[0], fact, noun) for words, other in known.items())


def _number(fact: Fact) -> tuple[object, ...]:
    """The key that mentions of one statement share: the number, or the words where there is none."""
    number = (fact.value, fact.value_high, fact.qualifier)
    words = (fact.subject, fact.quote if fact.unit == "text" else "")
    return (fact.status, fact.type, fact.date, number if fact.value is not None else words)


def _noun(fact: Fact) -> str:
    return _NOT_NOUN.sub("", fold(fact.quote))


def _is_repeated(fact: Fact, noun: str, later: Fact, later_noun: str) -> bool:
    """Whether a later mention of a number may be the same statement."""
    if fact.unit == "count" and not _agree(noun, later_noun):
        return False  # 16个社区装修完毕 and 16个已进驻 are two statements; 在册党员58名 and 58名党员 are one
    if fact.donor and later.donor and not _agree(fact.donor, later.donor):
        return False
    is_listed = later.start - fact.start < _LISTED  # 甲小区党员36名,乙小区党员36名
    return not (is_listed and fact.subject and later.subject and not _agree(fact.subject, later.subject))


def _agree(a: str, b: str) -> bool:
    return a in b or b in a


def _without_repeats(facts: list[Fact]) -> Iterator[Fact]:
    """The first mention of each statement."""
    statements = Statements()
    for fact in facts:
        if not statements.contains(fact):
            yield fact
        statements.add(fact)
