"""Pages of places and comparisons: what they say is what the snapshot says."""

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit
from xml.etree import ElementTree as ET

import pytest
from datasette.app import Datasette
from serving import site

from archive.site.compare import Caution, Comparison, compare, offered
from archive.site.place import place, yearly
from archive.site.tiles import tile_map

_DISTRICT, _OTHER = "望潭区", "芷岸区"
_SPAN, _TAG = re.compile(r"</?span[^>]*>"), re.compile(r"<[^>]*>")


@pytest.fixture
def snapshot(demo: tuple[Path, str]) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{demo[0] / 'published' / 'archive.db'}?mode=ro", uri=True)) as connection:
        yield connection


async def _text(site: Datasette, address: str, status: int = 200) -> str:
    answer = await site.client.get(address)
    assert answer.status_code == status, address
    return answer.text


def _words(html: str) -> str:
    return " ".join(_TAG.sub(" ", _SPAN.sub("", html).split("<main", 1)[1].split("</main>", 1)[0]).split())


async def test_a_place_sums_up_its_stations(demo_site: Datasette) -> None:
    chinese = _words(await _text(demo_site, f"/place/{_DISTRICT}?lang=zh"))
    assert "7个站点。党员数：5个站点报过，各取最近一次，合计354人（2020–2023年）。" in chinese
    assert "2019年与2023年都报过的1个站点：由42人到73人。" in chinese
    english = _words(await _text(demo_site, f"/place/{_DISTRICT}?lang=en"))
    assert (
        "Party members: 354 people in all, from the latest number of each of the 5 stations that report it (2020–2023)."
        in english
    )
    assert "The one station that reports it in both 2019 and 2023: from 42 people to 73 people." in english
    residents = _words(await _text(demo_site, f"/place/{_DISTRICT}?type=residents&lang=en"))
    assert "Residents: about 29,315 people in all" in residents  # one of them is more than 14,700
    assert "Party members 5 of 7 2 354 people 2020–2023" in english


async def test_a_place_with_a_long_name_has_its_pages(demo: tuple[Path, str], tmp_path: Path) -> None:
    shutil.copytree(demo[0] / "published", tmp_path / "published")
    long = "云泽自治区 望潭自治州 芷岸自治县 松涛生产建设管理局第三农场 青萝街道办事处"
    with closing(sqlite3.connect(tmp_path / "published" / "archive.db")) as connection, connection:
        connection.execute("update places set key = ? where key = ?", [long, _OTHER])
    served = site(tmp_path / "published" / "archive.db")
    for path in (f"/place/{quote(long)}", f"/place/{quote(long)}/stations.csv", f"/feed/place/{quote(long)}.atom"):
        await _text(served, path)


async def test_an_amount_of_money_counts_once(demo_site: Datasette) -> None:
    words = _words(await _text(demo_site, f"/place/{_DISTRICT}?type=investment&lang=en"))
    assert "Money invested: 3,063,000 yuan in all for 4 stations, each amount counted once (2019–2023)." in words


@pytest.mark.parametrize("down", [True, False])
async def test_stations_are_sorted_by_a_number(demo_site: Datasette, snapshot: sqlite3.Connection, down: bool) -> None:
    html = await _text(demo_site, f"/place/{_DISTRICT}?sort={'-' * down}party_members&lang=en")
    assert f'aria-sort="{"descending" if down else "ascending"}"' in html
    rows = html.split('id="stations"')[1].split("<tbody>")[1].split("</tbody>")[0].split("<tr>")[1:]
    shown = [re.search(r'data-label="Party members"><span>(?:<a[^>]*>([\d,]+))?', row) for row in rows]
    numbers = [int(one[1].replace(",", "")) for one in shown if one and one[1]]
    expected = snapshot.execute(
        "select value from station_latest join station_places using (station_id) where place = ? and type = 'party_members'",
        [_DISTRICT],
    )
    assert numbers == sorted((value for (value,) in expected), reverse=down) and len(rows) == 7
    assert not any(one and one[1] for one in shown[len(numbers) :])  # without a number: last, either way


@pytest.mark.parametrize("wrong", ["sort=password", "sort=-", "sort=party_members%3Bdrop", "type=x"])
async def test_what_cannot_be_sorted_by_is_ignored(demo_site: Datasette, wrong: str) -> None:
    assert 'aria-sort="descending"' in await _text(demo_site, f"/place/{_DISTRICT}?{wrong}")


def test_the_bars_of_a_trend_are_of_the_stations_below_them(snapshot: sqlite3.Connection) -> None:
    page = place(snapshot, _DISTRICT, "party_members")
    assert page is not None and page["trend"] is not None
    marks = {mark["at"]: mark for mark in page["trend"]["chart"]["series"][0]["marks"]}
    for year, values in yearly(snapshot, _DISTRICT, "party_members").items():
        assert (marks[year]["value"], marks[year]["n"]) == (sum(values.values()), len(values))
    assert sum(mark["n"] for mark in marks.values()) == 7 and all(mark["of"] == 7 for mark in marks.values())


def test_only_stations_of_both_years_make_a_change() -> None:
    connection = sqlite3.connect(":memory:")
    connection.executescript(
        "create table station_places (place, station_id); create table station_numbers (type, station_id, at, value);"
        "create table fact_types (id, unit, position); insert into fact_types values ('households', 'household', 1);"
        "create table places (key, parent, name, kind, stations, articles);"
        "insert into places values ('43', '', '湖南省', 'province', 3, 1);"
        "create table place_names (place, name, stations); create table article_dates (published);"
        "create table place_numbers (place, type, stations, recent, total, since, until);"
        "insert into place_numbers values ('43', 'households', 3, 1, 0, '2020', '2022');"
        "create table stations (id, key, name, place, articles, latest);"
        "create table station_latest (station_id, type, total, fact_id); create table facts (id, evidence);"
        "insert into station_places values ('43', 1), ('43', 2), ('43', 3);"
        "insert into station_numbers values ('households', 1, '2020-05', 100), ('households', 1, '2022', 130),"
        " ('households', 2, '2020-01-01', 500), ('households', 3, '2022-02', 10), ('households', 3, '2022-09', 20)"
    )
    page = place(connection, "43")
    assert page is not None and page["trend"] is not None
    assert page["trend"]["staying"] == (1, ("2020", "2022"), (100, 130))
    assert [mark["value"] for mark in page["trend"]["chart"]["series"][0]["marks"]] == [600, 150]


async def test_the_feed_of_a_place_has_facts_of_its_stations_only(
    demo_site: Datasette, snapshot: sqlite3.Connection
) -> None:
    feed = ET.fromstring(await _text(demo_site, f"/feed/place/{quote(_DISTRICT)}.atom"))
    keys = [entry.text.rsplit("/", 1)[1] for entry in feed.iterfind("{*}entry/{*}id") if entry.text]
    inside = snapshot.execute(
        "select evidence from facts join statement_facts on fact_id = id"
        " join station_places on station_places.station_id = statement_facts.station_id where place = ?",
        [_DISTRICT],
    )
    assert len(keys) == 50 and set(keys) <= {key for (key,) in inside}
    assert (await demo_site.client.get("/feed/place/nowhere.atom")).status_code == 404


def test_the_map_has_every_province_once() -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("create table places (key, parent, name, stations)")
    counts = {"湖南省": 12, "浙江省": 12, "江苏省": 90, "海南省": 1, "望潭区": 7}
    connection.executemany("insert into places values (?, '', ?, ?)", [(name, name, n) for name, n in counts.items()])
    found = tile_map(connection)
    assert len(found["tiles"]) == len({(tile.column, tile.row) for tile in found["tiles"]}) == 34
    shades = {tile.name: tile.shade for tile in found["tiles"] if tile.stations}
    assert shades["海南省"] < shades["湖南省"] == shades["浙江省"] < shades["江苏省"] and len(shades) == 4
    assert [(bounds.fewest, bounds.most) for bounds in found["bounds"]] == [(1, 1), (12, 12), (90, 90)]
    assert [row["name"] for row in found["provinces"]] == ["江苏省", "浙江省", "湖南省", "海南省"]


async def test_places_are_found_by_a_part_of_their_name(demo_site: Datasette) -> None:
    for written, key in [("望潭", _DISTRICT), ("望潭区 澄浦街道", "望潭区 澄浦街道"), ("澄浦", "望潭区 澄浦街道")]:
        only = await demo_site.client.get("/places", params={"q": written})
        assert (only.status_code, only.headers["location"]) == (303, f"/place/{quote(key)}")
    several = await _text(demo_site, "/places?q=街道&lang=en")
    assert "Places with “街道” in their name" in _words(several) and several.count('<li><a href="/place/') == 3
    assert "没有站点位于" in _words(await _text(demo_site, "/places?q=无此地"))


async def test_an_empty_map_is_not_shown(demo_site: Datasette) -> None:
    for address in ("/", "/places"):  # no station of the demonstration lies in a known province
        html = await _text(demo_site, f"{address}?lang=en")
        assert 'class="tile' not in html and f"/place/{quote(_DISTRICT)}" in html


async def test_the_map_has_a_square_for_each_province(demo_site: Datasette) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("create table places (key, parent, name, stations)")
    connection.execute("insert into places values ('330000', '', '浙江省', 12)")
    await demo_site.invoke_startup()
    html = await demo_site.render_template("_tile_map.html", {"tiles": tile_map(connection), "table_beside": True})
    assert html.count('<li class="column-') == 34 and 'href="/place/330000"' in html


async def test_two_places_side_by_side(demo_site: Datasette) -> None:
    html = await _text(demo_site, f"/compare?of={_DISTRICT},{_OTHER}&type=party_members&lang=en")
    words = _words(html)
    assert (
        "望潭区: 354 people from 5 of 7 stations (2020–2023). 芷岸区: 340 people from 3 of 4 stations (2022)." in words
    )
    assert "Not all stations report this" in words and "They are of different years." in words
    removed = re.findall(r'class="remove" href="([^"]+)"', html)
    assert [parse_qs(urlsplit(link).query)["of"] for link in removed] == [[_OTHER], [_DISTRICT]]
    assert "各取最近一次" not in words and "报过" not in words
    assert "354人，来自7个站点中报过的5个" in _words(
        await _text(demo_site, f"/compare?of={_DISTRICT},{_OTHER}&lang=zh")
    )


async def test_a_name_is_added(demo_site: Datasette) -> None:
    added = await demo_site.client.get(f"/compare?of={_DISTRICT}&type=households&add=芷岸")
    assert added.status_code == 303
    assert parse_qs(urlsplit(added.headers["location"]).query) == {
        "of": [f"{_DISTRICT},{_OTHER}"],
        "type": ["households"],
    }
    several = await _text(demo_site, f"/compare?of={_DISTRICT}&add=小区")
    assert len(re.findall(r'<li><a href="/compare\?of=[^"]*,[0-9a-f]{24}"', several)) >= 6
    key = re.findall(r"of=[^,\"]*,([0-9a-f]{24})", several)[0]
    chosen = await demo_site.client.get(f"/compare?of={_DISTRICT}&add={key}")  # as a suggestion is sent
    assert parse_qs(urlsplit(chosen.headers["location"]).query)["of"] == [f"{_DISTRICT},{key}"]
    assert "没有名称含“无此地”的地方或站点" in await _text(demo_site, f"/compare?of={_DISTRICT}&add=无此地")


async def test_suggestions_of_places_and_stations_at_once(demo_site: Datasette) -> None:
    both = (await demo_site.client.get("/suggest.json", params={"kind": "place,station", "q": "松涛"})).json()["rows"]
    assert {len(row["key"]) == 24 for row in both} == {True, False} and len(both) <= 10


async def test_stations_side_by_side_are_drawn_over_time(demo_site: Datasette, snapshot: sqlite3.Connection) -> None:
    keys = [
        key
        for (key,) in snapshot.execute("select key from stations where name like '映月花园%' or name like '松涛雅苑%'")
    ]
    html = await _text(demo_site, f"/compare?of={','.join(keys)}&lang=en")
    assert 'class="chart dots"' in html and "73 people (2023)" in _words(html)
    assert "Not all stations" not in html


@pytest.mark.parametrize(
    "wrong", ["of=" + ",".join(map(str, range(7))), "of=x&type=password", "of=x&at=soon", "of=" + "x" * 300]
)
async def test_a_wrong_comparison_says_what_is_wrong(demo_site: Datasette, wrong: str) -> None:
    assert 'role="alert"' in await _text(demo_site, f"/compare?{wrong}", 400)


async def test_what_is_not_there_is_named(demo_site: Datasette) -> None:
    html = await _text(demo_site, f"/compare?of={_DISTRICT},无此地,{'0' * 24}&lang=en")
    assert f"There is no such place or station: 无此地, {'0' * 24}" in _words(html)
    assert "<script" not in (await _text(demo_site, "/compare?of=<script>1</script>")).split("<main")[1]


def test_at_no_date_a_place_has_its_published_numbers(snapshot: sqlite3.Connection) -> None:
    for (key,) in snapshot.execute("select key from places").fetchall():
        (now,) = compare(snapshot, Comparison((key,)))["subjects"]
        for type_, number in now.numbers.items():
            (late,) = compare(snapshot, Comparison((key,), type_, "2099-12-31"))["subjects"]
            assert late.numbers == {type_: number}


@pytest.mark.parametrize("at", ["2021", "2020-11", "2022-05-29", "2010"])
def test_until_a_date_only_what_was_reported_by_then_counts(snapshot: sqlite3.Connection, at: str) -> None:
    last: dict[int, tuple[str, float]] = {}
    for station, date, value in snapshot.execute(
        "select station_id, coalesce(as_of, reported_on) as at, value from statements join station_places using (station_id)"
        " where place = ? and type = 'party_members' and qualifier in ('', 'registered') and not variant order by at",
        [_OTHER],
    ):
        if date[: len(at)] <= at:
            last[station] = (date, value)
    (subject,) = compare(snapshot, Comparison((_OTHER,), "party_members", at))["subjects"]
    number = subject.numbers.get("party_members")
    assert (number.total if number else 0) == sum(value for _, value in last.values())
    assert (number.reporting if number else 0) == len(last)


def test_what_does_not_compare_is_said(snapshot: sqlite3.Connection) -> None:
    (station,) = snapshot.execute("select key from stations where name like '映月花园%'").fetchone()
    page = compare(snapshot, Comparison((_DISTRICT, station), "party_members"))
    assert {Caution.WITHIN, Caution.KINDS} <= set(page["cautions"])
    assert [row["key"] for row in offered(snapshot, _OTHER)] == [_OTHER]


async def test_pages_lead_to_comparisons(demo_site: Datasette) -> None:
    assert f'href="/compare?of={quote(_DISTRICT)}"' in await _text(demo_site, f"/place/{_DISTRICT}")
    neighbours = await _text(demo_site, f"/compare?of={_DISTRICT}")
    assert f'href="/compare?of={quote(_DISTRICT)},{quote(_OTHER)}"' in neighbours
