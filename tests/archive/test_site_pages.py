"""What the pages of stations and facts show, and in which words, from statements that are invented for it."""

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from archive import site
from archive.language import LANGUAGE, Language
from archive.places.houses import is_former
from archive.site import citation
from archive.site.citation import Cited

_COLUMNS = (
    "evidence type subject value value_high unit measure approx qualifier qualifier_key date as_of reported_on donor recipient quote"
    " review extracted"
).split()


def _fact(number: int, type_: str = "party_members", value: float | None = 58, **more: Any) -> dict[str, Any]:
    return dict.fromkeys(_COLUMNS, "") | {
        "id": number, "evidence": f"{number:024d}", "article_id": number, "station_id": 1, "type": type_, "value": value,
        "value_high": None, "approx": "exact", "unit": "person", "current": 1, "as_of": None, "reported_on": "2021-06-28",
        "quote": "党员58名", "start": 4, "end": 9, "repaired": 0, "revision": 1, "probability": 985, "subject_probability": 930,
    } | more  # fmt: skip


def _put(connection: sqlite3.Connection, table: str, **row: Any) -> None:
    columns, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" * len(row))
    connection.execute(f"insert into {table} ({columns}) values ({marks})", [*row.values()])


@pytest.fixture
def snapshot() -> Iterator[sqlite3.Connection]:
    """A snapshot's tables, as far as the pages ask for them, with one station in one place and eight articles."""
    connection = sqlite3.connect(":memory:")
    columns = [name for name in _fact(1) if name != "id"]
    connection.executescript(
        f"""
        create table facts (id integer primary key, {", ".join(f'"{name}"' for name in columns)});
        create table articles (id integer primary key, key, title, published, outlet_id, url, authors, gone_at);
        create table outlets (id integer primary key, name);
        create table stations (id integer primary key, key, name, place, division_name default '', articles default 0, facts default 0, statements default 0);
        create table station_names (station_id, name, place, key);
        create table station_places (place, station_id);
        create table places (key, name, level, stations);
        create table other_keys (kind, key, number);
        create table fact_types (id, position);
        create table statement_facts (fact_id, statement, station_id, story);
        create table fact_dates (id integer primary key, at, type, station_id, article_id);
        create table statements (fact_id, station_id, type, qualifier_key, as_of);
        create table contradictions (station_id, type, qualifier, at, one_value, other_value, one_fact, other_fact);
        create table article_dates (id integer primary key, published, reprint);
        create table fact_mentions (fact_id, revision, start, "end");
        create table revisions (article_id, number, text, capture_id, page_spans);
        create table captures (id integer primary key, fetched_at);
        insert into fact_types values ('party_members', 1), ('investment', 2), ('opened_on', 3), ('address', 4);
        insert into outlets values (1, '望潭日报'), (2, '青萝晚报');
        insert into captures values (1, '2026-11-19T22:00:00Z');
        insert into places values ('4303', '望潭市', 1, 30), ('430304', '青萝区', 2, 3), ('430304001', '松涛街道', 3, 1);
        insert into station_places values ('430304', 1), ('4303', 1), ('430304001', 1), ('430304', 2), ('430304', 3);
        insert into stations (id, key, name, place) values (1, 'k1', '青禾小区党群服务站', '青萝区'), (2, 'k2', '老码头党群服务站', ''), (3, 'k3', '乙成党群服务站', '');
        """
    )
    for number in range(1, 9):
        _put(
            connection, "articles", id=number, key=f"a{number}", title="站里的一年", published="2021-06-28", authors="周令仪",
            outlet_id=1 + number % 2, url=f"http://a.example/{number}",
        )  # fmt: skip
        _put(connection, "article_dates", id=number, published="2021-06-28", reprint=0)
        _put(
            connection,
            "revisions",
            article_id=number,
            number=1,
            text="如今在册党员58名。",
            capture_id=1,
            page_spans="[]",
        )
    yield connection
    connection.close()


def _state(connection: sqlite3.Connection, *facts: dict[str, Any]) -> None:
    for fact in facts:
        statement = fact.pop("statement", fact["id"])
        _put(connection, "facts", **fact)
        _put(
            connection,
            "statement_facts",
            fact_id=fact["id"],
            statement=statement,
            station_id=fact["station_id"],
            story=fact["article_id"],
        )
        _put(
            connection,
            "fact_dates",
            id=fact["id"],
            at=fact["as_of"] or fact["reported_on"] or "",
            **{name: fact[name] for name in ("type", "station_id", "article_id")},
        )
        _put(connection, "fact_mentions", fact_id=fact["id"], revision=1, start=fact["start"], end=fact["end"])
        if statement == fact["id"]:
            shared = {name: fact[name] for name in ("station_id", "type", "qualifier_key", "as_of")}
            _put(connection, "statements", fact_id=fact["id"], **shared)


def _page(connection: sqlite3.Connection) -> Any:
    page = site.station(connection, 1)
    assert page is not None
    return page


def test_the_summary_has_the_latest_number_of_all(snapshot: sqlite3.Connection) -> None:
    _state(
        snapshot,
        _fact(1, as_of="2021-06-28"),
        _fact(2, value=42, as_of="2019"),
        _fact(3, value=9, as_of="2024-01-01", qualifier="退休", qualifier_key="退休"),  # of some members only
        _fact(4, "investment", 500000, unit="CNY", as_of="2025", qualifier="planned", qualifier_key="planned"),
        _fact(5, "investment", 180000, unit="CNY"),
        _fact(6, as_of="2021-06-28", statement=1),  # a reprint
    )
    page = _page(snapshot)
    members, money = page["tiles"]
    assert (members.statement["id"], money.statement["id"]) == (1, 5)
    assert [source["id"] for source in members.statement["sources"]] == [1, 6]
    assert members.trend.before["id"] == 2 and members.trend.difference == 16
    assert money.trend is None and (members.more, money.more) == (2, 1)


@pytest.mark.parametrize(
    "earlier",
    [
        {"as_of": None, "reported_on": "2019-01-01"},
        {"as_of": "2019", "qualifier": "registered", "qualifier_key": "registered"},
        {"as_of": "2019", "approx": "more_than"},
        {"as_of": "2019", "value_high": 60},
    ],
)
def test_there_is_a_trend_only_between_what_can_be_compared(
    snapshot: sqlite3.Connection, earlier: dict[str, Any]
) -> None:
    _state(snapshot, _fact(1, as_of="2021-06-28"), _fact(2, value=42, **earlier))
    assert _page(snapshot)["tiles"][0].trend is None


def test_contradictions_stand_beside_the_latest_number(snapshot: sqlite3.Connection) -> None:
    _state(
        snapshot, _fact(1, as_of="2021-06-28"), _fact(2, value=42, as_of="2021-06-28"), _fact(3, value=40, as_of="2019")
    )
    snapshot.execute("insert into contradictions values (1, 'party_members', '', '2021-06-28', 42, 58, 2, 1)")
    page = _page(snapshot)
    (tile,) = page["tiles"]
    assert tile.statement["id"] == 1 and [other["id"] for other in tile.against] == [2] and tile.trend is None
    fact = site.fact_page(snapshot, 1)
    assert fact is not None
    assert [[other["id"] for other in others] for others in fact["others"]] == [[], [2], [3]]


def test_a_chart_needs_two_values_at_two_dates(snapshot: sqlite3.Connection) -> None:
    _state(snapshot, _fact(1, as_of="2021-06-28"), _fact(2, as_of="2019"), _fact(3, value=42))
    chart = _page(snapshot)["charts"]["party_members"]
    assert [(mark["at"], mark["value"], mark["reported"]) for mark in chart["series"][0]["marks"]] == [
        ("2019", 58, False), ("2021-06-28", 58, False), ("2021-06-28", 42, True),
    ]  # fmt: skip
    snapshot.execute("update facts set value = 58")
    assert _page(snapshot)["charts"] == {}


def test_events_are_in_order(snapshot: sqlite3.Connection) -> None:
    opened = {"type_": "opened_on", "value": None, "unit": "date"}
    _state(
        snapshot,
        _fact(1, **opened, date="--06-30", reported_on=None),
        _fact(2, **opened, date="2021-07-01", as_of="2021-07-01"),
        _fact(3, "address", None, unit="text", reported_on="2020-01-01", quote="松涛路12号"),
    )
    assert {year: [one["id"] for one in events] for year, events in _page(snapshot)["events"].items()} == {
        "2021": [2],
        "": [1],
    }
    _state(snapshot, _fact(4, "address", None, unit="text", reported_on="2022-01-01", quote="澄浦街3号"))
    events = _page(snapshot)["events"]
    assert list(events) == ["2021", "2022", ""]
    assert [(one["id"], one["before"]["id"]) for one in events["2022"]] == [(4, 3)]


@pytest.mark.parametrize(
    ("addresses", "moves"),
    [
        ({"2020": "松涛路12号", "2021-03": "青萝区松濤路12號一楼"}, []),
        ({"2020": "松涛路12号", "2021-03": "松涛路12-1号"}, []),
        ({"2020": "松涛路10-14号", "2021-03": "松涛路12号"}, []),
        ({"2020": "松涛路12号", "2021-03": "澄浦小区3号楼"}, []),  # perhaps at the corner
        ({"2020": "松涛路12号", "2021-03": "社区北门", "2022": "松涛路40号", "2023": "松涛路40号"}, ["2022"]),
        ({"2020": "青禾小区3号楼", "2021": "青禾小区5栋一楼", "2022": "澄浦街8号"}, ["2021"]),
        ({"2020": "松涛路12号", "2021": "松涛路40号", "2022": "松涛路12号"}, []),  # which of them is wrong?
        ({"2021": "松涛路12号", "2021-03": "松涛路40号"}, []),  # which was first?
    ],
    ids=str,
)
def test_a_station_moved_where_its_addresses_leave_no_doubt(
    snapshot: sqlite3.Connection, addresses: dict[str, str], moves: list[str]
) -> None:
    stated = enumerate(addresses.items(), 1)
    _state(snapshot, *(_fact(n, "address", None, unit="text", as_of=at, quote=quote) for n, (at, quote) in stated))
    events = _page(snapshot)["events"]
    assert [one["as_of"] for of_year in events.values() for one in of_year] == moves


def test_a_former_address_is_no_move(snapshot: sqlite3.Connection) -> None:
    text = "服务站原址位于松涛路8号，去年搬到这里。"
    snapshot.execute("update revisions set text = ? where article_id = 2", [text])
    start = text.index("松涛路")
    fact = _fact(2, "address", None, unit="text", as_of="2021", quote="松涛路8号")
    _state(
        snapshot,
        _fact(1, "address", None, unit="text", as_of="2020", quote="松涛路12号"),
        fact | {"article_id": 2, "start": start, "end": start + 5, "revision": 1},
    )
    assert _page(snapshot)["events"] == {}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("服务站原位于人民路8号", True),
        ("曾设在人民路8号", True),
        ("曾获表彰，位于人民路8号", False),
        ("位于曾家岩50号", False),
        ("位于太原在建路8号", False),
    ],
)
def test_words_of_a_former_address(words: str, expected: bool) -> None:
    assert is_former(words) == expected


def test_a_move_is_from_the_address_that_is_certainly_another(snapshot: sqlite3.Connection) -> None:
    stated = enumerate({"2019": "松涛路8号", "2021": "社区北门", "2023": "松涛路12号"}.items(), 1)
    _state(snapshot, *(_fact(n, "address", None, unit="text", as_of=at, quote=quote) for n, (at, quote) in stated))
    (event,) = _page(snapshot)["events"]["2023"]
    assert event["before"]["quote"] == "松涛路8号"


def test_neighbours_are_those_of_the_smallest_place_with_any(snapshot: sqlite3.Connection) -> None:
    page = _page(snapshot)
    assert [place["name"] for place in page["places"]] == ["望潭市", "青萝区", "松涛街道"]
    assert page["nearby"]["name"] == "青萝区" and {other["key"] for other in page["near"]} == {"k2", "k3"}


def test_how_sure_of_a_number_and_of_what_it_is_about_stand_apart(snapshot: sqlite3.Connection) -> None:
    unknown = _fact(3, probability=None, subject_probability=None)
    _state(snapshot, _fact(1), _fact(2, probability=920, subject_probability=930), unknown)
    pages = [site.fact_page(snapshot, number) for number in (1, 2, 3)]
    assert [page and (page["sure"], page["subject_sure"]) for page in pages] == [(985, 930), (920, None), (None, None)]


def _cited(**more: Any) -> Cited:
    stated = _fact(
        1,
        as_of="2021-06-28",
        qualifier="registered",
        station="青禾小区党群服务站",
        station_place="望潭区",
        outlet="望潭日报",
        **more,
    )
    article = {
        "title": "站里的一年",
        "authors": "周令仪、沈知远",
        "published": "2021-07-01T09:00:00+08:00",
        "url": "http://a.example/1",
    }
    return citation.cited(stated, article, {"fetched_at": "2026-11-19T22:00:00Z"})


def test_each_citation_names_station_place_and_date() -> None:
    address = "https://archive.example/fact/1"
    assert citation.short(_cited(), address) == (
        "青禾小区党群服务站（望潭区）：党员数58人，在册，截至2021年6月28日。望潭日报，2021年7月1日。" + address
    )
    assert citation.gbt7714(_cited(), address) == (
        "周令仪，沈知远. 站里的一年[EB/OL]. (2021-07-01)[2026-11-20]. http://a.example/1."
        " 青禾小区党群服务站（望潭区）：党员数58人，在册，截至2021年6月28日. 党群服务站报道档案: " + address + "."
    )  # captured at six in the morning of the next day in Beijing
    token = LANGUAGE.set(Language.EN)
    try:
        assert citation.statement(_cited()) == (
            "青禾小区党群服务站 (望潭区): Party members 58 people, registered, as of 28 June 2021"
        )
        for write in citation.FORMS.values():
            assert "as of 28 June 2021" in write(_cited(), address) and address in write(_cited(), address)
    finally:
        LANGUAGE.reset(token)


def test_a_citation_of_a_corrected_fact_says_what_the_program_read() -> None:
    for language, read in (
        (Language.ZH, "党员数43人，在册，截至2021年6月28日（已由编辑更正，程序读作42人）"),
        (Language.EN, "as of 28 June 2021 (corrected by an editor; the program read 42 people)"),
    ):
        token = LANGUAGE.set(language)
        try:
            for name, write in citation.FORMS.items():
                corrected = _cited(value=43, review="correct", extracted='{"value": 42}')
                assert read in write(corrected, "https://archive.example/fact/1"), name
        finally:
            LANGUAGE.reset(token)
