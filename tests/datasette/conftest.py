"""The site of the demo's archive."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Browser, browser
from datasette.app import Datasette
from serving import site


@pytest.fixture(scope="module")
def demo_site(demo: tuple[Path, str]) -> Datasette:
    """The site, in this process. The tests of a file share it: its first page loads all plugins and templates."""
    return site(demo[0] / "published" / "archive.db")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A browser, started once."""
    with browser() as started:
        yield started


@pytest.fixture
def page(chromium: Browser) -> Browser:
    """An empty page of a new profile, as wide as a desk's screen."""
    chromium.renew()
    chromium.size(1280)
    return chromium
