"""Ten tasks of researchers, each from a page that everybody finds to the answer: by links and forms, without knowing an address."""

import csv
import io
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin
from xml.etree import ElementTree as ET

import pytest
from datasette.app import Datasette
from openpyxl import load_workbook
from parsel import Selector
from pyarrow import parquet

_ATOM = "{http://www.w3.org/2005/Atom}"


class Page:
    """A page that a reader looks at."""

    def __init__(self, site: Datasette, address: str, answer: Any) -> None:
        self._site, self.address, self.answer = site, address, answer
        self.html = Selector(answer.text) if "html" in answer.headers["content-type"] else Selector("<p>")
        self.text = re.sub(r"\s+", " ", " ".join(self.html.xpath("//main//text()[not(ancestor::script)]").getall()))

    async def follow(self, words: str) -> "Page":
        """Follow the first link of the page's header or content that has these words."""
        found = self.html.xpath("//header//nav//a | //main//a")
        links = [link.attrib["href"] for link in found if words in "".join(link.xpath(".//text()").getall())]
        assert links, f"no link “{words}” on {self.address}"
        return await self.open(links[0])

    async def submit(self, action: str, **fields: str) -> "Page":
        """Fill in the form of an action that has these fields, and send it."""
        for form in self.html.xpath(f"//form[@action='{action}']"):
            names = set(form.xpath(".//input/@name | .//select/@name").getall())
            if fields.keys() <= names:
                for name, value in fields.items():
                    options = form.xpath(f".//select[@name='{name}']/option/@value").getall()
                    assert not options or value in options, (name, value)
                hidden = {one.attrib["name"]: one.attrib["value"] for one in form.xpath(".//input[@type='hidden']")}
                return await self.open(f"{action}?{urlencode({**hidden, **fields})}")
        raise AssertionError(f"no form with {[*fields]} on {self.address}")

    async def open(self, address: str) -> "Page":
        """Open an address as this page has it."""
        return await opened(self._site, urljoin(self.address, address).split("#")[0])


async def opened(site: Datasette, address: str) -> Page:
    answer = await site.client.get(address, follow_redirects=True)
    assert answer.status_code == 200, (address, answer.status_code)
    return Page(site, address, answer)


@pytest.fixture
def snapshot(demo: tuple[Path, str]) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(demo[0] / "published" / "archive.db")) as connection:
        connection.row_factory = sqlite3.Row
        yield connection


def _workbook(content: bytes) -> list[dict[str, Any]]:
    heading, *rows = load_workbook(io.BytesIO(content), read_only=True).worksheets[0].iter_rows(values_only=True)
    return [dict(zip(map(str, heading), row, strict=True)) for row in rows]


async def _start(site: Datasette, words: str) -> Page:
    return await (await opened(site, "/")).follow(words)


async def test_members_of_all_stations_of_a_place_at_a_date_as_a_spreadsheet(
    demo_site: Datasette, snapshot: sqlite3.Connection
) -> None:
    facts = await (await _start(demo_site, "搜索")).follow("事实")
    form = facts.html.xpath("//form[contains(@class, 'narrowing')]/@action").get() or ""
    found = await facts.submit(form, type="party_members", place="望潭", until="2021", by="reported_on")
    rows = _workbook((await found.follow("Excel")).answer.content)
    expected = snapshot.execute(
        "select count(distinct statement) from statement_facts s join facts on facts.id = fact_id join stations on stations.id = s.station_id"
        " where type = 'party_members' and current and reported_on < '2022' and stations.place like '望潭区%'"
    ).fetchone()[0]
    assert len(rows) == expected > 3 and f"{expected}条事实" in found.text
    for row in rows:
        assert row["district"] == "望潭区" and row["station"] and row["value"] and str(row["value"]) in row["quote"]
        assert row["reported_on"] < "2022" and row["original"] is True and row["link"].startswith("http")
        assert row["as_of"] is None or row["as_of_precision"]


async def test_articles_about_a_subject(demo_site: Datasette, snapshot: sqlite3.Connection) -> None:
    found = await (await _start(demo_site, "报道")).submit("/articles", q="书画")
    titles = [row["title"] for row in snapshot.execute(
        "select title from articles where text like '%书画%' and id not in (select article_id from reprints)")]  # fmt: skip
    assert titles and all(title in found.text for title in titles) and f"{len(titles)}篇" in found.text
    assert "书画" in (await found.follow(titles[0])).text


async def test_how_a_number_changed_and_who_says_so(demo_site: Datasette) -> None:
    stations = await (await _start(demo_site, "站点")).submit("/stations", q="映月花园")
    station = await stations.follow("映月花园小区党群服务站")
    members = station.html.xpath("//tbody[@id='party_members']/tr")
    said = [(re.sub(r"\D", "", "".join(row.xpath(".//span[@class='amount']/text()").getall())),
             "".join(row.xpath("td[@data-label='报道于']//text()").getall()), "".join(row.xpath("td[@data-label='来源']//text()").getall()))
            for row in members]  # fmt: skip
    registered = [(value, day[:4]) for value, day, _ in said if value != "118"]
    assert registered == [("73", "2023"), ("58", "2021"), ("42", "2019")]
    assert all("云泽新闻网" in sources for *_, sources in said)
    assert sum("環球頭條匯" in sources for *_, sources in said) == 3  # the reprints stand behind the original
    assert "服务站登记在册党员73名" in (await station.open(members[0].xpath(".//td[last()]//a/@href").get() or "")).text


async def test_citing_a_number(demo_site: Datasette) -> None:
    found = await (await _start(demo_site, "搜索")).submit("/search", q="登记在册党员73名")
    fact = await (await found.follow("事实")).follow("73人")
    short = "".join(fact.html.xpath("//*[@id='cite-short']//text()").getall())
    assert all(words in short for words in ("映月花园小区党群服务站", "望潭区", "73人", "2023年7月1日", "云泽新闻网"))
    address = re.findall(r"http://localhost(/fact/[0-9a-f]{24})", short)
    assert "73人" in (await opened(demo_site, address[0])).text
    for end, sign in ((".bib", "@online{"), (".json", "container-title"), (".txt", "映月花园")):
        assert sign in (await opened(demo_site, address[0] + end)).answer.text


async def test_comparing_two_places(demo_site: Datasette) -> None:
    place = await (await _start(demo_site, "地方")).follow("望潭区")
    one = await place.follow("加入比较")
    both = await one.submit("/compare", add="芷岸区")
    compared = await both.submit("/compare", type="party_members", at="2022-12-31")
    table = compared.html.xpath("//table")[0]
    rows = {row.xpath("th//text()").get(): row.xpath("td//text()").getall() for row in table.xpath(".//tbody/tr")}
    assert [*rows] == ["望潭区", "芷岸区"]
    for number, coverage in rows.values():
        assert int(number.replace(",", "")) > 0 and re.fullmatch(r"\d+/\d+", coverage)
    assert rows["芷岸区"] == ["340", "3/4"]
    shared = await opened(demo_site, both.address)
    assert "望潭区" in shared.text and "芷岸区" in shared.text


async def test_donations_over_a_thousand_with_their_donors(demo_site: Datasette, snapshot: sqlite3.Connection) -> None:
    facts = await (await _start(demo_site, "搜索")).follow("事实")
    form = facts.html.xpath("//form[contains(@class, 'narrowing')]/@action").get() or ""
    found = await facts.submit(form, type="donation_money", min="1000")
    rows = list(csv.DictReader(io.StringIO((await found.follow("CSV")).answer.content.decode("utf-8-sig"), newline="")))
    said = snapshot.execute("select count(distinct statement) from statement_facts join facts on facts.id = fact_id"
                            " where type = 'donation_money' and current and value >= 1000").fetchone()[0]  # fmt: skip
    assert len(rows) == said > 0 and len({row["quote"] for row in rows}) == said  # a reprint doubles nothing
    assert {"donor", "recipient"} <= rows[0].keys() and all(float(row["value"]) >= 1000 for row in rows)
    assert any(row["donor"] or row["recipient"] for row in rows)


async def test_what_an_outlet_published_in_a_year(demo_site: Datasette, snapshot: sqlite3.Connection) -> None:
    outlet = await (await _start(demo_site, "媒体")).follow("望潭发布")
    articles = await outlet.follow("全部报道")
    form = articles.html.xpath("//form[contains(@class, 'narrowing')]/@action").get() or ""
    key = articles.address.partition("outlet=")[2]
    found = await articles.submit(form, outlet=key, since="2021", until="2021")
    titles = [row["title"] for row in snapshot.execute(
        "select title from articles join outlets on outlets.id = outlet_id where name = '望潭发布' and published like '2021%'")]  # fmt: skip
    assert len(titles) > 1 and all(title in found.text for title in titles) and f"{len(titles)}篇" in found.text
    rows = [json.loads(line) for line in (await found.follow("JSON lines")).answer.text.splitlines()]
    assert sorted(row["title"] for row in rows) == sorted(titles)


async def test_a_question_in_sql(demo_site: Datasette, snapshot: sqlite3.Connection) -> None:
    data = await _start(demo_site, "数据")
    sql = [link for link in data.html.xpath("//main//a/@href").getall() if "/archive" in link and "sql=" in link]
    assert sql
    counted = "select type, count(*) from statements group by 1 order by 1"
    answer = await data.open(f"/archive/-/query.json?{urlencode({'sql': counted, '_shape': 'arrays'})}")
    assert [tuple(row) for row in answer.answer.json()["rows"]] == [tuple(row) for row in snapshot.execute(counted)]


async def test_all_rows_for_a_program(demo_site: Datasette) -> None:
    facts = await (await _start(demo_site, "搜索")).follow("事实")
    table = parquet.read_table(io.BytesIO((await facts.follow("Parquet")).answer.content))
    rows, address = list[dict[str, Any]](), "/facts.json"
    while address:
        answer = (await demo_site.client.get(address)).json()
        rows += answer["rows"]
        address = (answer["next_url"] or "").removeprefix("http://localhost")
    keys = [row["evidence"] for row in rows]
    assert keys == table.column("fact").to_pylist() and len(keys) == len(set(keys)) == answer["total"] > 100
    whole = parquet.read_table(io.BytesIO((await demo_site.client.get("/facts.parquet?reprints=1")).content))
    reprints = [row for row in whole.to_pylist() if row["reprint_of"]]
    assert reprints and not any(row["original"] for row in reprints) and whole.num_rows > table.num_rows


async def test_following_a_place(demo_site: Datasette, snapshot: sqlite3.Connection) -> None:
    place = await (await _start(demo_site, "地方")).follow("望潭区")
    feed = ET.fromstring((await place.follow("订阅")).answer.text)
    entries = feed.findall(f"{_ATOM}entry")
    assert entries and "望潭区" in (feed.findtext(f"{_ATOM}title") or "")
    for entry in entries:
        link = entry.find(f"{_ATOM}link")
        assert link is not None
        found = re.search(r"/fact/([0-9a-f]{24})", link.attrib["href"])
        assert found
        at = snapshot.execute(
            "select place from stations join statement_facts s on s.station_id = stations.id join facts on facts.id = fact_id"
            " where evidence = ?",
            [found[1]],
        )
        assert at.fetchone()["place"].startswith("望潭区")
