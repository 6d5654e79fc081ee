"""The site of the demo's archive."""

from pathlib import Path

import pytest
from datasette.app import Datasette
from serving import site


@pytest.fixture
def demo_site(demo: tuple[Path, str]) -> Datasette:
    """The site, in this process."""
    return site(demo[0] / "published" / "archive.db")
