"""The site in a real browser: the researcher's way and the editor's, with the keyboard alone; no serious accessibility
violation in either language, light or dark; nothing wider than a phone; a first page under 200 KB."""

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import CHROMIUM, Browser
from editors import cookie, open_site
from serving import served
from support import ROOT

from archive.decisions.reviews import Reviews
from archive.decisions.secret import secret
from archive.publishing.snapshot import publish
from archive.storage.store import open_for_reading, open_for_writing

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed")
_AXE = Path(os.environ.get("DANGQUN_AXE") or ROOT / ".venv" / "axe" / "node_modules" / "axe-core" / "axe.min.js")
PAGES = [
    "/", "/search?q=党员", "/search?kind=facts&q=捐赠&since=2019", "/search?since=21", "/places", "/place/望潭区", "/compare?of=望潭区,芷岸区", "/data", "/archive/articles/22", "/archive/facts/5",
    "/archive/stations/3", "/questions", "/question/members_by_city_and_year", "/question/donations", "/archive/articles", "/archive/facts", "/archive/stations", "/archive", "/archive/-/query?sql=select+1", "/health", "/-/login",
    "/archive/articles/99999", "/facts?type=party_members", "/stations", "/archive/outlets/1", "/archive/captures/1", "/about",
]  # fmt: skip
_WIDE, _NARROW = (1280, "light"), (390, "dark")
_VIOLATIONS = """axe.run(document, {resultTypes: ["violations"], preload: false, %s}).then(({violations}) => violations
    .filter(one => ["serious", "critical"].includes(one.impact))
    .map(one => one.id + ": " + one.nodes.slice(0, 3).map(node => node.html.slice(0, 160)).join(" | ")))"""
EDITORS = [
    "/desk?since=2020-01-01T00:00:00Z",
    "/review",
    "/review/stations",
    "/review/reports",
    "/review/history",
    "/alerts",
    "/takedowns",
]


@pytest.fixture(scope="module")
def folder(demo: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("browsed") / "data"
    return shutil.copytree(demo[0], copy)


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with served(folder, "--no-rate-limit") as running:
        yield running


def _log_in(page: Browser, folder: Path, address: str, name: str = "editor-one") -> None:
    ds = open_site(folder)
    ds._secret = secret(folder)
    page.cookie(address, cookie(ds, name)["ds_actor"])


def _tab_to(page: Browser, condition: str, most: int = 60) -> None:
    """Press Tab until the focus is where a condition on the element `e` holds."""
    for _ in range(most):
        page.press("Tab")
        if page.run(f"(e => {condition})(document.activeElement)"):
            return
    raise AssertionError(f"no focus where {condition}")


def _here(page: Browser) -> str:
    return page.run("location.pathname + decodeURIComponent(location.search)")


def test_the_researchers_way_with_keys_alone(page: Browser, address: str) -> None:
    page.open(address + "/")
    page.press("Tab")
    assert page.run("document.activeElement.className") == "skip"  # the first stop leads past the navigation
    _tab_to(page, "e.name === 'q'")
    page.type("映月花園 黨員")
    page.press_and_load("Enter")
    assert _here(page).startswith("/search?q=映月花園")
    assert page.run("[...document.querySelectorAll('.rows mark')].some(m => m.textContent === '映月花园')")
    _tab_to(page, "e.closest('.rows') && e.href.includes('/article/')")
    page.press_and_load("Enter")
    assert _here(page).startswith("/article/")
    quotes = page.run("document.querySelectorAll('mark.quote').length")
    assert quotes >= 3
    _tab_to(page, "e.matches('mark.quote')")  # a quote says what was read from it, without a mouse
    tip = "getComputedStyle(document.querySelector('mark.quote > .tip')).display"
    assert page.run(tip) != "none"
    page.press("Escape")
    assert page.run(tip) == "none"
    _tab_to(page, "e.matches('.facts a') && e.href.includes('/fact/')")
    page.press_and_load("Enter")
    assert page.run("document.querySelector('.passage mark').textContent.length") > 0
    citation = page.run("[...document.querySelectorAll('a')].find(a => a.textContent === 'BibTeX').href")
    assert page.run(f"fetch('{citation}').then(r => r.text())").startswith("@online{dangqun-")
    page.run("document.querySelector('[data-copies=cite-short]').click()")
    copied = "document.querySelector('.copying [role=status]').textContent + getSelection().toString()"
    assert page.run(f"new Promise(done => setTimeout(() => done({copied}), 500))")  # copied, or selected to be copied
    page.open(page.run("document.querySelector('h1 a').href"))
    assert _here(page).startswith("/station/") and page.run("document.querySelectorAll('.tiles li').length")
    found = page.run(
        "fetch('/archive/stations.json?name__contains=映月花园&_shape=array').then(r => r.json()).then(rows => rows[0].key)"
    )
    page.open(f"{address}/station/{found}")  # one with numbers of several years
    assert page.run("document.querySelectorAll('figure.chart svg[role=img] title').length")
    page.run("document.querySelector('.further summary').click()")
    assert page.run("document.querySelector('.further a').checkVisibility()")
    assert not page.complaints()


def test_the_capture_of_a_number_can_be_had(page: Browser, address: str) -> None:
    page.open(address + "/")
    number = page.run("fetch('/archive/articles.json?revision=2').then(r => r.json()).then(d => d.rows[0].id)")
    page.open(f"{address}/archive/articles/{number}")
    link = page.run("[...document.querySelectorAll('a[download]')][0].href")
    head = page.run(f"fetch('{link}').then(r => r.arrayBuffer()).then(b => [...new Uint8Array(b).slice(0, 2)])")
    assert head == [31, 139]
    assert page.run("document.querySelectorAll('.difference del, .difference ins').length") >= 2


def test_single_keys_can_be_turned_off(page: Browser, address: str) -> None:
    """WCAG 2.1.4: speech that is heard as letters must not press anything."""
    page.open(address + "/about?lang=en")
    page.press("/")
    assert page.run("document.activeElement.name") == "q"
    page.press("Escape")
    page.run("document.querySelector('.keys input').click()")
    page.open(address + "/stations?lang=en")
    page.press("/")
    assert page.run("document.activeElement.name || ''") == ""
    assert page.run("document.querySelector('.keys').checkVisibility()")
    page.run("document.querySelector('.keys input').click()")
    page.press("/")
    assert page.run("document.activeElement.name") == "q"
    assert not page.complaints()


def test_the_editors_way_with_keys_alone(page: Browser, address: str, folder: Path) -> None:
    page.open(address + "/desk")
    assert _here(page) == "/-/login?next=/desk"
    _log_in(page, folder, address)
    page.open(address + "/desk?lang=zh-Hans")
    assert page.run("document.querySelector('h1').textContent").startswith("工作台")
    _tab_to(page, "e.href && e.pathname === '/review'")
    page.press_and_load("Enter")
    started = time.monotonic()
    for key in "ccrccrcscc":
        page.press_and_load(key)
    assert time.monotonic() - started < 60  # a hundred an hour is one in 36 seconds
    page.press_and_load("u")
    page.press("e")
    assert page.run("document.activeElement.id") == "value"
    page.type("77")
    page.press_and_load("Enter")
    assert "已更正" in page.run("document.querySelector('.done').textContent")
    reviews = Reviews(folder / "reviews.db")
    decided = [review.decision for review in reviews.history() if review.by == "editor-one"]
    assert decided == [
        "confirm",
        "confirm",
        "reject",
        "confirm",
        "confirm",
        "reject",
        "confirm",
        "confirm",
        "confirm",
        "correct",
    ]
    assert [review.undone_at is not None for review in reviews.history()] == [False] * 8 + [True, False]
    assert list(reviews.standing().values())[-1].corrected == {"value": 77}
    reviews.close()
    page.open(address + "/review/history")
    assert page.run("document.querySelectorAll('tbody tr').length") >= 10
    with open_for_writing(folder) as archive:
        publish(archive)
    time.sleep(2.2)
    page.open(address + "/facts?reviewed=1&reprints=1")
    # Of nine: a candidate that was rejected is no fact.
    assert page.run("document.querySelectorAll('.rows .badge').length") >= 7
    assert not page.complaints()


def test_stations_are_merged_and_split_with_keys_alone(page: Browser, demo: tuple[Path, str], tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(demo[0], folder)
    with sqlite3.connect(folder / "published" / "archive.db") as connection:
        connection.execute("insert into station_pairs select min(id), max(id) from stations")
        connection.execute("insert into station_pairs select min(id), min(id) + 1 from stations")
    with served(folder, "--no-rate-limit", "--workers", "1") as address:
        _log_in(page, folder, address)
        page.open(address + "/review/stations?lang=zh-Hans")
        assert page.run("document.querySelectorAll('.cell').length") == 2
        page.press_and_load("r")
        page.press_and_load("c")
        assert "没有待定的" in page.run("document.body.textContent")
    reviews = Reviews(folder / "reviews.db")
    assert [decision["kind"] for decision in reviews.station_decision_list()] == ["same", "different"]
    reviews.close()


@pytest.mark.parametrize(("language", "first", "then"), [("zh-Hans", _WIDE, _NARROW), ("en", _NARROW, _WIDE)])
def test_each_page_fits_the_screen_and_is_accessible(
    page: Browser, address: str, folder: Path, language: str, first: tuple[int, str], then: tuple[int, str]
) -> None:
    """Each language is seen light and dark, wide and narrow: a page is loaded once, and then only looks different."""
    axe = _AXE.read_text("utf-8") if _AXE.exists() else ""  # make test installs it where npm is
    _log_in(page, folder, address, "admin-one")
    page.open(f"{address}/?lang={language}")  # the cookie remembers it
    with open_for_reading(folder) as archive:
        (fact,) = archive.connection.execute("select evidence from facts").fetchone()
        one, two = archive.connection.execute("select min(key), max(key) from stations").fetchone()
    things = [f"/report?of=fact/{fact}", f"/review/stations?station={one}&other={two}"]
    serious = []
    for path in [*PAGES, *EDITORS, *things]:
        for look, rules in ((first, ""), (then, "runOnly: ['color-contrast', 'link-in-text-block']")):
            page.size(look[0])
            page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": look[1]}])
            if look == first:
                page.open(address + path)
                assert page.run("document.documentElement.lang") == language, path
                refused = ("status of 400", "status of 404")  # what some of these pages are there to show
                assert not [text for text in page.complaints() if not any(one in text for one in refused)], path
                page.run(axe + "; 1")
            assert page.run("document.documentElement.scrollWidth") <= look[0], path
            if axe:
                serious += [f"{path} {look}: {violation}" for violation in page.run(_VIOLATIONS % rules)]
    assert not serious, "\n".join(serious)


def test_each_station_fits_a_phone(page: Browser, address: str, folder: Path) -> None:
    page.size(390)
    with open_for_reading(folder) as archive:
        stations = [number for (number,) in archive.connection.execute("select id from stations")]
    for number in stations:
        page.open(f"{address}/archive/stations/{number}")
        assert page.run("document.documentElement.scrollWidth") <= 390, number


def test_the_note_of_a_correction_fits_a_phone(page: Browser, address: str) -> None:
    page.size(390)
    page.open(address + "/archive/stations/1?lang=en")
    note = '<span class="badge corrected">✎ corrected; the program reads: 42 people of this neighbourhood</span>'
    page.run(f"document.querySelector('.statements td.number > span').insertAdjacentHTML('beforeend', '{note}')")
    assert page.run("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_tables_of_data_keep_to_their_column(page: Browser, address: str, language: str) -> None:
    for width in (1280, 800):
        page.size(width)
        page.open(f"{address}/data?lang={language}")
        sides = page.run(
            "[...document.querySelectorAll('main table')].map(t => [t, t.parentElement].map(e => e.getBoundingClientRect().right))"
        )
        assert len(sides) > 3 and all(inner <= outer + 1 for inner, outer in sides), (width, sides)
        assert page.run("document.querySelector('.addresses td').offsetWidth") >= 180


def test_the_first_page_is_light(page: Browser, address: str) -> None:
    page.call("Network.setCacheDisabled", cacheDisabled=True)
    for path, most in (("/", 200_000), ("/search?q=党员", 200_000), ("/archive/articles/22", 200_000)):
        page.open(address + path)
        page.run("new Promise(done => setTimeout(done, 300))")
        assert 5_000 < page.transferred() < most, (path, page.transferred())


def test_charts_fit_any_width(page: Browser, address: str) -> None:
    page.open(address + "/question/money_by_year")
    for width in (1280, 390):
        page.size(width)
        tops = page.run(
            "[...document.querySelectorAll('figure.chart rect.s1')].slice(1).map(r => r.getBoundingClientRect()).map(r => [r.width, r.height])"
        )
        assert len(tops) == 4 and all(size > 1 for box in tops for size in box)
        assert page.run("document.documentElement.scrollWidth <= innerWidth")


def test_words_are_there_without_scripts(page: Browser, address: str) -> None:
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    page.open(address + "/question/money_by_year?lang=en")
    tree = page.call("Accessibility.getFullAXTree")["nodes"]
    names = {node.get("name", {}).get("value") for node in tree}
    assert "Money invested by year" in names and "2,780,000" in names
