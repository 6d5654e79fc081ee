"""Decides about types that the model has not learned, by the words of their declarations alone."""

import re
from bisect import bisect_left, bisect_right
from itertools import takewhile

from archive.facts.candidates import Candidate, find
from archive.facts.decide.decoding import Decision
from archive.facts.decide.nouns import patterns
from archive.facts.document import Document
from archive.facts.types import FactType

_LINK = r"(?:\s|总数|总|数|共有|共计|共|现有|已有|拥有|还有|有|达到|达|为|计|约|的|[:(])*"
_PLANNED = re.compile(r"拟|计划|预计|将(?!近)")
_FAR = 1000  # names before a candidate, and behind it, that can be its subject


def decide(document: Document, types: list[FactType]) -> list[Decision]:
    """The decisions by the words of `types`. A decision of the model on the same candidate takes precedence."""
    candidates = find(document) if types else []
    return [decision for c in candidates for t in types if (decision := _decision(document, c, t))]


def _decision(document: Document, candidate: Candidate, type_: FactType) -> Decision | None:
    if candidate.kind != type_.shape:
        return None
    start, end = document.clause(candidate.start, candidate.end)
    context = document.text[slice(*document.sentence(candidate.start))] if candidate.date else document.text[start:end]
    if any(word in context for word in type_.excludes) or (
        type_.verbs and not any(verb in context for verb in type_.verbs)
    ):
        return None
    span = _counted(document, candidate, type_, start, end) if candidate.quantity else (candidate.start, candidate.end)
    if span is None:
        return None
    closed = ("planned",) if _PLANNED.search(context) else ()
    return Decision(candidate, type_.id, *span, _subject(document, candidate, type_), closed=closed)


def _counted(document: Document, candidate: Candidate, type_: FactType, start: int, end: int) -> tuple[int, int] | None:
    """The span of a number and the noun of the type that it counts, None where it counts another."""
    assert candidate.quantity is not None
    if not candidate.quantity.is_measured(type_.measures):
        return None
    if not type_.heads:
        return candidate.start, candidate.end
    following, preceding = patterns(type_.heads, _LINK)
    if match := preceding.search(document.text, start, candidate.start):
        return match.start(), candidate.end
    if match := following.match(document.text, candidate.end, end):
        return candidate.start, match.end()
    return None


def _subject(document: Document, candidate: Candidate, type_: FactType) -> tuple[int, int] | None:
    """The last name of a wanted kind before the candidate, in its sentence if there is one; else the first behind it."""
    names = document.names
    here = bisect_right(names, candidate.end, key=lambda name: name.start)
    before = [name for name in reversed(names[max(0, here - _FAR) : here]) if name.end <= candidate.end]
    sentence, _ = document.sentence(candidate.start)
    for near in (list(takewhile(lambda name: name.start >= sentence, before)), before):
        for kinds in type_.subjects:
            for name in near:
                if name.kind in kinds:
                    return name.start, name.end
    first = bisect_left(names, candidate.end, key=lambda name: name.start)
    behind = names[first : first + _FAR]
    wanted = frozenset().union(*type_.subjects)
    return next(((name.start, name.end) for name in behind if name.kind in wanted), None)
