"""`read`: a capture to its article. Pure: no clock, no network, no database."""

import re

from archive.reading import kind
from archive.reading.blocks import read_blocks
from archive.reading.body import find_body
from archive.reading.decode import decode
from archive.reading.metadata import read_metadata
from archive.reading.page import Page, visible_text
from archive.records import Article, Capture, NotAnArticle

VERSION = "1"
_MAX_BODY = 20_000_000  # bytes
_HAN = re.compile(r"[㐀-鿿]")
_MIN_HAN = 40
_BROKEN = 0.01


def read(capture: Capture) -> Article | NotAnArticle:
    """The article that a capture holds, or what it holds instead and why that is no article."""
    if len(capture.body) > _MAX_BODY:
        return NotAnArticle("too_large", f"{len(capture.body)} bytes, the limit is {_MAX_BODY}")
    other = kind.of_response(capture)
    if other:
        return other
    text, encoding = decode(capture.body, capture.header("content-type"))
    if encoding.repaired > _BROKEN * len(text) + 20:
        return NotAnArticle("undecodable", f"{encoding.repaired} characters beyond repair as {encoding.used}")
    page = Page(text)
    seen = visible_text(page.root) if page.root is not None else ""
    other = kind.of_text(text, len(seen))
    if other:
        return other
    if not _HAN.search(seen):
        return NotAnArticle("empty", "no Chinese text on the page")
    node, method = find_body(page)
    if node is None:
        return NotAnArticle("list", "no prose: a list of links, or a page drawn by script")
    metadata = read_metadata(page, node)
    body, _ = read_blocks(node, metadata.title)
    han = len(_HAN.findall(body))
    if han < _MIN_HAN:
        return NotAnArticle("list", f"{han} Chinese characters of prose, an article has at least {_MIN_HAN}")
    if not metadata.title:
        return NotAnArticle("untitled", "prose without a title")
    return Article(
        url=capture.url,
        title=metadata.title,
        published=metadata.published,
        outlet=metadata.outlet or capture.outlet,
        authors=metadata.authors,
        editor=metadata.editor,
        text=body,
        encoding=encoding,
        method=method,
    )
