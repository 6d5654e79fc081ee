"""Title, time, outlet, authors, editor: from where Chinese sites put them.

Each question is answered by the most trustworthy part of the page that answers it: the header between title and body,
then the meta tags and the page's data, then the lines at the end of the body. What is not stated stays empty.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

from lxml.etree import _Element as Element

from archive.model import DateSource
from archive.reading.credits import Surroundings, find_authors, find_editor, find_outlet
from archive.reading.page import Page, Piece, squeeze, texts_after, texts_before
from archive.reading.published import DateRegions, find_published
from archive.reading.stamps import has_stamp
from archive.reading.title import find_title
from archive.text import fold

_HEADER, _WIDE_HEADER, _NEAR_HEADER, _BEFORE, _OPENING, _ENDING, _FOLLOWING = (
    2000,
    400,
    150,
    1500,
    300,
    300,
    300,
)  # characters


@dataclass(frozen=True)
class Metadata:
    """What a page says about its article; `dated_by` is the part of the page that stated the date."""

    title: str
    published: datetime | date | None
    dated_by: DateSource
    outlet: str
    authors: tuple[str, ...]
    editor: str


def read_metadata(page: Page, body: Element, url: str = "", start: Element | None = None) -> Metadata:
    """Returns what a page says about its article. `body` is the element that holds the article, `start` the one in it
    that the article starts with.
    """
    start = body if start is None else start
    title, heading = find_title(page, start)
    header = _header(heading, start)
    around = _surroundings(header, body, start)
    published, dated_by = find_published(
        page, _date_regions(header, heading, body, start, around.opening), _holding(heading, body), url
    )
    outlet, editor = find_outlet(page, around), find_editor(page, around)
    return Metadata(
        title=title,
        published=published,
        dated_by=dated_by,
        outlet=outlet,
        authors=find_authors(page, around, title, outlet, editor),
        editor=editor,
    )


def _header(heading: Element | None, start: Element) -> list[Piece]:
    """What stands between headline and body."""
    if heading is None:
        return []
    is_within = start in heading.iterancestors()  # the body was found too wide
    return _take(texts_after(heading, start), _WIDE_HEADER if is_within else _HEADER)


def _date_regions(
    header: list[Piece], heading: Element | None, body: Element, start: Element, opening: str
) -> DateRegions:
    """The texts around a body where dates stand. Without a headline, what stands right above the body is its header."""
    return DateRegions(
        header if heading is not None else _take(texts_before(start), _NEAR_HEADER)[::-1],
        lambda: _take(texts_before(start if heading is None else heading), _BEFORE)[::-1],
        opening,
        lambda: [Piece(None, _last_words(body)), *_take(texts_after(body, None), _FOLLOWING)],
    )


def _holding(*nodes: Element | None) -> frozenset[Element]:
    """Some elements and all that hold them."""
    return frozenset(holder for node in nodes if node is not None for holder in (node, *node.iterancestors()))


def _surroundings(header: list[Piece], body: Element, start: Element) -> Surroundings:
    """The header; where no time is stated there, with what stands before the body (the headline found may be a
    breadcrumb)."""
    opening = "  ".join(squeeze(text) for text in islice(start.itertext(), 40) if text.strip())[:_OPENING]
    if not any(has_stamp(fold(text)) for _, text in header) and not has_stamp(fold(opening)):
        header = header + _take(texts_before(start), _BEFORE)[::-1]
    return Surroundings(tuple(header), opening, _ending(body))


def _take(texts: Iterable[Piece], limit: int) -> list[Piece]:
    taken, length = list[Piece](), 0
    for node, text in texts:
        if node is not None and node.tag == "title":
            continue
        taken.append(Piece(node, text))
        length += len(text) + 2
        if length >= limit:
            break
    return taken


def _ending(body: Element) -> str:
    """The last words of the body and what stands right behind it, where editors' lines are."""
    last = _last_words(body)
    following = "  ".join(text for _, text in _take(texts_after(body, None), _FOLLOWING))
    return last + "\n" + following[:_FOLLOWING]


def _last_words(body: Element) -> str:
    taken, length = [], 0
    for text in reversed(list(body.itertext())):
        if text.strip():
            taken.append(squeeze(text))
            length += len(taken[-1]) + 2
            if length >= _ENDING + 2:
                break
    return "  ".join(reversed(taken))[-_ENDING:]
