"""A document as the encoder sees it: windows of characters, with the candidates that are decided in each.

A window is at most `LENGTH` tokens, one a character. A text that is longer gets several: each later one repeats the
title and the places named last before it, since a number is often about a place that was named long ago.
"""

import json
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from archive.errors import ModelUnavailable
from archive.facts.document import Document
from archive.facts.propose.candidates import Candidate, find
from archive.facts.propose.names import KINDS
from archive.facts.propose.quantities import MEASURES, families_of

LENGTH, OVERLAP, TITLE, NAMED = 512, 64, 40, 3
_FAR_BACK = 1000  # names before a window among which those named last are looked for
PAD, UNKNOWN, CLS, SEP = 0, 1, 2, 3
_SMALL = ("station", "estate", "community", "town", "team")
_NAME_KINDS = list(KINDS)
HINTS = 2 * len(_NAME_KINDS) + 3  # outside, the first and further characters of a name by kind, a date, a number
ITEM_KINDS = ("number", "date", "list", "address")
FAMILIES = ["none", *MEASURES]
APPROX = ("exact", "about", "more_than", "less_than", "nearly")
RATES = ("", "per day", "per month", "per year")
BUCKETS = 10  # powers of ten of a value
FEATURES = (len(ITEM_KINDS), len(FAMILIES), len(APPROX), len(RATES), 2, BUCKETS)

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Item:
    """A candidate in a window: its first and last token, and what the grammar knows of it (see `FEATURES`)."""

    candidate: Candidate
    first: int
    last: int
    features: tuple[int, ...]


@dataclass(frozen=True)
class Window:
    """Tokens, hints (what the grammar knows of each token) and the place of each in the document's text, -1 for marks."""

    tokens: Ints
    hints: Ints
    places: list[int]
    items: list[Item] = field(default_factory=list)


@cache
def vocabulary() -> dict[str, int]:
    """Character -> token number. Raises ModelUnavailable where the file cannot be read."""
    path = Path(__file__).with_name("vocab.json")
    try:
        words: list[str] = json.loads(path.read_text("utf-8"))
        return {word: number for number, word in enumerate(words)}
    except (OSError, ValueError, TypeError) as error:
        raise ModelUnavailable(
            f"The vocabulary in {path} cannot be used ({error}). Install the project again."
        ) from None


def windows(document: Document) -> list[Window]:
    """The windows of a document that have candidates, in order."""
    text = document.text
    found = find(document)
    body = [at for at, c in enumerate(text) if c == "\n" or not c.isspace()]
    if not found or not body:
        return []
    hints = _hints(document)
    prefixes, spans = _cut(document, body)
    starts = [start for start, _ in spans]
    shared: list[list[tuple[Candidate, int, int]]] = [[] for _ in spans]
    for candidate in found:
        first, last = bisect_left(body, candidate.start), bisect_left(body, candidate.end) - 1
        if last < first:
            continue
        behind = bisect_right(starts, first)  # no more than two spans overlap
        best = max(range(max(0, behind - 2), behind), key=lambda k: _room(first, last, spans[k], len(body)))
        if _room(first, last, spans[best], len(body)) >= 0:
            shared[best].append((candidate, first, last))
    made = []
    for prefix, (start, end), own in zip(prefixes, spans, shared, strict=True):
        if own:
            made.append(_window(document, prefix, body[start:end], hints, start, own))
    return made


def _room(first: int, last: int, span: tuple[int, int], length: int) -> int:
    """Characters of context on the shorter side; the ends of the text count as ample."""
    if first < span[0] or last >= span[1]:
        return -1
    before = first - span[0] if span[0] else length
    after = span[1] - 1 - last if span[1] < length else length
    return min(before, after)


def _cut(document: Document, body: list[int]) -> tuple[list[list[int]], list[tuple[int, int]]]:
    """What each window repeats, and the span of characters that is its own; the spans overlap and cover all."""
    prefixes: list[list[int]] = []
    spans: list[tuple[int, int]] = []
    while not spans or spans[-1][1] < len(body):
        start = spans[-1][1] - OVERLAP if spans else 0
        prefix = [*_prefix(document, body[start]), -1] if start else []
        prefixes.append(prefix)
        spans.append((start, min(len(body), start + LENGTH - 2 - len(prefix))))
    return prefixes, spans


def _window(
    document: Document,
    prefix: list[int],
    body: list[int],
    hints: Ints,
    start: int,
    own: list[tuple[Candidate, int, int]],
) -> Window:
    known = vocabulary()
    text = document.text
    places = [-1, *prefix, *body, -1]
    tokens = [SEP if at < 0 else known.get(text[at], UNKNOWN) for at in places]
    tokens[0] = CLS
    offset = 1 + len(prefix) - start
    items = [Item(c, offset + first, offset + last, _features(c)) for c, first, last in own]
    seen = np.array([0 if at < 0 else hints[at] for at in places], dtype=np.int64)
    return Window(np.array(tokens, dtype=np.int64), seen, places, items)


def _prefix(document: Document, at: int) -> list[int]:
    """The positions of the title, and of the small places named last before `at`."""
    title_end = document.text.find("\n")
    title = list(range(min(title_end if title_end >= 0 else TITLE, TITLE)))
    here = bisect_left(document.names, at, key=lambda name: name.start)
    last: dict[str, list[int]] = {}
    for name in reversed(document.names[max(0, here - _FAR_BACK) : here]):
        if name.end <= at and name.kind in _SMALL and len(last) < NAMED:
            last.setdefault(name.text, [-1, *range(name.start, min(name.end, name.start + 15))])
    named = [place for span in reversed(last.values()) for place in span]
    return [p for p in [*title, *named] if p < 0 or not document.text[p].isspace()]


def _hints(document: Document) -> Ints:
    hints = np.zeros(len(document.text) + 1, dtype=np.int64)
    for quantity in document.quantities:
        hints[quantity.start : quantity.end] = HINTS - 1
    for mention in document.dates:
        hints[mention.start : mention.end] = HINTS - 2
    for name in sorted(document.names, key=lambda n: n.end - n.start):
        kind = 1 + 2 * _NAME_KINDS.index(name.kind)
        hints[name.start] = kind
        hints[name.start + 1 : name.end] = kind + 1
    return hints


def _features(candidate: Candidate) -> tuple[int, ...]:
    quantity = candidate.quantity
    if quantity is None:
        return (ITEM_KINDS.index(candidate.kind), 0, 0, 0, 0, 0)
    return (
        0,
        FAMILIES.index(families_of(quantity.measure)[0]),
        APPROX.index(quantity.approx),
        RATES.index(quantity.rate),
        int(quantity.each),
        min(BUCKETS - 1, len(str(int(quantity.value)))),
    )
