"""A decoded page as a tree, and small questions asked of it. lxml looks at whole pages; BeautifulSoup never does."""

import re
from functools import cached_property

from lxml import etree, html
from lxml.html import HtmlElement

_MAX_CHARACTERS = 5_000_000
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_SPACE = re.compile(r"\s+")
_INVISIBLE = (
    "script",
    "style",
    "noscript",
    "template",
    "iframe",
    "object",
    "svg",
    "select",
    "textarea",
    "head",
)
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none", re.IGNORECASE)


def squeeze(text: str | None) -> str:
    """White space folded to single blanks, ends trimmed."""
    return _SPACE.sub(" ", (text or "").replace("\xa0", " ").replace("​", "")).strip()


class Page:
    """One page: `root` is the parsed tree, None where there is nothing to parse."""

    def __init__(self, text: str) -> None:
        self.text = text[:_MAX_CHARACTERS]
        source = _CONTROL.sub("", _XML_DECLARATION.sub("", self.text))
        try:
            parsed = html.document_fromstring(source) if source.strip() else None
        except (etree.ParserError, ValueError):
            parsed = None
        self.root: HtmlElement | None = parsed

    @cached_property
    def meta(self) -> dict[str, str]:
        """Content of the meta tags by lower-case name or property; the first of each name wins."""
        found: dict[str, str] = {}
        for tag in self.select("//meta[@content]"):
            name = (tag.get("name") or tag.get("property") or tag.get("itemprop") or "").strip().lower()
            if name and tag.get("content").strip():
                found.setdefault(name, squeeze(tag.get("content")))
        return found

    @cached_property
    def title_tag(self) -> str:
        """The text of <title>."""
        titles = self.select("//title")
        return squeeze(titles[0].text_content()) if titles else ""

    def select(self, xpath: str) -> list:
        """Nodes of the page by XPath, in document order."""
        return list(self.root.xpath(xpath)) if self.root is not None else []


def is_hidden(node: HtmlElement) -> bool:
    """Whether a node itself shows nothing to a reader."""
    return (
        not isinstance(node.tag, str)
        or node.tag in _INVISIBLE
        or bool(_HIDDEN_STYLE.search(node.get("style") or ""))
        or node.get("hidden") is not None
        or node.get("aria-hidden") == "true"
    )


def visible_text(node: HtmlElement) -> str:
    """The text that a reader sees in a node, squeezed; blocks are set apart by blanks."""
    parts: list[str] = []
    _collect(node, parts)
    return squeeze(" ".join(parts))


def _collect(top: HtmlElement, parts: list[str]) -> None:
    stack: list[tuple[HtmlElement, bool]] = [(top, False)]
    while stack:  # a stack of our own: pages can be nested deeper than Python recurses
        node, done = stack.pop()
        if done:
            if node.tail and node is not top:
                parts.append(node.tail)
            continue
        stack.append((node, True))
        if is_hidden(node):
            continue
        if node.text:
            parts.append(node.text)
        stack.extend((child, False) for child in reversed(node))
