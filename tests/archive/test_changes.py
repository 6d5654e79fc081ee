"""What each publication changed is listed once, with the reason, and holds nothing that could be taken down."""

import json
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support import exchange, page

from archive.pipeline.ingest import ingest
from archive.publishing import changes
from archive.publishing.snapshot import publish, withdraw
from archive.storage.store import Archive

TEXT = (
    "望潭区青萝街道{0}小区党群服务站揭牌，投入资金{1}万元。{0}小区现有在册党员{2}名，居民860户。大家都说这里办事方便，"
    "老人来了有茶喝，孩子放学有地方写作业，下雨天也有人帮着收衣服。"
)
KEYS = "select 'article', key from articles union all select 'fact', evidence from facts union all select 'station', key from stations"
Line = dict[str, str]


def _take(store: Archive, number: int, name: str = "青禾", members: int = 36, **more: object) -> None:
    html = page(f"{name}小区里的新去处", TEXT.format(name, 14, members), published=f"2021-06-{number + 10}")
    capture = store.save_capture(exchange(f"http://{number}.example/a", html, outlet=f"{number}号日报", **more), None)
    assert capture is not None
    ingest(store, capture)


def _publications(store: Archive) -> list[changes.Publication]:
    with closing(sqlite3.connect(store.folder / "published" / "archive.db")) as snapshot:
        return changes.published(snapshot)


def _lines(store: Archive, one: changes.Publication) -> list[Line]:
    content = (store.folder / "published" / "changes" / one.name).read_text("utf-8")
    assert len(content.encode()) == one.bytes
    lines = [json.loads(line) for line in content.splitlines()]
    counted = Counter((line["kind"], line["change"], line["reason"]) for line in lines)
    assert {(row["kind"], row["change"], row["reason"]): row["count"] for row in one.counts} == counted
    return lines


def _changed(store: Archive, **options: float) -> set[tuple[str, str, str]]:
    """Publish; returns (kind, change, reason) of all lines."""
    publish(store, **options)
    return {(line["kind"], line["change"], line["reason"]) for line in _lines(store, _publications(store)[0])}


def _keys(store: Archive) -> set[tuple[str, str]]:
    with closing(sqlite3.connect(store.folder / "published" / "archive.db")) as snapshot:
        return {(kind, key) for kind, key in snapshot.execute(KEYS)}


def _fact(store: Archive, type_: str) -> int:
    return store.connection.execute("select min(id) from facts where type = ?", [type_]).fetchone()[0]


def test_each_change_has_its_reason(store: Archive) -> None:
    _take(store, 1)
    publish(store)
    first = _keys(store)
    [beginning] = _publications(store)
    assert (beginning.previous, beginning.counts) == (None, [])
    _take(store, 2, "乙成")
    assert _changed(store) == {(kind, "added", "new_article") for kind in ("article", "fact", "station")}
    _take(store, 2, "乙成", members=63)
    assert _changed(store) == {
        *((kind, "changed", "new_version") for kind in ("article", "fact")), ("fact", "added", "new_version")
    }  # fmt: skip
    _take(store, 2, "乙成", status=404)
    assert _changed(store) == {("article", "changed", "gone")}
    review = store.reviews.decide(store.connection, _fact(store, "investment"), "reject", "甲")
    store.reviews.decide(store.connection, _fact(store, "party_members"), "correct", "甲", corrected={"value": 37})
    assert _changed(store) == {("fact", "withdrawn", "editor"), ("fact", "changed", "editor")}
    store.reviews.undo(review, "甲")
    assert _changed(store) == {("fact", "added", "editor")}
    _take(store, 3)
    assert ("article", "added", "new_article") in (copied := _changed(store))
    assert copied <= {*(("article", "added", "new_article"), ("fact", "added", "new_article"))}
    entry = store.reviews.take_down("article", "http://1.example/a", "甲", "来函")
    taken_down = _changed(store, fall=1)
    assert {one for one in taken_down if one[1] == "withdrawn"} == {
        (kind, "withdrawn", "takedown") for kind in ("article", "fact")
    }
    store.reviews.undo_takedown(entry, "甲")
    assert {("article", "added", "restored"), ("fact", "added", "restored")} <= _changed(store)

    was = first  # whoever follows the lines has what is published
    for one in reversed(_publications(store)[:-1]):
        for line in _lines(store, one):
            of = line["kind"], line["key"]
            assert (of in was) == (line["change"] != "added")
            (was.discard if line["change"] == "withdrawn" else was.add)(of)
    assert was == _keys(store)


def test_stations_are_merged_and_split(store: Archive) -> None:
    for number, name in ((1, "青禾"), (2, "乙成")):
        _take(store, number, name)
    publish(store)
    one, other = (key for (key,) in store.connection.execute("select key from station_names order by id"))
    merged = store.reviews.decide_stations("same", one, other, "甲", "一个院子")
    assert ("fact", "changed", "merge") in _changed(store)
    [gone] = [line for line in _lines(store, _publications(store)[0]) if line["change"] == "withdrawn"]
    assert (gone["kind"], gone["reason"]) == ("station", "merge")
    assert ("station", gone["shown_as"]) in _keys(store) and ("station", gone["key"]) not in _keys(store)
    store.reviews.undo_stations(merged, "甲")
    assert _changed(store) >= {("station", "added", "split"), ("fact", "changed", "split")}


def test_another_reader_is_the_reason(store: Archive) -> None:
    _take(store, 1)
    publish(store)
    connection = store.connection  # as if another version had read it
    connection.execute("update articles set title = '另一标题', extractor_version = 'another'")
    connection.execute("update captures set extractor_version = 'another'")
    connection.execute("update facts set value = value + 1 where type = 'party_members'")
    connection.execute("delete from facts where type = 'investment'")
    assert _changed(store, fall=1) == {
        ("article", "changed", "reader"), ("fact", "changed", "reader"), ("fact", "withdrawn", "reader")
    }  # fmt: skip
    connection.execute("update facts set value = value + 1 where type = 'party_members'")  # as nothing can
    assert _changed(store) == {("fact", "changed", "unknown")}
    connection.execute("update articles set extractor_version = 'a third'")  # and reads the same
    publish(store)
    assert len(_publications(store)) == 3


def test_a_publication_that_changes_nothing_is_not_listed(store: Archive) -> None:
    _take(store, 1)
    for _ in range(2):
        publish(store)
    assert len(_publications(store)) == 1
    assert not list(store.folder.glob("published/changes/*"))


def test_no_words_are_kept_of_what_is_taken_down(store: Archive) -> None:
    _take(store, 1)
    publish(store)
    _take(store, 2, "乙成")
    publish(store)
    store.reviews.take_down("article", "http://2.example/a", "甲", "来函")
    store.reviews.take_down("name", "青禾", "甲", "来函")
    assert withdraw(store.folder)
    newest, *_ = _publications(store)
    assert {row["reason"] for row in newest.counts} == {"takedown"}
    for line in _lines(store, newest):
        assert line.keys() == {"at", "kind", "key", "change", "reason"}
    kept = b"".join(path.read_bytes() for path in (store.folder / "published" / "changes").iterdir())
    assert kept.isascii() and b"example" not in kept
    assert not withdraw(store.folder) and _publications(store)[0] == newest


def test_killed_before_it_is_public_it_is_not_listed(store: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    _take(store, 1)
    publish(store)
    _take(store, 2, "乙成")
    replace = Path.replace

    def killed(self: Path, target: Path) -> Path:
        if target.name == "archive.db":
            raise KeyboardInterrupt
        return replace(self, target)

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Path, "replace", killed)
        publish(store)
    assert len(_publications(store)) == 1
    publish(store)
    one, beginning = _publications(store)
    assert one.previous == beginning.at
    assert [path.name for path in store.folder.glob("published/changes/*")] == [one.name]


def test_the_oldest_are_dropped(store: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "_KEPT", 2)
    for number, name in enumerate(("青禾", "乙成", "老码头", "丙丁"), 1):
        _take(store, number, name)
        publish(store)
    latest, before = _publications(store)
    assert latest.previous == before.at and before.previous
    publish(store)  # until then the last one that was dropped stays, as the snapshot before lists it
    assert {path.name for path in store.folder.glob("published/changes/*")} == {latest.name, before.name}
    assert datetime.fromisoformat(latest.at).tzinfo == UTC


@pytest.mark.parametrize(
    "loss", ["no snapshot", "drop table publications", "alter table articles drop column reader_version"]
)
def test_after_a_loss_the_list_begins_again(store: Archive, loss: str) -> None:
    _take(store, 1)
    publish(store)
    _take(store, 2, "乙成")
    snapshot = publish(store)
    if loss == "no snapshot":
        snapshot.unlink()
    else:  # as another version made it
        with closing(sqlite3.connect(snapshot)) as connection:
            connection.execute(loss)
            connection.execute("pragma application_id = 1")
    publish(store)
    publish(store)
    [beginning] = _publications(store)
    assert beginning.previous is None and not list(store.folder.glob("published/changes/*"))
