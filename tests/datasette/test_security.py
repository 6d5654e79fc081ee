"""What a browser may do with our answers, and that our own pages live within it."""

from pathlib import Path

import pytest
from browser import CHROMIUM, browser
from datasette.app import Datasette
from lxml import html as lxml_html
from serving import served

PATHS = [
    "/", "/archive", "/archive/articles", "/archive/articles/22", "/archive/facts?current=1", "/archive/facts/1",
    "/archive/stations/1", "/archive/captures/1", "/archive/articles?_search=党员", "/archive/no-such-table", "/question/money_by_year", "/about", "/data", "/-/login",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
async def test_only_our_own_scripts_may_run(demo_site: Datasette, path: str) -> None:
    answer = await demo_site.client.get(path, follow_redirects=True)
    policy = answer.headers["content-security-policy"]
    assert (
        "unsafe" not in policy
        and "nonce" not in policy
        and "script-src 'self';" in policy
        and "default-src 'none'" in policy
        and "frame-ancestors 'none'" in policy
    )
    assert answer.headers["x-content-type-options"] == "nosniff"
    tree = lxml_html.document_fromstring(answer.text)
    assert not tree.xpath("//script[not(@src) and not(@type='application/ld+json')] | //style | //*[@style]")


async def test_answers_that_are_no_pages_are_covered_too(demo_site: Datasette) -> None:
    for path in ("/archive/articles.json", "/static/site.css", "/robots.txt"):
        assert "content-security-policy" in (await demo_site.client.get(path)).headers, path


@pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed")
def test_our_pages_break_no_rule_of_their_own(demo: tuple[Path, str]) -> None:
    with served(demo[0]) as address, browser() as page:
        for path in PATHS:
            page.open(address + path)
            assert page.run("document.body.innerText.length") > 100, path
            assert not [text for text in page.complaints() if "Content Security Policy" in text], path
