"""Candidates: stored, offered for review, shown as facts only once a person confirmed them."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace

import pytest
from editors import Person, open_site
from readers import as_written, read_by
from support import exchange, page

from archive.model import Fact
from archive.pipeline.ingest import ingest
from archive.pipeline.verify import verify
from archive.publishing.snapshot import publish
from archive.search.lists import fact_ids
from archive.search.wanted import Wanted
from archive.site.actions import about_fact
from archive.site.queue import next_fact, opened
from archive.storage.store import Archive

URL = "http://a.example/1.html"
TEXT = (
    "望潭区青萝街道青禾小区党群服务站揭牌，投入资金14万元。青禾小区现有在册党员36名，居民860户。大家都说这里办事方便。"
)
UNSURE = {"households": 480, "investment": 390}


def _unsure(fact: Fact, text: str) -> Iterable[Fact]:
    probability = UNSURE.get(fact.type)
    status = "candidate" if probability else "published"
    yield replace(fact, probability=probability or 990, subject_probability=900, status=status)


@pytest.fixture
def unsure(store: Archive) -> Archive:
    """An archive with one fact and two candidates, of which one is likelier."""
    store.save_capture(exchange(URL, page("青禾小区党群服务站", TEXT), outlet="云泽新闻网"), None)
    ingest(store, 1)
    read_by(store, _unsure)
    return store


def _types(connection: sqlite3.Connection, table: str) -> list[str]:
    return [type_ for (type_,) in connection.execute(f"select type from {table} order by type")]


def test_candidates_are_no_facts(unsure: Archive) -> None:
    assert _types(unsure.connection, "facts") == ["party_members"]
    assert _types(unsure.connection, "candidates") == ["households", "investment"]
    path = publish(unsure)
    with closing(sqlite3.connect(path)) as snapshot:
        assert _types(snapshot, "facts") == _types(snapshot, "statements") == ["party_members"]
        assert snapshot.execute("select probability, subject_probability from facts").fetchall() == [(990, 900)]
        assert "candidates" not in "".join(snapshot.iterdump())
        assert snapshot.execute("select count from totals where name = 'facts'").fetchone() == (1,)
    written = path.read_bytes()
    for (key,) in unsure.connection.execute("select evidence from candidates"):
        assert key.encode() not in written  # free pages included


def test_numbers_stay_and_tables_change(unsure: Archive) -> None:
    def numbers() -> dict[str, int]:
        return dict(
            unsure.connection.execute("select type, id from facts union all select type, id from candidates").fetchall()
        )

    before = numbers()
    assert len(set(before.values())) == 3
    read_by(unsure, as_written)
    assert _types(unsure.connection, "candidates") == [] and numbers() == before
    assert list(verify(unsure)) == []
    read_by(unsure, _unsure)
    assert _types(unsure.connection, "facts") == ["party_members"] and numbers() == before


def test_the_queue_offers_the_most_uncertain_first_and_shows_what_is_confirmed(unsure: Archive) -> None:
    path = publish(unsure)
    for expected, decision in (("households", "confirm"), ("investment", "reject")):
        with closing(sqlite3.connect(path)) as snapshot, opened(path.with_name("candidates.db")) as candidates:
            shown = next_fact(snapshot, unsure.reviews, "甲", candidates)
            fact = shown["fact"]
            assert fact["type"] == expected and shown["reasons"] == ["not_sure"]
            assert shown["before"] + fact["quote"] + shown["after"] in TEXT
            form = {"fact": str(fact["id"]), "evidence": fact["evidence"], "decision": decision}
            about_fact(snapshot, unsure.reviews, "甲", form, False, candidates)
    publish(unsure)
    with closing(sqlite3.connect(path)) as snapshot, opened(path.with_name("candidates.db")) as candidates:
        rows = snapshot.execute(
            "select type, review, stations.name from facts join stations on stations.id = station_id order by type"
        ).fetchall()
        assert rows == [
            ("households", "confirm", "青禾小区党群服务站"),
            ("party_members", "", "青禾小区党群服务站"),
        ]
        assert len(fact_ids(snapshot, Wanted(q="860")).numbers) == 1
        assert snapshot.execute("select count(*) from reviews_open").fetchone() == (0,)
        assert next_fact(snapshot, unsure.reviews, "甲", candidates)["fact"]["type"] == "party_members"
    number = unsure.reviews.history()[0].id
    unsure.reviews.undo(number, "乙")
    with closing(sqlite3.connect(publish(unsure, fall=1))) as snapshot:
        assert _types(snapshot, "facts") == ["party_members"]


def test_a_station_that_only_candidates_name_is_not_published(store: Archive) -> None:
    store.save_capture(exchange(URL, page("青禾小区党群服务站", TEXT), outlet="云泽新闻网"), None)
    ingest(store, 1)
    read_by(store, lambda fact, text: [replace(fact, status="candidate", probability=300)])
    assert store.connection.execute("select count(*) from stations").fetchone() == (1,)
    with closing(sqlite3.connect(publish(store, fall=1))) as snapshot:
        for table in ("facts", "stations", "station_names", "stations_search", "station_places"):
            assert snapshot.execute(f"select count(*) from {table}").fetchone() == (0,), table


def test_what_is_taken_down_waits_for_nobody(unsure: Archive) -> None:
    unsure.reviews.take_down("article", URL, "甲", "要求删除")
    path = publish(unsure, fall=1)
    with opened(path.with_name("candidates.db")) as candidates:
        assert candidates.execute("select count(*) from candidates").fetchone() == (0,)


def test_a_fact_about_nobody_certain_is_attached_to_no_station(unsure: Archive) -> None:
    def doubted(fact: Fact, text: str) -> Iterable[Fact]:
        yield replace(fact, subject_certain=fact.type != "party_members")

    read_by(unsure, doubted)
    rows = unsure.connection.execute("select type, value, station_id is null from facts order by type").fetchall()
    assert rows == [("households", 860, 0), ("investment", 140000, 0), ("party_members", 36, 1)]


async def test_editors_decide_about_candidates_on_the_site(unsure: Archive) -> None:
    path = publish(unsure)
    editor = Person(open_site(unsure.folder), "editor-one")
    page_ = (await editor.get("/review")).text
    assert "把握48.0%" in page_ and '<mark class="quote">居民860户</mark>' in page_
    sent = await editor.send("/review", decision="confirm", **await editor.waiting())
    assert sent.status_code == 303
    assert "把握39.0%" in (await editor.get("/review")).text
    for name in ("candidates", "archive/candidates"):
        assert (await editor.get(f"/{name}")).status_code == 404
    assert (await editor.get("/archive/-/query.json?sql=select+*+from+candidates")).status_code == 400
    publish(unsure)
    with closing(sqlite3.connect(path)) as snapshot:
        assert _types(snapshot, "facts") == ["households", "party_members"]
