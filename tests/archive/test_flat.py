"""Flat rows of lists: one a fact, an article, a station, an outlet, with the columns that the codebook explains."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from archive.publishing.codebook import LISTS, codebook
from archive.publishing.writers import Format, writer
from archive.site.flat import Origin, columns, flat

_ORIGIN = Origin("https://archive.example", "0123456789ab")


@pytest.fixture
def snapshot(demo: tuple[Path, str]) -> Iterator[sqlite3.Connection]:
    """A copy of the demo's snapshot, to be changed."""
    with (
        closing(sqlite3.connect(demo[0] / "published" / "archive.db")) as published,
        closing(sqlite3.connect(":memory:")) as copy,
    ):
        published.backup(copy)
        yield copy


def _rows(connection: sqlite3.Connection, kind: str, where: str = "1", texts: bool = False) -> list[dict[str, Any]]:
    numbers = [number for (number,) in connection.execute(f"select id from {kind} where {where} order by id desc")]
    names = [column.name for column in columns(kind, texts)]
    return [dict(zip(names, row, strict=True)) for row in flat(connection, kind, numbers, _ORIGIN, texts)]


@pytest.mark.parametrize("kind", LISTS)
def test_rows_have_the_columns_of_the_codebook_and_their_kinds(snapshot: sqlite3.Connection, kind: str) -> None:
    rows = _rows(snapshot, kind)
    assert len(rows) == snapshot.execute(f"select count(*) from {kind}").fetchone()[0] > 0
    expected = {"string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,)}
    for row in rows:
        for column in LISTS[kind]:
            value = row[column.name]
            assert value is None or (isinstance(value, expected[column.kind]) and value != ""), (column.name, value)
    book = codebook([])
    for column in LISTS[kind]:
        assert f"| {column.name} | {column.kind} | {column.zh} | {column.en} |" in book
    for format_ in Format:
        made = writer(format_, columns(kind), kind, {})
        assert made.begin() + made.rows([list(row.values()) for row in rows]) + made.end()


@pytest.mark.parametrize("kind", LISTS)
def test_no_column_stays_empty_or_has_the_name_of_another(kind: str) -> None:
    names = [column.name for column in columns(kind, texts=True)]
    assert len(names) == len(set(names)) and all(column.zh and column.en for column in LISTS[kind])


def test_rows_are_in_the_order_of_their_numbers(snapshot: sqlite3.Connection) -> None:
    numbers = [number for (number,) in snapshot.execute("select id from facts order by value, id limit 20")]
    keys = dict(snapshot.execute("select id, evidence from facts"))
    where = [column.name for column in columns("facts")].index("fact")
    found = flat(snapshot, "facts", [*numbers, 10**9], _ORIGIN)
    assert [row[where] for row in found] == [keys[number] for number in numbers]


def test_a_fact_says_all_that_is_known_of_it(snapshot: sqlite3.Connection) -> None:
    (fact,) = snapshot.execute(
        "select id from facts where current and station_id is not null and type = 'party_members' order by id limit 1"
    ).fetchone()
    snapshot.execute(
        "update facts set value = 75, value_high = 80, as_of = '2023-03', review = 'correct', reviewed_at = '2026-01-02T03:04:05Z',"
        """ extracted = '{"value": 73, "value_high": null}', probability = 991 where id = ?""",
        [fact],
    )
    snapshot.execute(
        "update stations set division = '430304001001', division_name = '湖南省 湘潭市 岳塘区 宝塔街道 红旗社区'"
        " where id = (select station_id from facts where id = ?)",
        [fact],
    )
    (row,) = _rows(snapshot, "facts", f"id = {fact}")
    assert (row["value"], row["value_high"], row["read_value"], row["read_value_high"]) == (75, 80, 73, None)
    assert (row["review"], row["reviewed_at"], row["confidence"]) == ("corrected", "2026-01-02", 0.991)
    assert (row["as_of"], row["as_of_precision"]) == ("2023-03", "month")
    assert [row[level] for level in ("province", "city", "district", "community")] == [
        "湖南省",
        "湘潭市",
        "岳塘区",
        "红旗社区",
    ]
    assert [row[f"{level}_code"] for level in ("province", "city", "district", "town", "community")] == [
        "430000", "430300", "430304", "430304001", "430304001001",
    ]  # fmt: skip
    assert row["link"] == f"https://archive.example/fact/{row['fact']}" and row["snapshot"] == "0123456789ab"
    text = snapshot.execute("select text from articles where url = ?", [row["article_url"]]).fetchone()[0]
    assert text[row["start"] : row["end"]] == row["quote"]


def test_a_level_without_a_name_is_empty(snapshot: sqlite3.Connection) -> None:
    snapshot.execute("update stations set division = '310107', division_name = '上海市 普陀区'")
    row = _rows(snapshot, "stations")[0]
    assert (row["province"], row["city"], row["city_code"], row["district"]) == ("上海市", None, None, "普陀区")
    assert row["town"] is None and row["district_code"] == "310107"


def test_places_outside_the_national_list_have_names_and_no_codes(snapshot: sqlite3.Connection) -> None:
    rows = _rows(snapshot, "stations")
    assert {row["district"] for row in rows} >= {"望潭区", "芷岸区"} and {row["town"] for row in rows} >= {"青萝街道"}
    assert all(row["district_code"] is None for row in rows)


def test_a_reprint_leads_to_its_original(snapshot: sqlite3.Connection) -> None:
    expected = dict(
        snapshot.execute(
            "select copy.key, original.key from reprints join articles copy on copy.id = article_id"
            " join articles original on original.id = original_id"
        )
    )
    articles = {row["article"]: row for row in _rows(snapshot, "articles")}
    assert expected
    for key, row in articles.items():
        original = expected.get(key)
        assert row["original"] is (original is None)
        assert row["reprint_of"] == (original and f"https://archive.example/article/{original}")
    of_facts = {(row["article_link"], row["reprint_of"]) for row in _rows(snapshot, "facts")}
    assert of_facts <= {(row["link"], row["reprint_of"]) for row in articles.values()}


def test_articles_have_their_text_only_where_it_is_asked_for(snapshot: sqlite3.Connection) -> None:
    assert "text" not in _rows(snapshot, "articles")[0]
    row = _rows(snapshot, "articles", texts=True)[0]
    assert len(row["text"]) == row["characters"]


def test_outlets_count_their_articles(snapshot: sqlite3.Connection) -> None:
    rows = _rows(snapshot, "outlets")
    assert sum(row["articles"] for row in rows) == snapshot.execute("select count(*) from articles").fetchone()[0]
    assert sum(row["reprints"] for row in rows) == snapshot.execute("select count(*) from reprints").fetchone()[0]
    assert (
        sum(row["facts"] for row in rows) == snapshot.execute("select count(*) from facts where current").fetchone()[0]
    )
