"""The headline: shown on the page and repeated in <title>, in a meta tag, or left of the site's name in <title>."""

import re

from lxml.etree import _Element as Element

from archive.reading.page import Page, squeeze, visible_text
from archive.text import fold

_META = ("articletitle", "og:title", "twitter:title", "title", "headline")
_SEPARATOR = re.compile(r"\s*(?:_|\||丨|—{1,2}|--?| - |–)\s*")
_SITE_END = re.compile(r"\s*[-_|丨—–]{1,2}\s*[^-_|丨—–]{1,8}(?:网|在线|日报|晚报|新闻|频道|客户端|发布)$")
_NOT_TEXT = re.compile(r"[^0-9A-Za-z㐀-鿿]")
_HEADINGS = frozenset(["h1", "h2", "h3"])
_MAX_HEADINGS = 200


def find_title(page: Page, body: Element | None) -> tuple[str, Element | None]:
    """The headline, and the node that shows it where there is one."""
    headings, before = _headings(page, body)
    tag = _bare(page.title_tag)
    for part in (headings[:before], headings[before:]):
        shown = [(text, node) for text, node in part if len(_bare(text)) >= 4 and _is_part(_bare(text), tag)]
        if shown:
            # Of copies the last one is nearest to the body, those above it are breadcrumbs.
            text, node = max(reversed(shown), key=lambda pair: len(pair[0]))
            return _SITE_END.sub("", text), node
    for name in _META:
        value = page.meta.get(name, "")
        if len(value) >= 4:
            title = _without_site(value, page)
            return title, _shown_as(title, headings, page)
    first = next(((text, node) for text, node in headings if node.tag == "h1"), None)
    if first and not tag:
        return first
    title = _without_site(page.title_tag, page)
    return title, _shown_as(title, headings, page)


def _headings(page: Page, body: Element | None) -> tuple[list[tuple[str, Element]], int]:
    """What can be a headline, in reading order, and how many of them stand before the body."""
    found: list[tuple[str, Element]] = []
    before = 0
    for node in page.root.iter() if page.root is not None else ():
        if node is body:
            before = len(found)
        if node.tag in _HEADINGS or "title" in f"{node.get('class') or ''} {node.get('id') or ''}".lower():
            text = visible_text(node)
            if 4 <= len(text) <= 120:
                found.append((text, node))
                if len(found) >= _MAX_HEADINGS:
                    break
    return found, before


def _shown_as(title: str, headings: list[tuple[str, Element]], page: Page) -> Element | None:
    """The node that shows a title that was found elsewhere."""
    wanted = _bare(title)
    found = [node for text, node in headings if _bare(text) == wanted]
    if found or len(wanted) < 6 or page.body is None:
        return found[-1] if found else None
    start = title[:4]
    for node in page.body.iter():
        if node.text and start in node.text and node.tag != "a" and _bare(squeeze(node.text)) == wanted:
            return node
    return None


def _bare(text: str) -> str:
    """Characters alone: <title> and headline often differ in dashes, quotes and blanks."""
    return _NOT_TEXT.sub("", fold(text))


def _is_part(text: str, tag: str) -> bool:
    """Whether a heading is what <title> begins with, or what it ends with behind the name of a column."""
    return tag.startswith(text) or (len(text) >= 10 and tag.endswith(text))


def _without_site(title: str, page: Page) -> str:
    """The first part of 标题_频道_站名, unless the separator belongs to the headline."""
    site = page.meta.get("og:site_name", "") or page.meta.get("sitename", "")
    parts = _SEPARATOR.split(title)
    if len(parts) < 2:
        return title
    if site and fold(parts[-1]) == fold(site):
        return title[: title.rfind(parts[-1])].rstrip(" _|丨-—–")
    return max(parts[:2], key=len) if len(parts[0]) < 6 else parts[0]
