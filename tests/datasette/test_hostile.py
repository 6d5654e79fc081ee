"""Scraped text is hostile: a script in title, body, outlet or quote is shown, and runs nowhere."""

from html import escape
from pathlib import Path
from urllib.parse import quote

import pytest
from browser import CHROMIUM, browser
from datasette.app import Datasette
from lxml import html as lxml_html
from serving import served, site
from support import exchange

from archive.pipeline.ingest import ingest
from archive.publishing.snapshot import publish
from archive.storage.store import open_for_writing

RUNS = "document.documentElement.setAttribute('data-ran','1')"
SCRIPT = f"<script>{RUNS}</script>"
IMAGE = f'<img src=x onerror="{RUNS}">'
TEXT = "望潭区青萝街道青禾小区党群服务站揭牌，{0}青禾小区现有党员36名，居民860户。{0}大家都说这里办事方便。"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive full of scripts: as text of the page, and, past the reader, in every text column."""
    archive = open_for_writing(tmp_path_factory.mktemp("hostile") / "data")
    evil = escape(SCRIPT + IMAGE)
    html = (
        f"<html><head><title>青禾小区{evil}</title></head><body><h1>青禾小区{evil}</h1><div>2021-06-28 来源：{escape(IMAGE)}</div>"
        f"<div class=body><p>{escape(TEXT.format(SCRIPT))}</p><p>{escape(TEXT.format(IMAGE))}</p></div></body></html>"
    )
    run_id, outlet = archive.start_run("crawl", SCRIPT), f"某报{SCRIPT}{IMAGE}"
    for url, method in (("http://a.example/1.html?x=" + quote(SCRIPT), "GET"), (f"javascript:{RUNS}//", "")):
        capture_id = archive.save_capture(
            exchange(url, html, outlet=outlet, method=method, is_file=not method, source=IMAGE), run_id
        )
        assert capture_id is not None
        ingest(archive, capture_id)
    archive.connection.execute(  # the whole text, scripts and all, as one quote
        "update facts set quote = text, start = 0, \"end\" = length(text) from articles where articles.id = article_id and type = 'households'"
    )
    assert archive.connection.execute("select count(*) from facts where quote like '%<script>%'").fetchone()[0] == 2
    for table, columns in {
        "articles": ["title", "source", "authors", "editor", "method", "url", "likely_original", "topic"],
        "facts": ["subject", "qualifier", "date", "donor", "recipient"],
        "stations": ["name", "place"],
        "revisions": ["title"],
        "captures": ["url", "kind", "reason", "content_type"],
    }.items():
        for column in columns:
            archive.connection.execute(f'update "{table}" set "{column}" = "{column}" || ? || rowid', [SCRIPT + IMAGE])
    publish(archive)
    archive.close()
    return archive.folder


PATHS = [
    "/", "/archive", "/archive/articles", "/archive/articles/1", "/archive/articles/2", "/archive/facts", "/archive/facts/1", "/archive/stations",
    "/archive/stations/1", "/archive/outlets", "/archive/outlets/1", "/archive/captures", "/archive/captures/1", "/archive/revisions", "/archive/runs",
    "/archive/articles?_search=" + quote(SCRIPT), "/archive/articles?_search=" + quote('"' + IMAGE), "/archive/articles?title=" + quote(SCRIPT),
    "/archive/facts?_facet=subject&_facet=qualifier", "/archive/articles?_sort=" + quote(SCRIPT), "/archive/" + quote(SCRIPT), "/archive/articles/" + quote(SCRIPT),
]  # fmt: skip


@pytest.fixture(scope="module")
def hostile_site(hostile: Path) -> Datasette:
    return site(hostile / "published" / "archive.db")


@pytest.mark.parametrize("path", PATHS)
async def test_no_page_holds_a_live_script(hostile_site: Datasette, path: str) -> None:
    response = await hostile_site.client.get(path, follow_redirects=True)
    assert "text/html" in response.headers["content-type"]
    tree = lxml_html.document_fromstring(response.text)
    assert not [
        s
        for s in tree.iter("script")
        if "data-ran" in (s.text or "") and (s.text or "").startswith("document.documentElement")
    ]
    assert not tree.xpath("//*[@onerror or @onload]")
    assert not [a for a in tree.xpath("//@href | //@src") if str(a).strip().lower().startswith("javascript:")]


@pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed")
def test_no_page_runs_a_script_in_a_real_browser(hostile: Path, tmp_path: Path) -> None:
    (tmp_path / "control.html").write_text(f"<html><body>{SCRIPT}{IMAGE}</body></html>")
    ran = "document.documentElement.hasAttribute('data-ran')"
    with served(hostile) as address, browser() as page:
        page.open((tmp_path / "control.html").as_uri())
        assert page.run(ran)
        for path in PATHS:
            page.open(address + path)
            assert page.run("document.body.innerText.length") > 100, path
            assert not page.run(ran), path
