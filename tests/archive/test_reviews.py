"""Reviews: decisions survive re-reading, come up again when their evidence changes, and are published beside the machine's
values."""

import sqlite3
from pathlib import Path

import pytest
from support import exchange, page

from archive.decisions.reviews import ReviewError
from archive.labels import review_note, value_label
from archive.pipeline.ingest import ingest, settle_stations
from archive.pipeline.reread import outdated, reread
from archive.publishing.snapshot import publish
from archive.storage.store import Archive

URL = "http://a.example/1.html"
TEXT = (
    "望潭区青萝街道青禾小区党群服务站揭牌，投入资金14万元。青禾小区现有在册党员{}名，居民860户。大家都说这里办事方便。"
)


def _take(store: Archive, text: str, url: str = URL) -> None:
    capture_id = store.save_capture(exchange(url, page("青禾小区党群服务站", text), outlet="云泽新闻网"), None)
    assert capture_id is not None
    ingest(store, capture_id)


def _fact(store: Archive, type_: str) -> int:
    return store.connection.execute("select id from facts where type = ? and current", [type_]).fetchone()[0]


def test_decisions_survive_reading_again_and_are_published(store: Archive) -> None:
    _take(store, TEXT.format(36))
    members, households, money = (_fact(store, t) for t in ("party_members", "households", "investment"))
    store.reviews.decide(store.connection, members, "confirm", "甲")
    store.reviews.decide(store.connection, households, "confirm", "甲")
    last = store.reviews.decide(
        store.connection, households, "correct", "乙", corrected={"value": 806}, note="见公告栏"
    )
    store.reviews.decide(store.connection, money, "reject", "乙")
    assert reread(store, outdated(store, everything=True)) == 1
    with sqlite3.connect(publish(store)) as snapshot:
        rows = snapshot.execute(
            "select type, value, review, reviewed_value, extracted from facts order by type"
        ).fetchall()
        assert rows == [
            ("households", 806, "correct", 806, '{"value":860.0}'),
            ("party_members", 36, "confirm", 36, "{}"),
        ]
        former = snapshot.execute("select type, value from former_facts where rejected").fetchall()
        assert former == [("investment", 140000)]
        accuracy = snapshot.execute("select type, confirmed, reviewed, share from accuracy where reviewed").fetchall()
        assert accuracy == [("party_members", 1, 1, 1.0), ("households", 0, 1, 0.0), ("investment", 0, 1, 0.0)]
        assert "乙" not in "".join(snapshot.iterdump())  # who decided is nobody's business
    store.reviews.undo(last, "乙")
    with sqlite3.connect(publish(store)) as snapshot:
        assert snapshot.execute("select review from facts where type = 'households'").fetchone() == ("confirm",)
    assert [review.undone_at is None for review in store.reviews.history()] == [True, True, False, True]


def test_everything_that_was_corrected_is_listed(store: Archive) -> None:
    _take(store, TEXT.format(36))
    corrected = {"type": "residents", "subject": "乙成小区", "value": 806, "date": "2021-06-01"}
    store.reviews.decide(store.connection, _fact(store, "households"), "correct", "甲", corrected=corrected)
    with sqlite3.connect(publish(store)) as snapshot:
        snapshot.row_factory = sqlite3.Row
        fact = snapshot.execute("select * from facts where type = 'residents'").fetchone()
        assert (fact["subject"], fact["value"], fact["unit"], fact["as_of"]) == (
            "乙成小区",
            806,
            "person",
            "2021-06-01",
        )
        assert review_note(fact) == "已更正；程序读作：户数、青禾小区、860户"
        assert review_note(snapshot.execute("select * from facts where type = 'investment'").fetchone()) == ""


def test_the_measure_word_is_shown_beside_the_unit() -> None:
    assert value_label(300, None, "about", "item", "册") == "约300件（册）"
    assert value_label(300, None, "exact", "item") == value_label(300, None, "exact", "item", "件") == "300件"
    assert value_label(39, None, "exact", "count", "场") == "39个（场）"


def test_changed_evidence_comes_up_again(store: Archive) -> None:
    _take(store, TEXT.format(36))
    store.reviews.decide(store.connection, _fact(store, "party_members"), "confirm", "甲")
    store.reviews.decide(store.connection, _fact(store, "households"), "confirm", "甲")
    assert store.reviews.attached(store.connection)[1] == []
    _take(store, TEXT.format(63))
    ((open_,),) = store.reviews.attached(store.connection)[1:]
    assert (open_.fact["value"], open_.fact["url"], open_.decision) == (36, URL, "confirm")
    with sqlite3.connect(publish(store)) as snapshot:
        assert snapshot.execute("select decision from reviews_open").fetchall() == [("confirm",)]
        assert snapshot.execute("select review from facts where value = 63").fetchone() == ("",)


@pytest.mark.parametrize(
    ("decision", "by", "corrected", "message"),
    [
        ("maybe", "甲", {}, "之一"),
        ("confirm", " ", {}, "名字"),
        ("confirm", "甲", {"value": 3}, "其他决定"),
        ("correct", "甲", {}, "至少"),
        ("correct", "甲", {"value": "3"}, "须为数字"),
        ("correct", "甲", {"quote": "x"}, "不能更正"),
        ("correct", "甲", {"type": "dogs"}, "没有“dogs”"),
    ],
)
def test_decisions_that_cannot_be_taken(
    store: Archive, decision: str, by: str, corrected: dict[str, object], message: str
) -> None:
    _take(store, TEXT.format(36))
    with pytest.raises(ReviewError, match=message):
        store.reviews.decide(store.connection, _fact(store, "households"), decision, by, corrected=corrected)
    with pytest.raises(ReviewError, match="没有编号"):
        store.reviews.decide(store.connection, 999, "confirm", "甲")
    assert store.reviews.history() == []


def test_stations_are_merged_and_split_and_put_back(store: Archive) -> None:
    _take(store, TEXT.format(36))
    _take(store, TEXT.format(37).replace("青禾小区", "老码头小区"), "http://a.example/2.html")
    _take(store, TEXT.format(38), "http://a.example/3.html")

    def stations() -> list[tuple[object, ...]]:
        return store.connection.execute(
            "select stations.name, count(distinct article_id) from stations join facts on station_id = stations.id group by stations.id order by 1"
        ).fetchall()

    def keys() -> list[str]:
        return [key for (key,) in store.connection.execute("select key from station_names order by key")]

    before = stations()
    assert len(before) == 2 and len(keys()) == 2
    number = store.reviews.decide_stations("same", *keys(), "甲", "一个院子，两个名字")
    settle_stations(store)
    assert [count for _, count in stations()] == [3]
    _take(store, TEXT.format(39), "http://a.example/4.html")  # the decision holds for what comes later
    assert [count for _, count in stations()] == [4]
    store.reviews.undo_stations(number, "乙")
    settle_stations(store)
    assert sorted(count for _, count in stations()) == [1, 3]
    assert {name for name, _ in stations()} == {name for name, _ in before}
    with pytest.raises(ReviewError, match="没有可以撤销"):
        store.reviews.undo_stations(number, "乙")


def test_one_name_is_split(store: Archive) -> None:
    _take(store, TEXT.format(36))
    _take(store, TEXT.format(37).replace("望潭区青萝街道", "青萝街道"), "http://a.example/2.html")
    rows = store.connection.execute("select key, station_id from station_names order by key").fetchall()
    assert len(rows) == 2 and rows[0][1] == rows[1][1]
    store.reviews.decide_stations("different", rows[0][0], rows[1][0], "甲", "两个青萝街道")
    settle_stations(store)
    assert store.connection.execute("select count(*) from stations").fetchone() == (2,)


def test_reviews_are_kept_apart(store: Archive, tmp_path: Path) -> None:
    _take(store, TEXT.format(36))
    store.reviews.decide(store.connection, _fact(store, "households"), "confirm", "甲")
    assert (store.folder / "reviews.db").exists()
    assert store.connection.execute("select count(*) from sqlite_master where name like '%review%'").fetchone() == (0,)
