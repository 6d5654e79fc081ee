"""The network's outputs as decisions: for each candidate the likeliest type, who it is about, and what narrows it."""

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from archive.facts.candidates import Candidate
from archive.facts.decide.labels import CLOSED, ROLES, TYPES
from archive.facts.decide.windows import Item, Window
from archive.facts.document import Document
from archive.facts.propose.dates import DateMention

Floats = npt.NDArray[np.float32]
Span = tuple[int, int]

DONATIONS = ("donation_money", "donation_goods")
PERSON = "person"  # a donor who is a private person: no name is kept
_LONGEST_NAME = 30  # characters
_STARTS = 4  # likeliest starts of a name that are considered beside the names that the grammar found
_STOPS = frozenset(",。;:!?\n")
_NO_NAME = re.compile(r"[,。;:!?、\s]|[\d十百千万亿]元")
TAGS = ("", "address", "facilities", "name start", "name inside")
_TAG_OF = {name: number for number, name in enumerate(TAGS)}


@dataclass(frozen=True)
class Logits:
    """The network's outputs for one window with N candidates and T tokens.

    types (N, types), closed (N, closed), spans (N, roles, 2, T), tags (T, tags).
    """

    types: Floats
    closed: Floats
    spans: Floats
    tags: Floats


@dataclass(frozen=True)
class Decision:
    """One candidate decided. Spans refer to the document's text; `donor` and `recipient` may be `PERSON`.

    `raw` and `raw_subject` are the network's uncalibrated probabilities. `thousandths` and `subject_thousandths` are the
    calibrated ones, None where rules decided. `status` is `published`, `candidate`, or empty where neither.
    """

    candidate: Candidate
    type: str
    start: int
    end: int
    subject: Span | None
    raw: float = 1.0
    raw_subject: float = 1.0
    closed: tuple[str, ...] = ()
    words: Span | None = None
    date: DateMention | None = None
    donor: Span | str | None = None
    recipient: Span | str | None = None
    thousandths: int | None = None
    subject_thousandths: int | None = None
    status: str = ""
    subject_certain: bool = True


def decode(document: Document, window: Window, logits: Logits) -> list[Decision]:
    """The likeliest type of each candidate of a window that can be a fact."""
    types = _softmax(logits.types)
    spans = _softmax(logits.spans)
    names, dates = _named_tokens(document, window)
    names += _tagged_names(logits.tags)
    return [
        _decision(document, window, item, types[n], logits.closed[n], spans[n], logits.tags, names, dates)
        for n, item in enumerate(window.items)
    ]


def _decision(
    document: Document, window: Window, item: Item, types: Floats, closed: Floats, spans: Floats, tags: Floats,
    names: list[Span], dates: list[tuple[int, DateMention]],
) -> Decision:  # fmt: skip
    type_ = int(types[1:].argmax()) + 1
    name = TYPES[type_]
    start, end = item.candidate.start, item.candidate.end
    if name in ("address", "facilities"):
        start, end = _tagged(window, item, tags, _TAG_OF[name]) or (start, end)
    subject, certainty = _named(document, window, spans[ROLES.index("subject")], names, item.candidate)
    is_donation = name in DONATIONS
    has_date_role = item.candidate.date is None
    words = _pointed(document, window, spans[ROLES.index("words")]) if has_date_role else None
    return Decision(
        item.candidate,
        name,
        start,
        end,
        subject,
        raw=float(types[type_]),
        raw_subject=certainty,
        closed=tuple(word for word, logit in zip(CLOSED, closed, strict=True) if logit > 0),
        words=None if isinstance(words, str) else words,
        date=_date(dates, spans[ROLES.index("date")][0]) if has_date_role else None,
        donor=_pointed(document, window, spans[ROLES.index("donor")]) if is_donation else None,
        recipient=_pointed(document, window, spans[ROLES.index("recipient")]) if is_donation else None,
    )


def _softmax(x: Floats) -> Floats:
    """Along the last axis."""
    exponentials = np.exp(x - x.max(-1, keepdims=True))
    return exponentials / exponentials.sum(-1, keepdims=True)


def _named_tokens(document: Document, window: Window) -> tuple[list[Span], list[tuple[int, DateMention]]]:
    """The names of the grammar in a window as spans of tokens, and its dates with their first token."""
    token_of = {at: number for number, at in enumerate(window.offsets) if at >= 0}
    names: list[Span] = []
    for at in sorted(token_of):
        for name in document.names_at.get(at, ()):
            last = token_of.get(name.end - 1, -1)
            if token_of[at] <= last:
                names.append((token_of[at], last))
    return names, [(token_of[at], document.date_at[at]) for at in sorted(token_of) if at in document.date_at]


def _tagged_names(tags: Floats) -> list[Span]:
    """The names that the network sees, as spans of tokens."""
    best = tags.argmax(-1)
    inside = _TAG_OF["name inside"]
    found = []
    for first in np.flatnonzero(best == _TAG_OF["name start"]):
        last = int(first)
        while last + 1 < len(best) and best[last + 1] == inside and last - first < _LONGEST_NAME:
            last += 1
        found.append((int(first), last))
    return found


def _text_span(window: Window, first: int, last: int) -> Span | None:
    offsets = window.offsets[first : last + 1]
    return (offsets[0], offsets[-1] + 1) if offsets and min(offsets) >= 0 else None


def _named(
    document: Document, window: Window, ends: Floats, names: list[Span], candidate: Candidate
) -> tuple[Span | None, float]:
    """The name that the pointer means: the probabilities of all occurrences of the same words are added up.

    The name must occur before the end of the sentence, since a writer names the subject before writing about it, and not
    only in an aside.
    """
    begin, finish = ends
    _, limit = document.sentence(candidate.end)
    considered = set(names)
    for first in np.argsort(-begin)[:_STARTS]:
        considered.add((int(first), int(first + finish[first : first + _LONGEST_NAME].argmax())))
    probabilities: dict[str, float] = {}
    where: dict[str, tuple[float, Span]] = {}
    for first, last in considered:
        span = _text_span(window, first, last)
        if span is None:
            continue
        words, probability = document.text[span[0] : span[1]], float(begin[first] * finish[last])
        if _NO_NAME.search(words) or any(document.is_aside(at, candidate.start) for at in (span[0], span[1] - 1)):
            continue
        probabilities[words] = probabilities.get(words, 0.0) + probability
        where[words] = max(where.get(words, (-1.0, span)), (probability, span))
    known = [words for words in probabilities if document.text.find(words, 0, limit) >= 0]
    if not known:
        return None, 0.0
    best = max(known, key=lambda words: probabilities[words])
    return where[best][1], min(1.0, probabilities[best])


def _pointed(document: Document, window: Window, ends: Floats) -> Span | str | None:
    """What a pointer means: nothing at the window's first mark, a private person at its last, else words between two
    stops."""
    begin, finish = ends
    first = int(begin.argmax())
    if first == 0:
        return None
    if first == len(window.tokens) - 1:
        return PERSON
    reach = window.offsets[first : first + _LONGEST_NAME]
    stop = next((n for n, at in enumerate(reach) if at < 0 or document.text[at] in _STOPS), len(reach))
    last = first + int(finish[first : first + max(1, stop)].argmax())
    return _text_span(window, first, last)


def _date(dates: list[tuple[int, DateMention]], begin: Floats) -> DateMention | None:
    """The date that a pointer means; nothing where the window's first mark is likelier."""
    token, mention = max(dates, key=lambda each: begin[each[0]], default=(0, None))
    return mention if begin[token] > begin[0] else None


def _tagged(window: Window, item: Item, tags: Floats, tag: int) -> Span | None:
    """From the first to the last character of a candidate that is marked as part of a list or an address."""
    marked = np.flatnonzero(tags[item.first : item.last + 1].argmax(-1) == tag) + item.first
    return _text_span(window, int(marked[0]), int(marked[-1])) if len(marked) else None
