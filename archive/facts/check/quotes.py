"""The words that state a fact: its number with what it counts, and no more than its clause."""

import re

from archive.facts.candidates import Candidate
from archive.facts.document import Document
from archive.facts.propose import quantities
from archive.text import clean, fold

_STOPS = re.compile(r"[,。;:!?、…\n()]")
_SENTENCE_STOPS = re.compile(r"[。;!?…\n]")
_BEFORE, _AFTER, _EVENT = 30, 12, 30  # characters around a number, and behind a date


def quote_of(document: Document, candidate: Candidate, start: int, end: int) -> tuple[int, int] | None:
    """The span of folded text that states a fact at `start`..`end`; None where no span contains its number.

    It reaches to the next stop on either side. Where a number shares its measure word with others (12、19、7个), it reaches
    to that.
    """
    if candidate.quantity is None:
        return (start, _ahead(document.text, end, _EVENT)) if candidate.date else (start, end)
    wide = _back(document.text, start), _ahead(document.text, end, _AFTER)
    shared = start, _ahead(document.text, end, 2 * _EVENT, stops=_SENTENCE_STOPS)
    return next((span for span in (wide, (start, end), shared) if _contains_number(document, span, candidate)), None)


def _contains_number(document: Document, span: tuple[int, int], candidate: Candidate) -> bool:
    """Whether the number is read again from the words as published."""
    wanted = candidate.quantity
    assert wanted is not None
    start, end = document.clean.span(*span)
    again = quantities.find(fold(clean(document.clean.raw[start:end]).text))
    return any((q.value, q.value_high) == (wanted.value, wanted.value_high) for q in again)


def _back(text: str, start: int) -> int:
    stops = [m.end() for m in _STOPS.finditer(text, max(0, start - _BEFORE), start)]
    at = stops[-1] if stops else start if start > _BEFORE else 0
    while at < start and text[at].isspace():
        at += 1
    return at


def _ahead(text: str, end: int, far: int, stops: re.Pattern[str] = _STOPS) -> int:
    stop = stops.search(text, end, end + far)
    return stop.start() if stop else end if end + far < len(text) else len(text.rstrip())
