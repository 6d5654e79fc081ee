"""Articles that their sites show in several pages, each at an address of its own: which captures make one article.

Captures whose pages have a pager carry its stem (archive/reading/pager.py); the addresses of one stem are looked at together.
The first page's address is the article's; the others are its parts. What the article states follows from all captures in
their order: it begins with the first that is there of each page, and each page that has changed since makes a version.
So it does not matter in which order the pages were fetched. Pages wait for their first page until its address is there; where
that holds something else, or nothing any more, they are an article without it. From the capture on in which the address of a
page holds another article, that article is one of its own.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from archive.model import Article
from archive.pipeline.deriving import Derived
from archive.reading.joining import belongs, join, title_key
from archive.reading.pager import position_of, stem_of

Whole = Callable[
    [int, Article, str], Derived
]  # what a joined article says: by its capture, and the version of the reader


class PageSpan(NamedTuple):
    """A span of an article's text, in characters, and the capture of the page that it is from."""

    start: int
    end: int
    capture_id: int


@dataclass(frozen=True)
class Reading:
    """A capture's row, and what the capture says. In the history of an article in several pages, `derived` is what the whole
    article says from this capture on; `lead` is then the capture of its first page, `is_part` whether this is one of another,
    `page_spans` says which capture each span of the text is from, and `missing_pages` the addresses of pages that are not there."""

    capture_id: int
    url: str
    fetched_at: str
    status: int
    outlet_id: int | None
    any_topic: bool
    derived: Derived
    known_stem: str = ""  # that its row has
    lead: int = 0
    is_part: bool = False
    page_spans: tuple[PageSpan, ...] = ()
    missing_pages: tuple[str, ...] = ()

    @property
    def article(self) -> Article | None:
        """The article that it is, if it is one."""
        return self.derived.found if isinstance(self.derived.found, Article) else None

    @property
    def stem(self) -> str:
        """What its page's pager says that the addresses of its article have in common; empty without a pager."""
        return stem_of(self.article.parts) if self.article else ""


Look = Callable[[str], Sequence[Reading]]  # the readings of an address, oldest first


@dataclass(frozen=True)
class Paged:
    """One article: its address, its history, and the captures of its further pages."""

    url: str
    history: list[Reading]
    parts: list[Reading]


class Gathered(NamedTuple):
    """The articles that the addresses of a stem hold, and the captures of pages that wait for a first page."""

    articles: list[Paged]
    waiting: list[Reading]


def gather(stem: str, members: Mapping[str, list[Reading]], whole: Whole, look: Look) -> Gathered:
    """Put the pages of articles together.

    Args:
        stem: what the addresses of the pages have in common.
        members: the readings of each address of the stem, oldest first.
        whole: reads a joined article.
        look: reads any other address.

    Returns:
        The articles, and the captures of pages that wait for a first page.
    """
    ordered = sorted((url for url in members if _articles(members[url])), key=lambda url: (_order(url, stem), url))
    alone = [Paged(url, _alone(members[url], whole), []) for url in members if url not in ordered]
    titles = {title_key(one.title) for url in ordered for one in _articles(members[url])} - {""}
    is_later = bool(ordered) and len(titles) <= 1 and not _is_first(members[ordered[0]])
    if is_later and (not titles or _waits(stem, members[ordered[0]], look)):  # without a headline it is no article
        return Gathered(alone, [one for url in ordered for one in members[url]])
    found = []
    while ordered:
        url, *others = ordered
        parts = [other for other in others if _may_be_of(members[url], members[other])]
        split = {part: _split(members[url], members[part]) for part in parts}
        pages = {part: ours for part, (ours, _) in split.items()}
        found.append(
            Paged(url, _history(url, members[url], pages, whole), [one for part in parts for one in pages[part]])
        )
        found += (Paged(part, _alone(later, whole), []) for part, (_, later) in split.items() if later)
        ordered = [other for other in others if other not in parts]
    return Gathered([*alone, *_not_missing(found)], [])


def _articles(readings: Sequence[Reading]) -> list[Article]:
    return [one.article for one in readings if one.article]


def _order(url: str, stem: str) -> int:
    position = position_of(url, stem)
    return position.order if position else -1


def _is_first(readings: Sequence[Reading]) -> bool:
    """Whether the last article that an address held names no page before its own."""
    last = _articles(readings)[-1]
    return not last.parts or last.parts[0] == last.url


def _waits(stem: str, readings: Sequence[Reading], look: Look) -> bool:
    """Whether the page that the last article of an address names before its own is yet to come."""
    before = look(_articles(readings)[-1].parts[0])
    return not before or any(one.stem == stem for one in before)


def _may_be_of(lead: Sequence[Reading], page: Sequence[Reading]) -> bool:
    """Whether an address has ever held a page of the article of another."""
    return any(belongs(one, other) for one in _articles(lead) for other in _articles(page))


def _split(lead: Sequence[Reading], page: list[Reading]) -> tuple[list[Reading], list[Reading]]:
    """The captures of an address up to the last that shows a page of an article, and those that show another article since."""
    articles = _articles(lead)
    titles = {title_key(one.title) for one in articles}

    def is_ours(one: Article) -> bool:
        bare = not one.parts and title_key(one.title) in titles  # it has lost its pager
        return bare or any(belongs(first, one) for first in articles)

    end = 1 + max(at for at, one in enumerate(page) if one.article and is_ours(one.article))
    return (page[:end], page[end:]) if _articles(page[end:]) else (page, [])


def _not_missing(found: Sequence[Paged]) -> list[Paged]:
    """The same articles; an address that holds another one of them is no missing page."""
    there = {one.url for one in found}
    return [
        replace(one, history=[
            replace(then, missing_pages=tuple(url for url in then.missing_pages if url not in there)) for then in one.history
        ])
        for one in found
    ]  # fmt: skip


def _alone(readings: list[Reading], whole: Whole) -> list[Reading]:
    return [
        replace(one, derived=whole(one.capture_id, one.article, one.derived.reader))
        if one.stem and one.article
        else one
        for one in readings
    ]


def _history(url: str, lead: list[Reading], pages: Mapping[str, list[Reading]], whole: Whole) -> list[Reading]:
    """What an article stated: from the first page's first capture on, and from each later capture of any page."""
    members = {url: lead, **pages}
    firsts = {address: next(one for one in members[address] if one.article) for address in members}
    later = sorted(
        (one for address in firsts for one in members[address] if one.article and one is not firsts[address]),
        key=lambda one: one.capture_id,
    )
    known: dict[tuple[int, ...], Reading] = {}
    state, history = dict(firsts), []
    for one in (firsts[url], *later):
        if one is not firsts[url] and _words(one) != _words(state[one.url]):
            state[one.url] = one if one.url == url else _with_pager(one, state[one.url])
        key = tuple(reading.capture_id for reading in state.values())
        if key not in known:
            known[key] = _joined(one, list(state.values()), whole)
        history.append(_seen_at(one, known[key], url))
    return [*history, *(one for one in members[url] if not one.article)]


def _with_pager(one: Reading, before: Reading) -> Reading:
    """A later capture of a further page, which may have lost its pager."""
    now, then = one.article, before.article
    if now is None or then is None or now.parts or title_key(now.title) != title_key(then.title):
        return one
    return replace(one, derived=replace(one.derived, found=replace(now, parts=then.parts)))


def _words(one: Reading) -> tuple[object, ...]:
    article = one.article
    return (article.title, article.published, article.text, article.parts) if article else ()


def _joined(one: Reading, state: Sequence[Reading], whole: Whole) -> Reading:
    """What the article says when its pages are as in `state`, the first page first."""
    lead, *others = (reading.article for reading in state if reading.article)
    # A headline or a date that was mended is so on one page before it is on the next.
    joined = join([lead, *(replace(other, title="", published=None) for other in others)])
    captures = {reading.url: reading.capture_id for reading in state}
    return replace(
        one,
        derived=whole(one.capture_id, joined.article, one.derived.reader),
        lead=state[0].capture_id,
        page_spans=tuple(PageSpan(one.start, one.end, captures[one.url]) for one in joined.page_spans),
        missing_pages=joined.missing_pages,
        outlet_id=state[0].outlet_id,
        any_topic=any(reading.any_topic for reading in state),
    )


def _seen_at(one: Reading, joined: Reading, url: str) -> Reading:
    """The same article, at another of its captures."""
    return replace(
        joined, capture_id=one.capture_id, url=one.url, fetched_at=one.fetched_at, status=one.status, is_part=one.url != url,
        derived=replace(joined.derived, reader=one.derived.reader if joined.article else ""),
    )  # fmt: skip


def stems_of(readings: Sequence[Reading]) -> Iterator[str]:
    """The stems of an address, as its captures are known and as they are read."""
    for one in readings:
        yield from (stem for stem in (one.stem, one.known_stem) if stem)
