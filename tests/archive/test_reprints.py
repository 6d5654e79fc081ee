"""Reprints: the same story in another dress is found, another story of the same kind is not."""

import gzip
import json
import random
from pathlib import Path

from copies import COPIES, same_mould
from support import exchange, page

from archive.ingest import ingest
from archive.reprints import Story as Retold
from archive.reprints import bands_of, likeness
from archive.store import Archive, open_for_writing
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
    return bool(a[1] & b[1]) and likeness(a[0], b[0]) > 0


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
                    "select a.url, b.url, likeness, reasons from reprints join articles a on a.id = article_id"
                    " join articles b on b.id = original_id order by 1"
                ).fetchall()
            )
    assert len(outcomes[0]) == 16
    assert outcomes[0] == outcomes[1] == outcomes[2]
    assert {original.split("/")[2] for _, original, *_ in outcomes[0]} == {"a.example"}
