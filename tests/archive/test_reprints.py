"""Reprints: the same story in another dress is found, another story of the same kind is not."""

from support import exchange, page

from archive.ingest import ingest
from archive.store import Archive
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
