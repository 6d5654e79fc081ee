"""The page of an outlet: what it publishes and when, what it writes about, and how its crawl goes."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from datasette.app import Datasette

from archive.publishing.outlets import count_outlets
from archive.site.outlet import outlet


@pytest.fixture
def snapshot(demo: tuple[Path, str]) -> sqlite3.Connection:
    return sqlite3.connect(demo[0] / "published" / "archive.db")


def test_its_numbers_follow_from_its_articles(snapshot: sqlite3.Connection) -> None:
    with closing(snapshot):
        for number, articles in snapshot.execute(
            "select outlet_id, count(*) from articles group by outlet_id"
        ).fetchall():
            page = outlet(snapshot, number)
            assert page is not None
            reprints = snapshot.execute(
                "select count(*) from articles join reprints on article_id = articles.id where outlet_id = ?", [number]
            ).fetchone()[0]
            assert (page["originals"], page["reprints"]) == (articles - reprints, reprints)
            drawn = sum(mark["value"] or 0 for series in page["chart"]["series"] for mark in series["marks"])
            assert drawn + page["undated"] == articles
            for station in page["stations"]:
                counted = snapshot.execute(
                    "select count(distinct article_id) from facts join articles on articles.id = article_id"
                    " join stations on stations.id = station_id where stations.key = ? and outlet_id = ? and current",
                    [station["key"], number],
                )
                assert counted.fetchone() == (station["articles"],)
            assert [site["outcome"] for site in page["sites"]] == ["finished"]
        assert outlet(snapshot, 99) is None


def test_periods_without_a_fetch_are_marked() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(
            "create table outlets (id integer primary key, key text, name text, articles integer);"
            "insert into outlets values (1, 'a', '望潭日报', 2);"
            "create table article_dates (id integer primary key, published text, outlet_id integer, reprint integer, facts integer);"
            "insert into article_dates values (1, '2020-01-31T09:00:00+08:00', 1, 0, 0), (2, '2020-04-01', 1, 1, 0), (3, '', 1, 0, 0);"
            "create table captures (id integer primary key, outlet_id integer, run_id integer, fetched_at text);"
            "insert into captures values (1, 1, null, '2020-05-31T17:00:00Z');"  # June in Beijing
            "create table articles (id integer primary key, key text, title text, outlet_id integer, published text, gone_at text);"
            "create index articles_outlet on articles (outlet_id, published desc);"
            "create table totals (name text, count integer); create table runs (id integer, site text, command text);"
            "create table facts (article_id integer, station_id integer, current integer);"
            "create table stations (id integer, key text, name text, place text);"
            "create table fact_dates (id integer, station_id integer, article_id integer);"
            "create table places (key text, name text, level integer);"
            "create table article_places (place text, published text, article_id integer)"
        )
        count_outlets(connection)
        page = outlet(connection, 1)
    assert page is not None
    assert page["chart"]["missing"] == ["2020-02", "2020-03", "2020-05"]
    originals, reprints = (
        {mark["at"]: mark["value"] for mark in series["marks"]} for series in page["chart"]["series"]
    )
    assert originals == {"2020-01": 1, "2020-04": 0, "2020-06": 0}
    assert reprints == {"2020-01": 0, "2020-04": 1, "2020-06": 0}
    assert (page["undated"], page["by_year"], page["place"]) == (1, False, None)


async def test_the_page_in_both_languages(demo_site: Datasette, snapshot: sqlite3.Connection) -> None:
    with closing(snapshot):
        keys = [key for (key,) in snapshot.execute("select key from outlets where articles > 0")]
    for key in keys:
        for language, foreign in (("en", r"[\u4e00-\u9fff]"), ("zh-Hans", r"[A-Za-z]{3,}")):
            html = (await demo_site.client.get(f"/outlet/{key}?lang={language}")).text
            main = html[html.index("<main") : html.index("</main>")]
            ours = re.sub(r'<(\w+)[^>]* (?:lang="zh-Hans"|data-source)[^>]*>[^<]*</\1>', "", main)
            words = re.sub(r"<[^>]+>|sample-\w+|CSV|Excel|JSON lines|JSON|Parquet|Atom", " ", ours)
            assert re.findall(foreign, words) == [], language
            assert f'href="/articles.csv?outlet={key}"' in html and f'href="/feed/outlet/{key}.atom"' in html
            assert f'href="/articles?outlet={key}&amp;reprints=1&amp;since=' in html  # bars
        for path in (f"/articles?outlet={key}", f"/feed/outlet/{key}.atom", f"/outlet/{key}.json"):
            assert (await demo_site.client.get(path)).status_code == 200, path
