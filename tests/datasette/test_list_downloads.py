"""Lists as files: exactly the rows that a list shows, in each format, without holding them all."""

import asyncio
import csv
import gzip
import io
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from datasette.app import Datasette
from openpyxl import load_workbook
from pyarrow import parquet

from archive.publishing.codebook import LISTS
from archive.search import lists
from archive.search.wanted import ListKind, SearchError, Wanted
from archive.site.flat import flat
from server import sending, snapshots
from server.compat import replace_database
from server.sending import BrokenOffError

_QUERIES = ("", "?type=party_members", "?place=望潭&sort=value&reprints=1", "?q=党员", "?type=donation_money&min=1")


@pytest.fixture
def connection(demo: tuple[Path, str]) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(demo[0] / "published" / "archive.db")) as opened:
        yield opened


def _csv(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def _keys(connection: sqlite3.Connection, query: str) -> list[str]:
    """The keys of the facts that a list shows, in its order."""
    given = dict(part.split("=") for part in query.removeprefix("?").split("&") if part)
    numbers = lists.numbers(connection, ListKind.FACTS, Wanted.of(given), size=10**6).numbers
    keys = dict(connection.execute("select id, evidence from facts"))
    return [keys[number] for number in numbers]


@pytest.mark.parametrize("query", _QUERIES)
async def test_all_formats_have_the_rows_of_the_list(
    demo_site: Datasette, connection: sqlite3.Connection, query: str
) -> None:
    expected = _keys(connection, query)
    assert expected
    answers = {end: await demo_site.client.get(f"/facts.{end}{query}") for end in ("csv", "xlsx", "jsonl", "parquet")}
    for end, answer in answers.items():
        assert answer.status_code == 200 and answer.headers["x-total-rows"] == str(len(expected)), end
        assert f"-{len(expected)}-rows.{end}" in answer.headers["content-disposition"]
    names = [column.name for column in LISTS["facts"]]
    lines = [json.loads(line) for line in answers["jsonl"].text.splitlines()]
    assert [line["fact"] for line in lines] == expected and [*lines[0]] == names
    assert parquet.read_table(io.BytesIO(answers["parquet"].content)).to_pylist() == lines
    assert [row["fact"] for row in _csv(answers["csv"].content)] == expected
    book = load_workbook(io.BytesIO(answers["xlsx"].content), read_only=True)
    heading, *rows = book["facts"].iter_rows(values_only=True)
    assert list(heading) == names and rows == [tuple(line.values()) for line in lines]


@pytest.mark.parametrize("kind", LISTS)
async def test_each_list_can_be_taken_away(demo_site: Datasette, connection: sqlite3.Connection, kind: str) -> None:
    rows = _csv((await demo_site.client.get(f"/{kind}.csv")).content)
    total = lists.total(connection, ListKind(kind), Wanted()).count
    assert len(rows) == total and [*rows[0]] == [column.name for column in LISTS[kind]]


async def test_what_a_workbook_is_about(demo_site: Datasette) -> None:
    address = "/facts.xlsx?type=party_members&lang="
    for language, query, unknown in (("en", "Query", "查询"), ("zh-Hans", "查询", "Query")):
        content = (await demo_site.client.get(address + language)).content
        about = dict(row[:2] for row in load_workbook(io.BytesIO(content))["about"].iter_rows(values_only=True))
        assert about[query] == ("Party members" if language == "en" else "党员数") and unknown not in about
        assert about["value"] and about["as_of"]  # what the columns mean
    described = (await demo_site.client.get("/facts.about.json?type=party_members")).json()
    assert described["address"] == "http://localhost/facts?type=party_members" and "Apache" in described["licence"]
    assert [column["name"] for column in described["columns"]] == [column.name for column in LISTS["facts"]]
    snapshot = described["snapshot"]
    answer = await demo_site.client.get("/facts.csv?type=party_members")
    assert {row["snapshot"] for row in _csv(answer.content)} == {snapshot} and len(snapshot) == 12
    assert described["rows"] == int(answer.headers["x-total-rows"])
    assert "/facts.about.json?type=party_members>" in answer.headers["link"]


async def test_a_file_in_chinese_has_a_name_in_ascii_too(demo_site: Datasette) -> None:
    named = (await demo_site.client.get("/facts.csv?place=望潭")).headers["content-disposition"]
    plain, _, full = named.partition("; filename*=UTF-8''")
    assert plain.isascii() and '"facts-___-' in plain and unquote(full).startswith("facts-望潭区-")


@pytest.mark.parametrize(
    "path", ["/facts.csv?place=没有这里", "/facts.xlsx?since=昨天", "/articles.jsonl?type=nothing"]
)
async def test_what_cannot_be_listed_says_why(demo_site: Datasette, path: str) -> None:
    for address in (path, path.replace(path[path.index(".") : path.index("?")], ".about.json")):
        answer = await demo_site.client.get(address)
        assert answer.status_code == 400 and answer.json()["error"]


async def test_a_list_that_cannot_be_begun_is_no_file(demo_site: Datasette, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_long(*_: Any) -> None:
        raise SearchError("搜索耗时过长。", "This search takes too long.")

    monkeypatch.setattr("server.list_downloads.numbers", too_long)
    answer = await demo_site.client.get("/facts.xlsx?lang=en")
    assert answer.status_code == 400 and answer.json()["error"] == "This search takes too long."


async def test_texts_are_there_only_where_the_operator_wants(
    demo_site: Datasette, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "text" not in (await demo_site.client.get("/articles.csv")).text.partition("\r\n")[0].split(",")
    monkeypatch.setenv("DANGQUN_TEXTS", "on")
    rows = _csv((await demo_site.client.get("/articles.csv")).content)
    assert all(len(row["text"]) == int(row["characters"]) for row in rows)
    assert "text" not in (await demo_site.client.get("/facts.csv")).text.partition("\r\n")[0].split(",")


async def test_chunks_join_without_a_gap(demo_site: Datasette, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = {end: (await demo_site.client.get(f"/facts.{end}")).content for end in ("csv", "jsonl")}
    monkeypatch.setattr("server.list_downloads._ROWS", 7)
    for end, content in whole.items():
        assert (await demo_site.client.get(f"/facts.{end}")).content == content
    table = parquet.read_table(io.BytesIO((await demo_site.client.get("/facts.parquet")).content))
    assert table.num_rows == len(whole["jsonl"].splitlines())


class _Client:
    """A client of the application that leaves after some messages."""

    def __init__(
        self, site: Datasette, path: str, method: str = "GET", leaves_after: int = 10**9, coding: str = ""
    ) -> None:
        path, _, query = path.partition("?")
        self._app, self._leaves_after = site.app(), leaves_after
        self.messages: list[dict[str, Any]] = []
        self._left = asyncio.Event()
        self._scope = {
            "type": "http", "http_version": "1.1", "method": method, "path": path, "raw_path": path.encode(), "scheme": "http",
            "query_string": query.encode(), "headers": [(b"host", b"localhost"), (b"accept-encoding", coding.encode())],
            "client": ("203.0.113.9", 1), "server": ("localhost", 80),
        }  # fmt: skip

    async def _receive(self) -> dict[str, Any]:
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        self.messages.append(message)
        if len(self.messages) >= self._leaves_after:
            self._left.set()
            await asyncio.sleep(0)

    async def ask(self) -> list[dict[str, Any]]:
        await self._app(self._scope, self._receive, self._send)
        return self.messages


async def test_head_has_headers_and_reads_no_rows(demo_site: Datasette, monkeypatch: pytest.MonkeyPatch) -> None:
    await demo_site.invoke_startup()

    def read_rows(*_: Any) -> None:
        raise AssertionError("rows were read")

    monkeypatch.setattr("server.list_downloads.flat", read_rows)
    start, body = await _Client(demo_site, "/facts.csv", "HEAD").ask()
    assert start["status"] == 200 and dict(start["headers"])[b"x-total-rows"].isdigit() and not body["body"]


async def test_nothing_is_made_for_a_client_that_left(demo_site: Datasette, monkeypatch: pytest.MonkeyPatch) -> None:
    await demo_site.invoke_startup()
    chunks: list[int] = []

    def counted(connection: sqlite3.Connection, kind: str, numbers: list[int], *rest: Any) -> Any:
        chunks.append(len(numbers))
        return flat(connection, kind, numbers, *rest)

    monkeypatch.setattr("server.list_downloads.flat", counted)
    monkeypatch.setattr("server.list_downloads._ROWS", 5)
    await _Client(demo_site, "/facts.jsonl", leaves_after=4).ask()
    assert 2 <= len(chunks) < 8
    assert not sending._UNDER_WAY and not snapshots._IN_USE
    chunks.clear()
    await _Client(demo_site, "/facts.jsonl").ask()
    assert len(chunks) > 20  # who stays gets all


async def test_texts_are_compressed_and_workbooks_are_not_again(demo_site: Datasette) -> None:
    await demo_site.invoke_startup()
    for end, coding in (("csv", b"gzip"), ("jsonl", b"gzip"), ("xlsx", b"identity"), ("parquet", b"identity")):
        start, *bodies = await _Client(demo_site, f"/facts.{end}", coding="gzip").ask()
        content = b"".join(message.get("body", b"") for message in bodies)
        assert dict(start["headers"])[b"content-encoding"] == coding, end
        assert content[:2] == {"xlsx": b"PK", "parquet": b"PA"}.get(end, b"\x1f\x8b")
        if coding == b"gzip":
            assert gzip.decompress(content).count(b"\n") > 20


async def test_an_address_gets_no_third_file_at_once(demo_site: Datasette, monkeypatch: pytest.MonkeyPatch) -> None:
    await demo_site.invoke_startup()
    monkeypatch.setitem(sending._UNDER_WAY, "203.0.113.9", 2)
    start, *_ = await _Client(demo_site, "/facts.csv?lang=en").ask()
    assert start["status"] == 429 and dict(start["headers"])[b"retry-after"]
    start, *_ = await _Client(demo_site, "/archive/facts.csv").ask()
    assert start["status"] == 429
    monkeypatch.setenv("DANGQUN_RATE", "off")
    assert (await _Client(demo_site, "/facts.csv").ask())[0]["status"] == 200


@pytest.mark.parametrize("applied", [[{1}, set()], [{1}, {1}]], ids=["taken down since", "only newer"])
async def test_a_newer_snapshot_breaks_a_file_off_only_where_something_was_taken_down(
    demo_site: Datasette, monkeypatch: pytest.MonkeyPatch, applied: list[set[int]]
) -> None:
    await demo_site.invoke_startup()
    monkeypatch.setattr("server.list_downloads._ROWS", 5)
    begun_with, client = demo_site.databases["archive"], _Client(demo_site, "/facts.jsonl")
    send, answers = client._send, cycle(applied)

    async def replacing(message: dict[str, Any]) -> None:
        await send(message)
        if len(client.messages) == 2:
            replace_database(demo_site, "archive", Path(str(begun_with.path)))
            monkeypatch.setattr("server.list_downloads.applied", lambda _: next(answers))

    monkeypatch.setattr(client, "_send", replacing)
    if applied[0] == applied[1]:
        assert not (await client.ask())[-1]["more_body"]
    else:
        with pytest.raises(BrokenOffError) as broken:
            await client.ask()
        assert "下载中断" in str(broken.value.__cause__)
        assert client.messages[-1]["more_body"]  # it has no last piece


async def test_the_name_of_a_file_has_the_query_in_plain_text(demo_site: Datasette) -> None:
    named = (await demo_site.client.get("/facts.csv?q=甲%26乙")).headers["content-disposition"]
    assert "%26" in named and "amp" not in named
