"""What a browser may do with our answers, and that our own pages live within it."""

import shutil
import subprocess
from pathlib import Path

import pytest
from datasette.app import Datasette
from lxml import html as lxml_html
from serving import served

CHROMIUM = shutil.which("chromium")
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
def test_our_pages_break_no_rule_of_their_own(demo: tuple[Path, str], tmp_path: Path) -> None:
    switches = (
        "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update"
        " --disable-sync --virtual-time-budget=1500 --enable-logging=stderr --v=0 --dump-dom"
    ).split()
    with served(demo[0]) as address:
        for number, path in enumerate(PATHS):
            command = [str(CHROMIUM), *switches, f"--user-data-dir={tmp_path / str(number)}", address + path]
            done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
            assert "</html>" in done.stdout
            console = [
                line for line in done.stderr.splitlines() if "CONSOLE" in line and "Content Security Policy" in line
            ]
            assert not console, path
