"""What list pages and sitemaps point to. Bytes are decoded by the archive's own rule, never by Scrapy's."""

from collections.abc import Iterator
from itertools import islice
from urllib.parse import urldefrag, urljoin

from lxml import etree
from scrapy.http import Response

from archive.reading.decode import decode
from archive.reading.page import Page

_MAX_LINKS = 5000
_SITEMAP_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)


def links(response: Response) -> list[str]:
    """The addresses that a page links to, absolute, without fragments, in order, each once."""
    content_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
    page = Page(decode(response.body, content_type)[0])
    found: dict[str, None] = {}
    for href in _addresses(page):
        try:
            address = urldefrag(urljoin(response.url, href.strip()))[0]
        except ValueError:
            continue
        if address.startswith(("http://", "https://")):
            found[address] = None
    return list(found)


def _addresses(page: Page) -> Iterator[str]:
    anchors = page.root.iter("a") if page.root is not None else ()
    yield from islice((anchor.get("href") for anchor in anchors if anchor.get("href")), _MAX_LINKS)


def sitemap_entries(body: bytes) -> list[tuple[str, str]]:
    """The (address, time of last change as stated, or empty) pairs of a sitemap; empty where it cannot be parsed."""
    try:
        root = etree.fromstring(body, _SITEMAP_PARSER)
    except etree.XMLSyntaxError:
        return []
    entries = []
    for url in list(root.iterfind("{*}url") if root is not None else [])[: _MAX_LINKS * 10]:
        location = (url.findtext("{*}loc") or "").strip()
        if location:
            entries.append((location, (url.findtext("{*}lastmod") or "").strip()[:40]))
    return entries
