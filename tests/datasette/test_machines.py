"""What programs get: the API as its page shows it, feeds, MCP, llms.txt, sitemap, downloads."""

import hashlib
import io
import json
import re
import zipfile
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest
import requests
from datasette.app import Datasette
from serving import served
from warcio.archiveiterator import ArchiveIterator

_ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_example_of_the_api_page_works(demo_site: Datasette, language: str) -> None:
    html = (await demo_site.client.get(f"/data?lang={language}")).text
    examples = [unescape(link) for link in re.findall(r'<a href="([^"]+)"><code>http', html)]
    assert len(examples) >= 13 and all(example.isascii() for example in examples)
    for example in examples:
        answer = await demo_site.client.get(example)
        assert answer.status_code == 200, example
        if ".json" in example:
            found = answer.json()
            assert found if isinstance(found, list) else found["ok"] and found["rows"], example


async def test_a_search_is_walked_through_as_json(demo_site: Datasette) -> None:
    seen: list[int] = []
    address = "/search.json?kind=facts&q=居民"
    while address:
        page = (await demo_site.client.get(address)).json()
        seen += [row["id"] for row in page["rows"]]
        parts = urlsplit(page["next_url"] or "")
        address = f"{parts.path}?{parts.query}" if parts.path else ""
    assert len(seen) == len(set(seen)) == page["total"] > 20
    wrong = await demo_site.client.get("/search.json?since=x")
    assert wrong.status_code == 400 and "四位数字" in wrong.json()["error"]


@pytest.mark.parametrize(
    "address",
    ["/feed/search.atom?q=揭牌&place=望潭区", "/feed/search.atom?type=party_members&since=2021", "/feed/outlet/1.atom"],
)
async def test_any_search_is_a_feed(demo_site: Datasette, address: str) -> None:
    answer = await demo_site.client.get(address, follow_redirects=True)
    feed = ET.fromstring(answer.content)
    entries = {entry.findtext(f"{_ATOM}id").rpartition("/")[2] for entry in feed.iter(f"{_ATOM}entry")}
    assert entries
    if "search" in address:
        found = (await demo_site.client.get(address.replace("/feed/search.atom?", "/search.json?kind=facts&"))).json()
        statements = [row["statement"] for row in found["rows"] if row["evidence"] in entries]
        assert sorted(statements) == sorted({row["statement"] for row in found["rows"]})  # each once, reprints folded


async def test_language_models_are_served(demo_site: Datasette) -> None:
    assert "facts" in (await demo_site.client.get("/archive/llms.txt")).text


def test_mcp_answers(demo: tuple[Path, str]) -> None:
    with served(demo[0]) as address:

        def call(method: str, **parameters: object) -> dict:
            message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
            headers = {"accept": "application/json, text/event-stream", "content-type": "application/json"} | session
            answer = requests.post(f"{address}/-/mcp", json=message, headers=headers, timeout=60)
            session.update(
                {"mcp-session-id": answer.headers["mcp-session-id"]} if "mcp-session-id" in answer.headers else {}
            )
            return answer.json()

        session: dict[str, str] = {}
        call("initialize", protocolVersion="2025-06-18", capabilities={}, clientInfo={"name": "test", "version": "1"})
        tools = {tool["name"] for tool in call("tools/list")["result"]["tools"]}
        assert {"execute_sql", "list_canned_queries", "execute_canned_query"} <= tools
        arguments = {"database": "archive", "query": "money_by_year"}
        answer = call("tools/call", name="execute_canned_query", arguments=arguments)["result"]
        assert "2780000" in json.dumps(answer)
        written = call("tools/call", name="execute_sql", arguments={"database": "archive", "sql": "delete from facts"})
        assert written["result"]["isError"]


async def test_the_sitemap_leads_to_pages(demo_site: Datasette) -> None:
    robots = (await demo_site.client.get("/robots.txt")).text
    assert re.search(r"^Sitemap: http\S+/sitemap.xml$", robots, re.MULTILINE)
    links = re.findall(r"<loc>http://[^/]+([^<]+)</loc>", (await demo_site.client.get("/sitemap.xml")).text)
    by_kind: dict[str, list[str]] = {}
    for link in links:
        by_kind.setdefault(link.split("/")[1] if link.count("/") > 1 else "/", []).append(link)
    assert {kind: len(of_kind) for kind, of_kind in by_kind.items() if kind not in ("/", "place")} == {
        "station": 11, "article": 33, "outlet": 3,
    }  # fmt: skip
    assert {"/", "/about", "/data", "/places", "/outlets", "/questions"} <= {*by_kind.pop("/")} and by_kind["place"]
    for link in ("/", "/about", "/data", *(of_kind[0] for of_kind in by_kind.values())):
        assert (await demo_site.client.get(link)).status_code == 200, link


async def test_shared_links_have_titles(demo_site: Datasette) -> None:
    html = (await demo_site.client.get("/archive/articles/1", follow_redirects=True)).text
    title = re.search(r"<title>(.*?)</title>", html)[1]
    shared = re.search(r'<meta property="og:title" content="([^"]+)"', html)[1]
    assert title == f"{shared} · 党群服务站报道档案"
    assert re.search(r'<meta property="og:description" content="[^"]{20,}"', html)


async def test_everything_can_be_taken_away(demo_site: Datasette, demo: tuple[Path, str]) -> None:
    page = (await demo_site.client.get("/data")).text
    snapshot = (await demo_site.client.get("/archive.db")).content
    assert hashlib.sha256(snapshot).hexdigest() in page
    package = zipfile.ZipFile(io.BytesIO((await demo_site.client.get("/data/tables.zip")).content))
    described = json.loads(package.read("datapackage.json"))
    (facts,) = [resource for resource in described["resources"] if resource["name"] == "facts"]
    assert facts["hash"] == "sha256:" + hashlib.sha256(package.read("facts.csv")).hexdigest()


async def test_the_record_is_the_one_that_the_page_names(demo_site: Datasette) -> None:
    (article,) = (await demo_site.client.get("/archive/articles.json?id=1")).json()["rows"]
    (capture,) = (await demo_site.client.get(f"/archive/captures.json?id={article['capture_id']}")).json()["rows"]
    answer = await demo_site.client.get(f"/capture/{capture['id']}.warc.gz")
    (record,) = ArchiveIterator(io.BytesIO(answer.content))
    assert record.rec_headers.get_header("WARC-Target-URI") == article["url"] == capture["url"]
    assert record.rec_headers.get_header("WARC-Payload-Digest") == capture["digest"]
    lists = (await demo_site.client.get("/archive/captures.json?kind=list&_size=1")).json()["rows"]
    assert (await demo_site.client.get(f"/capture/{lists[0]['id']}.warc.gz")).status_code == 404
