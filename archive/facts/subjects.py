"""Who a number is about: the nearest mention of a fitting kind, as the discourse has it.

A type says which kinds of subject it takes, the best first. For each of these in turn: a name inside the
quote, the last mention before it in its sentence, a station named after it in its sentence (投入14万元,打造的…
服务站), then the last mention in earlier sentences. 该小区, 全市, 社区 at the head of a clause are mentions of
the name that they point back to.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from archive.facts.document import Document
from archive.facts.names import KINDS, Name

_STATION_WORDS = "|".join(sorted(KINDS["station"], key=len, reverse=True))
_POINTER = re.compile(
    r"(?:(?P<sure>[该本全])|(?<=[,。;:!?\n])(?:目前|现在|如今)?)"
    r"(?P<word>小区|社区|街道|[村镇乡县市区])"
    rf"(?!{_STATION_WORDS}|级|政府|里的?人|民)"
)
_POINTS_TO = {
    "小区": ("estate",), "社区": ("community",), "村": ("community",), "街道": ("town",), "镇": ("town",), "乡": ("town",),
    "县": ("district",), "区": ("district",), "市": ("city", "district"),
}  # fmt: skip
_FAR = 300  # characters back to a subject; beyond that nobody would take them together
_CORE = re.compile(rf"{_STATION_WORDS}|小区|社区|村")
_ABOVE = ("province", "city", "district", "town")


@dataclass(frozen=True)
class _Mention:
    start: int
    end: int
    name: Name  # what is meant; for a pointer the name that it points back to


def of(document: Document, start: int, end: int, wanted: tuple[frozenset[str], ...]) -> Name | None:
    """The subject of a statement at `start`..`end`, None where no name of a wanted kind is near enough."""
    sentence_start, sentence_end = document.sentence(start)
    for kinds in wanted:
        fitting = [m for m in _mentions(document) if m.name.kind in kinds]
        before = [m for m in fitting if m.end <= start]
        inside = [m for m in fitting if start <= m.start and m.end <= end]
        here = [m for m in before if m.start >= sentence_start]
        ahead = [m for m in fitting if m.start >= end and m.end <= sentence_end and m.name.kind == "station"]
        near = [m for m in before if start - m.end <= _FAR]
        for nearest in (inside[:1], here[-1:], ahead[:1], near[-1:]):
            if nearest:
                return nearest[0].name
    return None


@lru_cache(maxsize=4)
def _mentions(document: Document) -> tuple[_Mention, ...]:
    names = document.names
    found = [_Mention(name.start, name.end, name) for name in names]
    for pointer in _POINTER.finditer(document.text):
        if pointer["word"] in "村镇乡县市区" and not pointer["sure"]:
            continue
        kinds = _POINTS_TO[pointer["word"]]
        meant = [name for name in names if name.kind in kinds and name.end <= pointer.start()]
        if meant:
            found.append(_Mention(pointer.start(), pointer.end(), meant[-1]))
    return tuple(sorted(found, key=lambda m: (m.start, m.end)))


def full_name(document: Document, name: Name) -> Name:
    """The fullest form of a station's name in the text: 臻锦园小区党群服务站 is 东方名苑臻锦园小区党群服务站."""
    core = _CORE.sub("", name.text)
    if name.kind != "station" or not core:
        return name
    same = [n for n in document.names if n.kind == "station" and _CORE.sub("", n.text).endswith(core)]
    return max(same, key=lambda n: (len(n.text), -n.start), default=name)


def places(document: Document, name: Name) -> tuple[str, ...]:
    """The places that the text names above a subject, largest first: the last of each kind before its first
    mention, else the first after."""
    first = min((n.start for n in document.names if n.text == name.text), default=name.start)
    found = []
    for kind in _ABOVE:
        of_kind = [n for n in document.names if n.kind == kind and n.text != name.text]
        before = [n for n in of_kind if n.start <= first]
        if of_kind:
            found.append((before[-1] if before else of_kind[0]).text)
    return tuple(found)
