"""What programs get, as programs get it: from any page, in part, and not again."""

from datetime import datetime
from email.utils import parsedate_to_datetime
from hashlib import sha256
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from datasette.app import Datasette
from httpx2 import Response
from pyarrow import parquet
from serving import site

from archive.publishing.snapshot import publish
from archive.storage.store import Archive

_PUBLIC = [
    "/facts.json?type=party_members", "/search.json?q=党员&lang=en", "/suggest.json?kind=place&q=望", "/health.json",
    "/archive/facts.json?_size=1", "/archive/-/query.json?sql=select+1", "/archive/money_by_year.json", "/facts.csv", "/archive/facts.csv",
    "/facts.about.json", "/feed/facts.atom", "/sitemap.xml", "/llms.txt", "/robots.txt", "/archive.db", "/data/tables.zip",
]  # fmt: skip
_REFUSED = ["/facts.json?since=x", "/station/000000000000000000000000.json", "/data/none.csv"]
_CLOSED = ["/", "/facts", "/data", "/desk", "/-/login", "/-/logout", "/-/jump.json", "/-/actor.json", "/report"]


@pytest.mark.parametrize("path", [*_PUBLIC, *_REFUSED])
async def test_any_page_may_read_what_is_public(demo_site: Datasette, path: str) -> None:
    answer = await demo_site.client.get(path, headers={"origin": "https://other.example"})
    assert answer.status_code == 200 or path in _REFUSED, path
    assert answer.headers["access-control-allow-origin"] == "*" and "set-cookie" not in answer.headers
    assert "access-control-allow-credentials" not in answer.headers
    preflight = {"origin": "https://other.example", "access-control-request-method": "GET"}
    allowed = await demo_site.client.options(path, headers=preflight)
    assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (204, "*")
    assert allowed.headers["access-control-allow-methods"] == "GET, HEAD" and not allowed.content


@pytest.mark.parametrize("path", _CLOSED)
async def test_no_other_page_reads_pages_and_logins(demo_site: Datasette, path: str) -> None:
    for method in ("GET", "POST", "OPTIONS"):
        answer = await demo_site.client.request(method, path, headers={"origin": "https://other.example"})
        assert not [name for name in answer.headers if name.startswith("access-control-")], (method, path)


async def test_what_is_posted_is_read_by_no_other_page(demo_site: Datasette) -> None:
    answer = await demo_site.client.post("/facts.json", headers={"origin": "https://other.example"})
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "path", ["/feed/facts.atom", "/facts.json?type=party_members", "/archive/stations.json", "/llms.txt"]
)
async def test_an_answer_is_not_sent_again(demo_site: Datasette, path: str) -> None:
    first = await demo_site.client.get(path, headers={"accept-encoding": "identity"})
    etag = first.headers["etag"]
    assert etag.startswith('W/"') and int(first.headers["content-length"]) == len(first.content) > 0
    for known in (etag, etag.removeprefix("W/"), f'"other", {etag}', "*"):
        again = await demo_site.client.get(path, headers={"if-none-match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag), known
        assert again.headers["access-control-allow-origin"] == "*" and "content-length" not in again.headers
    for other in ('"other"', ""):
        assert (await demo_site.client.get(path, headers={"if-none-match": other})).content == first.content
    packed = await demo_site.client.get(path, headers={"accept-encoding": "gzip"})
    assert packed.headers["etag"] == etag and packed.content == first.content
    head = await demo_site.client.head(path)
    assert (head.status_code, head.headers["etag"]) == (200, etag)


@pytest.mark.parametrize(
    "path", ["/facts.csv?type=party_members", "/facts.xlsx", "/archive/facts.csv", "/archive/money_by_year.json"]
)
async def test_a_list_is_not_made_again(demo_site: Datasette, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = await demo_site.client.get(path)
    etag = first.headers["etag"]
    assert etag.startswith('W/"') and first.content
    for other in (f"{path}{'&' if '?' in path else '?'}lang=en", "/articles.csv"):
        assert (await demo_site.client.get(other)).headers["etag"] != etag
    monkeypatch.setattr("server.list_downloads.flat", None)  # reading rows would fail
    head = await demo_site.client.head(path, headers={"if-none-match": etag})
    again = await demo_site.client.get(path, headers={"if-none-match": etag})
    assert (head.status_code, again.status_code, again.content, again.headers["etag"]) == (304, 304, b"", etag)


async def test_a_list_of_a_newer_snapshot_is_made_again(store: Archive) -> None:
    served = site(publish(store))
    known = {"if-none-match": (await served.client.get("/facts.csv")).headers["etag"]}
    assert (await served.client.get("/facts.csv", headers=known)).status_code == 304
    publish(store)
    newer = await served.client.get("/facts.csv", headers=known)
    assert newer.status_code == 200 and newer.headers["etag"] != known["if-none-match"]


@pytest.mark.parametrize("path", ["/archive/articles.csv", "/articles.csv", "/articles.about.json"])
async def test_rows_from_before_a_publication_never_have_the_etag_of_the_one_after(
    store: Archive, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = site(publish(store))

    def published_while_it_is_opened(module: str, name: str) -> None:
        opening = getattr(import_module(module), name)

        async def opened(*values: Any) -> Any:
            found = await opening(*values)
            publish(store)
            await served.client.get("/facts.json")
            return found

        monkeypatch.setattr(f"{module}.{name}", opened)

    published_while_it_is_opened("server.downloads", "open_download")
    published_while_it_is_opened("server.list_downloads", "asked")
    known = {"if-none-match": (await served.client.get(path)).headers["etag"]}
    monkeypatch.undo()
    assert (await served.client.get(path, headers=known)).status_code == 200


async def test_a_list_with_full_texts_is_another(demo_site: Datasette, monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"if-none-match": (await demo_site.client.get("/articles.csv")).headers["etag"]}
    monkeypatch.setattr("server.options.texts", lambda: True)
    assert (await demo_site.client.get("/articles.csv", headers=known)).status_code == 200


@pytest.mark.parametrize("path", ["/feed/facts.atom", "/facts.atom?q=党员", "/feed/search.atom?q=nothing"])
async def test_a_feed_says_when_its_newest_entry_came(demo_site: Datasette, path: str) -> None:
    feed = await demo_site.client.get(path)
    updated = datetime.fromisoformat(ET.fromstring(feed.content).findtext("{http://www.w3.org/2005/Atom}updated"))
    assert (
        parsedate_to_datetime(feed.headers["last-modified"]) == updated and feed.headers["cache-control"] == "no-cache"
    )
    # What was taken down is no newer entry: the date alone never answers for the content.
    since = {"if-modified-since": feed.headers["last-modified"]}
    assert (await demo_site.client.get(path, headers=since)).status_code == 200
    assert (
        await demo_site.client.get(path, headers=since | {"if-none-match": feed.headers["etag"]})
    ).status_code == 304


_STORED = {
    "/archive.db": "application/vnd.sqlite3",
    "/data/facts.csv": "text/csv; charset=utf-8",
    "/data/facts.parquet": "application/vnd.apache.parquet",
    "/data/tables.zip": "application/zip",
    "/data/datapackage.json": "application/json; charset=utf-8",
    "/data/codebook.md": "text/markdown; charset=utf-8",
}


@pytest.mark.parametrize("path", _STORED)
async def test_files_are_sent_whole_in_part_or_not_again(
    demo_site: Datasette, demo: tuple[Path, str], path: str
) -> None:
    folder = demo[0] / "published"
    content = (folder / path.removeprefix("/").replace("data/", "tables/")).read_bytes()
    size = len(content)

    async def get(method: str = "GET", **headers: str) -> Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await demo_site.client.request(method, path, headers=named | {"accept-encoding": "gzip"})

    whole = await get()
    assert (whole.status_code, whole.headers["content-type"], whole.content == content) == (200, _STORED[path], True)
    assert (whole.headers["content-length"], whole.headers["accept-ranges"]) == (str(size), "bytes")
    assert whole.headers["cache-control"] == "no-cache"
    etag, modified = whole.headers["etag"], whole.headers["last-modified"]
    head = await get("HEAD")
    assert (head.status_code, head.headers["content-length"], head.content) == (200, str(size), b"")
    part = await get(range="bytes=4-9")
    assert (part.status_code, part.content, part.headers["etag"]) == (206, content[4:10], etag)
    assert part.headers["content-range"] == f"bytes 4-9/{size}" and part.headers["content-length"] == "6"
    assert (await get(range="bytes=-7")).content == content[-7:]
    assert (await get(range=f"bytes={size - 3}-")).content == content[-3:]
    beyond = await get(range=f"bytes={size}-")
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{size}")
    assert beyond.headers["access-control-allow-origin"] == "*"
    for known in (etag, modified):
        assert (await get(range="bytes=0-3", if_range=known)).status_code == 206
    for changed in ('"other"', "Mon, 06 May 2024 07:08:09 GMT"):  # what was resumed has become another
        resumed = await get(range="bytes=0-3", if_range=changed)
        assert (resumed.status_code, len(resumed.content)) == (200, size)
    again = await get(if_none_match=etag, range="bytes=0-3")
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)


async def test_a_file_can_be_asked_for_in_many_parts(demo_site: Datasette) -> None:
    parts = [
        await demo_site.client.get("/data/facts.parquet", headers={"range": f"bytes={at}-{at}"}) for at in range(80)
    ]
    assert [part.status_code for part in parts] == [206] * 80  # more than lists are made in a minute
    whole = (await demo_site.client.get("/data/facts.parquet")).content
    assert b"".join(part.content for part in parts) == whole[:80]


async def test_each_table_has_its_addresses(demo_site: Datasette) -> None:
    described = (await demo_site.client.get("/data/datapackage.json")).json()
    page = (await demo_site.client.get("/data")).text
    for resource in described["resources"]:
        content = (await demo_site.client.get(f"/data/{resource['path']}")).content
        assert f"sha256:{sha256(content).hexdigest()}" == resource["hash"]
        rows = parquet.read_table(BytesIO((await demo_site.client.get(f"/data/{resource['name']}.parquet")).content))
        assert rows.num_rows == resource["rows"]
        assert all(f'href="/data/{resource["name"]}.{end}"' in page for end in ("csv", "parquet"))
    for nothing in ("/data/facts.jsonl", "/data/none.csv", "/none.db", "/data/facts.csv/"):
        assert (await demo_site.client.get(nothing)).status_code in (302, 404), nothing


async def test_tables_that_are_made_again_are_not_sent(store: Archive) -> None:
    snapshot = publish(store)
    served = site(snapshot)
    assert (await served.client.get("/data/facts.csv")).status_code == 200
    snapshot.with_name("tables").rename(snapshot.with_name("tables.draft"))
    assert (await served.client.get("/data/facts.csv")).status_code == 404
    assert 'href="/data/tables.zip"' not in (await served.client.get("/data")).text
