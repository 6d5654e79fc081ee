"""`read`: a capture to its article. Pure: no clock, no network, no database."""

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, replace

from lxml.etree import _Element as Element

from archive import plugins
from archive.model import Article, Capture, CaptureKind, DateSource, Encoding, NotAnArticle
from archive.reading import kind, state
from archive.reading.blocks import Body
from archive.reading.body import FoundBody, count_stories, find_body
from archive.reading.decode import decode
from archive.reading.layouts import Layout, Layouts, candidates, fingerprint
from archive.reading.metadata import Metadata, read_metadata
from archive.reading.page import Page, drop, visible_text
from archive.reading.pager import find_pager
from archive.reading.provenance import find_provenance
from archive.reading.stamps import stamps
from archive.text import fold
from archive.web.addresses import resolved

CODE = "8"  # raised by hand when the code reads something else than before
_MAX_BODY = 20_000_000  # bytes
_HAN = re.compile(r"[㐀-鿿]")
_MIN_HAN = 40
_SLIGHT_HAN = 150  # a text as short as this may be what an error page or a login wall says
_ECHOED = 0.25  # of the pairs of characters of a headline
_FEW_BROKEN, _BROKEN = (
    8,
    0.02,
)  # characters beyond repair, and their share of the Chinese ones, that leave a page readable
_LABEL = re.compile(r"^(?:文章|稿件|信息|新闻)?(?:来源|稿源)\s*[:：]\s*")
_MAX_LINKS = 10_000  # characters of the header Link
_LINKS = re.compile(r"<([^<>]*)>((?:\"[^\"]*\"|[^,\"<])*)")  # of the header Link: the address and its attributes
_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,\"]+))", re.IGNORECASE)


def version(layouts: Layouts | None, host: str) -> str:
    """The version of a reader of a host's pages: whatever changes what it reads changes this, a layout of another host does not."""
    own, outlets = (layouts or {}).get(host), plugins.files("outlets.toml")
    parts = [fingerprint(own)] if own else []
    return ".".join([CODE, *parts, *(hashlib.sha256(path.read_bytes()).hexdigest()[:12] for path in outlets)])


def read(capture: Capture, layouts: Layouts | None = None) -> Article | NotAnArticle:
    """The article that a capture holds, or what it holds instead and why that is no article.

    `layouts` are what is known of the pages of some hosts; without one that fits, the general way is taken.
    """
    if len(capture.body) > _MAX_BODY:
        return NotAnArticle(CaptureKind.TOO_LARGE, f"{len(capture.body)} bytes, the limit is {_MAX_BODY}")
    other = kind.of_response(capture) or capture.fault
    if other:
        return other
    text, encoding = decode(capture.body, capture.header("content-type"))
    if encoding.repaired > _FEW_BROKEN and encoding.repaired > _FEW_BROKEN + _BROKEN * len(_HAN.findall(text)):
        return NotAnArticle(CaptureKind.UNDECODABLE, f"{encoding.repaired} characters beyond repair as {encoding.used}")
    page = Page(text)
    if page.root is None:
        return NotAnArticle(CaptureKind.EMPTY, "nothing to parse")
    base, canonical = page.base(capture.url), page.canonical(capture.url) or _canonical_by_header(capture)
    located = _located(page, text, capture, layouts or {})
    if isinstance(located, NotAnArticle):
        return located
    if (stories := count_stories(located.found)) > 1:
        return NotAnArticle(CaptureKind.SEVERAL, f"{stories} articles on one page, each with a headline and a date")
    return _article(capture, encoding, base, canonical, located)


@dataclass(frozen=True)
class _Located:
    """Where the article stands on a page, and the layout that says so."""

    page: Page
    layout: Layout | None
    found: FoundBody


def _located(page: Page, text: str, capture: Capture, layouts: Layouts) -> _Located | NotAnArticle:
    """Where the article stands: on the page as it is, else on the page that a script would draw of its state."""
    other = kind.of_page(page, capture.url)
    if other and other.kind != CaptureKind.SHELL:
        return other
    if not other and not _HAN.search(page.shown):
        other = NotAnArticle(CaptureKind.EMPTY, "no Chinese text on the page")
    if not other:
        layout, found = _find(page, capture, layouts)
        if found.node is not None:
            return _Located(page, layout, found)
    drawn = state.as_page(text)
    if drawn is None:
        return other or NotAnArticle(CaptureKind.LIST, "no prose: a list of links, or a page drawn by script")
    page = Page(drawn)
    assert page.root is not None
    found = replace(find_body(page.root), method="state")
    if found.node is None:
        return other or NotAnArticle(CaptureKind.LIST, "no prose in the page's state")
    return _Located(page, None, found)


def _article(
    capture: Capture, encoding: Encoding, base: str, canonical: str, located: _Located
) -> Article | NotAnArticle:
    page, found = located.page, located.found
    metadata = _metadata(located, capture)
    pager = find_pager(page.root, page.text, found.node, capture.url, base, encoding.of_queries)
    drop(found.node, pager.nodes)
    body = Body(found.node, metadata.title, base, found.beside)
    is_later = bool(pager.pages) and pager.pages[0] != capture.url
    other = _too_little(page, metadata, body.text, found.method, is_later=is_later)
    if other:
        return other
    cut = body.cut + Counter({"hidden": page.hidden, "pager": len(pager.nodes)})
    return Article(
        url=capture.url,
        title=metadata.title,
        published=metadata.published,
        outlet=metadata.outlet or capture.outlet,
        authors=metadata.authors,
        editor=metadata.editor,
        text=body.text,
        encoding=encoding,
        method=found.method,
        dated_by=metadata.dated_by,
        blocks=tuple(body.blocks),
        links=tuple(body.links),
        images=tuple(body.images),
        cut=tuple(sorted(cut.items())),
        provenance=find_provenance(
            capture.url, _own_name(page, metadata.title, capture), metadata.outlet, body.text, cut["spam"]
        ),
        canonical=canonical,
        parts=pager.pages,
    )


def _metadata(located: _Located, capture: Capture) -> Metadata:
    page, found = located.page, located.found
    metadata = read_metadata(page, found.node, capture.url, found.start)
    if located.layout:
        metadata = _as_laid_out(page.root, located.layout, metadata)
    if metadata.title == capture.outlet:  # the page puts its site's name there
        metadata = replace(metadata, title="")
    return metadata


def _too_little(page: Page, metadata: Metadata, text: str, method: str, *, is_later: bool) -> NotAnArticle | None:
    """What a text is that lacks the length or the title of an article; None for an article. `is_later` marks a page behind
    the first of its article: the last one may hold little."""
    han = len(_HAN.findall(text))
    if han < _SLIGHT_HAN:
        other = kind.of_words(page.title_tag) or kind.of_words(text)
        if other:
            return other
        if not (metadata.published or metadata.outlet or _is_echoed(metadata.title, text)):
            return NotAnArticle(
                CaptureKind.NOTICE, f"{han} Chinese characters without a headline of their own, a date and an outlet"
            )
    if han < _MIN_HAN and not (is_later and method != "prose"):
        return NotAnArticle(CaptureKind.LIST, f"{han} Chinese characters of prose, an article has at least {_MIN_HAN}")
    if not metadata.title and not is_later:
        return NotAnArticle(CaptureKind.UNTITLED, "prose without a title")
    return None


def _is_echoed(title: str, text: str) -> bool:
    """Whether a text uses the words of its title, as news does and a notice under a site's name does not."""
    pairs = [title[at : at + 2] for at in range(len(title) - 1)]
    return sum(pair in text for pair in pairs) >= _ECHOED * len(pairs)


def _canonical_by_header(capture: Capture) -> str:
    """The address that the header Link names as the page's own (rel=canonical), in its normal form; empty where it names
    none."""
    stated = ", ".join(value for name, value in capture.headers if name.lower() == "link")
    for target, attributes in _LINKS.findall(stated[:_MAX_LINKS]):
        relation = _REL.search(attributes)
        if relation and "canonical" in (relation[1] or relation[2]).lower().split():
            return resolved(capture.url, target) or ""
    return ""


def _own_name(page: Page, title: str, capture: Capture) -> str:
    """What is known of the site's own name: the rest of <title>, its site name, the outlet that was crawled."""
    names = (
        page.title_tag.replace(title, ""),
        page.meta.get("og:site_name"),
        page.meta.get("sitename"),
        capture.outlet,
    )
    return " ".join(filter(None, names)).strip()


def _find(page: Page, capture: Capture, layouts: Layouts) -> tuple[Layout | None, FoundBody]:
    """The article's node: by the site's own layout first, in the general way second."""
    assert page.root is not None
    for layout in candidates(layouts, capture):
        node = layout.select(page.root, layout.body)
        if node is not None and len(_HAN.findall(visible_text(node))) >= _MIN_HAN:
            return layout, FoundBody(node, layout.name, node)
    return None, find_body(page.root)


def _as_laid_out(root: Element, layout: Layout, general: Metadata) -> Metadata:
    """What the layout's selectors say goes before what was found in the general way."""
    title, time, outlet = (layout.select(root, selector) for selector in (layout.title, layout.time, layout.outlet))
    found = general
    if title is not None and visible_text(title):
        found = replace(found, title=visible_text(title))
    stamp = next(stamps(fold(visible_text(time))), None) if time is not None else None
    if stamp is not None:
        found = replace(found, published=stamp, dated_by=DateSource.LAYOUT)
    name = _LABEL.sub("", visible_text(outlet)) if outlet is not None else ""
    return replace(found, outlet=name) if 1 < len(name) <= 40 else found
