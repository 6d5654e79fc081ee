"""From the single pages of an article to the whole of it. Pure, as the reader is."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import NamedTuple

from archive.model import Article, Block, Image, Link
from archive.reading.pager import position_of, stem_of
from archive.text import clean, fold

_REPEATED = 5  # blocks at the start of the first page that the others may show again
_LONG = 20  # characters of a block that is no repetition by chance
_LONGEST_NUMBER = 30  # characters of the number of a page in a headline
# What a headline says of which page it is: (2), 第2页, _2.
_NUMBERED = re.compile(
    r"\s*(?:[(\[【〔]\s*(?:第?\d{1,2}页?|\d{1,2}/\d{1,2})\s*[)\]】〕]|[\s_\-|·:,]*第\s*(?:\d{1,2}|[一二三四五六七八九十])\s*页(?:\s*[/,]?\s*共\s*\d{1,2}\s*页)?|_\d{1,2})\s*$"
)


class SpanOfPage(NamedTuple):
    """A span of a text, in characters, and the address of the page that it is from."""

    start: int
    end: int
    url: str


@dataclass(frozen=True)
class Joined:
    """A whole article; which page each span of its text is from; and the addresses of pages that its pagers name and that are
    not there."""

    article: Article
    page_spans: tuple[SpanOfPage, ...]
    missing_pages: tuple[str, ...]


def title_key(title: str) -> str:
    """A headline in comparable form, without the number of its page."""
    whole = fold(clean(title).text).strip()
    return (whole[:-_LONGEST_NUMBER] + _NUMBERED.sub("", whole[-_LONGEST_NUMBER:])).strip()


def belongs(lead: Article, page: Article) -> bool:
    """Whether a page is, by its own pager, its headline and its day, one of the article that begins at `lead`."""
    stem = stem_of(lead.parts)
    same_title = title_key(page.title) in ("", title_key(lead.title))
    days = {one.published_date for one in (lead, page) if one.published}
    is_of_one_day = (
        len(days) <= 1 or lead.dated_by != page.dated_by
    )  # parts of a series have one headline, and their days
    return same_title and is_of_one_day and bool(stem) and stem_of(page.parts) == stem


def join(pages: Sequence[Article]) -> Joined:
    """The article that begins at the first of these pages. Of the others, those are joined to it that belong to it, whose
    pagers and its own lead to each other, and that say something which is not there yet."""
    lead = pages[0]
    joined = _connected(lead, [page for page in pages[1:] if belongs(lead, page)])
    kept = [lead]
    for page in joined:
        if page.text not in {one.text for one in kept} and _begin(lead, kept[-1], page) < len(page.text):
            kept.append(page)
    seen = {lead.url, *(page.url for page in joined)}
    named = _in_order(lead, joined)
    article, spans = _whole(kept)
    page_spans = tuple(spans) if lead.parts else ()
    missing_pages = tuple(address for address in named if address not in seen)
    return Joined(replace(article, parts=tuple(named)), page_spans, missing_pages)


def _connected(lead: Article, others: list[Article]) -> list[Article]:
    """Those of the others, in their order, that the first page names, or one that it names, and so on; over a page that is
    not there, where both sides name it."""
    reached, found, left = set(lead.parts), [], others
    there = {page.url for page in (lead, *others)}
    while near := [page for page in left if page.url in reached or (reached - there).intersection(page.parts)]:
        found += near
        reached.update(address for page in near for address in page.parts)
        left = [page for page in left if page not in near]
    return sorted(found, key=_order)


def _order(page: Article) -> int:
    position = position_of(page.url, stem_of(page.parts))
    return position.order if position else 0


def _in_order(lead: Article, others: list[Article]) -> list[str]:
    """The addresses that the pagers name, from the first page on; those before it are other addresses of itself."""
    stem = stem_of(lead.parts)
    named = {address for page in (lead, *others) for address in page.parts}
    orders = {address: position.order for address in named if (position := position_of(address, stem))}
    first = orders.get(lead.url, 0)
    later = [order for address, order in orders.items() if address in lead.parts and order > first]
    least = min(later, default=0)  # of the second page: the first may have a number as well
    chosen = (address for address, order in orders.items() if order >= least or address == lead.url)
    return sorted(chosen, key=lambda address: orders[address])


def _whole(pages: Sequence[Article]) -> tuple[Article, list[SpanOfPage]]:
    """The pages as one article, and the span of each."""
    texts: list[str] = []
    blocks: list[Block] = []
    links: list[Link] = []
    images: list[Image] = []
    spans: list[SpanOfPage] = []
    cut: Counter[str] = Counter()
    at = 0
    for number, page in enumerate(pages):
        begin = _begin(pages[0], pages[number - 1], page) if number else 0
        shift = at - begin
        texts.append(page.text[begin:])
        blocks += (
            replace(one, start=one.start + shift, end=one.end + shift) for one in page.blocks if one.start >= begin
        )
        links += (
            replace(one, start=one.start + shift, end=one.end + shift) for one in page.links if one.start >= begin
        )
        images += (replace(one, at=one.at + shift) for one in page.images if one.at >= begin)
        cut.update(dict(page.cut))
        spans.append(SpanOfPage(at, at + len(texts[-1]), page.url))
        at += len(texts[-1]) + 1
    lead = pages[0]
    whole = replace(
        lead,
        text="\n".join(texts),
        blocks=tuple(blocks),
        links=tuple(links),
        images=tuple(images),
        cut=tuple(sorted(cut.items())),
        editor=next((page.editor for page in pages if page.editor), ""),
        authors=next((page.authors for page in pages if page.authors), ()),
    )
    return whole, spans


def _begin(lead: Article, before: Article, page: Article) -> int:
    """Where the text of a page goes on: behind the headline, lead-in or note that it shows again."""
    texts = [text for text in _texts(page, page.blocks) if text != lead.title]
    again = takewhile(lambda two: two[0] == two[1], zip(_texts(lead, lead.blocks), texts, strict=False))
    known = {lead.title, *_texts(lead, lead.blocks[: max(_REPEATED, len(list(again)))])}
    known.update(text for text in _texts(before, before.blocks[-1:]) if len(text) >= _LONG)
    for block in page.blocks:
        if page.text[block.start : block.end] not in known:
            return block.start
    return len(page.text)


def _texts(page: Article, blocks: Sequence[Block]) -> Iterator[str]:
    return (page.text[block.start : block.end] for block in blocks)
