"""Numbers that belong to several names in a list: one each (分别), or one for all of them (A、B共150名).

The network does not decide what the words determine: the k-th number belongs to the k-th name, and a shared number belongs
to no single name.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from archive.facts.document import Document
from archive.facts.propose.names import Name

_JOINED = re.compile(r"[、,]|以?及|和|与")
_EACH = re.compile(r"[^,。;!?\n\d]{0,12}?分别")
_TOGETHER = re.compile(r"[^,。;!?\n\d]{0,10}?(?:共|合计|总计|一起|加起来|合起来)")
# 红枫、白榆两个小区共有: short names, which no list of names holds.
_SEVERAL = re.compile(
    r"[、和与及][^,。;:!?\n、]{1,12}?(?:[两二三四五六七八九十]|[2-9]|\d\d)个?(?:小区|社区|村|街道|乡镇|镇|乡)[一总]?(?:共|合计)"
)
_MAX_LISTED = 12  # names of one list

Owners = dict[tuple[int, int], Name | None]  # span of a number -> its owner, None where it has no single one


def owners(document: Document) -> Owners:
    """The numbers whose owner the words determine, by their span."""
    found: Owners = {}
    for names in _lists(document):
        end = names[-1].end
        _, stop = document.sentence(end - 1)
        first = bisect_left(document.quantities, end, key=lambda quantity: quantity.start)
        behind = bisect_right(document.quantities, stop, key=lambda quantity: quantity.end)
        numbers = document.quantities[first:behind]
        if _EACH.match(document.text, end):
            if len(numbers) == len(names):
                found.update({(q.start, q.end): name for q, name in zip(numbers, names, strict=True)})
        elif match := _TOGETHER.match(document.text, end):
            found.update(_shared(document, match.end()))
    for match in _SEVERAL.finditer(document.text):
        found.update(_shared(document, match.end()))
    return found


def _shared(document: Document, start: int) -> Owners:
    """The numbers from a position to the end of its clause: they have no single owner."""
    _, end = document.clause(start, start)
    first = bisect_left(document.quantities, start, key=lambda quantity: quantity.start)
    behind = bisect_left(document.quantities, end, key=lambda quantity: quantity.start)
    return {(q.start, q.end): None for q in document.quantities[first:behind]}


def _lists(document: Document) -> Iterator[list[Name]]:
    """Names of one kind that follow one another."""
    run: list[Name] = []
    for name in _outermost(document.names):
        between = document.text[run[-1].end : name.start] if run else ""
        alike = bool(run) and (name.kind == run[-1].kind or name.kind == "station")
        if alike and _JOINED.fullmatch(between) and len(run) < _MAX_LISTED:
            run.append(name)
            continue
        if len(run) > 1:
            yield run
        run = [name]
    if len(run) > 1:
        yield run


def _outermost(names: list[Name]) -> Iterator[Name]:
    end = -1
    for name in sorted(names, key=lambda n: (n.start, -n.end)):
        if name.start >= end:
            end = name.end
            yield name
