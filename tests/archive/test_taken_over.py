"""A publication takes over the index of the snapshot before it, and what it publishes is what a first publication would."""

import logging
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from support import exchange, page

from archive.pipeline.ingest import ingest
from archive.pipeline.verify import verify
from archive.publishing.snapshot import publish
from archive.search.index import INDEXED
from archive.search.lists import numbers
from archive.search.wanted import ListKind, Wanted
from archive.storage.store import Archive

TEXT = (
    "望潭区青萝街道{0}小区党群服务站揭牌，投入资金{1}万元。{0}小区现有在册党员{1}名，居民{1}户。大家都说这里办事方便，"
    "{2}老人来了有茶喝，孩子放学有地方写作业，下雨天也有人帮着收衣服。"
)
ESTATES = "青禾 桂苑 望江 松涛 云溪 白鹭 紫荆 海棠 金穗 长青 玉兰 翠屏".split()


def _take(store: Archive, number: int, more: str = "", value: int = 36, on: str = "2021-06-28 16:05") -> None:
    estate = ESTATES[number % len(ESTATES)]
    text = TEXT.format(estate, value + number, (more or estate) * 9)
    html = page(f"{estate}小区的新去处", text, published=on)
    capture = store.save_capture(exchange(f"http://{number}.example/a", html, outlet=f"云泽新闻网{number % 3}"), None)
    assert capture is not None
    ingest(store, capture)


def _decide(store: Archive, decision: str, type_: str, **corrected: object) -> None:
    (fact,) = store.connection.execute("select max(id) from facts where type = ?", [type_]).fetchone()
    store.reviews.decide(store.connection, fact, decision, "甲", corrected=corrected)


def _merge(store: Archive) -> None:
    one, other = [key for (key,) in store.connection.execute("select key from station_names order by key limit 2")]
    store.reviews.decide_stations("same", one, other, "甲", "同一处")


def _reprint(store: Archive) -> None:
    (text,) = store.connection.execute("select text from articles where url = 'http://4.example/a'").fetchone()
    capture = store.save_capture(exchange("http://copy.example/b", page("转载", text), outlet="芷岸日报"), None)
    assert capture is not None
    ingest(store, capture)


def _take_many(store: Archive) -> None:
    for number in range(20, 60):
        _take(store, number, "晴川")


# In this order, what happens to an archive; and whether an index may be taken over then.
CHANGES: dict[str, tuple[Callable[[Archive], object], bool]] = {
    "nothing": (lambda store: None, True),
    "a new article": (lambda store: _take(store, 12, "荷塘"), True),
    "a late article": (lambda store: _take(store, 13, "月湖", on="2015-01-02 08:00"), True),
    "a new version": (lambda store: _take(store, 3, "银杏", 99), True),
    "a corrected number": (lambda store: _decide(store, "correct", "households", value=77), True),
    "a corrected subject": (lambda store: _decide(store, "correct", "party_members", subject="桂苑小区"), True),
    "a rejected fact": (lambda store: _decide(store, "reject", "investment"), True),
    "a merge": (_merge, True),
    "a reprint": (_reprint, True),
    "an article taken down": (lambda store: store.reviews.take_down("article", "http://5.example/a", "甲", "来函"), False),
    "after it": (lambda store: _take(store, 14, "竹海"), True),
    "a name taken down": (lambda store: store.reviews.take_down("name", "白鹭", "甲", "来函"), False),
    "a takedown undone": (lambda store: store.reviews.undo_takedown(1, "甲"), False),
    "most are new": (_take_many, False),
}  # fmt: skip


@pytest.fixture
def published(store: Archive) -> Archive:
    for number in range(12):
        _take(store, number)
    publish(store)
    return store


def test_a_publication_is_what_a_first_one_would_be(
    published: Archive, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder, aside = published.folder / "published", tmp_path / "aside"
    for name, (change, is_taken_over) in CHANGES.items():
        change(published)
        folder.rename(aside)
        first = _held(publish(published))
        shutil.rmtree(folder)
        aside.rename(folder)
        with caplog.at_level(logging.DEBUG, "archive.search.index"):
            caplog.clear()
            assert _held(publish(published)) == first, name
        assert ("Index of articles: taken over" in caplog.text) == is_taken_over, name
    assert not [found for found in verify(published) if "search" in found.where]


def _held(snapshot: Path) -> dict[str, list[str]]:
    """All rows, words in an index, and what searches find."""
    with closing(sqlite3.connect(snapshot)) as connection:
        tables = connection.execute("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")
        names = [name for (name,) in tables if "_search" not in name and name != "publications"]  # which has times
        for kind in INDEXED:
            connection.execute(f"create virtual table temp.{kind} using fts5vocab (main, {kind}_search, instance)")
            names += [f"temp.{kind}", f"{kind}_search_docsize"]
        found = {kind: [*map(repr, _searches(connection, kind))] for kind in ListKind}
        connection.execute("delete from list_columns where name = 'mark'")  # random: of each snapshot its own
        return found | {name: sorted(map(repr, connection.execute(f"select * from {name}"))) for name in names}


def _searches(connection: sqlite3.Connection, kind: ListKind) -> list[object]:
    words = [*ESTATES, "荷塘", "月湖", "银杏", "转载", "党", "居民99户", "居民 -老人", "户籍", ""]
    return [numbers(connection, kind, Wanted(q=word)) for word in words]


def _without_mark(snapshot: Path) -> None:
    with closing(sqlite3.connect(snapshot)) as connection:
        connection.execute("update list_columns set data = x'00' where name = 'index'")
        connection.commit()


def _of_another_version(snapshot: Path) -> None:
    with closing(sqlite3.connect(snapshot)) as connection:
        connection.execute("pragma application_id = 1")


@pytest.mark.parametrize("spoil", [_without_mark, _of_another_version])
def test_no_index_is_taken_over_from_other_code(
    published: Archive, spoil: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    spoil(published.folder / "published" / "archive.db")
    with caplog.at_level(logging.DEBUG, "archive.search.index"):
        publish(published)
        assert "taken over" not in caplog.text
        publish(published)
        assert "taken over" in caplog.text


def test_a_takedown_leaves_no_words_in_the_file(published: Archive) -> None:
    _take(published, 3, "银杏", 99)  # most of 松涛 is not in the text any more
    assert _pieces(publish(published)) > 1  # the former with these words, and what deletes them
    published.reviews.take_down("name", "松涛", "甲", "来函")
    snapshot = publish(published)
    assert _pieces(snapshot) == 1
    assert "松涛".encode() not in snapshot.read_bytes()


def _pieces(snapshot: Path) -> int:
    with closing(sqlite3.connect(snapshot)) as connection:
        (count,) = connection.execute("select count(distinct segid) from articles_search_idx").fetchone()
    return int(count)
