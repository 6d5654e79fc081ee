"""Lists: which rows a reader's filters leave, in which order, and what is counted, against plain SQL."""

import itertools
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from archive.facts import LASTING
from archive.publishing.columns import lay_columns
from archive.search import columns, facets, lists, named
from archive.search.columns import Data
from archive.search.engine import find
from archive.search.wanted import ListKind, SearchError, UnknownError, Wanted
from archive.site import listing
from archive.site.compare import Comparison, compare
from archive.site.outlet import outlet as outlet_page
from archive.site.station import station

_FACTS = (
    "select facts.id from facts join articles on articles.id = article_id join outlets on outlets.id = outlet_id"
    " left join statement_facts on fact_id = facts.id left join stations on stations.id = statement_facts.station_id where current and "
)


@pytest.fixture(scope="module")
def snapshot(demo: tuple[Path, str]) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"file:{demo[0] / 'published' / 'archive.db'}?immutable=1", uri=True)
    yield connection
    connection.close()


@pytest.fixture
def changed(demo: tuple[Path, str]) -> Iterator[sqlite3.Connection]:
    """A copy of the snapshot in memory, to be changed."""
    connection = sqlite3.connect(":memory:")
    with sqlite3.connect(demo[0] / "published" / "archive.db") as source:
        source.backup(connection)
    source.close()
    yield connection
    connection.close()


def _all(snapshot: sqlite3.Connection, kind: str, size: int = 7, **asked: str) -> list[int]:
    """The numbers of a list, page by page."""
    wanted, found, after = Wanted.of(asked), list[int](), ""
    while True:
        page = lists.numbers(snapshot, ListKind(kind), wanted, after, size)
        assert page.before == len(found) and len(page.numbers) <= size
        found += page.numbers
        after = page.next
        if not after:
            break
    assert lists.total(snapshot, ListKind(kind), wanted).count == len(found) == len(set(found))
    return found


def _sql(snapshot: sqlite3.Connection, sql: str, *values: object) -> list[int]:
    return [number for (number,) in snapshot.execute(sql, values)]


@pytest.mark.parametrize(
    ("asked", "condition"),
    [
        ({"min": "100"}, "coalesce(value_high, value) >= 100"),
        ({"max": "1,000"}, "value <= 1000"),
        ({"max": "0"}, "value <= 0"),
        ({"min": "30", "max": "300", "type": "party_members"}, "value between 30 and 300 and type = 'party_members'"),
        ({"qualifier": "registered"}, "qualifier = 'registered'"),
        ({"qualifier": "nowhere"}, "0"),
        ({"qualifier": "图书"}, "qualifier in ('图书', '圖書')"),
        ({"qualifier": "圖書"}, "qualifier in ('图书', '圖書')"),
        ({"sure": "0.95"}, "min(coalesce(probability, 1000), coalesce(subject_probability, 1000)) >= 950"),
        ({"since": "2021-06", "by": "reported_on"}, "reported_on >= '2021-06'"),
        ({"until": "2021-06-28", "by": "reported_on"}, "reported_on <= '2021-06-28'"),
        ({"since": "2019", "by": "as_of"}, "as_of >= '2019'"),
        ({"outlet": "望潭"}, "outlets.name = '望潭发布'"),
    ],
    ids=str,
)
def test_filters_of_facts(snapshot: sqlite3.Connection, asked: dict[str, str], condition: str) -> None:
    assert set(_all(snapshot, "facts", **asked, reprints="1")) == set(_sql(snapshot, _FACTS + condition))


def test_a_list_holds_each_statement_once(snapshot: sqlite3.Connection) -> None:
    statements = _sql(snapshot, "select fact_id from statements")
    assert set(_all(snapshot, "facts")) == set(statements)
    folded = lists.total(snapshot, ListKind.FACTS, Wanted()).folded
    assert folded == len(_all(snapshot, "facts", reprints="1")) - len(statements) > 0


def test_an_outlet_that_only_reprints_has_rows_of_its_own(snapshot: sqlite3.Connection) -> None:
    """Where the row that counts for a statement is filtered out, its reprint stands for it."""
    for outlet, of_facts in snapshot.execute("select id, key from outlets").fetchall():
        condition = "outlet_id = ? group by coalesce(statement, facts.id)"
        expected = _sql(snapshot, _FACTS.replace("facts.id from", "count(*) from", 1) + condition, outlet)
        assert len(_all(snapshot, "facts", outlet=of_facts)) == len(expected) > 0
        page = outlet_page(snapshot, outlet)
        assert page is not None and page["statements"] == len(expected)
        (row,) = (row for row in find(snapshot, "outlets", Wanted()).rows if row["id"] == outlet)
        assert row["statements"] == len(expected)


def test_a_date_known_to_the_year_is_within_its_months(changed: sqlite3.Connection) -> None:
    fact = _all(changed, "facts")[0]
    changed.execute("update facts set as_of = '2020' where id = ?", [fact])
    changed.execute("update fact_dates set at = '2020' where id = ?", [fact])
    changed.execute("drop table list_columns")
    lay_columns(changed)
    for since, until, is_in in (
        ("2020-03", "2020-05-02", True),
        ("2020", "2020", True),
        ("2021", "", False),
        ("", "2019-12", False),
    ):
        assert (fact in _all(changed, "facts", since=since, until=until)) is is_in


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("date", "at desc, id desc"),
        ("-date", "at = '', at"),
        ("value", "value desc nulls last"),
        ("-value", "value nulls last"),
    ],
)
def test_facts_in_order(snapshot: sqlite3.Connection, sort: str, order: str) -> None:
    column = "value" if "value" in sort else "at"
    source = "(select facts.id, at, value from facts join fact_dates using (id))"
    shown = dict(snapshot.execute(f"select id, {column} from {source}").fetchall())
    expected = _sql(snapshot, f"select {column} from {source} order by {order}")
    found = _all(snapshot, "facts", sort=sort, reprints="1")
    assert [shown[number] for number in found] == expected
    assert sort != "date" or found == _sql(snapshot, f"select id from {source} order by {order}")


def test_what_is_asked_of_facts_is_asked_of_one_fact(snapshot: sqlite3.Connection) -> None:
    """An article with 100 households and 30 members is none with 100 members."""
    condition = "type = 'party_members' and coalesce(value_high, value) >= 100"
    asked = {"type": "party_members", "min": "100"}
    for kind, number in (
        ("articles", "facts.article_id"),
        ("stations", "statement_facts.station_id"),
        ("outlets", "outlet_id"),
    ):
        expected = _sql(snapshot, _FACTS.replace("facts.id from", f"{number} from", 1) + condition)
        assert set(_all(snapshot, kind, **asked, reprints="1")) == set(expected) - {None}


@pytest.mark.parametrize("until", ["", "2021", "2020-11"])
def test_the_latest_of_each_station(snapshot: sqlite3.Connection, until: str) -> None:
    """The list has the facts that make up the sums of a place, and nothing else is narrowed to them."""
    for place, type_, total in snapshot.execute(
        "select place, type, total from place_numbers where total is not null"
    ).fetchall():
        found = _all(snapshot, "facts", place=place, type=type_, until=until, latest="1")
        number = compare(snapshot, Comparison((place,), type_, until))["subjects"][0].numbers.get(type_)
        assert len(found) == (number.reporting if number else 0)
        if type_ in LASTING and number:
            values = dict(snapshot.execute("select id, value from facts").fetchall())
            assert sum(values[one] for one in found) == number.total and (until or number.total == total)
    wanted = Wanted(place="望潭区", latest=True, until=until)
    for choice in facets.facets(snapshot, ListKind.FACTS, wanted).types:
        assert lists.total(snapshot, ListKind.FACTS, replace(wanted, type=choice.key)).count == choice.count
    large = lists.station_ids(snapshot, Wanted(type="party_members", latest=True, until=until, min=100)).numbers
    assert set(large) == {
        row["id"]
        for row in find(snapshot, "stations", Wanted(until=until)).rows
        if (row["numbers"].get("party_members") or {"value": 0})["value"] >= 100
    }


def test_stations_in_order(snapshot: sqlite3.Connection) -> None:
    assert _all(snapshot, "stations") == _sql(snapshot, "select id from stations order by articles desc, name, id")
    for sort in ("value", "-value"):
        shown = find(snapshot, "stations", Wanted(type="households", sort=sort)).rows
        values = [row["numbers"]["households"]["value"] for row in shown]
        assert values == sorted(values, reverse=sort == "value") and len(values) > 5
    assert _all(snapshot, "stations", sort="value") == _all(snapshot, "stations")  # a value of which type?
    assert _all(snapshot, "stations", sort="name") == _sql(snapshot, "select id from stations order by name, id")
    place = "望潭区"
    expected = _sql(snapshot, "select station_id from station_places join places on key = place where name = ?", place)
    assert set(_all(snapshot, "stations", place=place)) == set(expected)


@pytest.mark.parametrize("kind", ListKind)
def test_a_choice_has_as_many_rows_as_it_says(snapshot: sqlite3.Connection, kind: ListKind) -> None:
    for asked in ({}, {"type": "party_members"}, {"place": "望潭区"}, {"q": "党群服务", "since": "2021"}):
        wanted = Wanted.of(asked)
        found = facets.facets(snapshot, kind, wanted)
        for name, choices in (("place", found.places), ("outlet", found.outlets), ("type", found.types)):
            for choice in choices[:4]:
                assert lists.total(snapshot, kind, Wanted.of({**asked, name: choice.key})).count == choice.count
        for choice in found.years:
            narrowed = Wanted.of({**asked, "since": choice.key, "until": choice.key})
            assert lists.total(snapshot, kind, narrowed).count == choice.count
        assert (found.types and found.years) or (kind, asked.get("q")) == (ListKind.OUTLETS, "党群服务")


def test_pages_lead_back(snapshot: sqlite3.Connection) -> None:
    first, second, third = itertools.islice(_pages(snapshot), 3)
    assert (first.previous, second.previous) == ("", "") and third.before == 20
    assert third.previous is not None
    assert lists.numbers(snapshot, ListKind.FACTS, Wanted(), third.previous, 10).numbers == second.numbers


def _pages(snapshot: sqlite3.Connection) -> Iterator[lists.Numbers]:
    after = ""
    while True:
        page = lists.numbers(snapshot, ListKind.FACTS, Wanted(), after, 10)
        yield page
        after = page.next


def test_an_empty_list_says_what_to_leave_out(snapshot: sqlite3.Connection) -> None:
    asked = {"type": "party_members", "since": "2031", "place": "望潭区"}
    page = listing.listing(snapshot, "facts", Wanted.of(asked))
    assert page["found"].rows == [] and [choice.key for choice in page["without"]] == ["since"]
    without = {name: value for name, value in asked.items() if name != "since"}
    assert page["without"][0].count == len(_all(snapshot, "facts", **without)) > 0


def test_donors_in_either_script(changed: sqlite3.Connection) -> None:
    fact = _all(changed, "facts")[0]
    changed.execute("update facts set donor = '望潭区国贸公司' where id = ?", [fact])
    changed.execute("drop table list_columns")
    lay_columns(changed)
    assert _all(changed, "facts", donor="國貿") == [fact]


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("望潭区", ["望潭区"]),
        ("望潭", ["望潭区"]),
        ("望潭 澄浦", ["澄浦街道"]),
        ("澄浦", ["澄浦街道"]),
        ("街道", None),
        ("望潭區", ["望潭区"]),
    ],
)
def test_places_by_name(snapshot: sqlite3.Connection, written: str, found: list[str] | None) -> None:
    names = [place.name for place in named.places(Data(snapshot), written)]
    assert names == found if found else len(names) > 1 and all("街道" in name for name in names)


def test_an_unknown_name_is_answered_with_the_nearest(snapshot: sqlite3.Connection) -> None:
    with pytest.raises(UnknownError, match="望潭区"):
        named.places(Data(snapshot), "望谭区")
    with pytest.raises(UnknownError, match="望潭发布"):
        named.outlets(Data(snapshot), "望谭发布")


@pytest.mark.parametrize(
    ("kind", "written", "name"),
    [
        ("place", "澄浦", "澄浦街道"),
        ("outlet", "望潭", "望潭发布"),
        ("station", "喆園", "喆园小区党群服务站"),
        ("type", "党员", "party_members"),
    ],
)
def test_suggestions(snapshot: sqlite3.Connection, kind: str, written: str, name: str) -> None:
    found = listing.suggestions(snapshot, kind, written)
    assert found[0].name == name and found[0].count > 0 and len(found) <= 10
    assert listing.suggestions(snapshot, "nothing", written) == []


def test_the_form_offers_qualifiers_in_one_script_and_no_goods(changed: sqlite3.Connection) -> None:
    assert changed.execute("select 1 from facts where qualifier = '图书'").fetchone()
    for qualifier in ("困難", "困难"):
        changed.execute(
            "update facts set qualifier = ? where id = (select max(id) from facts where type = 'party_members' and current"
            " and qualifier = 'registered')",
            [qualifier],
        )
    changed.execute("drop table list_columns")
    lay_columns(changed)
    offered = listing.listing(changed, "facts", Wanted())["qualifiers"]
    assert offered[0] == "registered" and {"registered", "non_registered", "planned"} <= set(offered)
    assert len({"困難", "困难"} & set(offered)) == 1 and "图书" not in offered


def test_tabs(snapshot: sqlite3.Connection) -> None:
    counted = listing.tabs(snapshot, Wanted(q="望潭"))
    assert counted["outlets"] == 1 and counted["places"] == 1 and counted["articles"]
    assert counted["stations"] == len(_all(snapshot, "stations", q="望潭"))


@pytest.mark.parametrize("given", [{"min": "many"}, {"since": "2020-13"}, {"by": "hearsay"}, {"sure": "nan"}], ids=str)
def test_a_wrong_parameter_is_named(given: dict[str, str]) -> None:
    with pytest.raises(SearchError, match=next(iter(given))):
        Wanted.of(given)


def test_parameters_come_back(snapshot: sqlite3.Connection) -> None:
    given = {"q": "党员", "min": "1000", "sure": "0.9", "reviewed": "1", "sort": "-value", "by": "as_of"}
    assert Wanted.of({**given, "page": "7", "place": " ", "reprints": "0"}).parameters() == given


def test_another_snapshot_has_columns_of_its_own(snapshot: sqlite3.Connection, changed: sqlite3.Connection) -> None:
    before = len(_all(snapshot, "facts"))
    changed.execute("delete from fact_dates where id = (select max(id) from fact_dates)")
    changed.execute("drop table list_columns")
    lay_columns(changed)
    assert len(_all(changed, "facts", reprints="1")) == len(_all(snapshot, "facts", reprints="1")) - 1
    assert len(_all(snapshot, "facts")) == before and len(columns._KEPT) > 1


def test_a_snapshot_that_nobody_looks_at_any_more_is_forgotten(
    snapshot: sqlite3.Connection, changed: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A site that publishes every hour would keep each snapshot's columns, a hundred bytes a fact."""
    monkeypatch.setattr(columns, "_KEPT", {})
    before = Data(snapshot).columns
    before.used_at -= 3600
    changed.execute("drop table list_columns")
    lay_columns(changed)
    after = Data(changed).columns
    assert list(columns._KEPT.values()) == [after] and after is not before


def test_stations_and_places_count_what_is_listed_of_them(snapshot: sqlite3.Connection) -> None:
    """Of one story, a name means the station that any of its articles means by it: counts, lists and pages say so alike."""
    otherwise = "select count(*) from facts join statement_facts on fact_id = id where current and facts.station_id is not statement_facts.station_id"
    assert snapshot.execute(otherwise).fetchone()[0]
    for number, key, statements, facts in snapshot.execute(
        "select id, key, statements, facts from stations"
    ).fetchall():
        page = station(snapshot, number)
        assert page is not None and sum(map(len, page["groups"].values())) == statements and page["facts"] == facts
        assert len(_all(snapshot, "facts", station=key)) == statements
        assert len(_all(snapshot, "facts", station=key, reprints="1")) == facts
    for key, statements in snapshot.execute("select key, statements from places").fetchall():
        assert len(_all(snapshot, "facts", place=key)) == statements
