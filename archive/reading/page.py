"""A decoded page as a tree of what a reader sees. lxml looks at whole pages; BeautifulSoup never does."""

import re
from collections.abc import Iterator
from functools import cached_property
from urllib.parse import urljoin

from lxml import etree
from lxml.etree import _Element as Element

from archive.addresses import resolved

_MAX_CHARACTERS = 5_000_000
_SHOWN = 5_000
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_SPACE = re.compile(r"[\s\u200b]+")
_INVISIBLE = (
    *("script", "style", "noscript", "template", "iframe", "object", "embed", "svg", "select", "textarea"),
    *(etree.Comment, etree.ProcessingInstruction),
)
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none", re.IGNORECASE)
# The property block of Founder's newspaper system, and the meta tags that its fields stand for.
_PAPER = re.compile(r"<!--\s*enpproperty\s*(.{1,3000}?)/?enpproperty\s*-->", re.DOTALL)
_PAPER_FIELD = re.compile(r"<(\w{2,12})>([^<]{0,300})</\1>")
_PAPER_META = {"date": "pubdate", "author": "author", "title": "articletitle", "source": "contentsource"}
_maybe_hidden = etree.XPath("//body//*[@style or @hidden or @aria-hidden='true']")
_length = etree.XPath("string-length(normalize-space())")
_WHOLE_PAGE = 300  # characters: a page with less outside a hidden node, and most inside, has hidden itself
_data_scripts = etree.XPath("//script[@type='application/ld+json']/text()")


def squeeze(text: str | None) -> str:
    """White space folded to single blanks, ends trimmed. A character that was lost shows as ?, as mirrors print it."""
    return _SPACE.sub(" ", text).strip().replace("\ufffd", "?") if text else ""


class Page:
    """One page. `root` is its tree without what shows nothing (scripts, styles, hidden nodes), None where there
    is nothing to parse; `data` holds its JSON-LD scripts, `hidden` counts the hidden nodes taken out."""

    def __init__(self, text: str) -> None:
        self.text = text[:_MAX_CHARACTERS]
        source = _CONTROL.sub("", _XML_DECLARATION.sub("", self.text))
        try:
            parsed = etree.fromstring(source, etree.HTMLParser()) if source.strip() else None
        except (etree.XMLSyntaxError, ValueError):
            parsed = None
        self.root: Element | None = parsed
        self.data: list[str] = []
        self.hidden = 0
        if parsed is not None:
            self.data = [str(script)[:20_000] for script in _data_scripts(parsed)[:5]]
            etree.strip_elements(parsed, *_INVISIBLE, with_tail=False)
            self.hidden = _drop_hidden(parsed)

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
        stated = next((tag.get("href") for tag in bases if tag.get("href")), "")
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
        """The first that a reader sees, some 5,000 characters, squeezed."""
        taken, length = [], 0
        for text in self.body.itertext() if self.body is not None else ():
            taken.append(text)
            length += len(text.strip())
            if length > _SHOWN:
                break
        return squeeze(" ".join(taken))


def _drop_hidden(root: Element) -> int:
    """Take out nodes that show nothing; a page that hides all of itself until a script runs stays as it is."""
    hidden = [
        node
        for node in _maybe_hidden(root)
        if node.get("hidden") is not None
        or node.get("aria-hidden") == "true"
        or _HIDDEN_STYLE.search(node.get("style") or "")
    ]
    if not hidden:
        return 0
    whole = _length(root)
    dropped = 0
    for node in hidden:
        length = _length(node)
        if length <= whole / 2 or whole - length >= _WHOLE_PAGE:
            drop(node)
            whole -= length
            dropped += 1
    return dropped


def drop(node: Element) -> None:
    """Take a node out of its tree, the text behind it stays."""
    parent = node.getparent()
    if parent is None:
        return
    if node.tail:
        before = node.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + node.tail
        else:
            parent.text = (parent.text or "") + node.tail
    parent.remove(node)


def visible_text(node: Element) -> str:
    """The text of a node, squeezed; pieces are set apart by blanks."""
    return squeeze(" ".join(node.itertext(with_tail=False)))


def texts_after(node: Element, stop: Element | None) -> Iterator[tuple[Element, str]]:
    """(element, text that it shows itself) from behind a node on, in reading order, until `stop` begins.

    Looks no further than it is asked, so that a header costs what a header is long.
    """
    root = node.getroottree().getroot()
    at: Element | None = node
    inside = False  # of `node`: its own text is not what comes after it
    while at is not None:
        if inside:
            if at is stop:
                return
            if at.text and at.text.strip():
                yield at, squeeze(at.text)
            if len(at):
                at = at[0]
                continue
        inside = True
        while at is not root and at is not None:
            if at.tail and at.tail.strip():
                yield at.getparent(), squeeze(at.tail)
            following = at.getnext()
            if following is not None:
                at = following
                break
            at = at.getparent()
        else:
            return


def texts_before(node: Element) -> Iterator[tuple[Element, str]]:
    """(element, text that it shows itself) in front of a node, backwards."""
    root = node.getroottree().getroot()
    at = node
    while at is not root:
        previous = at.getprevious()
        if previous is None:
            at = at.getparent()
            if at is None or at.tag == "html":
                return
            if at.text and at.text.strip():
                yield at, squeeze(at.text)
            continue
        if previous.tail and previous.tail.strip():
            yield at.getparent(), squeeze(previous.tail)
        while len(previous):
            previous = previous[-1]
            if previous.tail and previous.tail.strip():
                yield previous.getparent(), squeeze(previous.tail)
        at = previous
        if at.text and at.text.strip():
            yield at, squeeze(at.text)
