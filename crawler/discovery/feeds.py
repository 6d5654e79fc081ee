"""What feeds and sitemaps name. They are decoded by the archive's own rule, whatever they declare, and read as far as
they can be where they are not well-formed; every size is bounded."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
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

MOST = 50 * 2**20  # bytes of a sitemap once unpacked, as the protocol allows
_MAX_ENTRIES = 50_000
_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
# What keeps an & as it is, and the & that nobody escaped: those of names that HTML knows and XML does not as well.
_AMPERSAND = re.compile(
    r"(<!\[CDATA\[(?:.*?\]\]>|.*)|&(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[\da-fA-F]{1,6});)|&", re.DOTALL
)
_FIRST_YEAR = 1990  # what is older is a zero of some system: 0001-01-01, 1970-01-01
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
    """(pages, further sitemaps) of a sitemap: XML (index or news) or lines of addresses; both empty where it
    cannot be read."""
    text = decoded(response)[0]
    root = _tree(text)
    if root is None:
        return [Entry(line, day_in(line)) for line in islice(_addresses(text, response.url), _MAX_ENTRIES)], []
    pages: list[Entry] = []
    maps: list[Entry] = []
    for node in islice(root.iterchildren("*"), _MAX_ENTRIES):
        said = _said(node)
        address = resolved(_base(node, response.url), said["loc"]) if said.get("loc") else None
        if address:
            news = next((_said(child) for child in node.iterchildren("*") if _name(child) == "news"), {})
            entry = _entry(address, [news.get("publication_date")], said.get("lastmod"))
            (maps if _name(node) == "sitemap" else pages).append(entry)
    return pages, maps


def feed(response: Response) -> list[Entry]:
    """The entries of an RSS or Atom feed; empty where it cannot be read."""
    root = _tree(decoded(response)[0])
    if root is None:
        return []
    found = []
    for item in islice((node for node in root.iter("*") if _name(node) in ("item", "entry")), _MAX_ENTRIES):
        address = _page_of(item, response.url)
        if address:
            said = _said(item)
            published = [said.get(name) for name in ("pubdate", "published", "issued", "date")]
            found.append(_entry(address, published, said.get("updated") or said.get("modified")))
    return found


def moment(stated: str | None) -> datetime | None:
    """A time as feeds and sitemaps state it (ISO 8601, RFC 822, Chinese); a bare day, or a time without a zone, is
    China's. None where it cannot be read, lies ahead, or is the zero of some system."""
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
    return stamp if isinstance(stamp, datetime) else datetime(stamp.year, stamp.month, stamp.day)


def _entry(address: str, published: Iterable[str | None], changed: str | None) -> Entry:
    """One page, by the times that are stated of it; the first that can be read is that of publication."""
    out, altered = next(filter(None, map(moment, published)), None), moment(changed)
    day = out.astimezone(CHINA).date() if out else day_in(address)
    return Entry(
        address,
        day or (altered.astimezone(CHINA).date() if altered else None),
        altered.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if altered else "",
    )


def _page_of(item: Element, own: str) -> str | None:
    """The address of an entry's page: of its links the first that is no other relation (enclosure, replies, self …) and no
    other medium, else its guid, where that is an address."""
    links, guids = [], []
    for child in item.iterchildren("*"):
        said = {name.lower(): value.strip() for name, value in child.attrib.items()}
        href = said.get("href") or "".join(child.itertext()).strip()
        if _name(child) == "link" and _is_page(said):
            links.append((child, href))
        elif _name(child) == "guid" and "/" in href and said.get("ispermalink", "").lower() != "false":
            guids.append((child, href))
    stated = (resolved(_base(node, own), href) for node, href in (*links, *guids) if href)
    return next(filter(None, stated), None)


def _is_page(said: Mapping[str, str]) -> bool:
    """Whether the attributes of a link are those of an entry's own page; a link without any is one."""
    return said.get("rel", "alternate").lower().endswith("alternate") and "html" in said.get("type", "html").lower()


def _addresses(text: str, own: str) -> Iterator[str]:
    """The addresses of a text that has one on each line."""
    for line in text.splitlines():
        if line.strip().lower().startswith(("http://", "https://")):
            address = resolved(own, line)
            if address:
                yield address


def _tree(text: str) -> Element | None:
    """The root of an XML document, None where there is none. No entity of its own is known: its & are taken as written.
    Of one that was cut off, the text that the cut went through is left out: it may be half an address."""
    source = text[text.find("<") : text.rfind(">") + 1]
    plain = _AMPERSAND.sub(_ampersand, _NOT_XML.sub("", source))
    # The encoding that the parser is made with goes before the declared one.
    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    try:
        return etree.fromstring(plain.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return None


def _ampersand(match: re.Match[str]) -> str:
    """The XML form of what begins with an &. Half a character (&#xD800;) becomes empty: lxml would accept it and fail later,
    when the text is read."""
    kept = match[1]
    if kept is None:
        return "&amp;"
    is_half = kept.startswith("&#") and unescape(kept) == "\ufffd"
    return "" if is_half else str(kept)


def _name(node: Element) -> str:
    """The name of an element in lower case, without namespace or a prefix that nobody declared."""
    return re.split(r"[}:]", str(node.tag))[-1].lower()


def _said(node: Element) -> dict[str, str]:
    """What the children of an element say, by their names; the first of each name counts."""
    found: dict[str, str] = {}
    for child in node.iterchildren("*"):
        found.setdefault(_name(child), "".join(child.itertext()).strip())
    return found


def _base(node: Element, own: str) -> str:
    """The address that those within an element are relative to: xml:base, or the document's own."""
    stated = (one.get(_BASE, "") for one in reversed([node, *node.iterancestors()]))
    return reduce(lambda base, address: resolved(base, address) or base, stated, own)
