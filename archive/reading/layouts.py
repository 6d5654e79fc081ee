"""What is known of a site's own pages. A changed page gets a new layout beside the old one, never a changed layout:
pages fetched long ago must still read right."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from lxml.cssselect import CSSSelector
from lxml.etree import _Element as Element

from archive.model import Capture


@dataclass(frozen=True)
class Layout:
    """CSS selectors of one state of a site's article pages; what is empty is left to the general reader.

    `until` is the last day on which the site sent such pages, None for the layout of today.
    """

    body: str
    title: str = ""
    time: str = ""
    outlet: str = ""
    until: date | None = None

    @property
    def name(self) -> str:
        """How articles record it."""
        return f"layout until {self.until}" if self.until else "layout"

    def select(self, root: Element, selector: str) -> Element | None:
        """The first element that a selector finds; None for an empty selector."""
        return next(iter(_compiled(selector)(root)), None) if selector else None


Layouts = Mapping[str, tuple[Layout, ...]]  # by host


def fingerprint(layouts: object) -> str:
    """A short name of layouts, of one host or of all: others have another."""
    return hashlib.sha256(repr(layouts).encode()).hexdigest()[:8]


def candidates(layouts: Layouts, capture: Capture) -> Iterator[Layout]:
    """The layouts of a capture's host: first those of its time, then the others (sites seldom change old pages)."""
    known = sorted(layouts.get(capture.host, ()), key=lambda layout: layout.until or date.max)
    fetched = capture.fetched or date.max
    yield from (layout for layout in known if (layout.until or date.max) >= fetched)
    yield from (layout for layout in reversed(known) if (layout.until or date.max) < fetched)


@cache
def _compiled(selector: str) -> CSSSelector:
    return CSSSelector(selector, translator="html")
