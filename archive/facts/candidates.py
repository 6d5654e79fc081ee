"""Everything in a document that may be a fact: counted numbers, dates, lists and addresses, with their spans.

The proposals are wide. Which of them are facts, of which type and about whom, is decided elsewhere.
"""

import re
from dataclasses import dataclass
from typing import Literal

from archive.facts.document import Document
from archive.facts.propose.dates import DateMention
from archive.facts.propose.quantities import Quantity

Kind = Literal["number", "date", "list", "address"]

_CHUNK = re.compile(r"[^。!?\n]+")
_SEGMENT = re.compile(r"[^,;:()]+")
_LISTED = re.compile(r"、|”“")
_FLOOR = re.compile(r"(?:[一二三四五六七八九]|底|负一)[楼层]")
_STANDS = re.compile(
    r"\d+号|[路街巷弄]|[栋幢楼层]|单元|大厦|广场|[东南西北]侧|交汇|交界|旁边|对面|隔壁|院内|园区|位于|坐落|地处|(?<![现正实存])在(?![职册校建籍])|搬[到进至]|迁[到入至]"
)
_LONGEST = 400  # characters of a list or an address: a longer one is neither


@dataclass(frozen=True)
class Candidate:
    """A stretch of folded text that may state a fact. A number has a `quantity`, a date has a `date`."""

    kind: Kind
    start: int
    end: int
    quantity: Quantity | None = None
    date: DateMention | None = None


def find(document: Document) -> list[Candidate]:
    """All candidates of a document, in order of appearance."""
    found = [Candidate("number", q.start, q.end, quantity=q) for q in document.quantities]
    found += [Candidate("date", d.start, d.end, date=d) for d in document.dates]
    found += [Candidate("list", *span) for span in _lists(document.text)]
    found += [Candidate("address", *span) for span in _addresses(document.text)]
    return sorted(found, key=lambda c: (c.start, c.end, c.kind))


def _lists(text: str) -> list[tuple[int, int]]:
    """Runs of clauses that name one thing after another (一楼设…、…,二楼是…): each run is one list."""
    found: list[tuple[int, int]] = []
    for chunk in _CHUNK.finditer(text):
        if not _LISTED.search(chunk[0]) and not _FLOOR.search(chunk[0]):
            continue
        run: tuple[int, int] | None = None
        for segment in _SEGMENT.finditer(text, chunk.start(), chunk.end()):
            if _LISTED.search(segment[0]) or _FLOOR.match(segment[0]):
                joined = run is not None and segment.start() - run[1] == 1 and text[run[1]] in ",;"
                run = (run[0] if run and joined else segment.start(), segment.end())
                if joined:
                    found.pop()
                found.append(run)
            else:
                run = None
    return [(start, end) for start, end in found if end - start <= _LONGEST]


def _addresses(text: str) -> list[tuple[int, int]]:
    """Clauses that state where something is."""
    clauses = re.finditer(r"[^,。;!?\n:]+", text)
    return [m.span() for m in clauses if len(m[0]) <= _LONGEST and _STANDS.search(m[0])]
