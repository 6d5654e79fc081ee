"""Numbers that share a noun said before them: parts that add up to a whole, and what something has grown to.

面积不足的社区81个: 16个已装修进驻, 63个正在装修, 2个停工          16 + 63 + 2 = 81
起步时只有30余名志愿者, 一年半后已近200人
"""

import re

from archive.facts.document import Document
from archive.facts.propose.quantities import Quantity
from archive.facts.shapes.found import Found
from archive.facts.types import FactType

_GROWN = re.compile(
    r"(?:(?:增至|增加到|发展到|壮大到|扩大到|发展为)(?:如今|现在|目前)?的?|[后今在前已][^,。;]{0,6}(?:已|已经|有|达|达到))$"
)
_ALONE = re.compile(r"^(?:[,。;、!)]|$)")
_TOLD = re.compile(r"[一-鿿]")  # 16个已装修: what has become of a part is told right behind it
_MAX_RUN, _MAX_FOLLOWING = 8, 20
_PARTED = frozenset("个处家座所")  # people and money are split in too many ways


def find_shared(document: Document, matched: list[tuple[Quantity, Found | None]], types: list[FactType]) -> list[Found]:
    """Statements for quantities that no type took: `matched` are all of a document in order, each with the statement
    that it became."""
    taken: dict[int, Found] = {}
    for number, (quantity, found) in enumerate(matched):
        if found is None:
            continue
        following = [
            i
            for i in range(number + 1, min(len(matched), number + _MAX_FOLLOWING))
            if "\n" not in document.text[quantity.end : matched[i][0].start]
        ]
        taken.update(_parts(document, matched, number, following, types))
        grown = _grown(document, matched, found, following[:1])
        if grown:
            taken[following[0]] = grown
    return list(taken.values())


def _parts(
    document: Document,
    matched: list[tuple[Quantity, Found | None]],
    whole: int,
    following: list[int],
    types: list[FactType],
) -> dict[int, Found]:
    """The parts of a whole: two or more numbers in a row, of its measure word, that add up to it."""
    quantity, found = matched[whole]
    assert found is not None
    same = [i for i in following if matched[i][0].measure == quantity.measure] if quantity.measure in _PARTED else []
    taken: dict[int, Found] = {}
    first = 0
    while first < len(same):
        total, last = 0.0, first
        while last < min(len(same), first + _MAX_RUN) and total < quantity.value:
            total += matched[same[last]][0].value
            last += 1
        told = all(matched[i][1] or _TOLD.match(document.text, matched[i][0].end) for i in same[first:last])
        if total == quantity.value and last - first > 1 and told:
            taken |= _named(document, matched, found, same[first:last], types)
            first = last
        else:
            first += 1
    return taken


def _named(
    document: Document,
    matched: list[tuple[Quantity, Found | None]],
    whole: Found,
    parts: list[int],
    types: list[FactType],
) -> dict[int, Found]:
    taken: dict[int, Found] = {}
    type_ = whole.type
    for number in parts:
        quantity, found = matched[number]
        if found is not None:
            type_ = found.type
            continue
        own = [t for t in types if document.text.startswith(t.heads, quantity.end)]
        type_ = next((t for t in own if quantity.is_measured(t.measures)), type_)
        _, end = document.clause(quantity.start, quantity.end)
        taken[number] = Found.counted(type_, quantity, quantity.start, end)
    return taken


def _grown(
    document: Document, matched: list[tuple[Quantity, Found | None]], found: Found, following: list[int]
) -> Found | None:
    """The next number of the sentence, where words say that the thing counted has grown to it."""
    if not following or matched[following[0]][1] is not None:
        return None
    quantity = matched[following[0]][0]
    start, end = document.clause(quantity.start, quantity.end)
    same = quantity.is_measured(found.type.measures) and document.sentence(found.start) == document.sentence(
        quantity.start
    )
    if (
        not same
        or not _GROWN.search(document.text[start : quantity.start])
        or not _ALONE.match(document.text[quantity.end : end])
    ):
        return None
    return Found.counted(found.type, quantity, quantity.start, quantity.noun_end)
