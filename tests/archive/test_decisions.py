"""What people decided is what a snapshot holds: in every article that says the same, counted by name, and no loss."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from support import exchange, page

from archive.decisions.reviews import statement
from archive.pipeline.ingest import ingest, settle_stations
from archive.publishing.snapshot import publish, withdraw
from archive.search.lists import fact_ids
from archive.search.wanted import Wanted
from archive.site import fact_by_evidence, former_fact
from archive.sql.rows import put, rows
from archive.storage.store import Archive, ArchiveError

TEXT = (
    "望潭区青萝街道{0}小区党群服务站揭牌，投入资金{1}万元。{0}小区现有在册党员{2}名，居民860户。大家都说这里办事方便，"
    "老人来了有茶喝，孩子放学有地方写作业，下雨天也有人帮着收衣服。"
)
OTHER = (
    "芷岸区松涛街道桂苑里小区党群服务站昨天启用，桂苑里小区现有居民420户。楼下的空屋重新刷过，摆上了棋桌和书架，"
    "晚饭后散步的人们路过都要进来坐一坐，聊聊家常，看看报纸。"
)


def _take(store: Archive, url: str, text: str, outlet: str = "云泽新闻网") -> None:
    html = page("小区里的新去处", text, source=outlet)
    capture_id = store.save_capture(exchange(url, html, outlet=outlet), None)
    assert capture_id is not None
    ingest(store, capture_id)


@pytest.fixture
def reprinted(store: Archive) -> Archive:
    """One story at three outlets, and another one."""
    for number, outlet in enumerate(("云泽新闻网", "芷岸日报", "松涛晚报"), 1):
        _take(store, f"http://{number}.example/a", TEXT.format("青禾", 14, 36), outlet)
    _take(store, "http://1.example/b", OTHER)
    return store


def _fact(store: Archive, type_: str, url: str = "http://1.example/a") -> int:
    question = "select facts.id from facts join articles on articles.id = article_id where type = ? and url = ?"
    return store.connection.execute(question, [type_, url]).fetchone()[0]


@contextmanager
def _published(store: Archive) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(publish(store))) as snapshot:
        yield snapshot


def test_a_decision_holds_in_every_reprint(reprinted: Archive) -> None:
    decide, connection = reprinted.reviews.decide, reprinted.connection
    decide(
        connection, _fact(reprinted, "party_members", "http://2.example/a"), "correct", "甲", corrected={"value": 63}
    )
    decide(connection, _fact(reprinted, "investment"), "reject", "甲")
    decide(connection, _fact(reprinted, "households", "http://3.example/a"), "confirm", "甲")
    with _published(reprinted) as snapshot:
        rows = snapshot.execute(
            "select type, value, review, count(*) from facts group by 1, 2, 3 order by 1, 2"
        ).fetchall()
        assert rows == [
            ("households", 420, "", 1),
            ("households", 860, "confirm", 3),
            ("opened_on", None, "", 1),
            ("party_members", 63, "correct", 3),
        ]
        former = snapshot.execute(
            "select type, value, count(*) from former_facts where rejected group by 1, 2"
        ).fetchall()
        assert former == [("investment", 140000, 3)]
        assert snapshot.execute("select value, sources from statements where type = 'party_members'").fetchall() == [
            (63, 3)
        ]
        assert snapshot.execute("select * from answer_money_by_year").fetchall() == []
        assert snapshot.execute("select count(*) from facts_search").fetchone() == (8,)
        assert snapshot.execute("select confirmed, reviewed from accuracy where type = 'households'").fetchall() == [
            (1, 1)
        ]


def test_what_was_decided_about_a_reprint_itself_goes_first(reprinted: Archive) -> None:
    first, second = (_fact(reprinted, "households", f"http://{number}.example/a") for number in (1, 2))
    reprinted.reviews.decide(reprinted.connection, second, "confirm", "甲")
    reprinted.reviews.decide(reprinted.connection, first, "correct", "乙", corrected={"value": 680})
    with _published(reprinted) as snapshot:
        assert snapshot.execute("select value from facts where type = 'households' order by id").fetchall() == [
            (680,), (860,), (680,), (420,)
        ]  # fmt: skip


def test_another_number_of_the_same_story_is_another_statement(reprinted: Archive) -> None:
    _take(reprinted, "http://4.example/a", TEXT.format("青禾", 15, 36), "望潭发布")
    assert reprinted.connection.execute("select count(*) from reprints").fetchone() == (3,)
    reprinted.reviews.decide(reprinted.connection, _fact(reprinted, "investment"), "reject", "甲")
    with _published(reprinted) as snapshot:
        assert snapshot.execute("select value from facts where type = 'investment'").fetchall() == [(150000,)]


def test_an_article_that_says_it_twice_keeps_what_was_not_rejected(store: Archive) -> None:
    text = TEXT.format("青禾", 14, 36) + "青禾小区党群服务站的装修投资14万元。"
    for number in (1, 2):
        _take(store, f"http://{number}.example/a", text, f"{number}号日报")
    _say_again(store, "投资14万元")
    first = _fact(store, "investment")
    store.reviews.decide(store.connection, first, "reject", "甲")
    with _published(store) as snapshot:
        left = snapshot.execute("select article_id, quote from facts where type = 'investment' order by 1").fetchall()
        assert left == [(1, "投资14万元"), (2, "投资14万元")]  # as the reprint says both, it loses the same one
        assert snapshot.execute("select count(*) from former_facts where rejected").fetchone() == (2,)


def _say_again(store: Archive, quote: str) -> None:
    """Have each article of a story say an amount in a second place."""
    for row in rows(
        store.connection,
        "select facts.*, text from facts join articles on articles.id = article_id where type = 'investment'",
    ):
        start = row.pop("text").index(quote)
        again = {
            "id": None,
            "evidence": row["evidence"][::-1],
            "quote": quote,
            "start": start,
            "end": start + len(quote),
        }
        number = put(store.connection, "facts", row | again, None)
        store.connection.execute("insert into fact_mentions values (?, 1, ?, ?)", [number, start, start + len(quote)])
    store.connection.commit()


def test_a_corrected_subject_goes_to_the_station_it_means(reprinted: Archive) -> None:
    _take(reprinted, "http://1.example/c", TEXT.format("柳岸", 20, 50))
    near, far = (_fact(reprinted, "households", f"http://1.example/{name}") for name in "cb")
    for fact in (near, far):
        reprinted.reviews.decide(
            reprinted.connection, fact, "correct", "甲", corrected={"subject": "青禾小区党群服务站"}
        )
    with _published(reprinted) as snapshot:
        station = dict(
            snapshot.execute("select subject, station_id from facts where type = 'party_members'").fetchall()
        )
        moved = "select station_id from facts where id = ?"
        assert snapshot.execute(moved, [near]).fetchone() == (station["青禾小区"],)
        assert snapshot.execute(moved, [far]).fetchone() == (None,)  # in another district it may be another one
        assert {near, far} <= set(fact_ids(snapshot, Wanted(q="青禾", reprints=True)).numbers)


def test_what_is_decided_again_is_decided_about_what_was_read(reprinted: Archive) -> None:
    fact = _fact(reprinted, "party_members")
    reprinted.reviews.decide(reprinted.connection, fact, "correct", "甲", corrected={"value": 63})
    with _published(reprinted) as snapshot:
        seen = statement(snapshot, "facts", fact)
        assert seen is not None and seen["value"] == 36
        reprinted.reviews.record(seen, "confirm", "乙")
    assert reprinted.reviews.latest(1)[0].fact["value"] == 36
    with _published(reprinted) as snapshot:
        assert snapshot.execute(
            "select distinct value, review, extracted from facts where type = 'party_members'"
        ).fetchall() == [(36, "confirm", "{}")]


def test_the_address_of_a_rejected_fact_says_so(reprinted: Archive) -> None:
    fact = _fact(reprinted, "investment")
    (key,) = reprinted.connection.execute("select evidence from facts where id = ?", [fact]).fetchone()
    reprinted.reviews.decide(reprinted.connection, fact, "reject", "甲")
    with _published(reprinted) as snapshot:
        former = former_fact(snapshot, key)
        assert former is not None and former["fact"]["rejected"] and former["article"]
        cited = fact_by_evidence(snapshot, key)
        assert cited is not None and "rejected by a person" in cited["former"]


def _many(store: Archive, count: int = 10) -> None:
    for number in range(count):
        name = "松柏兰菊荷莲桃李桂梅"[number] + "溪"
        _take(store, f"http://1.example/{number}", TEXT.format(name, 10 + number, 30 + number))


def test_no_decision_blocks_a_publication(store: Archive) -> None:
    _many(store)
    publish(store)
    facts = [
        number for (number,) in store.connection.execute("select id from facts where type = 'households' order by id")
    ]
    for fact in facts[:3]:
        store.reviews.decide(store.connection, fact, "reject", "甲")
    keys = [key for (key,) in store.connection.execute("select key from station_names order by key")]
    for one, other in pairwise(keys[4:]):
        store.reviews.decide_stations("same", one, other, "甲", "同一处")
    for number in (7, 8, 9):
        store.reviews.take_down("article", f"http://1.example/{number}", "甲", "来函")
    with _published(store) as snapshot:
        removed = snapshot.execute("select what, why, count from removed order by 1, 2").fetchall()
        assert ("articles", "taken down", 3) in removed and ("facts", "rejected", 3) in removed
        assert ("stations", "merged", 5) in removed
        (stations,) = snapshot.execute("select count from totals where name = 'stations'").fetchone()
        assert stations + sum(count for what, _, count in removed if what == "stations") == 10
    for number in range(1, 4):
        store.reviews.undo(number, "乙")  # and none that is taken back
    store.reviews.undo_stations(1, "乙")
    publish(store)


def test_a_real_loss_blocks_whatever_people_decided(store: Archive) -> None:
    _many(store)
    store.reviews.take_down("article", "http://1.example/9", "甲", "来函")
    snapshot = publish(store)
    before = snapshot.read_bytes()
    for number in (7, 8):
        store.reviews.take_down("article", f"http://1.example/{number}", "甲", "来函")
    publish(store)
    for number in (7, 8):
        _lose(store, f"http://1.example/{number}")  # as when its captures are erased
    publish(store)
    _lose(store, "http://1.example/3")
    with pytest.raises(
        ArchiveError, match="6 articles and 1 taken down, where the last snapshot had 7 and 1 taken down"
    ):
        publish(store)
    assert before != snapshot.read_bytes()


def _lose(store: Archive, url: str) -> None:
    store.connection.execute("pragma foreign_keys = off")
    (lost,) = store.connection.execute("select id from articles where url = ?", [url]).fetchone()
    for table, column in (("facts", "article_id"), ("revisions", "article_id"), ("articles", "id")):
        store.connection.execute(f"delete from {table} where {column} = ?", [lost])
    store.connection.commit()


def test_copies_of_a_taken_down_original_stay_one_story(reprinted: Archive) -> None:
    with _published(reprinted) as snapshot:
        originals = {
            url
            for (url,) in snapshot.execute("select url from articles where id in (select original_id from reprints)")
        }
    reprinted.reviews.take_down("article", originals.pop(), "甲", "来函")
    assert withdraw(reprinted.folder)
    for snapshot in (reprinted.folder / "published" / "archive.db", publish(reprinted)):
        with closing(sqlite3.connect(snapshot)) as connection:
            assert connection.execute("select count(*) from reprints").fetchone() == (1,)
            question = "select value, sources from statements where type = 'investment'"
            assert connection.execute(question).fetchall() == [(140000, 2)]


def test_withdrawing_leaves_what_a_publication_leaves(reprinted: Archive) -> None:
    publish(reprinted)
    reprinted.reviews.take_down("article", "http://1.example/b", "甲", "来函")
    reprinted.reviews.take_down("name", "青禾", "甲", "来函")
    assert withdraw(reprinted.folder) and not withdraw(reprinted.folder)
    at_once = _dumped(reprinted.folder / "published" / "archive.db")
    assert _dumped(publish(reprinted)) == at_once
    assert "桂苑里" not in at_once and "青禾" not in at_once


def _dumped(snapshot: Path) -> str:
    """All tables as text; the order of rows and of tables aside."""
    with closing(sqlite3.connect(snapshot)) as connection:
        tables = connection.execute(
            "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by 1"
        )
        named = [name for (name,) in tables if "_search" not in name]
        connection.execute("delete from list_columns where name = 'mark'")  # random: of each snapshot its own
        return json.dumps(
            {name: sorted(map(repr, connection.execute(f'select * from "{name}"'))) for name in named},
            ensure_ascii=False,
            indent=1,
        )


def test_stations_merged_and_split_are_counted(store: Archive) -> None:
    _many(store, 3)
    keys = [key for (key,) in store.connection.execute("select key from station_names order by key")]
    store.reviews.decide_stations("same", keys[0], keys[1], "甲", "同一处")
    settle_stations(store)
    with _published(store) as snapshot:
        assert snapshot.execute("select what, why, count from removed").fetchall() == [("stations", "merged", 1)]
