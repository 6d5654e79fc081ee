"""The pager of an article that its site shows in several pages: the addresses that it names.

A pager is believed only where everything agrees: its links stand in the article or right behind it; they say nothing but a
number, or that they lead to the next, the previous, the first or the last page; their addresses and the page's own are one
stem with a small number (c1.html, c1_2.html, c1-2.html, c1/2.html, ?page=2), and the numbers are those that the links say.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from urllib.parse import urlsplit, urlunsplit

from lxml.etree import _Element as Element

from archive.reading.page import squeeze, texts_after
from archive.text import fold
from archive.web.addresses import INDEX, normal, resolved

MAX_PAGES = 50  # pages of one article
_LARGEST = 100  # the number of a page; what is larger is an article's
_LONGEST = 40  # characters of a link's words
_LONGEST_PAGER = 500
_MAX_LINKS = 5000
_MAX_TEXTS = 1000  # behind the article, that are looked through for its pager
_LONGEST_ADDRESS = 2000
_MAX_PARAMETERS = 20
_BETWEEN = 150  # characters between the article's end and its pager
_FRAME = " \t　[]【】()（）〔〕<>《》«»‹›＜＞→←|-_·.…"
_STEPS = dict.fromkeys(("下一页", "下页", "后一页", "后页", "下1页"), 1) | dict.fromkeys(
    ("上一页", "上页", "前一页", "前页", "上1页"), -1
)
_ENDS = frozenset(("首页", "第一页", "尾页", "末页", "最后一页", "最末页"))
_NUMBER = re.compile(r"(?:第\s?)?(\d{1,3})(?:\s?页(?:\s?[:：].*)?)?")  # a page may have a headline of its own behind
_MARK = re.compile(r"[\d页頁]")  # every pager's words have one
_CHINESE = re.compile(r"第\s?([一二三四五六七八九十])\s?页(?:\s?[:：].*)?")
_COUNT = re.compile(r"共\s?\d{1,3}\s?页")
_DIGITS = "一二三四五六七八九十"
_PATH = re.compile(r"(?P<head>.*[^/_\-])(?P<sign>[_\-/])(?P<number>\d{1,3})(?P<ending>\.\w{2,5})?/?")
_OF_ARTICLE = re.compile(r"\d{3}[^/]*$")
_ENDING = re.compile(r"\.\w{2,5}$")
_PARAMETERS = frozenset(
    ("page", "p", "pn", "pageno", "pagenum", "pageindex", "page_no", "page_num", "curpage", "currentpage")
)
_LISTS = re.compile(r"(?:^|/)(?:index|default|list|node|more|home)?$", re.IGNORECASE)
_DATE = re.compile(r"(?:^|/)(?:19|20)\d\d(?:[/_\-]?(?:0?[1-9]|1[0-2]))?$")  # a year or a month: the number is no page's
_COMMENTS = re.compile(r"comment|pinglun|reply|liuyan|guestbook", re.IGNORECASE)
# What TRS draws a pager with: how many pages there are, this one's number, and the stem of their names.
_SCRIPT = re.compile(
    r"createPageHTML\w{0,20}\s{0,9}\(\s{0,9}(\d{1,3})\s{0,9},\s{0,9}\d{1,3}\s{0,9},\s{0,9}[\"']([\w\-]{1,100})[\"']\s{0,9},\s{0,9}[\"'](\w{2,5})[\"']"
)


@dataclass(frozen=True)
class PagePosition:
    """What an address may be a page of: the stem, its number (None where it has none), and the sign before the number."""

    stem: str
    number: int | None
    sign: str = field(default="", compare=False)

    @property
    def order(self) -> int:
        """By this the pages of a stem are sorted; one without a number comes first."""
        return -1 if self.number is None else self.number


@dataclass(frozen=True)
class Pager:
    """The addresses of an article's pages that a page names, in their order, its own among them; and the nodes within the
    article that show them."""

    pages: tuple[str, ...] = ()
    nodes: tuple[Element, ...] = ()


def find_pager(root: Element, text: str, node: Element, url: str, base: str, encoding: str) -> Pager:
    """Find the pager of an article.

    Args:
        root: the page.
        text: the source of the page.
        node: the element that holds the article.
        url: the address of the page.
        base: the address that its links start from.
        encoding: the encoding of the queries in its links.

    Returns:
        The pager; one without addresses if there is none.
    """
    found: dict[str, dict[str, tuple[PagePosition, list[str]]]] = defaultdict(dict)
    anchors: dict[str, list[Element]] = defaultdict(list)
    candidates = list(_candidates(root))
    own = {position.stem: position.number for position in positions(normal(url))} if candidates else {}
    for anchor, words in candidates:
        address = _on_host(url, resolved(base, anchor.get("href") or "", encoding))
        if address and address != normal(url):
            for shared in _shared(own, address):
                found[shared.stem].setdefault(address, (shared, []))[1].append(words)
                anchors[shared.stem].append(anchor)
    near = _near(node, [anchor for of_stem in anchors.values() for anchor in of_stem])
    for stem, named in sorted(found.items(), key=lambda one: (-len(one[1]), -len(one[0]))):
        position = position_of(url, stem)
        pages = _agreeing(position, url, named) if position else ()
        if pages and not near.isdisjoint(anchors[stem]):
            return Pager(pages, _shown(node, anchors[stem]))
    return Pager(_drawn_by_script(text, url))


@lru_cache(maxsize=4096)
def positions(address: str) -> tuple[PagePosition, ...]:
    """All that an address may be a page of: without a number of its own, or with the one that ends its path or is a
    parameter."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ()
    if len(address) > _LONGEST_ADDRESS or parts.query.count("&") >= _MAX_PARAMETERS:
        return ()
    host, path = parts.netloc, parts.path
    bare = _ENDING.sub("", INDEX.sub("/", path))
    is_folder, bare = bare.endswith("/"), bare.rstrip("/")
    query = f"?{parts.query}" if parts.query else ""
    found = [PagePosition(f"{host}{bare}{query}", None)]
    match = _PATH.fullmatch(path)
    if match and int(match["number"]) <= _LARGEST:
        found.append(
            PagePosition(f"{host}{_ENDING.sub('', match['head'])}{query}", int(match["number"]), match["sign"])
        )
    given = parts.query.split("&")
    for one in given:
        name, _, value = one.partition("=")
        if name.lower() in _PARAMETERS and value.isascii() and value.isdigit() and _is_small(value):
            rest = "&".join(other for other in given if other is not one)
            found.append(PagePosition(f"{host}{bare}" + (f"?{rest}" if rest else ""), int(value), "?"))
    return tuple(one for one in found if _names_an_article(one.stem, is_folder))


def position_of(address: str, stem: str) -> PagePosition | None:
    """What an address is within a stem; None where it is no page of it."""
    return next((position for position in positions(address) if position.stem == stem), None)


def stem_of(pages: tuple[str, ...]) -> str:
    """The stem that the pages of an article have in common; empty where they have none."""
    shared = [{position.stem for position in positions(page)} for page in pages]
    return max(set.intersection(*shared), key=len, default="") if shared else ""


def _is_small(digits: str) -> bool:
    return len(digits) <= len(str(_LARGEST)) and int(digits) <= _LARGEST


def _names_an_article(stem: str, is_folder: bool = False) -> bool:
    """Whether a stem is more than a host, a list or a folder of articles."""
    path, _, query = stem.partition("/")[2].partition("?")
    return bool(query) or not (_LISTS.search(path) or _DATE.search(path) or (is_folder and not _has_digit(path)))


def _has_digit(path: str) -> bool:
    """Whether the last segment of a path is likely to be an article's."""
    return any(char.isdigit() for char in path.rpartition("/")[2])


def _drawn_by_script(text: str, url: str) -> tuple[str, ...]:
    """The pages that a script of TRS draws a pager for."""
    match = _SCRIPT.search(text) if "createPageHTML" in text else None
    count = int(match[1]) if match else 0
    if match is None or not 1 < count <= _LARGEST:
        return ()
    parts = urlsplit(url)
    folder, _, name = parts.path.rpartition("/")
    names = [f"{match[2]}{f'_{number}' if number else ''}.{match[3]}" for number in range(min(count, MAX_PAGES))]
    if name not in names or not _names_an_article(f"{parts.netloc}{folder}/{match[2]}"):
        return ()
    return tuple(urlunsplit((parts.scheme, parts.netloc, f"{folder}/{one}", "", "")) for one in names)


def _candidates(root: Element) -> Iterator[tuple[Element, str]]:
    """The links whose words are those of a pager, with these words."""
    for anchor in islice(root.iter("a"), _MAX_LINKS):
        href = anchor.get("href")
        if not href or href.startswith("#") or "#comment" in href:
            continue
        shown = _short_text(anchor, _LONGEST)
        if _MARK.search(shown):
            words = fold(shown).strip(_FRAME)
            if _is_of_pager(words):
                yield anchor, words


def _is_of_pager(words: str) -> bool:
    return words in _STEPS or words in _ENDS or _number_in(words) is not None or bool(_COUNT.fullmatch(words))


def _short_text(node: Element, longest: int) -> str:
    """The text of a node; empty where it is longer than so many characters."""
    pieces, left = [], longest
    for piece in node.itertext(with_tail=False):
        if stripped := piece.strip():
            left -= len(stripped)
            if left < 0:
                return ""
            pieces.append(stripped)
    return squeeze(" ".join(pieces))


def _shown(node: Element, anchors: list[Element]) -> tuple[Element, ...]:
    """The outermost elements within an article that hold a link of its pager and nothing but the pager."""
    known: dict[Element, bool] = {node: False}
    shown: dict[Element, None] = {}
    for anchor in anchors:
        widest = anchor
        for above in anchor.iterancestors():
            if above not in known:
                known[above] = _is_pager(above)
            if not known[above]:
                break
            widest = above
        shown[widest] = None
    return tuple(one for one in shown if node in one.iterancestors())


def _is_pager(element: Element) -> bool:
    """Whether an element shows nothing but a pager."""
    words = [one.strip(_FRAME) for one in fold(_short_text(element, _LONGEST_PAGER)).split()]
    return bool(words) and all(_is_of_pager(one) for one in words if one)


def _number_in(words: str) -> int | None:
    if match := _NUMBER.fullmatch(words):
        return int(match[1])
    return _DIGITS.index(match[1]) + 1 if (match := _CHINESE.fullmatch(words)) else None


def _on_host(url: str, address: str | None) -> str:
    """The address with the scheme of `url`; empty where it is on another host."""
    if address is None or (there := urlsplit(address)).netloc != (here := urlsplit(normal(url))).netloc:
        return ""
    return urlunsplit(there._replace(scheme=here.scheme))


def _shared(own: Mapping[str, int | None], address: str) -> Iterator[PagePosition]:
    """What an address is within the stems that a page's own address has, under another number."""
    for position in positions(address):
        if position.stem in own and position.number != own[position.stem]:
            yield position


def _agreeing(own: PagePosition, url: str, named: dict[str, tuple[PagePosition, list[str]]]) -> tuple[str, ...]:
    """The pages of one stem in their order, where all links lead where they say; else none."""
    numbers = [
        (position.number, number) for position, all_ in named.values() for one in all_ if (number := _number_in(one))
    ]
    offsets = {number - there for there, number in numbers if there is not None}  # 1 where they are counted from 0
    if len(offsets) > 1 or not offsets <= {0, 1} or any(there is None and number != 1 for there, number in numbers):
        return ()
    steps = [(position.number, _STEPS[one]) for position, all_ in named.values() for one in all_ if one in _STEPS]
    if not numbers and not (steps and all(_is_step(own.number, there, step) for there, step in steps)):
        return ()
    offset = offsets.pop() if offsets else None
    pages = {position: address for address, (position, _) in named.items()} | {own: url}
    if (
        PagePosition(own.stem, None) in pages and offset is not None
    ):  # the first page may have its number in another address
        first = PagePosition(own.stem, 1 - offset)
        pages.pop(first if first != own else PagePosition(own.stem, None), None)
    ordered = sorted(pages, key=lambda position: position.order)
    if len(ordered) < 2 or not _names_first(ordered[0], own):
        return ()
    return tuple(pages[position] for position in ordered[:MAX_PAGES])


def _is_step(own: int | None, there: int | None, step: int) -> bool:
    """Whether a page is the next (1) or the previous (-1) of another."""
    if own is None:
        return step == 1 and there in (1, 2)
    if there is None:
        return step == -1 and own in (1, 2)
    return there - own == step


def _names_first(first: PagePosition, own: PagePosition) -> bool:
    """Whether a pager names the first page. One that names only the neighbours of a later page is believed where the stem
    is an article's by itself: it ends in a number too large for a category's (show-12-57.html leads to other articles), and
    the page's number does not stand for a folder's file."""
    return first.order <= 1 or (own.sign != "/" and bool(_OF_ARTICLE.search(own.stem)))


def _near(node: Element, anchors: list[Element]) -> set[Element]:
    """The links that stand in the article, or right behind it, and not among comments."""
    known: dict[Element, bool | None] = {node: True}
    where = {anchor: _is_inside(anchor, known) for anchor in anchors}
    outside = {anchor for anchor, inside in where.items() if inside is False}
    return {anchor for anchor, inside in where.items() if inside} | (_right_behind(node, outside) if outside else set())


def _is_inside(anchor: Element, known: dict[Element, bool | None]) -> bool | None:
    """Whether a link stands in the article; None where it stands among comments. `known` holds this of elements above, that
    each is looked at once."""
    path: list[Element] = []
    inside: bool | None = False
    for above in anchor.iterancestors():
        if above in known:
            inside = known[above]
            break
        path.append(above)
    for above in reversed(path):
        if _COMMENTS.search(f"{above.get('class') or ''} {above.get('id') or ''}"):
            inside = None
        known[above] = inside
    return inside


def _right_behind(node: Element, anchors: set[Element]) -> set[Element]:
    """Those of the links outside an article that stand right behind it."""
    found: set[Element] = set()
    between = 0
    for element, text in islice(texts_after(node, None), _MAX_TEXTS):
        if element is not None:
            found.update(above for above in (element, *element.iterancestors("a")) if above in anchors)
        between += 0 if _is_of_pager(fold(text).strip(_FRAME)) else len(text)
        if between > _BETWEEN:
            break
    return found
