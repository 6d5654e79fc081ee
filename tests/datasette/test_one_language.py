"""Each page is in one language: which one, that its words are complete, and that none is of the other language."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from datasette.app import Datasette
from one_language import NAMES, foreign_words
from support import ROOT

from archive.publishing.questions import questions
from server.language import CATALOGUE

_PLACEHOLDER = re.compile(r"%\(\w+\)s|%%")
_WORD = re.compile(r"[A-Za-z]{2,}")
_HAN = re.compile(r"[\u3400-\u9fff]")
PAGES = (
    "/", "/about", "/data", "/nope", "/-/login", "/archive", "/archive/facts?type=party_members&_facet=unit&value__gte=1",
    "/archive/facts?id=0", "/archive/captures/1", "/archive/outlets", "/archive/-/query?sql=select+1+as+a", "/archive/-/query?sql=selec",
    "/archive/-/query?sql=select+:name&name=1", "/archive/-/schema", "/archive/-/queries", "/archive/nope", "/archive/captures/0",
    "/questions", *(f"/question/{name}" for name in questions()), "/places", "/places?q=街道", "/places?q=无此地", "/place/望潭区?type=investment",
    "/place/nowhere", "/compare", "/compare?of=望潭区,芷岸区,无此地", "/compare?of=望潭区&at=2022", "/compare?of=望潭区&add=小区",
    "/compare?of=x&at=soon", "/articles", "/stations", "/outlets", "/facts", "/health",
    "/search?q=党员", "/search?q=无此词", "/facts?type=party_members&sort=-value", "/facts?q=无此词", "/facts?place=无此地",
)  # fmt: skip


@pytest.mark.parametrize(
    ("query", "cookie", "accepted", "language"),
    [
        ("", "", "", "zh-Hans"),
        ("", "", "en-GB,en;q=0.9,zh;q=0.1", "en"),
        ("", "", "en;q=0.3,zh-TW;q=0.8", "zh-Hans"),
        ("", "", "fr, *;q=0.5", "zh-Hans"),
        ("", "", "en;q=0", "zh-Hans"),
        ("", "lang=en", "zh", "en"),
        ("", "lang=klingon", "en", "en"),
        ("?lang=zh", "lang=en", "en", "zh-Hans"),
        ("?lang=en", "lang=zh-Hans", "zh", "en"),
        ("?lang=xx", "lang=en", "zh", "en"),
    ],
)
async def test_the_language_of_a_page(
    demo_site: Datasette, query: str, cookie: str, accepted: str, language: str
) -> None:
    headers = {name: value for name, value in (("cookie", cookie), ("accept-language", accepted)) if value}
    answer = await demo_site.client.get(f"/about{query}", headers=headers)
    assert f'<html lang="{language}">' in answer.text and answer.headers["content-language"] == language
    assert {"accept-language", "cookie"} <= {name.strip().lower() for name in answer.headers["vary"].split(",")}
    remembered = answer.headers.get("set-cookie", "")
    assert (f"lang={language};" in remembered) == (query in ("?lang=zh", "?lang=en"))


async def test_each_page_names_its_other_language(demo_site: Datasette) -> None:
    html = (await demo_site.client.get("/archive/facts?type=party_members&lang=en")).text
    others = dict(re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)"', html))
    assert others == {
        "zh-Hans": "/archive/facts?type=party_members&amp;lang=zh-Hans",
        "en": "/archive/facts?type=party_members&amp;lang=en",
        "x-default": "/archive/facts",
    }
    assert re.search(r'<a href="[^"]+lang=zh-Hans" hreflang="zh-Hans" lang="zh-Hans"[^>]*>中文</a>', html)
    assert "24 rows" in html  # `lang` is taken for no column


async def test_alternate_addresses_are_absolute_where_the_site_has_an_address(
    demo_site: Datasette, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DANGQUN_SITE", "https://archive.example")
    html = (await demo_site.client.get("/about")).text
    assert '<link rel="canonical" href="https://archive.example/about">' in html
    assert '<link rel="alternate" hreflang="en" href="https://archive.example/about?lang=en">' in html


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """The words of the site, as `make messages` extracts them."""
    target = tmp_path_factory.mktemp("words") / "messages.pot"
    command = [
        sys.executable,
        "-m",
        "babel.messages.frontend",
        "--quiet",
        "extract",
        "--mapping-file",
        "pyproject.toml",
    ]
    subprocess.run([*command, "--no-location", "--output-file", str(target), "."], cwd=ROOT, check=True)
    return _catalogue(target)


def test_the_catalogue_has_all_words_and_no_others(extracted: Catalog) -> None:
    assert _ids(_catalogue(CATALOGUE)) == _ids(extracted)


def test_every_word_is_translated() -> None:
    for message in _messages(_catalogue(CATALOGUE)):
        translated = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(translated) and not message.fuzzy, message.id
        for text in translated:
            source = message.id[-1] if isinstance(message.id, tuple) else message.id
            assert _HAN.search(text) or {*_WORD.findall(_PLACEHOLDER.sub("", source))} <= NAMES, message.id
            assert sorted(_PLACEHOLDER.findall(text)) == sorted(_PLACEHOLDER.findall(source)), message.id


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
@pytest.mark.parametrize("path", PAGES)
async def test_no_word_is_of_the_other_language(demo_site: Datasette, path: str, language: str) -> None:
    answer = await demo_site.client.get(path, headers={"accept-language": language})
    assert answer.status_code in (200, 400, 404)
    assert foreign_words(answer.text, language) == []


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
@pytest.mark.parametrize("kind", ["station", "article", "place", "fact", "outlet"])
async def test_no_word_is_of_the_other_language_on_pages_of_things(
    demo_site: Datasette, kind: str, language: str
) -> None:
    column = "evidence" if kind == "fact" else "key"
    sql = {"sql": f"select {column} as key from {kind}s order by {column}", "_shape": "array"}
    found = (await demo_site.client.get("/archive/-/query.json", params=sql)).json()
    wrong = {}
    for one in found[:: max(1, len(found) // 6)]:
        page = await demo_site.client.get(f"/{kind}/{one['key']}", headers={"accept-language": language})
        wrong[one["key"]] = foreign_words(page.text, language)
    assert not any(wrong.values()), wrong


def test_a_word_of_the_other_language_is_found() -> None:
    page = '<html lang="{}"><body><p>{}</p><code>事实 facts</code><p lang="{}" data-source>事实 facts</p></body></html>'
    assert foreign_words(page.format("en", "A fact 事实", "zh-Hans"), "en") == ["A fact 事实"]
    assert foreign_words(page.format("en", "A fact", "zh-Hans"), "en") == []
    assert foreign_words(page.format("zh-Hans", "事实 facts", "en"), "zh-Hans") == ["事实 facts"]
    assert foreign_words(page.format("zh-Hans", "下载 CSV", "en"), "zh-Hans") == []
    assert foreign_words('<html lang="en"><body><input placeholder="搜索"></body></html>', "en") == ["搜索"]


def _catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="zh_Hans")


def _messages(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def _ids(catalogue: Catalog) -> set[tuple[str, ...]]:
    return {message.id if isinstance(message.id, tuple) else (message.id,) for message in _messages(catalogue)}
