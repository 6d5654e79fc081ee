"""Lists in a real browser: names are offered while somebody types; on a phone the filters fold away."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import CHROMIUM, Browser
from serving import served

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed")


@pytest.fixture(scope="module")
def address(demo: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    copy = tmp_path_factory.mktemp("listed") / "data"
    shutil.copytree(demo[0], copy)
    with served(copy, "--no-rate-limit") as running:
        yield running


def _wait_for(page: Browser, condition: str) -> None:
    deadline = time.monotonic() + 20
    while not page.run(condition):
        assert time.monotonic() < deadline, condition
        time.sleep(0.1)


def test_a_name_is_chosen_from_what_is_offered(page: Browser, address: str) -> None:
    page.open(address + "/facts?lang=en")
    page.run("document.querySelector('[name=place]').focus()")
    page.type("澄浦")
    _wait_for(page, "!!document.querySelector('#suggestions-place [role=option]')")
    expanded = "document.querySelector('[data-suggest=place]').ariaExpanded === 'true'"
    assert page.run(expanded)
    page.press("Escape")
    assert not page.run(expanded)
    page.press("ArrowDown")  # opens it again
    _wait_for(page, expanded)
    page.press("ArrowDown")
    active = (
        "document.getElementById(document.querySelector('[data-suggest=place]').getAttribute('aria-activedescendant'))"
    )
    assert "澄浦街道" in page.run(f"{active}.textContent")
    page.press("Enter")  # chooses
    assert page.run("document.querySelector('[data-suggest=place]').value") == "澄浦街道"
    page.press_and_load("Enter")  # asks
    assert page.run("decodeURIComponent(location.search)").count("place=") == 1
    assert "澄浦街道" in page.run("document.querySelector('.finding').textContent")
    assert page.run("document.querySelector('[data-suggest=place]').value") == "澄浦街道"
    assert page.complaints() == []


def test_what_is_typed_is_asked_where_nothing_is_chosen(page: Browser, address: str) -> None:
    page.open(address + "/stations?place=澄浦&lang=en")
    page.run("document.querySelector('[data-suggest=place]').select()")
    page.run("document.querySelector('[data-suggest=place]').focus()")
    page.type("望潭")
    page.press_and_load("Enter")
    assert page.run("decodeURIComponent(location.search)") == "?place=望潭"  # without the fields that are empty


@pytest.mark.parametrize(("width", "is_shown"), [(390, False), (1280, True)])
def test_filters_fold_away_on_a_phone(page: Browser, address: str, width: int, is_shown: bool) -> None:
    page.size(width)
    page.open(address + "/facts?type=party_members&lang=en")
    shown = "document.querySelector('.narrowing').checkVisibility()"
    assert page.run(shown) is is_shown
    if not is_shown:
        assert "Filters (1)" in page.run("document.querySelector('.filters summary').textContent")
        page.run("document.querySelector('.filters summary').click()")
        _wait_for(page, shown)
    assert page.run("document.documentElement.scrollWidth <= innerWidth")
