"""Downloads: every row that a page speaks of, the number of rows, and cells that no spreadsheet runs."""

import csv
import io
import json
import re
import sqlite3
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from datasette.app import Datasette
from openpyxl import load_workbook
from serving import served, site
from support import exchange, page

from archive.pipeline.ingest import ingest
from archive.publishing.sheet import cell
from archive.publishing.snapshot import publish
from archive.publishing.writers import Csv
from archive.site.downloads import Download
from archive.storage.store import open_for_writing
from server.sending import BrokenOffError

_MANY = 2300  # rows: more than any page, and than Datasette's max_returned_rows twice
_TEXT = "望潭区青萝街道青禾小区党群服务站揭牌，青禾小区现有在册党员42名，居民860户。大家都说这里办事方便。"
_WIDER = f"""
    create temporary table more as with recursive more (n) as (select 1 union all select n + 1 from more where n < {_MANY}) select n from more;
    create temporary table article as select * from articles limit 1;
    update article set title = '=2+5', published = '2021-06-28';
    update articles set published = '2021-06-28';
    create temporary table fact as select * from facts where station_id is not null limit 1;
    create temporary table dated as select * from fact_dates where station_id is not null limit 1;
    create temporary table station as select * from stations limit 1;
"""


def _copies(connection: sqlite3.Connection, table: str, source: str, **other: str) -> None:
    """Many rows like one, but for what SQL over `more.n` says."""
    columns = [name for _, name, *_ in connection.execute(f"pragma table_info({table})")]
    chosen = ", ".join(other.get(name, f"{source}.{name}") for name in columns)
    connection.execute(f"insert into {table} select {chosen} from {source}, more")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive whose snapshot has thousands of rows of everything."""
    folder = tmp_path_factory.mktemp("downloads") / "data"
    with open_for_writing(folder) as archive:
        saved = archive.save_capture(exchange("http://a.example/1.html", page("青禾小区党群服务站揭牌", _TEXT)), None)
        assert saved is not None
        ingest(archive, saved)
        snapshot = publish(archive)
    with closing(sqlite3.connect(snapshot)) as connection:
        connection.executescript(_WIDER)
        _copies(
            connection,
            "articles",
            "article",
            id="100000 + n",
            url="'http://a.example/n/' || n",
            capture_id="capture_id",
        )
        _copies(connection, "facts", "fact", id="100000 + n", evidence="printf('%024x', n)", article_id="100000 + n")
        _copies(connection, "fact_dates", "dated", id="100000 + n", article_id="100000 + n")
        connection.execute(
            "update stations set facts = (select count(*) from fact_dates where station_id = stations.id)"
        )
        _copies(connection, "stations", "station", id="100000 + n", key="'k' || n", name="'站' || n")
        connection.execute("insert into station_places select '望潭区', id from stations where id > 100000")
        place = "insert or ignore into places (key, parent, name, folded, level)"
        connection.execute(f"{place} values ('望潭区', '', '望潭区', '望潭区', 2)")
        connection.execute(f"{place} select '望潭区/' || n, '望潭区', '街' || n, '街' || n, 3 from more")
        connection.execute(
            "update places set stations = (select count(*) from station_places where place = places.key) where key = '望潭区'"
        )
        columns = [name for _, name, *_ in connection.execute("pragma table_info(answer_money_by_year)")]
        connection.execute(f"insert into answer_money_by_year select {', '.join(['n'] * len(columns))} from more")
        connection.execute(
            "update answers set total = (select count(*) from answer_money_by_year) where question = 'money_by_year'"
        )
        connection.commit()
    return folder


@pytest.fixture
def wide(folder: Path) -> Iterator[Datasette]:
    served = site(folder / "published" / "archive.db")
    yield served
    served.close()


def _table(content: bytes) -> list[list[str]]:
    """The rows of a CSV file, without their names."""
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))[1:]


def _count(folder: Path, sql: str) -> int:
    with closing(sqlite3.connect(folder / "published" / "archive.db")) as connection:
        return connection.execute(f"select count(*) from ({sql})").fetchone()[0]


_CSV = {
    "/archive/articles.csv": "select 1 from articles",
    "/archive/articles.csv?_size=max&_labels=on": "select 1 from articles",
    "/archive/articles.csv?_stream=on&_dl=on&_size=max": "select 1 from articles",
    "/archive/articles.csv?_col=title&_sort_desc=published": "select 1 from articles",
    "/archive/articles.csv?title=%3D2%2B5&_facet=outlet_id": "select 1 from articles where title = '=2+5'",
    "/archive/articles.csv?_next=2021-06-28,100500": "select 1 from articles",
    "/archive/facts.csv?station_id=1&current=1&_labels=on": "select 1 from facts where station_id = 1 and current",
    "/archive/statements.csv": "select 1 from statements",
    "/archive/money_by_year.csv": "select 1 from answer_money_by_year",
    "/archive/-/query.csv?sql=select+id,+id+from+stations+where+id+>+:least;&least=5": "select 1 from stations where id > 5",
    "/place/望潭区/stations.csv": "select 1 from station_places where place = '望潭区'",
    "/place/望潭区/places.csv": "select 1 from places where parent = '望潭区'",
}


async def test_csv_has_all_rows_and_says_how_many(wide: Datasette, folder: Path) -> None:
    for path, sql in _CSV.items():
        answer = await wide.client.get(path)
        assert answer.status_code == 200, path
        rows, total = _table(answer.content), _count(folder, sql)
        assert len(rows) == total and int(answer.headers["x-total-rows"]) == total, path
        assert len({tuple(row) for row in rows}) == total or "_col" in path, path
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert f"-{total}-rows.csv" in answer.headers["content-disposition"]


_JSON = {
    "/archive/money_by_year.json": "select 1 from answer_money_by_year",
    "/archive/money_by_year.json?_shape=array": "select 1 from answer_money_by_year",
    "/archive/articles.json?_labels=on&_shape=array": "select 1 from articles",
    "/archive/articles.json?_shape=array&_nl=on": "select 1 from articles",
    "/archive/-/query.json?sql=select+*+from+stations&_shape=array": "select 1 from stations",
    "/archive/-/query.json?sql=select+id+from+articles": "select 1 from articles",
}


async def test_json_without_a_next_page_has_all_rows(wide: Datasette, folder: Path) -> None:
    for path, sql in _JSON.items():
        answer = await wide.client.get(path)
        if "_nl" in path:
            rows = [json.loads(line) for line in answer.text.splitlines()]
        else:
            rows = answer.json() if "array" in path else answer.json()["rows"]
        assert len(rows) == int(answer.headers["x-total-rows"]) == _count(folder, sql) and all(rows), path
        if "_labels" in path:
            assert rows[0]["outlet_id"]["value"] == 1 and rows[0]["outlet_id"]["label"]


@pytest.mark.parametrize("path", ["/archive/articles.xlsx?_col=url", "/archive/money_by_year.xlsx"])
async def test_excel_has_all_rows(wide: Datasette, folder: Path, path: str) -> None:
    answer = await wide.client.get(path)
    book = load_workbook(io.BytesIO(answer.content), read_only=True)
    table = "articles" if "articles" in path else "answer_money_by_year"
    rows = {row[:2] for row in book.worksheets[0].iter_rows(min_row=2, values_only=True)}
    assert len(rows) == int(answer.headers["x-total-rows"]) == _count(folder, f"select 1 from {table}")


async def test_the_pages_of_a_table_lose_no_row(wide: Datasette, folder: Path) -> None:
    for table, order in (
        ("articles", ""),
        ("articles", "_sort=published"),
        ("facts", "_sort=as_of"),
        ("facts", "_sort_desc=article_id"),
    ):
        seen, path = [], f"/archive/{table}.json?_size=1000&_col=id&{order}"
        while path:
            answer = (await wide.client.get(path)).json()
            seen += [row["id"] for row in answer["rows"]]
            path = (answer["next_url"] or "").removeprefix("http://localhost")
        assert len(seen) == len(set(seen)) == _count(folder, f"select 1 from {table}"), (table, order)


async def test_what_a_reader_limits_stays_limited(wide: Datasette) -> None:
    answer = await wide.client.get("/archive/articles.csv?_size=3&_header=off")
    assert len(answer.text.splitlines()) == 3 == int(answer.headers["x-total-rows"])
    assert len((await wide.client.get("/archive/articles.json?_shape=array&_size=4")).json()) == 4
    assert len((await wide.client.get("/archive/articles.json")).json()["rows"]) == 30


@pytest.mark.parametrize("digits", [19, 25, 5000])
async def test_a_limit_above_any_table_is_none(wide: Datasette, folder: Path, digits: int) -> None:
    answer = await wide.client.get(f"/archive/articles.csv?_size={'9' * digits}&_col=title")
    assert answer.status_code == 200
    assert (
        len(_table(answer.content)) == int(answer.headers["x-total-rows"]) == _count(folder, "select 1 from articles")
    )


async def test_pages_say_what_they_leave_out(wide: Datasette, folder: Path) -> None:
    total = f"{_count(folder, 'select 1 from answer_money_by_year'):,}"
    question = (await wide.client.get("/question/money_by_year")).text
    assert f"全部行 ({total})" in question and f"第1页，共{-(-int(total.replace(',', '')) // 100)}页" in question
    assert question.count("<tr>") == 1 + 100  # of the first page
    place = (await wide.client.get("/place/望潭区")).text
    for link in re.findall(r'href="([^"]+\.csv)">下载全部([\d,]+)行', place):
        assert len(_table((await wide.client.get(link[0])).content)) == int(link[1].replace(",", ""))
    assert "此处只列前200个" in place and "此处只列前50个" in place
    station = (await wide.client.get("/archive/stations/1", follow_redirects=True)).text
    assert "本页只用前1,000条事实" in station
    table = (await wide.client.get("/archive/stations?_size=5&id__lte=100500")).text
    ((link, count),) = re.findall(r'href="([^"]+\.csv[^"]*)">下载全部([\d,]+)行', table)
    all_ = await wide.client.get(link.replace("&amp;", "&"))
    assert len(_table(all_.content)) == int(count.replace(",", "")) == 501
    assert "_shape=object" not in table and "stream all rows" not in table and "_shape=array" in table
    assert "下载全部行 (CSV)" in (await wide.client.get("/archive/-/query?sql=select+1")).text


_FORMULAS = ["=", "+", "-", "@", " =", "\t=", "\r-", "\n+", "　@", "\ufeff=", "＝", "\t1"]


async def test_no_text_is_a_formula(wide: Datasette) -> None:
    sql = "select :text as text, -5 as number, -0.5 as share, '-5' as negative, :text || 'x' as [=x]"
    for begin in _FORMULAS:
        text = begin + "cmd|' /C calc'!A0"
        answer = await wide.client.get("/archive/-/query.csv", params={"sql": sql, "text": text})
        (names, row) = csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))
        assert row[0] == f"'{text}" and row[1:4] == ["-5", "-0.5", "'-5"] and names[4] == "'=x"


@pytest.mark.parametrize("text", ["", "平常的字", "1-2", "'=1", "a=b", " 段首空格"])
def test_other_texts_stay(text: str) -> None:
    assert cell(text) == text


async def test_what_cannot_be_taken_away_says_why(wide: Datasette, monkeypatch: pytest.MonkeyPatch) -> None:
    for path, status in (
        ("/archive/nothing.csv", 404),
        ("/archive/-/query.csv?sql=delete+from+facts", 400),
        ("/archive/-/query.csv?sql=select+nothing+from+facts", 400),
        ("/archive/-/query.csv", 400),
        ("/archive/articles.csv?_sort=nothing", 400),
    ):
        answer = await wide.client.get(path)
        assert answer.status_code == status and not answer.json()["ok"], path
    monkeypatch.setattr("archive.site.downloads._COUNTED_IN", 0.1)
    endless = "with recursive n (i) as (select 1 union all select i + 1 from n) select i from n"
    # Datasette reads the first thousand rows of this at once.
    answer = await wide.client.get("/archive/-/query.csv", params={"sql": endless})
    assert answer.status_code == 400 and "超时" in answer.json()["error"]
    assert (await wide.client.get("/archive/-/query.csv", params={"sql": "explain select 1"})).status_code == 200


async def test_what_may_not_be_queried_may_not_be_taken_away(folder: Path) -> None:
    closed = site(folder / "published" / "archive.db")
    await closed.invoke_startup()
    closed._settings["default_allow_sql"] = False
    assert (await closed.client.get("/archive/-/query.csv?sql=select+1")).status_code == 403
    assert (await closed.client.get("/archive/articles.csv?_where=1")).status_code == 403
    closed.close()


def test_a_download_is_read_in_small_pieces() -> None:
    connection = sqlite3.connect(":memory:")
    sql = "with recursive n (i) as (select 1 union all select i + 1 from n where i < 3000) select i, hex(zeroblob(500)) from n"
    download = Download(connection, sql)
    pieces = list(download.pieces(Csv(download.columns)))
    assert len(pieces) > 20 and max(map(len, pieces)) < 150_000 and b"".join(pieces).count(b"\n") == 3001


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # sqlite3 says that `costly` failed
def test_a_query_that_gets_no_memory_is_refused() -> None:
    def costly() -> None:
        raise MemoryError

    with closing(sqlite3.connect(":memory:")) as connection:
        connection.create_function("costly", 0, costly)
        with pytest.raises(sqlite3.OperationalError, match="内存不足"):
            Download(connection, "select costly()")


async def test_a_download_that_cannot_be_begun_says_why(wide: Datasette, monkeypatch: pytest.MonkeyPatch) -> None:
    await wide.invoke_startup()
    monkeypatch.setattr("archive.sql.rows._STEPS", 1)
    monkeypatch.setattr("archive.site.downloads._PIECE_IN", -1.0)
    answer = await wide.client.get("/archive/articles.csv")
    assert answer.status_code == 400 and "超时" in answer.json()["error"]


async def test_a_download_that_fails_on_the_way_is_broken_off(wide: Datasette, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server closes the connection without a last piece: who reads it is not left to believe that this was all."""
    some_rows, calls = Download._some_rows, count()

    def fails_at_last(download: Download) -> object:
        if next(calls) == 2:
            raise sqlite3.OperationalError("disk I/O error")
        return some_rows(download)

    monkeypatch.setattr(Download, "_some_rows", fails_at_last)
    with pytest.raises(BrokenOffError) as broken:
        await wide.client.get("/archive/articles.csv")
    assert isinstance(broken.value.__cause__, sqlite3.OperationalError)


def test_the_running_server_sends_all(folder: Path) -> None:
    with served(folder) as address, urllib.request.urlopen(f"{address}/archive/stations.csv", timeout=60) as whole:
        assert len(_table(whole.read())) == int(whole.headers["X-Total-Rows"]) > _MANY
