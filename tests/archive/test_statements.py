"""A reprint never counts twice: one statement, however its copies write it, in all that counts, adds up or lists."""

import csv
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from opencc import OpenCC
from readers import read_by
from support import exchange, page

from archive import site
from archive.model import Fact
from archive.pipeline.ingest import ingest
from archive.publishing.questions import questions
from archive.publishing.snapshot import publish, totals
from archive.publishing.tables import export_tables
from archive.search.wanted import Wanted
from archive.site import feeds
from archive.site.alerts import Alerts, Sent
from archive.site.delivery import Entry
from archive.storage.store import Archive

TITLE = "禾岭区晒出社区阵地建设账本"
BODY = (
    "记者从禾岭区委组织部获悉，禾岭区现有社区26个，居民议事的地方越来越多，晚上灯也亮着。",
    "三年来，禾岭区累计投入资金2600余万元用于社区阵地建设，其中区级财政占六成，余下的由街道和社区筹措。",
    "禾岭区云渡街道杏林小区党群服务站今年揭牌，投入资金18万元，杏林小区现有在册党员36名，居民860户。",
    "禾岭区有关负责人说，阵地建得好不好，要看居民来不来、来了还想不想再来坐一坐。",
)
_TRADITIONAL = OpenCC("s2t").convert


def _take(store: Archive, outlet: str, title: str, body: Iterable[str], published: str = "2021-06-28 16:05") -> None:
    html = page(title, *body, published=published, source="禾岭新闻网")
    number = store.save_capture(exchange(f"http://{outlet}.example/1.html", html, outlet=outlet), None)
    assert number is not None
    ingest(store, number)


def _changed(old: str, new: str) -> list[str]:
    assert old in "\n".join(BODY)
    return [paragraph.replace(old, new) for paragraph in BODY]


COPIES = {
    "traditional": (_TRADITIONAL(TITLE), [_TRADITIONAL(paragraph) for paragraph in BODY]),
    "another title": ("三年投入两千多万，社区里多了议事的地方", BODY),
    "rounded": (TITLE, _changed("2600余万元", "2600万元")),
    "about": (TITLE, _changed("2600余万元", "约2600万元")),
    "nearly": (TITLE, _changed("2600余万元", "近2600万元")),
    "in another unit": (TITLE, _changed("2600余万元", "0.26亿元")),
    "exact": (TITLE, _changed("2600余万元", "2613万元")),
    "with the town": (TITLE, _changed("禾岭区累计投入", "云泽市禾岭区累计投入")),
    "another number of a station": (TITLE, _changed("18万元", "18.5万元")),
    "without the place": (TITLE, _changed("禾岭区云渡街道杏林小区", "杏林小区")),
    "cut": (TITLE, BODY[:3]),
}


_OF_THE_COPY = ("sources", "fact_id", "article_id", "place")  # a copy may say more exactly where a station lies


def _answer(snapshot: sqlite3.Connection, name: str) -> list[tuple[object, ...]]:
    return snapshot.execute(f"select * from {questions()[name].table}").fetchall()


@pytest.fixture
def original(store: Archive) -> Archive:
    """An archive with the one story."""
    _take(store, "甲", TITLE, BODY)
    return store


@pytest.mark.parametrize("kind", COPIES)
def test_a_copy_changes_no_answer(original: Archive, kind: str) -> None:
    with closing(sqlite3.connect(publish(original))) as snapshot:
        before = {
            name: _answer(snapshot, name) for name in questions() if name not in ("coverage_by_outlet", "corrected")
        }
        count = snapshot.execute("select count(*) from statements where not variant").fetchone()
    assert before["money_by_year"] == [("2021", 1, 1, 180000, 0, 0, 1)]
    assert [row[:2] for row in before["money_of_places"]] == [("禾岭区", 26_000_000)]
    title, body = COPIES[kind]
    _take(original, "乙", title, body, "2022-01-03 08:00")
    assert original.connection.execute("select count(*) from reprints").fetchone() == (1,)
    with closing(sqlite3.connect(publish(original))) as snapshot:
        for name, answer in before.items():
            columns = [column for column, *_ in snapshot.execute(f"select * from answer_{name}").description]
            kept = [n for n, column in enumerate(columns) if column not in _OF_THE_COPY]
            assert [[row[n] for n in kept] for row in _answer(snapshot, name)] == [
                [row[n] for n in kept] for row in answer
            ]
        assert snapshot.execute("select count(*) from statements where not variant").fetchone() == count
        outlets = {row[0]: row[1:4] for row in _answer(snapshot, "coverage_by_outlet")}
        assert (
            outlets["乙"][:2] == (1, 1)
            and outlets["甲"][2] + outlets["乙"][2] == snapshot.execute("select count(*) from statements").fetchone()[0]
        )


def test_totals_charts_feeds_and_tables_count_it_once(original: Archive, tmp_path: Path) -> None:
    first = totals(original)["statements"]
    for outlet, kind in (("乙", "traditional"), ("丙", "another title"), ("丁", "rounded")):
        _take(original, outlet, *COPIES[kind])
    assert totals(original)["statements"] == first and totals(original)["facts"] == 4 * first
    path = publish(original)
    with closing(sqlite3.connect(path)) as snapshot:
        assert snapshot.execute("select count from totals where name = 'statements'").fetchone() == (first,)
        assert set(snapshot.execute("select sources from statements").fetchall()) == {(4,)}
        station, shown = snapshot.execute("select id, statements from stations").fetchone()
        page_ = site.station(snapshot, station)
        assert page_ and shown == sum(map(len, page_["groups"].values()))
        (top,) = snapshot.execute("select statements from places where parent = ''").fetchall()
        assert top == (shown,)
        for kind, key in (("facts", ""), ("station", str(station))):
            found = feeds.newest(snapshot, kind, key)
            assert found and len(found[1]) == (first if kind == "facts" else shown)
        outlet = snapshot.execute("select id from outlets where name = '丁'").fetchone()[0]
        of_outlet = feeds.newest(snapshot, "outlet", str(outlet))
        assert of_outlet and len(of_outlet[1]) == first  # its own words, once
        _, entries = feeds.search(snapshot, Wanted(type="investment"))
        assert len(entries) == 2
        fact = snapshot.execute("select min(fact_id) from statements where type = 'investment'").fetchone()[0]
        sources = site.fact(snapshot, fact)
        assert sources and [row["outlet"] for row in sources["sources"]] == ["甲", "乙", "丙", "丁"]
    counts = export_tables(path, tmp_path / "out")
    assert counts["statements"] == first
    with (tmp_path / "out" / "facts.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert len({row["statement"] for row in csv.DictReader(stream)}) == first


def test_an_alert_tells_of_a_statement_once(original: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alerts, sent = Alerts(tmp_path / "reviews.db"), []

    def deliver(follow: dict[str, Any], message: str, new: list[Entry], *_: object) -> Sent:
        sent.extend(new)
        return Sent(follow["id"], "", message, len(new))

    monkeypatch.setattr("archive.site.alerts._deliver", deliver)
    with closing(sqlite3.connect(publish(original))) as snapshot:
        alerts.follow(snapshot, "甲", "facts", Wanted(type="investment"), "webhook", "http://127.0.0.1:1/")
    _take(original, "乙", *COPIES["traditional"])
    with closing(sqlite3.connect(publish(original))) as snapshot:
        assert list(alerts.send(snapshot, "http://a.example", None)) == [] and sent == []
    for outlet, kind in (("丙", "another number of a station"), ("丁", "another number of a station")):
        _take(original, outlet, *COPIES[kind])
    with closing(sqlite3.connect(publish(original))) as snapshot:
        list(alerts.send(snapshot, "http://a.example", None))
    assert len(sent) == 1 and "18.5万元" in sent[0]["title"]
    alerts.close()


def test_what_was_decided_about_one_copy_is_what_counts(original: Archive) -> None:
    _take(original, "乙", *COPIES["traditional"])
    (copy,) = original.connection.execute(
        "select id from facts where type = 'investment' and value = 180000 and article_id = 2"
    ).fetchone()
    original.reviews.decide(original.connection, copy, "correct", "甲", corrected={"value": 190000})
    with closing(sqlite3.connect(publish(original))) as snapshot:
        assert _answer(snapshot, "money_by_year") == [("2021", 1, 1, 190000, 0, 0, 1)]
    original.reviews.decide(original.connection, copy, "reject", "甲")
    with closing(sqlite3.connect(publish(original))) as snapshot:
        assert _answer(snapshot, "money_by_year") == []


def _of_two_donors(fact: Fact, text: str) -> Iterable[Fact]:
    yield fact
    if fact.type == "investment" and fact.value == 180000:
        for donor, quote in (("甲公司", "投入资金"), ("乙公司", "投入资金1")):
            yield replace(
                fact,
                type="donation_money",
                value=5000,
                donor=donor,
                recipient=fact.subject,
                quote=quote,
                end=fact.start + len(quote),
            )


def test_what_one_article_tells_apart_stays_apart(original: Archive) -> None:
    _take(original, "丙", *COPIES["another title"])
    read_by(original, _of_two_donors)
    with closing(sqlite3.connect(publish(original))) as snapshot:
        donors = [(row[0], row[5]) for row in _answer(snapshot, "donations")]
        assert sorted(donors, key=str) == [("乙公司", 5000), ("甲公司", 5000)]


def test_other_stories_with_the_same_number_stay_two_statements(original: Archive) -> None:
    other = "禾岭区召开会议，部署今年的工作。会议指出，禾岭区累计投入资金2600余万元，社区党群服务中心的灯更亮，路更平，窗口更多，人也更齐，大家各有各的忙法。"
    _take(original, "乙", "禾岭区部署社区工作", [other])
    with closing(sqlite3.connect(publish(original))) as snapshot:
        assert snapshot.execute("select count(*) from statements where value = 26e6").fetchone() == (2,)
        assert [row[3] for row in _answer(snapshot, "money_by_year")] == [180000]
