"""The captures of a page over time, as programs that speak Memento (RFC 7089) ask for them."""

import re
from datetime import UTC, datetime
from html import unescape
from urllib.parse import quote, urlsplit

import pytest
from datasette.app import Datasette
from serving import site
from support import exchange, page

from archive.captures.warc import Exchange
from archive.pipeline.ingest import ingest
from archive.publishing.snapshot import publish
from archive.storage.store import Archive

URL = "http://www.news.example/show?id=7&n=%E7%AB%99"
TEXT = (
    "望潭区青萝街道青禾小区党群服务站揭牌，投入资金{}万元。青禾小区现有在册党员36名，居民860户。大家都说这里办事方便。"
)
HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)">'
STAMPS = ("20240506070809", "20250101000000")


def _take(store: Archive, url: str, html: str, stamp: str) -> None:
    taken = exchange(url, html, outlet="云泽新闻网")
    at = datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    capture = store.save_capture(Exchange(**{**vars(taken), "fetched_at": at}), None)
    assert capture is not None
    ingest(store, capture)


@pytest.fixture
async def ds(store: Archive) -> Datasette:
    """One page in two versions, and one that was not about the subject."""
    for amount, stamp in zip((14, 15), STAMPS, strict=True):
        html = page("青禾小区里的新去处", TEXT.format(amount), "&lt;script&gt;alert(3)&lt;/script&gt;")
        _take(store, URL, html.replace("</body>", f"{HOSTILE}</body>"), stamp)
    _take(store, "http://www.news.example/other", page("天气", "明天有雨，请带好雨具出门。" * 9), STAMPS[0])
    datasette = site(publish(store))
    await datasette.invoke_startup()
    return datasette


def _links(text: str) -> dict[str, list[str]]:
    """rel -> addresses"""
    found: dict[str, list[str]] = {}
    for address, rels in re.findall(r'<([^<>"\s]+)>; rel="([^"]+)"', text):
        for rel in rels.split():
            found.setdefault(rel, []).append(address)
    return found


async def test_a_time_map_lists_the_captures(ds: Datasette) -> None:
    answer = await ds.client.get(f"/timemap/link/{URL}")
    assert answer.headers["content-type"].startswith("application/link-format")
    links = _links(answer.text)
    assert links["original"] == [URL] and links["self"] == [f"http://localhost/timemap/link/{URL}"]
    assert links["memento"] == [f"http://localhost/memento/{stamp}/{URL}" for stamp in STAMPS]
    assert (links["first"], links["last"]) == (links["memento"][:1], links["memento"][1:])
    assert 'datetime="Mon, 06 May 2024 07:08:09 GMT"' in answer.text
    mapped = (await ds.client.get(f"/timemap/json/{URL}")).json()
    assert [one["uri"] for one in mapped["mementos"]["list"]] == links["memento"]
    assert mapped["timegate_uri"] == links["timegate"][0] and mapped["original_uri"] == URL
    for address in (*links["memento"], mapped["timemap_uri"]["link_format"]):
        assert (await ds.client.get(address.removeprefix("http://localhost"))).status_code == 200


@pytest.mark.parametrize(
    ("wanted", "stamp"),
    [
        ("", STAMPS[1]),
        ("Tue, 07 May 2024 00:00:00 GMT", STAMPS[0]),
        ("Mon, 01 Jan 2001 00:00:00 GMT", STAMPS[0]),
        ("Wed, 01 Jan 2031 00:00:00 GMT", STAMPS[1]),
    ],
)
async def test_a_time_gate_leads_to_the_nearest(ds: Datasette, wanted: str, stamp: str) -> None:
    answer = await ds.client.get(f"/timegate/{URL}", headers={"accept-datetime": wanted} if wanted else {})
    assert (answer.status_code, answer.headers["location"]) == (302, f"/memento/{stamp}/{URL}")
    assert "accept-datetime" in answer.headers["vary"] and "memento-datetime" not in answer.headers
    links = _links(answer.headers["link"])
    assert links["original"] == [URL] and links["timemap"] == [f"http://localhost/timemap/link/{URL}"]


@pytest.mark.parametrize(
    "wrong",
    [
        "yesterday",
        "2024-05-06",
        "Mon, 99 May 2024 07:08:09 GMT",
        "x" * 5000,
        f"Thu, 01 Jan 1970 00:00:00 +{'9' * 17}",
        f"Thu, 01 Jan {'9' * 30} 00:00:00 GMT",
    ],
)
async def test_a_time_that_is_none_is_refused(ds: Datasette, wrong: str) -> None:
    assert (await ds.client.get(f"/timegate/{URL}", headers={"accept-datetime": wrong})).status_code == 400


async def test_a_memento_is_text_and_nothing_in_it_can_run(ds: Datasette) -> None:
    answer = await ds.client.get(f"/memento/{STAMPS[0]}/{URL}")
    assert answer.headers["memento-datetime"] == "Mon, 06 May 2024 07:08:09 GMT"
    assert _links(answer.headers["link"])["timegate"] == [f"http://localhost/timegate/{URL}"]
    assert "投入资金14万元" in answer.text and "15万元" not in answer.text
    assert "alert(2)" not in answer.text and "<script>" not in answer.text
    assert "&lt;script&gt;alert(3)" in answer.text and "script-src 'self'" in answer.headers["content-security-policy"]
    [record] = re.findall(r'href="(/capture/\d+\.warc\.gz)"', answer.text)
    assert (await ds.client.get(record)).headers["content-type"] == "application/gzip"
    english = await ds.client.get(f"/memento/{STAMPS[0]}/{URL}&lang=en")
    assert "as it was captured on" in english.text and english.status_code == 200


async def test_each_version_of_an_article_leads_to_its_text(ds: Datasette) -> None:
    [article] = (await ds.client.get("/archive/articles.json")).json()["rows"]
    shown = (await ds.client.get(f"/article/{article['key']}")).text
    links = [unescape(link) for link in re.findall(r'href="(/memento/[^"]+)"', shown)]
    assert links == [f"/memento/{stamp}/{URL}" for stamp in reversed(STAMPS)]


@pytest.mark.parametrize(
    "written",
    [
        URL.replace("http://", "https://"),
        URL.replace("http://", "http:/"),  # as proxies send it that merge strokes
        URL.replace("www.news.example", "WWW.NEWS.EXAMPLE:80"),
        URL.replace("%E7%AB%99", "%e7%ab%99"),
        quote(URL, safe=""),
    ],
)
async def test_an_address_may_be_written_otherwise(ds: Datasette, written: str) -> None:
    answer = await ds.client.get(f"/timegate/{written}")
    assert answer.headers["location"] == f"/memento/{STAMPS[1]}/{URL}"


@pytest.mark.parametrize(
    "path",
    [
        "/timemap/link/http://www.news.example/other",  # captured, and no article
        "/timemap/json/http://nowhere.example/%E7%AB%99",
        "/timegate/http://nowhere.example/",
        "/timegate/" + "x" * 5000,
        "/timegate/http://[",
        f"/memento/20240506070810/{URL}",
        f"/memento/99999999999999/{URL}",
    ],
)
async def test_what_was_not_captured_is_not_found(ds: Datasette, path: str) -> None:
    assert (await ds.client.get(path)).status_code == 404


async def test_captures_of_what_is_taken_down_are_gone(ds: Datasette, store: Archive) -> None:
    store.reviews.take_down("article", URL, "甲", "来函")
    secure = URL.replace("http://", "https://")
    paths = (
        f"/timemap/link/{URL}",
        f"/timemap/json/{URL}",
        f"/timegate/{URL}",
        f"/memento/{STAMPS[0]}/{URL}",
        f"/timemap/link/{secure}",
    )
    for path in paths:
        answer = await ds.client.get(path)
        assert answer.status_code == 410 and "link" not in answer.headers, path
        assert "青禾" not in answer.text and "/memento/2" not in answer.text.replace(urlsplit(path).path, "")


async def test_an_address_with_a_language_is_found_from_its_own_time_map(store: Archive) -> None:
    url = "http://www.news.example/a?id=3&lang=en"
    _take(store, url, page("青禾小区里的新去处", TEXT.format(14)), STAMPS[0])
    ds = site(publish(store))
    answer = await ds.client.get(f"/timemap/json/{quote(url, safe='')}")
    for address in (answer.json()["mementos"]["first"]["uri"], answer.json()["timegate_uri"]):
        assert (await ds.client.get(address.removeprefix("http://localhost"))).status_code in (200, 302)


async def test_scripts_of_other_pages_read_time_maps_and_no_pages(ds: Datasette) -> None:
    time_map = await ds.client.get(f"/timemap/json/{URL}")
    assert time_map.headers["access-control-allow-origin"] == "*" and time_map.headers["etag"]
    for path in (f"/memento/{STAMPS[0]}/{URL}", "/memento/20240506070809/http://www.news.example/a.txt", "/place/x.md"):
        assert "access-control-allow-origin" not in (await ds.client.get(path)).headers, path


async def test_a_name_that_is_taken_down_is_black_in_each_memento(ds: Datasette, store: Archive) -> None:
    store.reviews.take_down("name", "青禾", "甲", "来函")
    answer = await ds.client.get(f"/memento/{STAMPS[0]}/{URL}")
    assert answer.status_code == 200 and "■■小区" in answer.text and "青禾" not in answer.text


async def test_each_page_of_an_article_has_its_own_text(store: Archive) -> None:
    lead, second = (f"http://www.news.example/2024/c_1234{part}.html" for part in ("", "_2"))
    pager = '<p><a href="c_1234.html">1</a> <a href="c_1234_2.html">2</a></p></body>'
    for url, words in (
        (lead, TEXT.format(14)),
        (second, "第二天来的人更多，门口排起了长队，大家带来了自己的故事。" * 3),
    ):
        _take(store, url, page("青禾小区的一年", words).replace("</body>", pager), STAMPS[0])
    datasette = site(publish(store))
    await datasette.invoke_startup()
    first, other = [(await datasette.client.get(f"/memento/{STAMPS[0]}/{url}")).text for url in (lead, second)]
    assert "投入资金" in first and "排起了长队" not in first
    assert "排起了长队" in other and "投入资金" not in other
