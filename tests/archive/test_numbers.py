"""The numbers of stations and places in a snapshot, beside what plain Python counts from its statements."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from archive.facts import AMOUNTS, LASTING
from archive.publishing.numbers import count_numbers
from archive.site.compare import Comparison, compare

_PEOPLE = "select 1, 'party_members', {at}, {value}, 'exact', 'person', '{qualifier}', '{qualifier}', {fact}, {variant}, {cumulative}"


@pytest.fixture
def snapshot(demo: tuple[Path, str]) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{demo[0] / 'published' / 'archive.db'}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        yield connection


def test_a_place_has_the_last_number_of_each_of_its_stations(snapshot: sqlite3.Connection) -> None:
    last: dict[tuple[int, str], tuple[str, float]] = {}
    for row in snapshot.execute("select *, coalesce(as_of, reported_on) as at from statements where station_id"):
        counts = row["value"] is not None and not row["variant"] and not row["cumulative"]
        if row["type"] in LASTING and row["qualifier"] in ("", "registered") and counts:
            key = (row["station_id"], row["type"])
            last[key] = max(last.get(key, ("", 0.0)), (row["at"], row["value"]))
    expected: dict[tuple[str, str], list[float]] = defaultdict(list)
    for place, station_id in snapshot.execute("select place, station_id from station_places"):
        for (station, type_), (_, value) in last.items():
            if station == station_id:
                expected[place, type_].append(value)
    found = {
        (row["place"], row["type"]): (row["stations"], row["total"])
        for row in snapshot.execute("select * from place_numbers")
        if row["type"] in LASTING
    }
    assert found == {key: (len(values), sum(values)) for key, values in expected.items()} and len(found) > 20


def test_amounts_count_once(snapshot: sqlite3.Connection) -> None:
    amounts: dict[tuple[int, str], set[float]] = defaultdict(set)
    for row in snapshot.execute("select * from statements where station_id and not variant and not cumulative"):
        if row["type"] in AMOUNTS and not row["qualifier"].startswith(("planned", "each")):
            amounts[row["station_id"], row["type"]].add(row["value"])
    found = {
        (row["station_id"], row["type"]): row["total"]
        for row in snapshot.execute("select * from station_latest")
        if row["type"] in AMOUNTS
    }
    assert found == {key: sum(values) for key, values in amounts.items()} and found


@pytest.mark.parametrize("at", ["", "2030"])
def test_a_sum_of_amounts_is_of_the_years_of_all_of_them(snapshot: sqlite3.Connection, at: str) -> None:
    expected: dict[tuple[str, str], set[str]] = defaultdict(set)
    for place, type_, day in snapshot.execute(
        "select place, type, at from station_places join station_numbers using (station_id)"
    ):
        if type_ in AMOUNTS:
            expected[place, type_].add(day)
    assert any(min(days)[:4] < max(days)[:4] for days in expected.values())
    for (place, type_), days in expected.items():
        page = compare(snapshot, Comparison((place,), type_, at))
        number = page["subjects"][0].numbers[type_]
        assert (number.since, number.until) == (min(days), max(days))


def test_every_type_says_how_many_stations_report_it(snapshot: sqlite3.Connection) -> None:
    counted = snapshot.execute(
        "select place, type, count(distinct station_id) from statements join station_places using (station_id)"
        " where type in ('address', 'opened_on', 'facilities') group by 1, 2"
    )
    found = snapshot.execute(
        "select place, type, stations from place_numbers where type in ('address', 'opened_on', 'facilities')"
    )
    assert {tuple(row) for row in found} == {tuple(row) for row in counted}


@pytest.mark.parametrize(
    "left_out", [{"qualifier": "planned"}, {"qualifier": "each"}, {"qualifier": "non_registered"}, {"qualifier": "困难"}, {"variant": 1}, {"cumulative": 1}]
)  # fmt: skip
def test_what_is_no_number_of_the_station_is_left_out(left_out: dict[str, object]) -> None:
    connection = sqlite3.connect(":memory:")
    usual: dict[str, object] = {"qualifier": "", "variant": 0, "cumulative": 0}
    rows = [
        _PEOPLE.format(at="'2021-05-01'", value=40, fact=1, **usual),
        _PEOPLE.format(at="'2023-05-01'", value=900, fact=2, **usual | left_out),
    ]
    connection.executescript(
        "create table statements (station_id, type, as_of, value, approx, unit, qualifier, qualifier_key, fact_id, variant, cumulative,"
        " value_high, reported_on, sources);"
        "insert into statements (station_id, type, as_of, value, approx, unit, qualifier, qualifier_key, fact_id, variant, cumulative) "
        f"{' union all '.join(rows)};"
        "create table station_places (place, station_id); insert into station_places values ('43', 1);"
        "create table fact_dates (id, counts); create table article_dates (published); insert into article_dates values ('2021-06-01')"
    )
    count_numbers(connection)
    assert connection.execute("select stations, recent, total, until from place_numbers").fetchall() == [
        (1, 1, 40, "2021-05-01")
    ]
