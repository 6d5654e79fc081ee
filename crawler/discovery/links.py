"""The pages that list pages and JSON lists link to. The archive's own decoder reads them, never Scrapy's. Every size is
bounded."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import NamedTuple

import jmespath
from lxml.etree import _Element as Element
from scrapy.http import Response

from archive.reading.decode import decode
from archive.reading.page import Page
from archive.reading.stamps import day_in, stamps
from archive.text import fold
from crawler.discovery.urls import resolved

_MAX_LINKS, _MAX_ENTRIES = 5000, 50_000
_NEAR = 200  # characters around a link that may state its day


@dataclass(frozen=True)
class Entry:
    """A page as a list names it: its URL, its day of publication in China if stated, and the time of its last change (UTC, ISO)
    if stated."""

    address: str
    day: date | None = None
    changed: str = ""


class Decoded(NamedTuple):
    """The text of a response, and the encoding of the queries in its links."""

    text: str
    coding: str


def decoded(response: Response) -> Decoded:
    """Returns the text of a response."""
    text, encoding = decode(response.body, (response.headers.get("Content-Type") or b"").decode("latin-1"))
    return Decoded(text, encoding.of_queries)


def links(response: Response, *, in_script: str = "") -> list[Entry]:
    """The pages that a page links to, in order, each once.

    Args:
        response: the page.
        in_script: regular expression whose first group is an address in a script on the page; empty: none.
    """
    text, coding = decoded(response)
    page = Page(text)
    base = page.base(response.url)
    found: dict[str, Entry] = {}
    anchors = page.root.iter("a") if page.root is not None else ()
    for anchor in islice((a for a in anchors if a.get("href")), _MAX_LINKS):
        address = resolved(base, anchor.get("href") or "", coding)
        if address and address not in found:
            found[address] = Entry(address, day_in(address) or _day_near(anchor))
    for match in islice(re.finditer(in_script, text), _MAX_LINKS) if in_script else ():
        address = resolved(base, match[1].replace("\\/", "/"), coding)
        if address:
            found.setdefault(address, Entry(address, day_in(address)))
    return list(found.values())


def _day_near(anchor: Element) -> date | None:
    """The day beside a link, in the same row."""
    row = anchor.getparent()
    for _ in range(2):
        if row is None or len(row) > 8:
            return None
        shown = " ".join(islice((text for text in row.itertext()), 30))
        if len(shown) > _NEAR:
            return None
        stamp = next(stamps(fold(shown)), None)
        if stamp is not None:
            return stamp.date() if isinstance(stamp, datetime) else stamp
        row = row.getparent()
    return None


def data(response: Response, items: str, link: str, day: str) -> list[Entry]:
    """The entries of a JSON list: `items` is the JMESPath of the list, `link` and `day` are the names of an item's fields.

    Raises ValueError if the response is not JSON.
    """
    text, coding = decoded(response)
    try:
        found = jmespath.search(items, json.loads(text))
    except RecursionError:
        raise ValueError("The list is nested too deeply.") from None
    entries = []
    for item in islice(found if isinstance(found, list) else (), _MAX_ENTRIES):
        stated = item.get(link) if isinstance(item, dict) else None
        address = resolved(response.url, stated, coding) if isinstance(stated, str) and stated else None
        if address:
            moment = next(stamps(fold(str(item.get(day) or ""))), None)
            entries.append(Entry(address, moment.date() if isinstance(moment, datetime) else moment or day_in(address)))
    return entries


def latest_day(entries: Iterable[Entry]) -> date | None:
    """The latest day that a list names."""
    return max((entry.day for entry in entries if entry.day), default=None)
