"""A decoded page as a tree of what a reader sees. lxml looks at whole pages; BeautifulSoup never does."""

import re
from collections.abc import Iterable, Iterator
from functools import cache, cached_property, lru_cache
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import urljoin

from lxml import etree
from lxml.etree import _Element as Element

from archive.web.addresses import LONGEST_LINK, resolved

_MAX_CHARACTERS = 5_000_000
_SHOWN = 5_000
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_CONTROL = bytes(range(0x20)).translate(None, b"\t\n\r")  # in UTF-8 they are no part of another character
# Browsers read on where a page, or a piece that was put into it, is closed too early.
_CLOSED = re.compile(rb"</(?:body|html)\s*>", re.IGNORECASE)
_WIDTHLESS = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]+"
)
_INVISIBLE = (
    *("script", "style", "template", "iframe", "object", "embed", "svg", "select", "textarea", "del", "s", "strike"),
    *(etree.Comment, etree.ProcessingInstruction),
)
# Possessive: blanks that two parts of it could share would be tried in every division.
_ZERO = r"\s*+:\s*+0*+(?:\.0*+)?+(?:px|em|rem|pt|%)?+\s*+(?:!important\s*+)?+(?:;|$)"
_HIDDEN_STYLE = re.compile(
    r"(?:^|[{;\s])(?:display\s*:\s*none|text-decoration(?:-line)?\s*:[^;]{0,60}line-through"
    rf"|(?P<words>visibility\s*:\s*(?:hidden|collapse)|(?:opacity|font-size){_ZERO})"
    rf"|(?:max-)?(?:width|height){_ZERO}[^{{}}]{{0,200}}overflow(?:-[xy])?\s*:\s*hidden"
    r"|text-indent\s*:\s*-\d{3}|(?:left|top|right|bottom|margin-left|margin-top)\s*:\s*-\d{3}|clip\s*:\s*rect\(0"
    r"|transform\s*:\s*scale\(0\))",
    re.IGNORECASE,
)
# An expression that begins with plain letters is looked for fast.
_NO_SIZE, _NO_OPACITY, _FAR = (
    re.compile(r"font-size\s*:\s*[0.]"),
    re.compile(r"opacity\s*:\s*[0.]"),
    re.compile(r":\s*-\d"),
)
_WORDS = 100  # characters: what may be shown later, by a script or by its own style, hides no more than that
_SIMPLE = re.compile(r"^\s*(?:\w+)?([.#][\w-]+)\s*$")  # a rule for one class or one id
_MAX_STYLES = 200_000  # characters of a page's own style sheets
_MAX_STYLE = 2_000  # characters of an element's own style
_MAX_FRAMES = 20
_TINY = re.compile(r"\s*0*[0-9](?:px)?\s*")  # a side of a frame that counts readers
_DROPPED = "dropped"  # the tag of a node on its way out
_UNFOLDS = re.compile(
    r"^(?:点击|点此)?(?:余下|展开|查看|阅读|显示|剩余|继续|更多)(?:阅读)?(?:余下|剩余|全部|更多)?(?:全文|内容|正文|部分|全部|阅读|更多)?$"
)
_FOOTNOTE = re.compile(r"[\s\[\]【】()（）〔〕*†‡注]*\d{0,3}[\s\[\]【】()（）〔〕*†‡①-⑳]*$")
_POWER = re.compile(r"[A-Za-zΩμ]$|(?<!\d)10$")
_LEAST_PROSE = 60  # characters of what is folded, or stands in a noscript, and is an article's
# The property block of Founder's newspaper system, and the meta tags that its fields stand for.
_PAPER = re.compile(r"<!--\s{0,9}enpproperty((?:(?!enpproperty).){1,3000})enpproperty\s{0,9}-->", re.DOTALL)
_PAPER_FIELD = re.compile(r"<(\w{2,12})>([^<]{0,300})</\1>")
_PAPER_META = {"date": "pubdate", "author": "author", "title": "articletitle", "source": "contentsource"}
_classes = etree.XPath("//body//@class", smart_strings=False)
_ids = etree.XPath("//body//@id", smart_strings=False)
_string = etree.XPath("string()")
_length = etree.XPath("string-length(normalize-space())")
_WHOLE_PAGE = 300  # characters: a page with less outside a hidden node, and most inside, has hidden itself
_data_scripts = etree.XPath("//script[@type='application/ld+json']/text()")


def squeeze(text: str | None) -> str:
    """White space folded to single blanks, ends trimmed, characters without width left out. A character that was lost
    shows as ?, as mirrors print it."""
    return " ".join(_WIDTHLESS.sub("", text).split()).replace("\ufffd", "?") if text else ""


class Page:
    """One page. `root` is its tree without what shows nothing (scripts, styles, hidden nodes), None where there
    is nothing to parse; `data` holds its JSON-LD scripts, `hidden` counts the hidden nodes taken out. `frames` are the
    addresses, as written, of the pages that it shows within itself."""

    def __init__(self, text: str) -> None:
        self.text = text[:_MAX_CHARACTERS]
        parsed = _parsed(self.text)
        self.root: Element | None = parsed
        self.data: list[str] = []
        self.hidden = 0
        self.frames: list[str] = []
        if parsed is not None:
            self.frames = [_show_document(frame) for frame in islice(parsed.iter("iframe", "frame"), _MAX_FRAMES)]
            if "ld+json" in self.text:
                self.data = [str(script)[:20_000] for script in _data_scripts(parsed)[:5]]
            hiding = _hiding(parsed)
            _strip(parsed, *_INVISIBLE)
            _show_noscript(parsed)
            self.hidden = _drop_hidden(parsed, hiding) + _drop_footnotes(parsed)

    @property
    def body(self) -> Element | None:
        """The <body> element."""
        return self.root.find("body") if self.root is not None else None

    @cached_property
    def meta(self) -> dict[str, str]:
        """Content of the meta tags by lower-case name or property; the first of each name wins."""
        found: dict[str, str] = {}
        for tag in self.root.iter("meta") if self.root is not None else ():
            name = (tag.get("name") or tag.get("property") or tag.get("itemprop") or "").strip().lower()
            content = squeeze(tag.get("content"))
            if name and content:
                found.setdefault(name, content)
        block = _PAPER.search(self.text)
        for field, value in _PAPER_FIELD.findall(block[1]) if block else ():
            if field in _PAPER_META and value.strip():
                found.setdefault(_PAPER_META[field], squeeze(value))
        return found

    def base(self, url: str) -> str:
        """The address that relative links start from: that of the page, or what its <base> says."""
        bases = self.root.iter("base") if self.root is not None else ()
        stated = next((href for tag in bases if (href := tag.get("href"))), "")
        if len(stated) > LONGEST_LINK:
            return url
        try:
            address = urljoin(url, stated.strip())
        except ValueError:
            return url
        return address if address.startswith(("http://", "https://")) else url

    def canonical(self, url: str) -> str:
        """The address that a page at `url` names as its own (rel=canonical), in its normal form; empty where it names
        none."""
        for tag in self.root.iter("link") if self.root is not None else ():
            if "canonical" in (tag.get("rel") or "").lower().split() and tag.get("href"):
                return resolved(self.base(url), tag.get("href") or "") or ""
        return ""

    @cached_property
    def title_tag(self) -> str:
        """The text of <title>."""
        title = next(self.root.iter("title"), None) if self.root is not None else None
        return visible_text(title) if title is not None else ""

    @cached_property
    def shown(self) -> str:
        """The first that a reader sees, some 5,000 characters, squeezed; words of a long page may run together."""
        if self.body is not None and _length(self.body) >= 2 * _SHOWN:
            return squeeze(str(_string(self.body))[: 10 * _SHOWN])
        taken, length = [], 0
        for text in self.body.itertext() if self.body is not None else ():
            taken.append(text)
            length += len(text.strip())
            if length > _SHOWN:
                break
        return squeeze(" ".join(taken))


def _parsed(text: str) -> Element | None:
    """The tree of a document; None where nothing is in it, or nothing but white space and comments."""
    source = _XML_DECLARATION.sub("", text).encode("utf-8", "ignore").translate(None, _CONTROL)
    try:
        return etree.fromstring(_CLOSED.sub(b"", source), etree.HTMLParser(encoding="utf-8"))
    except (etree.XMLSyntaxError, ValueError):
        return None


def _show_document(frame: Element) -> str:
    """Put the document that a frame brings with it (srcdoc) in its place. Returns the address of the page that the frame
    shows; empty where it shows none that a reader could see."""
    if not _is_seen(frame):
        return ""
    if not frame.get("srcdoc"):
        return (frame.get("src") or "").strip()
    document = _parsed(frame.attrib.pop("srcdoc"))
    body = document.find("body") if document is not None else None
    if body is not None and frame.get("src") is None:
        frame.tag, frame.text = "div", body.text
        frame.extend(body)
    return ""


def _is_seen(frame: Element) -> bool:
    """Whether a reader sees a frame: neither it nor an element around it is hidden, and it is no counter."""
    around = (one for one in frame.iterancestors() if one.tag not in ("html", "body"))  # a script may show these later
    return not any(_TINY.fullmatch(frame.get(side) or "") for side in ("width", "height")) and not any(
        map(_is_hidden, (frame, *around))
    )


def _hiding(root: Element) -> frozenset[str]:
    """The classes (.name) and ids (#name) that the page's own style sheets hide, of those that it uses."""
    sheets = "}".join(style.text or "" for style in root.iter("style"))[:_MAX_STYLES]
    hidden: set[str] = set()
    depth = 0
    for rule, lower in zip(sheets.split("}"), sheets.lower().split("}"), strict=True):
        opened = rule.count("{")
        depth = max(0, depth + opened - 1)  # above 0 in a block for print or small screens alone
        if depth > 0 or opened != 1 or not _may_hide(lower):
            continue
        selectors, _, declarations = rule.partition("{")
        if _HIDDEN_STYLE.search(declarations):
            hidden.update(match[1] for one in selectors.split(",") if (match := _SIMPLE.match(one)))
    if not hidden:
        return frozenset()
    used = {f".{name}" for name in " ".join(_classes(root)).split()} | {f"#{name}" for name in _ids(root)}
    return frozenset(hidden & used)


def _may_hide(rule: str) -> bool:
    """Whether a rule, in lower case, holds a word that hides: cheaper than the whole expression, which few rules need."""
    return (
        "none" in rule
        or "hidden" in rule
        or "collapse" in rule
        or "through" in rule
        or "rect(" in rule
        or "scale(" in rule
        or _NO_SIZE.search(rule) is not None
        or _NO_OPACITY.search(rule) is not None
        or _FAR.search(rule) is not None
    )


def _show_noscript(root: Element) -> None:
    """Make what a page shows without scripts a part of it where that is most of its text; else take it out."""
    lengths = [(node, _length(node)) for node in root.iter("noscript")]
    if any(length >= _LEAST_PROSE for _, length in lengths):
        whole = _length(root)
        for node, length in lengths:
            if length >= _LEAST_PROSE and 2 * length > whole:
                node.tag = "div"
    _strip(root, "noscript")


def _drop_hidden(root: Element, hiding: frozenset[str]) -> int:
    """Take out nodes that show nothing; a page that hides all of itself until a script runs stays as it is, and so does
    the rest of an article that a reader can unfold."""
    body = root.find("body")
    is_hiding = cache(lambda names, id_: not hiding.isdisjoint(_selectors(names, id_)))
    hidden = [
        node
        for node in (body.iterdescendants() if body is not None else ())
        if _is_hidden(node) or (hiding and is_hiding(node.get("class"), node.get("id")) and _length(node) < _WORDS)
    ]
    if not hidden:
        return 0
    whole = _length(root)
    dropped = []
    for node in hidden:
        if next(node.iterancestors(_DROPPED), None) is not None:
            continue
        length = _length(node)
        if (length <= whole / 2 or whole - length >= _WHOLE_PAGE) and not _unfolds(node, length):
            node.tag = _DROPPED
            dropped.append(node)
            whole -= length
    drop(root, dropped)
    return len(dropped)


def _is_hidden(node: Element) -> bool:
    return (
        node.get("hidden") is not None
        or node.get("aria-hidden") == "true"
        or (style := _hides((node.get("style") or "")[:_MAX_STYLE])) == "all"
        or (style == "words" and len(node) == 0)
    )


@lru_cache(maxsize=4096)  # paragraphs have one style
def _hides(style: str) -> str:
    """What a style hides: all, only words of its own (an element below may show itself again), or nothing ("")."""
    found = _HIDDEN_STYLE.search(style)
    return "" if found is None else "words" if found["words"] else "all"


def _selectors(names: str | None, id_: str | None) -> list[str]:
    return [*(f".{name}" for name in (names or "").split()), f"#{id_ or ''}"]


def _unfolds(node: Element, length: float) -> bool:
    """Whether a hidden node is folded prose: right before or behind it a short word offers the rest of the text."""
    if length < _LEAST_PROSE or node.tag in ("span", "b", "i", "font"):
        return False
    for one in (node.getnext(), node.getprevious()):
        if (
            one is not None
            and one.tag != _DROPPED
            and _length(one) <= 20
            and _UNFOLDS.match(visible_text(one).strip(" .…>»↓∨[]【】"))
        ):
            one.tag = _DROPPED
            return True
    return False


def _drop_footnotes(root: Element) -> int:
    """Take out raised numbers behind words, which lead to a note. Behind a Latin letter they are a power (m²)."""
    marks = [
        node
        for node in root.iter("sup")
        if (text := visible_text(node)) and _FOOTNOTE.match(text) and not _POWER.search(_before(node))
    ]
    drop(root, marks)
    return len(marks)


def _before(node: Element) -> str:
    """The text right before a node, in its parent."""
    previous = node.getprevious()
    if previous is not None:
        return (previous.tail or "").rstrip() or visible_text(previous)
    parent = node.getparent()
    return (parent.text or "").rstrip() if parent is not None else ""


def drop(root: Element, nodes: Iterable[Element]) -> None:
    """Take nodes out of the tree below `root`, all at once; the text behind each stays."""
    for node in nodes:
        node.tag = _DROPPED
    _strip(root, _DROPPED)


def _strip(root: Element, *tags: Any) -> None:
    """Take out all nodes of some tags. Texts that meet are joined once: lxml reads a text in many pieces slowly."""
    tails: dict[tuple[Element, str], list[str]] = {}
    for node in list(root.iter(*tags)):
        parent = node.getparent()
        if parent is None:
            continue
        if node.tail:
            before = node.getprevious()
            tails.setdefault((parent, "text") if before is None else (before, "tail"), []).append(node.tail)
        parent.remove(node)
    for (node, slot), texts in tails.items():
        setattr(node, slot, (getattr(node, slot) or "") + "".join(texts))


def visible_text(node: Element) -> str:
    """The text of a node, squeezed; pieces are set apart by blanks."""
    return squeeze(" ".join(node.itertext(with_tail=False)))


class Piece(NamedTuple):
    """A text, and the element that shows it itself; None where it is put together from several."""

    node: Element | None
    text: str


def texts_after(node: Element, stop: Element | None) -> Iterator[Piece]:
    """Yields the texts from behind a node on, in reading order, until `stop` begins.

    Looks no further than the caller reads, so that a header costs what a header is long.
    """
    root = node.getroottree().getroot()
    at: Element | None = node
    inside = False  # of `node`: its own text is not what comes after it
    while at is not None:
        if inside:
            if at is stop:
                return
            yield from _shown(at, at.text)
            if len(at):
                at = at[0]
                continue
        inside = True
        while at is not root and at is not None:
            yield from _shown(at.getparent(), at.tail)
            following = at.getnext()
            if following is not None:
                at = following
                break
            at = at.getparent()
        else:
            return


def _shown(node: Element, text: str | None) -> Iterator[Piece]:
    if text and text.strip():
        yield Piece(node, squeeze(text))


def texts_before(node: Element) -> Iterator[Piece]:
    """Yields the texts in front of a node, backwards."""
    root = node.getroottree().getroot()
    at = node
    while at is not root:
        previous = at.getprevious()
        if previous is None:
            at = at.getparent()
            if at is None or at.tag == "html":
                return
            yield from _shown(at, at.text)
            continue
        yield from _shown(at.getparent(), previous.tail)
        while len(previous):
            previous = previous[-1]
            yield from _shown(previous.getparent(), previous.tail)
        at = previous
        yield from _shown(at, at.text)
