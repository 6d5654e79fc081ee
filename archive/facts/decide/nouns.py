"""What a word right beside a candidate rules out: 党员128名 counts no volunteers, 5月6日开工 opens nothing.

The words are those that the types declare (`heads`). A type without words of its own is never ruled out.
"""

import re
from functools import cache

from archive.facts.document import Document
from archive.facts.propose.candidates import Candidate
from archive.facts.types import load

_LINK = r"(?:\s|总人数|人数|总数|总|数|共有|共计|共|现有|已有|拥有|还有|有|达到|达|为|约|近|已|:|\()*"
_ENDS = r"(?=[^一-鿿]|$|的|和|与|及|在|已|将|参|来|到|都|也|中|里|组成|报名)"
_REACH, _FAR = 14, 24  # characters between a number and its noun, a date and its verb
_STOP = re.compile(r"[。;!?\n]|\d+月|[今去前明次]年")


def ruled_out(document: Document, candidate: Candidate) -> frozenset[str]:
    """The types that are not meant, since another type's noun stands beside the number, or its verb behind the date."""
    text = document.text
    if candidate.date:
        happened = _verbs().search(text, candidate.end, candidate.end + _FAR)
        stop = _STOP.search(text, candidate.end, candidate.end + _FAR)
        return _others(happened[0]) if happened and not (stop and stop.start() < happened.start()) else frozenset()
    if candidate.quantity is None:
        return frozenset()
    ahead, behind = _patterns()
    beside = behind.search(text, max(0, candidate.start - _REACH), candidate.start) or ahead.match(text, candidate.end)
    return _others(beside["noun"]) if beside else frozenset()


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A noun behind its number, and one before it."""
    nouns = _words("number")
    return re.compile(rf"的?(?P<noun>{nouns}){_ENDS}"), re.compile(rf"(?P<noun>{nouns}){_LINK}\Z")


@cache
def _verbs() -> re.Pattern[str]:
    return re.compile(_words("date"))


def _words(shape: str) -> str:
    words = {head for type_ in load().values() if type_.shape == shape for head in type_.heads}
    return "|".join(sorted(words, key=len, reverse=True))


@cache
def _others(noun: str) -> frozenset[str]:
    own = next(t.shape for t in load().values() if noun in t.heads)
    return frozenset(t.id for t in load().values() if t.heads and t.shape == own and noun not in t.heads)
