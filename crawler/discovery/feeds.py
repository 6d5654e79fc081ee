"""The pages that feeds and sitemaps list. The archive's own decoder reads them, whatever encoding they declare. Of a document
that is not well-formed, as much is read as possible. Every size is bounded."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, time
from email.utils import parsedate_to_datetime
from functools import reduce
from html import unescape
from itertools import islice

from lxml import etree
from lxml.etree import _Element as Element
from scrapy.http import Response

from archive.reading.stamps import CHINA, day_in, stamps
from archive.text import fold
from crawler.discovery.links import Entry, decoded
from crawler.discovery.urls import resolved

MAX_SITEMAP = 50 * 2**20  # bytes of an unpacked sitemap; the limit of the protocol
_MAX_ENTRIES = 50_000
_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
# What keeps an & as it is, and the & that nobody escaped: those of names that HTML knows and XML does not as well.
_AMPERSAND = re.compile(
    r"(<!\[CDATA\[(?:.*?\]\]>|.*)|&(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[\da-fA-F]{1,6});)|&", re.DOTALL
)
_FIRST_YEAR = 1990  # earlier dates are the zero of some system: 0001-01-01, 1970-01-01
# Dates as systems in China write them, in the form that parsers know; CST is China's time there.
_WRITTEN = (
    (re.compile(r"\s*\([^)]*\)$|^(?:周|星期)?[一二三四五六日天],?\s+"), ""),
    (re.compile(r"(?<![A-Za-z])(?:CST|BJT|(?:GMT|UTC)\+0?8(?::?00)?)\b"), "+0800"),
    (re.compile(r"\b(?:GMT|UTC?)\b|-0000$"), "+0000"),
)
_MONTH = re.compile(r"(?<=\d )(1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])月(?= \d{4}\b)")
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_HAN_MONTHS = "一 二 三 四 五 六 七 八 九 十 十一 十二".split()


def sitemap(response: Response) -> tuple[list[Entry], list[Entry]]:
    """Read a sitemap: XML (index or news), or one address a line.

    Returns:
        (pages, further sitemaps), both empty if the sitemap cannot be read.
    """
    text = decoded(response).text
    root = _tree(text)
    if root is None:
        return [Entry(line, day_in(line)) for line in islice(_addresses(text, response.url), _MAX_ENTRIES)], []
    pages: list[Entry] = []
    maps: list[Entry] = []
    for node in islice(root.iterchildren("*"), _MAX_ENTRIES):
        texts = _texts(node)
        address = resolved(_base(node, response.url), texts["loc"]) if texts.get("loc") else None
        if address:
            news = next((_texts(child) for child in node.iterchildren("*") if _name(child) == "news"), {})
            entry = _entry(address, [news.get("publication_date")], texts.get("lastmod"))
            (maps if _name(node) == "sitemap" else pages).append(entry)
    return pages, maps


def feed(response: Response) -> list[Entry]:
    """The entries of an RSS or Atom feed; empty if it cannot be read."""
    root = _tree(decoded(response).text)
    if root is None:
        return []
    found = []
    for item in islice((node for node in root.iter("*") if _name(node) in ("item", "entry")), _MAX_ENTRIES):
        address = _page_of(item, response.url)
        if address:
            texts = _texts(item)
            published = [texts.get(name) for name in ("pubdate", "published", "issued", "date")]
            found.append(_entry(address, published, texts.get("updated") or texts.get("modified")))
    return found


def moment(stated: str | None) -> datetime | None:
    """Parse a time as feeds and sitemaps state it (ISO 8601, RFC 822, Chinese). A day, or a time without a zone, is in China's.

    Returns:
        The time; None if it cannot be parsed, lies in the future, or is the zero of some system.
    """
    written = (stated or "").strip()[:80]
    for pattern, plain in _WRITTEN:
        written = pattern.sub(plain, written)
    written = _MONTH.sub(lambda match: _month(match[1]), written)
    for parse in (datetime.fromisoformat, parsedate_to_datetime, _stamp):
        try:
            found = parse(written)
        except (ValueError, TypeError):
            continue
        aware = found if found.tzinfo else found.replace(tzinfo=CHINA)
        return aware if aware.year >= _FIRST_YEAR and aware <= datetime.now(UTC) else None
    return None


def _month(number: str) -> str:
    return _MONTHS[int(number) - 1 if number.isdecimal() else _HAN_MONTHS.index(number)]


def _stamp(written: str) -> datetime:
    """A date in a form of Chinese pages. Raises ValueError."""
    stamp = next(stamps(fold(re.sub(r"\s+(?=[+-]\d)", "", written))), None)
    if stamp is None:
        raise ValueError(f"no date: {written}")
    return stamp if isinstance(stamp, datetime) else datetime.combine(stamp, time.min)


def _entry(address: str, published: Iterable[str | None], changed: str | None) -> Entry:
    """An entry from the stated times of a page; the first of `published` that can be parsed counts."""
    out, altered = next(filter(None, map(moment, published)), None), moment(changed)
    day = out.astimezone(CHINA).date() if out else day_in(address)
    return Entry(
        address,
        day or (altered.astimezone(CHINA).date() if altered else None),
        altered.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if altered else "",
    )


def _page_of(item: Element, own: str) -> str | None:
    """The URL of an entry's page: its first link that has no other relation (enclosure, replies, self …) and no other medium
    type, else its guid if that is a URL."""
    links, guids = [], []
    for child in item.iterchildren("*"):
        attributes = {name.lower(): value.strip() for name, value in child.attrib.items()}
        href = attributes.get("href") or "".join(child.itertext()).strip()
        if _name(child) == "link" and _is_page(attributes):
            links.append((child, href))
        elif _name(child) == "guid" and "/" in href and attributes.get("ispermalink", "").lower() != "false":
            guids.append((child, href))
    stated = (resolved(_base(node, own), href) for node, href in (*links, *guids) if href)
    return next(filter(None, stated), None)


def _is_page(attributes: Mapping[str, str]) -> bool:
    """Whether the attributes of a link are those of an entry's own page; a link without any is one."""
    relation, medium = attributes.get("rel", "alternate").lower(), attributes.get("type", "html").lower()
    return relation.endswith("alternate") and "html" in medium


def _addresses(text: str, own: str) -> Iterator[str]:
    """The addresses in a text with one a line."""
    for line in text.splitlines():
        if line.strip().lower().startswith(("http://", "https://")):
            address = resolved(own, line)
            if address:
                yield address


def _tree(text: str) -> Element | None:
    """The root of an XML document; None if there is none. The document's own entities are not expanded. If the document is cut
    off, its last text is left out: it may be half an address."""
    source = text[text.find("<") : text.rfind(">") + 1]
    plain = _AMPERSAND.sub(_ampersand, _NOT_XML.sub("", source))
    # The parser's encoding takes precedence over the declared one.
    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    try:
        return etree.fromstring(plain.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return None


def _ampersand(match: re.Match[str]) -> str:
    """The XML form of a match. A surrogate (&#xD800;) becomes empty: lxml accepts it and fails later, when the text is read."""
    kept = match[1]
    if kept is None:
        return "&amp;"
    is_half = kept.startswith("&#") and unescape(kept) == "\ufffd"
    return "" if is_half else str(kept)


def _name(node: Element) -> str:
    """The name of an element in lower case, without a namespace or an undeclared prefix."""
    return re.split(r"[}:]", str(node.tag))[-1].lower()


def _texts(node: Element) -> dict[str, str]:
    """The texts of an element's children, by name; the first of each name counts."""
    texts: dict[str, str] = {}
    for child in node.iterchildren("*"):
        texts.setdefault(_name(child), "".join(child.itertext()).strip())
    return texts


def _base(node: Element, own: str) -> str:
    """The base of relative URLs in an element: xml:base, else the document's URL."""
    stated = (one.get(_BASE, "") for one in reversed([node, *node.iterancestors()]))
    return reduce(lambda base, address: resolved(base, address) or base, stated, own)
