"""The nouns beside a number, and the verbs beside a date, that the types declare as their own (`heads`).

The network gets their types as features: 党员128名 counts members, 5月6日开工 is a start. It decides what they mean for a
number: 社区有5个小区 has two nouns, and counts estates.
"""

import re
from functools import cache

from archive.facts.candidates import Candidate
from archive.facts.decide.labels import TYPES
from archive.facts.document import Document
from archive.facts.types import load

_LINK = r"(?:\s|总人数|人数|总数|总|数|共有|共计|共|现有|已有|拥有|还有|有|达到|达|为|约|近|已|:|\()*"
_MODIFIER = r"[一-鿿]{0,6}?"
_REACH, _FAR = 14, 24  # characters between a number and its noun, a date and its verb
_STOP = re.compile(r"[。;!?\n]|\d+月|[今去前明次]年")


def beside(document: Document, candidate: Candidate) -> tuple[int, int]:
    """The types, as positions in `TYPES`, of the noun or verb behind a candidate and of the one before it; 0 for none."""
    text, start, end = document.text, candidate.start, candidate.end
    if candidate.date:
        stop = _STOP.search(text, end, end + _FAR)
        happened = _verbs().search(text, end, stop.start() if stop else end + _FAR)
        before = _STOP.split(text[max(0, start - _FAR) : start])[-1]
        return _type_of(happened[0] if happened else ""), _type_of((_verbs().findall(before) or [""])[-1])
    if candidate.quantity is None:
        return 0, 0
    following, preceding = patterns(_heads("number"), _LINK)
    noun, other = following.match(text, end), preceding.search(text, max(0, start - _REACH), start)
    return _type_of(noun["noun"] if noun else ""), _type_of(other["noun"] if other else "")


@cache
def patterns(nouns: tuple[str, ...], link: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """One of the nouns behind its number, and one before it with only `link` between."""
    noun = rf"(?P<noun>{_any_of(nouns)})"
    return re.compile(rf"的?{_MODIFIER}{noun}"), re.compile(rf"{noun}{link}\Z")


@cache
def _verbs() -> re.Pattern[str]:
    return re.compile(_any_of(_heads("date")))


@cache
def _heads(shape: str) -> tuple[str, ...]:
    """The heads of the learned types of a shape."""
    learned = (type_ for type_ in load().values() if type_.id in TYPES and type_.shape == shape)
    return tuple(dict.fromkeys(head for type_ in learned for head in type_.heads))


def _any_of(words: tuple[str, ...]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


@cache
def _type_of(word: str) -> int:
    return next((TYPES.index(t.id) for t in load().values() if t.id in TYPES and word in t.heads), 0)
