"""Reprints: the same story in another dress is found, another story of the same kind is not."""

import gzip
import json
import random
from pathlib import Path

import pytest
from copies import COPIES, same_mould
from support import exchange, page

from archive.pipeline.deriving import derive
from archive.pipeline.ingest import ingest, readings, replace_page
from archive.pipeline.verify import verify
from archive.reprints.stories import Story as Retold
from archive.reprints.stories import bands_of, similarity
from archive.storage.store import Archive, open_for_writing
from crawler.sample.mirror import distort
from crawler.sample.outlets import Story, stories


def _take(store: Archive, url: str, story: Story, paragraphs: list[str], outlet: str) -> int:
    html = page(story.title, *paragraphs, published=story.published, source="云泽新闻网")
    capture_id = store.save_capture(exchange(url, html, outlet=outlet, any_topic=True), None)
    assert capture_id is not None
    ingest(store, capture_id)
    return store.connection.execute("select id from articles where url = ?", [url]).fetchone()[0]


def test_copies_join_their_original(store: Archive) -> None:
    originals, copies = {}, {}
    for number, story in enumerate(stories()):
        text = story.paragraphs(1)
        if number % 2:  # the mirror may be crawled before the original
            copies[story.key] = _take(
                store, f"http://m.example/{number}", story, [distort(p, story.key) for p in text], "環球頭條匯"
            )
            originals[story.key] = _take(store, f"http://a.example/{number}", story, text, "云泽新闻网")
        else:
            originals[story.key] = _take(store, f"http://a.example/{number}", story, text, "云泽新闻网")
            clipped = text[: max(2, len(text) - 1)]
            copies[story.key] = _take(store, f"http://b.example/{number}", story, clipped, "望潭发布")
    rows = dict(store.connection.execute("select article_id, original_id from reprints").fetchall())
    assert rows == {copies[key]: originals[key] for key in originals}


def _texts(shared: Path, count: int) -> list[str]:
    found = []
    for path in sorted((shared / "corpus" / "articles").glob("*party_community*.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            found += [text for line in lines if 300 < len(text := json.loads(line)["text"].strip()) < 4000]
    return random.Random(1).sample(found, count)


def _linked(a: tuple[Retold, set[int]], b: tuple[Retold, set[int]]) -> bool:
    return bool(a[1] & b[1]) and similarity(a[0], b[0]) > 0


def _known(text: str) -> tuple[Retold, set[int]]:
    return Retold.of(text), set(bands_of(text))


def test_copies_of_real_articles_are_found_and_others_are_not(shared: Path) -> None:
    texts = _texts(shared, 150)
    stories = [_known(text) for text in texts]
    right = missed = false = 0
    for number, (text, story) in enumerate(zip(texts, stories, strict=True)):
        for copy in COPIES.values():
            linked = _linked(story, _known(copy(text, random.Random(number))))
            right, missed = right + linked, missed + (not linked)
        if len(story[0].names) >= 2:
            false += _linked(story, _known(same_mould(text, random.Random(number))))
        false += sum(_linked(story, other) for other in stories[:number])
    assert right / (right + missed) >= 0.95
    assert right / (right + false) >= 0.99


def test_clusters_do_not_depend_on_the_order(tmp_path: Path) -> None:
    """Pages come and go in any order; the clusters, their originals and the reasons are the same."""
    pages = []
    for number, story in enumerate(stories()[:8]):
        text = story.paragraphs(1)
        pages.append((f"http://a.example/{number}", story, text, "云泽新闻网"))
        pages.append((f"http://m.example/{number}", story, [distort(p, story.key) for p in text], "環球頭條匯"))
        pages.append((f"http://b.example/{number}", story, text[: max(2, len(text) - 1)], "望潭发布"))
    outcomes = []
    for seed in range(3):
        random.Random(seed).shuffle(pages)
        with open_for_writing(tmp_path / str(seed)) as store:
            for page_ in pages:
                _take(store, *page_)
            outcomes.append(
                store.connection.execute(
                    "select a.url, b.url, similarity, reasons from reprints join articles a on a.id = article_id"
                    " join articles b on b.id = original_id order by 1"
                ).fetchall()
            )
    assert len(outcomes[0]) == 16
    assert outcomes[0] == outcomes[1] == outcomes[2]
    assert {original.split("/")[2] for _, original, *_ in outcomes[0]} == {"a.example"}


def _of_a_mould(chance: random.Random) -> list[str]:
    """One of a dozen stories of one mould, with a few words of its own."""
    place, number = chance.choice("锦帆 青禾 望江".split()), chance.choice((217, 4380))
    return [
        f"走进云泽区{place}社区党群服务中心，便民服务大厅里人来人往，居民足不出社区就能办好社保、民政、就业等业务。",
        f"据介绍，{place}社区现有居民{number}户，党群服务中心设有图书阅览室、党员活动室、儿童托管室和老年食堂。",
        f"“家门口有了好去处。”居民{chance.choice('陈王李周')}大爷{chance.choice(('笑着说', '高兴地说', '感慨地说'))}。",
        *chance.sample(["下一步，社区将把服务做得更细更实。", "活动吸引了许多居民前来参加。", "窗口每天开到晚上。"], 2),
    ]


@pytest.mark.parametrize("seed", range(4))
def test_links_follow_from_the_captures_however_many_are_alike(
    store: Archive, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stories of one mould come, are corrected, are taken for no articles and for articles again, at addresses that were
    known long before: what is linked is what a freshly derived database has."""
    monkeypatch.setattr("archive.reprints.stories._NEIGHBOURS", 3)
    chance = random.Random(seed)
    addresses = [f"http://a.example/{number}.html" for number in range(30)]
    linked, taken_out = [], set()
    for step in range(90):
        url = addresses[min(chance.randrange(30), step)]
        if chance.random() < 0.2:
            replace_page(store, url, [])
            taken_out.add(url)
        else:
            _take_mould(store, url, _of_a_mould(chance), f"（{step}）")
            taken_out.discard(url)
        linked.append(store.connection.execute("select count(*) from similar_articles").fetchone()[0])
    for url in taken_out:
        replace_page(store, url, readings(store, url, lambda number: derive(store.capture(number))))
    assert max(linked) > 20
    assert [str(found) for found in verify(store)] == []


def test_a_copy_is_found_among_many_of_its_mould(store: Archive) -> None:
    """What is compared with a story does not grow with the stories of its mould, and its copy is among it."""
    chance = random.Random(5)
    own = "退休教师沈望川把三十年的藏书捐给了社区，孩子们放学后就来这里翻看小人书和旧地图册。"
    _take_mould(store, "http://a.example/first.html", [*_of_a_mould(chance)[:1], own])
    for number in range(300):
        _take_mould(store, f"http://a.example/{number}.html", _of_a_mould(chance))
    _take_mould(store, "http://b.example/copy.html", [*_of_a_mould(random.Random(5))[:1], own])
    pairs = store.connection.execute(
        "select a.url, b.url from similar_articles join articles a on a.id = article_id join articles b on b.id = other_id"
    ).fetchall()
    assert ("http://a.example/first.html", "http://b.example/copy.html") in pairs
    assert len(pairs) < 300 * 60  # of 45,000


def _take_mould(store: Archive, url: str, paragraphs: list[str], title: str = "") -> None:
    capture_id = store.save_capture(exchange(url, page(f"服务就在家门口{title}", *paragraphs), any_topic=True), None)
    assert capture_id is not None
    ingest(store, capture_id)
