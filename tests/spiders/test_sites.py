"""Sites: each complete, each ready to start, each with a list page and an article of ours in the forms that it is known to
use (tests/spiders/pages/SITE: the bytes, and what must come out of them); one that lacks something says what."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest
from scrapy import Request
from scrapy.http import Response
from scrapy.statscollectors import DummyStatsCollector

from archive.model import Article, Capture
from archive.reading import read
from crawler import session
from crawler.discovery.layouts import known_layouts
from crawler.discovery.sites import known_platforms, known_sites, settings_for
from spiders.base import SiteSpider

PAGES = Path(__file__).parent / "pages"
SITES = known_sites(settings_for(Path("unused")))
DESCRIBED = [name for name in SITES if not name.startswith("sample-")]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Path]:
    """A new archive, closed at the end."""
    yield tmp_path / "data"
    session.close_all()


def _expected(name: str) -> dict[str, Any]:
    return json.loads((PAGES / name / "expected.json").read_text("utf-8"))


@pytest.mark.parametrize("name", SITES)
def test_a_site_can_start(name: str) -> None:
    spider = SITES[name]()
    requests = spider.entry_requests()
    assert requests
    assert all(request.url.split("/")[2] in spider.hosts for request in requests)
    assert len(spider.__doc__) > 10


@pytest.mark.parametrize("name", DESCRIBED)
def test_lists_lead_to_articles(name: str, archive: Path) -> None:
    expected = _expected(name)["list"]
    settings = settings_for(archive)
    spider = SITES[name]()
    spider._set_crawler(
        SimpleNamespace(
            settings=settings, stats=DummyStatsCollector(SimpleNamespace(settings=settings)), signals=Mock()
        )
    )
    parse = spider.parse_paper if spider.papers else spider.parse
    meta = {"depth_of_list": 1, "first_of_list": expected["url"], "capture_id": 1}
    response = Response(
        expected["url"], body=(PAGES / name / "list.html").read_bytes(), request=Request(expected["url"], meta=meta)
    )
    requests = list(parse(response))
    assert [request.url for request in requests if request.meta["role"] == ""] == expected["articles"]
    assert [request.url for request in requests if request.meta["role"] == "list"] == expected["next"]
    entries = [request.url for request in spider.entry_requests()]
    assert expected["url"] in entries or spider.papers


@pytest.mark.parametrize("name", DESCRIBED)
def test_articles_are_read(name: str) -> None:
    expected = _expected(name)["article"]
    url, begins, ends = (expected.pop(key) for key in ("url", "begins", "ends"))
    assert SITES[name]().is_article(url)
    found = read(Capture(url, (PAGES / name / "article.html").read_bytes(), outlet=SITES[name].outlet), known_layouts())
    assert isinstance(found, Article), found
    actual = {"title": found.title, "published": found.published and found.published.isoformat(), "outlet": found.outlet,
            "authors": list(found.authors), "editor": found.editor}  # fmt: skip
    assert actual == expected
    assert found.text.startswith(begins)
    assert found.text.endswith(ends)
    assert found.provenance.kind in ("original", "reprint")
    if SITES[name].layouts:
        assert found.method.startswith("layout")


@pytest.mark.parametrize("platform", known_platforms(settings_for(Path("unused"))))
def test_a_platform_is_recognised(platform: type[Any]) -> None:
    articles = [_expected(name)["article"]["url"] for name in DESCRIBED if issubclass(SITES[name], platform)]
    assert any(re.search(platform.fingerprint, url.split("://")[1]) for url in articles)


def test_a_missing_attribute_is_named() -> None:
    class Half(SiteSpider):
        name = "half"
        outlet = "某网"

    class Blind(SiteSpider):
        name = "blind"
        outlet = "某网"
        home = "https://a.example"
        article = "/a"

    with pytest.raises(ValueError, match=r"Half lacks `home`\. Set it in the class"):
        Half()
    with pytest.raises(ValueError, match=r"Blind has no way to find articles\. Set one of lists, sitemaps"):
        Blind()
