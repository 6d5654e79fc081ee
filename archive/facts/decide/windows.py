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
from archive.facts.candidates import Candidate, find
from archive.facts.decide.labels import TYPES
from archive.facts.decide.nouns import beside
from archive.facts.document import Document
from archive.facts.propose.names import KINDS
from archive.facts.propose.quantities import MEASURES, families_of

LENGTH, OVERLAP, TITLE, NAMED = 512, 64, 40, 3
_FAR_BACK = 1000  # names before a window among which those named last are looked for
PAD, UNKNOWN, CLS, SEP = 0, 1, 2, 3
_SMALL = ("station", "estate", "community", "town", "team")
_NAME_KINDS = list(KINDS)
# outside, the first and further characters of a name by kind, words that point back to a name by kind, a date, a number
HINTS = 3 * len(_NAME_KINDS) + 3
GUESSES = 2  # tokens that the grammar takes for the subject of a number
ITEM_KINDS = ("number", "date", "list", "address")
FAMILIES = ["none", *MEASURES]
APPROX = ("exact", "about", "more_than", "less_than", "nearly")
RATES = ("", "per day", "per month", "per year")
BUCKETS = 10  # powers of ten of a value
FEATURES = (len(ITEM_KINDS), len(FAMILIES), len(APPROX), len(RATES), 2, BUCKETS, len(TYPES), len(TYPES))

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Item:
    """A candidate in a window: its first and last token, and its grammatical features (see `FEATURES`).

    `guesses` are two tokens: where the name begins that was mentioned last before the candidate, and where the first name
    of its sentence begins. 0 where the window has none.
    """

    candidate: Candidate
    first: int
    last: int
    features: tuple[int, ...]
    guesses: tuple[int, int]


@dataclass(frozen=True)
class Window:
    """Tokens, hints (what the grammar found at each), sentences (the number of the sentence that each is in), and the
    offset of each token in the document's text, -1 for marks."""

    tokens: Ints
    hints: Ints
    sentences: Ints
    offsets: list[int]
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
        shared[best].append((candidate, first, min(last, spans[best][1] - 1)))  # what no window holds is cut at its end
    guessing = _Guesses(document)
    made = []
    for prefix, (start, end), own in zip(prefixes, spans, shared, strict=True):
        if own:
            made.append(_window(document, prefix, body[start:end], hints, start, own, guessing))
    return made


def _room(first: int, last: int, span: tuple[int, int], length: int) -> int:
    """Characters of context on the shorter side, below 0 where it is cut; the ends of the text count as ample."""
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
    guessing: "_Guesses",
) -> Window:
    known = vocabulary()
    text = document.text
    offsets = [-1, *prefix, *body, -1]
    tokens = [SEP if at < 0 else known.get(text[at], UNKNOWN) for at in offsets]
    tokens[0] = CLS
    shift = 1 + len(prefix) - start
    token_of = {at: number for number, at in enumerate(offsets) if at >= 0}
    items = [
        Item(c, shift + first, shift + last, _features(document, c), guessing.of(c, token_of)) for c, first, last in own
    ]
    seen = np.array([0 if at < 0 else hints[at] for at in offsets], dtype=np.int64)
    sentences = np.array([0 if at < 0 else document.sentence_number(at) for at in offsets], dtype=np.int64)
    return Window(np.array(tokens, dtype=np.int64), seen, sentences, offsets, items)


class _Guesses:
    """The subjects that the grammar guesses: the name mentioned last, and the first one of the sentence."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.mentions = [mention for mention in document.mentions if not mention.descriptive]
        self.starts = [mention.start for mention in self.mentions]

    def of(self, candidate: Candidate, token_of: dict[int, int]) -> tuple[int, int]:
        """The tokens of both in a window, 0 where there is none."""
        before = bisect_left(self.starts, candidate.start)
        first = bisect_left(self.starts, self.document.sentence(candidate.start)[0])
        return self._token(before - 1, before, token_of), self._token(first, before, token_of)

    def _token(self, number: int, before: int, token_of: dict[int, int]) -> int:
        """The token at which the name of a mention was written last before a candidate."""
        if not 0 <= number < before:
            return 0
        mention = self.mentions[number]
        named = self.document.same_names.get((mention.name.text, mention.name.kind), ())
        last = bisect_right(named, mention.start, key=lambda name: name.start) - 1
        return token_of.get(named[last].start if last >= 0 else mention.start, 0)


def _prefix(document: Document, at: int) -> list[int]:
    """The positions of the title, and of the small places named last before `at`."""
    title_end = document.text.find("\n")
    title = list(range(min(title_end if title_end >= 0 else TITLE, TITLE)))
    here = bisect_left(document.names, at, key=lambda name: name.start)
    last: dict[str, list[int]] = {}
    for name in reversed(document.names[max(0, here - _FAR_BACK) : here]):
        if name.end <= at and name.kind in _SMALL and len(last) < NAMED:
            last.setdefault(name.text, [-1, *range(name.start, min(name.end, name.start + 15))])
    named = [offset for span in reversed(last.values()) for offset in span]
    return [p for p in [*title, *named] if p < 0 or not document.text[p].isspace()]


def _hints(document: Document) -> Ints:
    hints = np.zeros(len(document.text) + 1, dtype=np.int64)
    for quantity in document.quantities:
        hints[quantity.start : quantity.end] = HINTS - 1
    for mention in document.dates:
        hints[mention.start : mention.end] = HINTS - 2
    for meant in document.mentions:
        hints[meant.start : meant.end] = 3 + 3 * _NAME_KINDS.index(meant.name.kind)
    for name in sorted(document.names, key=lambda n: n.end - n.start):
        kind = 1 + 3 * _NAME_KINDS.index(name.kind)
        hints[name.start] = kind
        hints[name.start + 1 : name.end] = kind + 1
    return hints


def _features(document: Document, candidate: Candidate) -> tuple[int, ...]:
    quantity, nouns = candidate.quantity, beside(document, candidate)
    if quantity is None:
        return (ITEM_KINDS.index(candidate.kind), 0, 0, 0, 0, 0, *nouns)
    return (
        0,
        FAMILIES.index(families_of(quantity.measure)[0]),
        APPROX.index(quantity.approx),
        RATES.index(quantity.rate),
        int(quantity.each),
        min(BUCKETS - 1, len(str(int(quantity.value)))),
        *nouns,
    )
