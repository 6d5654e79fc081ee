"""What each publication changed, as programs fetch it: the list, the lines, the feed."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

from serving import site
from support import exchange, page

from archive.pipeline.ingest import ingest
from archive.publishing.snapshot import publish
from archive.storage.store import Archive

_TEXT = (
    "望潭区青萝街道{0}小区党群服务站揭牌，投入资金14万元。{0}小区现有在册党员36名，居民860户。大家都说这里办事方便。"
)
_ATOM = "{http://www.w3.org/2005/Atom}"


def _publish(store: Archive, number: int, name: str) -> Path:
    html = page(f"{name}小区里的新去处", _TEXT.format(name))
    capture = store.save_capture(exchange(f"http://{number}.example/a", html, outlet="云泽新闻网"), None)
    assert capture is not None
    ingest(store, capture)
    return publish(store)


async def test_a_program_follows_the_publications(store: Archive) -> None:
    _publish(store, 1, "青禾")
    ds = site(_publish(store, 2, "乙成"))
    await ds.invoke_startup()
    listed = (await ds.client.get("/changes.json")).json()
    latest, beginning = listed["rows"]
    assert listed["ok"] and (listed["total"], listed["next_url"]) == (2, None)
    assert latest["previous"] == beginning["at"] and (beginning["previous"], beginning["url"]) == (None, None)
    answer = await ds.client.get(latest["url"].removeprefix("http://localhost"))
    assert (
        answer.headers["content-type"] == "application/jsonl; charset=utf-8" and len(answer.content) == latest["bytes"]
    )
    keys = {line["kind"]: line["key"] for line in map(json.loads, answer.text.splitlines())}
    for kind, key in keys.items():
        assert (await ds.client.get(f"/{kind}/{key}")).status_code == 200
    store.reviews.take_down("article", "http://2.example/a", "甲", "来函")
    after = (await ds.client.get("/changes.json")).json()["rows"]  # withdrawn before the answer
    assert [one["at"] for one in after[1:]] == [latest["at"], beginning["at"]]
    assert {row["reason"] for row in after[0]["counts"]} == {"takedown"}
    assert (await ds.client.get(f"/article/{keys['article']}")).status_code == 410


async def test_only_listed_files_are_served(store: Archive) -> None:
    _publish(store, 1, "青禾")
    snapshot = _publish(store, 2, "乙成")
    (snapshot.parent / "changes" / "2020-01-01T000000.000Z.jsonl").write_text("{}")
    ds = site(snapshot)
    await ds.invoke_startup()
    for name in ("2020-01-01T000000.000Z.jsonl", "2021-01-01T000000.000Z.jsonl", "..%2f..%2farchive.db", "a.jsonl"):
        answer = await ds.client.get(f"/changes/{name}", follow_redirects=True)
        assert answer.status_code == 404, name


async def test_publications_are_a_feed_in_one_language(store: Archive) -> None:
    _publish(store, 1, "青禾")
    ds = site(_publish(store, 2, "乙成"))
    await ds.invoke_startup()
    [latest, _] = (await ds.client.get("/changes.json")).json()["rows"]
    for language, words, zone in (("en", "Added: ", " Beijing time"), ("zh", "新增", "（北京时间）")):
        answer = await ds.client.get(f"/feed/publications.atom?lang={language}")
        assert answer.headers["content-type"].startswith("application/atom+xml")
        [entry] = ET.fromstring(answer.content).iter(f"{_ATOM}entry")
        assert entry.findtext(f"{_ATOM}id") == latest["url"] and words in entry.findtext(f"{_ATOM}content")
        to_the_second = latest["at"][14:19] + zone  # two publications of one minute differ
        assert to_the_second in entry.findtext(f"{_ATOM}title")
        shown = (await ds.client.get(f"/data?lang={language}")).text
        assert to_the_second in shown
        assert latest["url"].partition("/changes/")[2] in shown
