"""The headline: what the page shows above the body and repeats in <title> or a meta tag; failing that, what it shows
or states alone. The names of a site, a channel or a column are no headlines: the body does not take up their words."""

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, takewhile

from lxml import etree
from lxml.etree import _Element as Element

from archive.reading.page import Page, squeeze, texts_before
from archive.reading.stamps import has_stamp
from archive.text import fold

_META = ("articletitle", "og:title", "twitter:title", "title", "headline")
_SITE_META = ("og:site_name", "sitename", "application-name", "columnname", "channelname")
_DASH = r"(?:[—–―]{1,2}|--?)"
# Of squeezed text. 2021-2025 is one thing.
_SEPARATOR = re.compile(rf"( ?(?:[_|丨｜>»›]|(?<= )·(?= )|(?<!\d){_DASH}|{_DASH}(?![\d—–―-])) ?)")
_MAX_PIECES = 10
# What can end in the name of a site: any length before a long ending, some characters before a short one.
_SITE = re.compile(
    r"(?:欢迎|您好).*|.{2,20}(?:网站|门户|官网|新闻网|政府网|人民政府|融媒体中心|广播电视台)"
    r"|.{1,8}(?:网|在线|[日晚早时周]报|都市报|新闻|频道|客户端|发布|融媒|传媒|电视台|周刊|杂志)|.*(?:欢迎您|首页|主页)"
)
_COMMA, _BLANK = re.compile(r"[,，;；、]+"), re.compile(r"[\s|]+")  # between key words
_HOST = re.compile(r"[\w.-]+\.(?:com|cn|net|org)")
_LATIN = re.compile(r"[A-Za-z][A-Za-z .&]{3,30}")
_NOT_TEXT = re.compile(r"[^0-9A-Za-z㐀-鿿]")
_HAN = re.compile(r"[㐀-鿿]")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}(?:>|$)")
_BREAK = re.compile(r"<(?:br|p|div)\b[^<>]{0,200}>(?=.)", re.IGNORECASE)
_HEADINGS = frozenset(["h1", "h2", "h3"])
_INLINE = frozenset(["a", "b", "em", "font", "i", "mark", "small", "span", "strong", "u"])
_NO_LINES = frozenset(["a", "button", "option", "title"])
_FURNITURE = re.compile(r"[>»›]|(?:位置|来源|作者|时间|日期|编辑)\s*:|字号|浏览|打印|分享")
_LIMIT = 120  # characters of a headline
_STATED = 300  # characters of a stated title that are looked at
_PLAIN = 60  # characters of a line that nothing marks as a headline
_MAX_LINES = 200
_MAX_STEPS = 400  # into the markup of a line
_LOOK_BACK = 40  # pieces of text before a body among which a headline without a mark is looked for
_PROSE = 20_000  # characters of the body that are compared
_LONG = 16  # characters: names of columns are shorter
_ECHO = 0.25  # of the pairs of characters: real headlines of less than 16 characters share more with their bodies


@dataclass(frozen=True)
class _Line:
    """A line that the page shows and that can be a headline."""

    text: str
    node: Element
    bare: str
    heading: bool


def find_title(page: Page, body: Element | None) -> tuple[str, Element | None]:
    """The headline, empty where there is none, and the node that shows it where there is one."""
    judge = _Judge(page, body)
    stated = _Stated(page, judge)
    nodes = page.root.iter() if page.root is not None else iter(())
    above = _lines(takewhile(lambda node: node is not body, nodes), stated)
    below: list[_Line] = []
    for lines in (above, below):
        if lines is below:
            below += _lines(nodes, stated)
        repeated = _longest(line for line in lines if stated.repeats(line) and judge.is_headline(line.text))
        if repeated:
            return stated.cut(repeated.text, certain=True), repeated.node
    headings = [
        line for line in reversed(above) if line.heading and _is_alone(line.text) and judge.is_headline(line.text)
    ]
    first = next((line for line in headings if line.node.tag == "h1"), None)
    alone = next((title for title in stated.titles if judge.is_headline(title)), "")
    if alone and not first:  # no line repeats it: a line right above the body that it says more of goes before it
        shown = _plain_line(body, judge) if body is not None else None
        return shown if shown and judge.echo(shown[0]) > judge.echo(alone) else (alone, None)
    if headings:
        heading = first or headings[0]
        return stated.cut(heading.text, certain=True), heading.node
    plain = (_plain_line(body, judge) or _opening_line(body, judge)) if body is not None else None
    return plain or _doubtful(above, below, stated, judge)


def _doubtful(above: list[_Line], below: list[_Line], stated: "_Stated", judge: "_Judge") -> tuple[str, Element | None]:
    """What there is where nothing looks like a headline: few words, of which the body takes up none. The main heading
    or the one that a title repeats goes first, whichever is nearer to the body."""
    marked = (line for line in reversed(above) if line.heading and not judge.is_site(line.text))
    shown = (
        next((line for line in marked if line.node.tag == "h1" or stated.repeats(line)), None)
        or _longest(filter(stated.repeats, above))
        or _longest(filter(stated.repeats, below))
    )
    if not shown and not stated.titles:
        shown = next((line for line in below if line.node.tag == "h1"), None)
    if shown:
        return stated.cut(shown.text, certain=True), shown.node
    return (stated.titles[0] if stated.titles else ""), None


class _Stated:
    """The titles that the meta tags and <title> state."""

    def __init__(self, page: Page, judge: "_Judge") -> None:
        found = [_unmarked(page.meta.get(name, "")) for name in _META]
        self._page, self._judge = page, judge
        self.values = [*(value for value in found if len(value) >= 4), _unmarked(page.title_tag)]

    @cached_property
    def titles(self) -> list[str]:
        """The titles without the names of channel and site, the most trustworthy first."""
        # What another one continues is already without the name of the site.
        certain = [any(other != value and other.startswith(value) for other in self.values) for value in self.values]
        cut = (self.cut(value, certain=done) for value, done in zip(self.values, certain, strict=True))
        return [title for title in cut if title]

    @cached_property
    def _key_words(self) -> set[str]:
        """The page's key words. A headline is often one of them; what it holds between two signs is none."""
        found: set[str] = set()
        for word in map(str.strip, _COMMA.split(self._page.meta.get("keywords", ""))):
            is_headline = _SEPARATOR.search(word) and any(value.startswith(word) for value in self.values)
            found.update(() if is_headline else _BLANK.split(word))
        return found - {""}

    @cached_property
    def bare(self) -> list[str]:
        """The characters of each title."""
        return [_bare(value) for value in self.values]

    @cached_property
    def spans(self) -> set[str]:
        """The characters of whatever stands between two separators or blanks of a title."""
        found = set()
        for value in self.values:
            parts = [_bare(piece) for part in _SEPARATOR.split(value)[::2] for piece in part.split()][:_MAX_PIECES]
            found |= {"".join(parts[i : j + 1]) for i in range(len(parts)) for j in range(i, len(parts))}
        return {span for span in found if len(span) >= 4}

    @cached_property
    def cut_short(self) -> list[str]:
        """The beginnings of titles that end in dots."""
        parts = [part for value in self.values for part in re.split(r"…|\.{3}", value)[:-1]]
        return [bare for bare in map(_bare, parts) if len(bare) >= 8]

    def repeats(self, line: _Line) -> bool:
        """Whether a line is what a title holds: all between two separators, or as a heading a good part of it."""
        if line.bare in self.spans:
            return True
        if not line.heading:
            return False
        wide = len(line.bare) >= 10
        return (
            any(bare.startswith(line.bare) and (wide or len(line.bare) * 3 > len(bare)) for bare in self.bare)
            or (wide and any(bare.endswith(line.bare) for bare in self.bare))
            or any(line.bare.startswith(start) for start in self.cut_short)
        )

    def cut(self, title: str, *, certain: bool = False) -> str:
        """A title without the names of channel and site at its ends; a separator of the headline's own stays. What is
        most likely the headline alone (`certain`) is cut only where a name is known."""
        pieces = _SEPARATOR.split(title)
        while len(pieces) > 1 and not pieces[-1]:
            del pieces[-2:]
        while len(pieces) > 1 and not pieces[0]:
            del pieces[:2]
        sites = ""  # the separator behind which a site was found: channels stand before it
        while len(pieces) > 1:
            separator, last = pieces[-2].strip(), pieces[-1]
            if "_" in separator:
                if len(pieces) == 3 and len(pieces[0]) < 6 and len(last) > len(pieces[0]):
                    return last if not self._is_site(last, pieces[-2]) else pieces[0]
            elif not (
                self._is_site(last, pieces[-2])
                or (not certain and not sites and self._is_foreign(last, separator))
                or (separator == sites and len(last) <= 6)
            ):
                break
            sites = separator
            del pieces[-2:]
        if len(pieces) > 1 and pieces[1].strip() in ("_", "-") and self._is_site(pieces[0], pieces[1]):
            del pieces[:2]
        return "".join(pieces)

    def _is_site(self, name: str, separator: str) -> bool:
        """Whether a part of a title names the site or is a key word. What stands behind a dash is most often a second
        half."""
        if _HOST.fullmatch(name) or self._judge.names_column(name):
            return True
        words = self._key_words
        if words and words.issuperset(one for one in _COMMA.split(name) if one):
            return True
        if "—" not in separator and (self._judge.is_site(name) or (" " in separator and _LATIN.fullmatch(name))):
            return True
        return len(name) <= 16 and _names_publisher(name, self._page.text)

    def _is_foreign(self, name: str, separator: str) -> bool:
        """Whether the end of a title is a short name of which the body says nothing."""
        return "—" not in separator and 2 < len(name) <= 8 and bool(_HAN.search(name)) and not self._judge.echo(name)


def _names_publisher(name: str, text: str) -> bool:
    """Whether a page names somebody as its source or its owner."""
    return re.search(rf"(?:来源|來源|版权所有|主办)[^\w<]{{0,6}}{re.escape(name)}(?!\w)", text) is not None


class _Judge:
    """Tells headlines from the names of sites and columns by the words of the body."""

    def __init__(self, page: Page, body: Element | None) -> None:
        self._page, self._body = page, body

    @cached_property
    def _prose(self) -> str:
        return "".join(self._body.itertext())[:_PROSE] if self._body is not None else ""

    def is_headline(self, text: str) -> bool:
        """Whether a text is long enough or the body takes up its words."""
        length = len(_bare(text)) if _HAN.search(text) else 0
        return length >= 6 and not self.is_site(text) and (length >= _LONG or self.echo(text) >= _ECHO)

    def is_site(self, text: str) -> bool:
        """Whether a text is, or is like, the name of the site or of the column."""
        return self.names_column(text) or _SITE.fullmatch(fold(text)) is not None

    def names_column(self, text: str) -> bool:
        """Whether a meta tag states a text as the name of the site, the channel or the column."""
        folded = fold(text)
        return any(fold(self._page.meta.get(key, "")) == folded for key in _SITE_META)

    def echo(self, text: str) -> float:
        """The share of a text's pairs of Chinese characters that the rest of the body holds."""
        han = "".join(_HAN.findall(text))
        pairs = {han[at : at + 2] for at in range(len(han) - 1)}
        prose = self._prose.replace(text, "", 1)
        return sum(pair in prose for pair in pairs) / len(pairs) if pairs else 0.0


def _lines(nodes: Iterable[Element], stated: _Stated) -> list[_Line]:
    """What can be a headline: headings, what is named a title, and whatever shows what a title states."""
    found: list[_Line] = []
    titles = "\n".join(stated.values)
    for node in nodes:
        tag, own = node.tag, node.text
        heading = tag in _HEADINGS or (tag != "title" and _is_named_title(node))
        if heading:
            _add(found, _text(node), node, heading=True)
        # The second and third character sort out nearly all.
        if own and tag not in _NO_LINES and len(own) < 4 * _LIMIT and (start := own.strip()[1:3]) and start in titles:
            if not heading:
                _add(found, _text(node), node, heading=False)
            elif len(node):
                _add(found, squeeze(own), node, heading=False)
        if len(found) >= _MAX_LINES:
            break
    return found


def _is_named_title(node: Element) -> bool:
    names, identity = node.get("class"), node.get("id")
    return bool((names and "title" in names.lower()) or (identity and "title" in identity.lower()))


def _add(found: list[_Line], text: str, node: Element, *, heading: bool) -> None:
    text = _unmarked(text)
    if 4 <= len(text) <= _LIMIT and len(bare := _bare(text)) >= 4:
        found.append(_Line(text, node, bare, heading))


def _longest(lines: Iterable[_Line]) -> _Line | None:
    """The longest line; of copies the last one is nearest to the body, those above it are breadcrumbs."""
    return max(reversed(list(lines)), key=lambda line: len(line.bare), default=None)


def _plain_line(body: Element, judge: _Judge) -> tuple[str, Element] | None:
    """The nearest line above a body that can be its headline, though nothing marks it as one."""
    lines = islice(texts_before(body), _LOOK_BACK)
    return next(((text, node) for node, text in lines if _is_plain(text, node, judge)), None)


def _opening_line(body: Element, judge: _Judge) -> tuple[str, Element] | None:
    """The first line of a body that was found too wide, if it can be the headline."""
    shown = (node for node in islice(body.iter(), _LOOK_BACK) if node.text and node.text.strip())
    for node in islice(shown, 3):
        text = _text(node)
        if _is_plain(text, node, judge):
            return text, node
        if len(text) > _PLAIN:
            break
    return None


def _is_plain(text: str, node: Element, judge: _Judge) -> bool:
    """Whether a line that nothing marks can be the headline: no sentence, and the body takes up its words."""
    if node.tag in _NO_LINES or not 8 <= len(text) <= _PLAIN or "。" in text or text.endswith(("；", "：")):
        return False
    return _is_alone(text) and judge.is_headline(text) and judge.echo(text) >= _ECHO


def _is_alone(text: str) -> bool:
    """Whether a line holds nothing of what stands around headlines."""
    folded = fold(text)
    return not has_stamp(folded) and not _FURNITURE.search(folded)


def _text(node: Element) -> str:
    """The text of a node as a browser sets it: markup within a line leaves no gap."""
    if not len(node):
        return squeeze(node.text)
    parts, length = [], 0
    for event, inner in islice(etree.iterwalk(node, events=("start", "end")), _MAX_STEPS):
        text = inner.text if event == "start" else inner.tail if inner is not node else ""
        parts += ["" if inner.tag in _INLINE else " ", text or ""]
        length += len(text.strip()) if text else 0
        if length > _LIMIT:
            break  # a container, no line
    return squeeze("".join(parts))


def _unmarked(value: str) -> str:
    """The beginning of a title without the markup that systems leave in it."""
    value = value[:_STATED]
    if "<" in value or "&" in value:
        value = html.unescape(value)
        value = squeeze(_TAG.sub("", _BREAK.sub(lambda tag: " " if tag[0][1] in "bB" else "", value)))
    return value


def _bare(text: str) -> str:
    """Characters alone: <title> and headline often differ in dashes, quotes and blanks."""
    return _NOT_TEXT.sub("", fold(text))
