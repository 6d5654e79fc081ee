"""The date that a text states for a number, and the day on which it was reported, are two things everywhere."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from readers import read_by
from serving import site
from support import exchange, page

from archive.model import Fact
from archive.pipeline.ingest import ingest
from archive.publishing.snapshot import publish
from archive.search.engine import find
from archive.search.wanted import Wanted
from archive.storage.store import Archive

TEXT = (
    "望潭区青萝街道青禾小区党群服务站揭牌，投入资金14万元。青禾小区现有在册党员36名，居民860户。大家都说这里办事方便。"
)
STATED = {"party_members": "2020-12-31", "households": "--05-01"}


def _dated(fact: Fact, text: str) -> Iterable[Fact]:
    yield replace(fact, date=STATED.get(fact.type, ""))


@pytest.fixture
def dated(store: Archive) -> Path:
    """A snapshot of an article of June 2021 that states a date for one of its numbers, and a day without its year for
    another."""
    ingest(store, store.save_capture(exchange("http://a.example/1.html", page("青禾小区党群服务站", TEXT)), None))
    read_by(store, _dated)
    return publish(store)


def test_two_columns(dated: Path) -> None:
    with closing(sqlite3.connect(dated)) as snapshot:
        for table in ("facts", "statements"):
            rows = snapshot.execute(f"select type, as_of, reported_on from {table} order by type").fetchall()
            assert rows == [
                ("households", None, "2021-06-28"),
                ("investment", None, "2021-06-28"),
                ("party_members", "2020-12-31", "2021-06-28"),
            ]
        history = snapshot.execute("select type, at, as_of from station_history order by type").fetchall()
        assert history == [
            ("households", "2021-06-28", None),
            ("investment", "2021-06-28", None),
            ("party_members", "2020-12-31", "2020-12-31"),
        ]


def test_years_are_those_stated_and_else_those_of_the_report(dated: Path) -> None:
    with closing(sqlite3.connect(dated)) as snapshot:
        by_year = {
            year: {row["type"] for row in find(snapshot, "facts", Wanted(since=year, until=year)).rows}
            for year in ("2020", "2021")
        }
        assert by_year == {"2020": {"party_members"}, "2021": {"households", "investment"}}
        members = snapshot.execute("select year, members, reported_in from answer_members_by_city_and_year").fetchall()
        assert members == [("2020", 36, 0)]
        money = snapshot.execute("select year, invested, reported_in from answer_money_by_year").fetchall()
        assert money == [("2021", 140000, 1)]


async def test_pages_say_which_it_is(dated: Path) -> None:
    ds = site(dated)
    with closing(sqlite3.connect(dated)) as snapshot:
        numbers = dict(snapshot.execute("select type, id from facts").fetchall())
        station = snapshot.execute("select id from stations").fetchone()[0]

    async def shown(path: str) -> str:
        return (await ds.client.get(path, follow_redirects=True)).text

    stated = await shown(f"/archive/facts/{numbers['party_members']}")
    assert "截至2020年12月31日" in stated and "报道于2021年6月28日" in stated
    silent = await shown(f"/archive/facts/{numbers['investment']}")
    assert "截至" not in silent and "报道于2021年6月28日" in silent
    for path in (f"/archive/stations/{station}", "/facts"):
        table = await shown(path)
        assert "截至2020年12月31日" in table or "2020年12月31日" in table
    found = await shown("/facts?type=investment")
    assert "报道于2021年6月28日" in found and "截至2" not in found
    assert "reported_on" in (await shown("/archive/facts.csv")).partition("\n")[0]
