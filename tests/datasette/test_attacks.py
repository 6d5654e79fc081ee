"""The running site under attack: scripts in every text, SQL in every parameter, paths that climb, requests too large or too
slow."""

import re
import shutil
import socket
import sqlite3
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from urllib.parse import quote, urlencode

import pytest
from browser import CHROMIUM, browser
from editors import Person, cookie, open_site, with_accounts
from one_language import foreign_words
from payloads import payloads
from serving import served

from archive.decisions.reports import Reports
from archive.decisions.secret import secret
from archive.publishing.snapshot import publish
from archive.storage.store import open_for_writing

PARAMETERS = {
    "/search": ("q", "kind", "place", "outlet", "type", "since", "until", "sort", "after", "reviewed"),
    "/search.json": ("q", "kind", "place", "outlet", "type", "since", "until", "sort", "after"),
    "/feed/search.atom": ("q", "place", "outlet", "type"),
    "/archive/articles": ("_search", "_sort", "_next", "_facet", "title", "title__contains", "_size", "_where"),
    "/archive/facts.json": ("_search", "_sort", "_next", "_facet", "type", "id__gt", "_shape", "_where"),
    "/places": ("q",),
    "/place/%E6%9C%9B%E6%BD%AD%E5%8C%BA": ("type", "sort"),
    "/compare": ("of", "type", "at", "add"),
    "/question/money_by_year": ("sort", "page", "lang"),
}  # fmt: skip
_SQL = [
    "'", "\"", "' or '1'='1", "1; drop table facts", "1' union select hash from accounts --", "') or 1=1 --", "x\" or \"1\"=\"1", "%27%20or%201=1",
    "1) union select name from sqlite_master --", "0 or 1=1", "attach database '/etc/passwd' as x", "load_extension('x')", "\x00", "ＡＮＤ １＝１", "9" * 400,
]  # fmt: skip
_CLIMBING = [
    "/static/../accounts.json", "/static/../../data/accounts.json", "/static/%2e%2e/%2e%2e/accounts.json", "/static/..%2f..%2f..%2faccounts.json",
    "/static//etc/passwd", "/-/static/../../../etc/passwd", "/-/static/%2e%2e%2f%2e%2e%2fapp.py", "/capture/..%2f..%2faccounts.json", "/capture/1.warc.gz/../../x",
    "/data/../accounts.json", "/data/tables.zip%00.txt", "/place/..%2f..%2faccounts.json", "/..%2f..%2fetc/passwd", "/accounts.json", "/.secret", "/reviews.db",
    "/reviews", "/fact/..%2f..%2fx.bib", "/feed/station/..%2f1.atom", "/archive.db/../accounts.json",
]  # fmt: skip


@pytest.fixture(scope="module")
def hostile(demo: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's archive with a payload in every text that a page shows."""
    folder = tmp_path_factory.mktemp("attacked") / "data"
    shutil.copytree(demo[0], folder)
    bad = payloads()
    with open_for_writing(folder) as archive:
        connection, used = archive.connection, 0
        for table, columns in {
            "articles": (
                "title",
                "source",
                "authors",
                "editor",
                "method",
                "topic",
                "likely_original",
                "reader_version",
            ),
            "facts": ("subject", "qualifier", "date", "donor", "recipient"),
            "stations": ("name", "place", "division_name"),
            "station_names": ("name", "place"),
            "outlets": ("name", "host"),
            "captures": ("kind", "reason", "content_type", "source"),
            "revisions": ("title",),
            "runs": ("site", "command"),
        }.items():
            for (number,) in connection.execute(f"select id from {table}").fetchall():
                for column in columns:
                    connection.execute(
                        f"update {table} set {column} = coalesce({column}, '') || ? where id = ?",
                        [bad[used % 300] + str(used), number],
                    )
                    used += 1
        for number, text in connection.execute("select id, text from articles").fetchall():
            added = bad[used % 300]
            used += 1
            connection.execute("update articles set text = ? where id = ?", [text + added, number])
            connection.execute("update revisions set text = ? where article_id = ?", [text + added, number])
            fact = connection.execute(
                "select min(id) from facts where article_id = ? and current", [number]
            ).fetchone()[0]
            at = [added, len(text), len(text) + len(added), fact]
            connection.execute('update facts set quote = ?, start = ?, "end" = ? where id = ?', at)
            connection.execute('update fact_mentions set start = ?, "end" = ? where fact_id = ?', at[1:])
        assert used > 1000
        first = connection.execute("select min(id) from facts where current").fetchone()[0]
        archive.reviews.decide(connection, first, "correct", bad[0], corrected={"subject": bad[1]}, note=bad[2])
        archive.reviews.decide_stations("different", bad[3], bad[4], bad[5], bad[6])
        archive.reviews.take_down("name", "不存在" + bad[7], bad[8], bad[9])
        reported = connection.execute("select evidence from facts where current order by id limit 40").fetchall()
        with closing(Reports(archive.folder / "reviews.db")) as reports:
            for (key,), words in zip(reported, bad[10:], strict=False):
                reports.add("fact", key, "other", words[:1000])
        publish(archive, fall=1)
    return with_accounts(folder)


@pytest.fixture(scope="module")
def running(hostile: Path) -> Iterator[str]:
    with served(hostile, "--no-rate-limit") as address:
        yield address


@pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed")
def test_the_payloads_are_no_duds(tmp_path: Path) -> None:
    ran = 0
    with browser() as page:
        for number, bad in enumerate(payloads()[::10]):
            (tmp_path / f"{number}.html").write_text(
                f"<!DOCTYPE html><html><head><meta charset=utf-8></head><body><div>{bad}</div></body></html>"
            )
            page.open((tmp_path / f"{number}.html").as_uri())
            time.sleep(0.05)
            ran += page.run("document.documentElement.hasAttribute('data-ran')")
    assert ran >= 20, f"{ran} of 30 run in an unprotected page"


@pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed")
def test_no_stored_script_runs(hostile: Path, running: str) -> None:
    with sqlite3.connect(hostile / "published" / "archive.db") as connection:
        numbers = {
            table: [n for (n,) in connection.execute(f"select id from {table} order by id limit 15")]
            for table in ("articles", "facts", "stations", "outlets", "captures")
        }
        places = [key for (key,) in connection.execute("select key from places limit 8")]
        keys = [key for (key,) in connection.execute("select key from stations order by id limit 5")]
        facts = [key for (key,) in connection.execute("select evidence from facts order by id limit 5")]
        captures = connection.execute(
            "select '/memento/' || strftime('%Y%m%d%H%M%S', fetched_at) || '/' || url from captures"
            " where id in (select capture_id from revisions) order by id limit 15"
        ).fetchall()
    paths = [
        "/",
        "/data",
        "/search?q=党员",
        "/search?kind=facts",
        "/archive",
        "/desk?since=2020-01-01T00:00:00Z",
        "/review",
        "/review/stations",
    ]
    paths += [
        "/review/history",
        "/alerts",
        "/takedowns",
        "/review/reports",
        *(f"/review/stations?station={key}" for key in keys),
        *(f"/review/stations?station={keys[0]}&other={key}" for key in keys[1:]),
        *(f"/review?station={key}" for key in keys),
        *(f"/report?of=fact/{key}" for key in facts),
        *(f"/review?fact={key}" for key in facts),
    ]
    paths += [
        f"/archive/{table}"
        for table in (
            "articles",
            "facts",
            "stations",
            "outlets",
            "captures",
            "revisions",
            "runs",
            "places",
            "statements",
        )
    ]
    paths += [
        f"/question/{name}"
        for name in ("members_by_city_and_year", "donations", "coverage_by_outlet", "corrected", "openings_by_month")
    ]
    paths += [f"/archive/{table}/{number}" for table, of_table in numbers.items() for number in of_table]
    paths += [f"/place/{quote(key, safe='')}" for key in places]
    paths += [path for (path,) in captures]
    paths += [
        "/archive/facts?_facet=subject&_facet=qualifier",
        "/archive/articles?_facet=source",
        "/archive/-/query?sql=select+*+from+facts",
    ]
    with browser() as page:
        page.cookie(running, _signed_in(hostile))
        for path in paths:
            page.open(running + path)
            assert not page.run("document.documentElement.hasAttribute('data-ran')"), path
            assert page.run("document.body.innerText.length") > 100, path


@pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed")
def test_no_reflected_script_runs(running: str) -> None:
    places = [
        (path, name) for path, names in PARAMETERS.items() if not path.endswith((".json", ".atom")) for name in names
    ]
    with browser() as page:
        for number, bad in enumerate(Random(1).sample(payloads(), 2 * len(places))):
            path, name = places[number % len(places)]
            for address in (
                f"{path}?{urlencode({name: bad})}",
                f"/{quote(bad, safe='')}",
                f"/archive/{quote(bad, safe='')}",
            )[: 1 + 2 * (number % 10 == 0)]:
                page.open(running + address)
                assert not page.run("document.documentElement.hasAttribute('data-ran')"), address


def _signed_in(folder: Path) -> str:
    ds = open_site(folder)
    ds._secret = secret(folder)
    return cookie(ds, "admin-one")["ds_actor"]


def _get(address: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(address, timeout=60) as answer:
            return answer.status, answer.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode("utf-8", "replace")


def test_sql_in_a_parameter_is_a_text(hostile: Path, running: str) -> None:
    before = (hostile / "published" / "archive.db").read_bytes()
    places = [(path, name) for path, names in PARAMETERS.items() for name in names]
    for number, (path, name) in enumerate(places):
        for bad in _SQL[number % 3 :: 3]:
            status, text = _get(f"{running}{path}?{urlencode({name: bad})}")
            assert status in (200, 400, 404, 414), (path, name, bad, status)
            assert "pbkdf2" not in text and "Traceback" not in text
    everything = re.search(r'"total":\s*(\d+)', _get(f"{running}/search.json")[1])
    assert everything and int(everything[1]) == 33
    status, text = _get(f"{running}/search.json?{urlencode({'q': '没有 or 1=1'})}")
    assert status == 200 and '"total": 0' in text
    assert (hostile / "published" / "archive.db").read_bytes() == before


@pytest.mark.parametrize(
    "sql",
    ["delete from facts", "update facts set value = 1", "drop table facts", "attach 'x.db' as x", "pragma writable_schema = 1", "vacuum into '/tmp/x'", "insert into facts default values"],
)  # fmt: skip
def test_readers_sql_only_reads(running: str, sql: str) -> None:
    status, _ = _get(f"{running}/archive/-/query.json?{urlencode({'sql': sql})}")
    assert status in (400, 403)


def test_readers_sql_is_bounded_in_time(running: str) -> None:
    started = time.monotonic()
    endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n"
    status, text = _get(f"{running}/archive/-/query.json?{urlencode({'sql': endless})}")
    assert status == 400 and "took too long" in text and time.monotonic() - started < 30
    many = "with recursive n(i) as (select 1 union all select i + 1 from n limit 5000) select i from n"
    status, text = _get(f"{running}/archive/-/query.json?{urlencode({'sql': many, '_shape': 'objects'})}")
    assert status == 200 and text.count('"i"') == 5000  # in pieces: no answer is held as a whole, and none is cut


def test_sql_can_be_turned_off(hostile: Path) -> None:
    with served(hostile, "--no-rate-limit", "--no-sql") as address:
        assert _get(f"{address}/archive/-/query.json?sql=select+1")[0] == 403
        assert _get(f"{address}/archive/money_by_year.json")[0] == 200
        assert _get(f"{address}/archive/articles?_where=1=1")[0] == 403


@pytest.mark.parametrize("path", _CLIMBING)
def test_no_path_climbs_out(running: str, path: str) -> None:
    host, port = running.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as raw:  # no client tidies the path up
        raw.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while chunk := raw.recv(65536):
            answer += chunk
    assert b" 200 " not in answer.split(b"\r\n", 1)[0] or b"sqlite" not in answer[:4000].lower()
    for secret_ in (b"pbkdf2", b"root:x:", b"def ", b"evidence text not null"):
        assert secret_ not in answer, path


def test_oversized_requests_are_refused_or_answered_soon(running: str) -> None:
    started = time.monotonic()
    assert _get(f"{running}/search?q={quote('党' * 5000)}")[0] in (200, 400, 414, 431)
    assert _get(f"{running}/search?{'&'.join(f'a{n}=1' for n in range(5000))}")[0] in (200, 400, 414, 431)
    host, port = running.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as raw:
        raw.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 1_000_000 + b"\r\n\r\n")
        assert b" 200 " not in raw.recv(100)
    with socket.create_connection((host, int(port)), timeout=60) as raw:
        raw.sendall(
            b"POST /-/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 50000000\r\n\r\n"
        )
        try:
            for _ in range(50):
                raw.sendall(b"a" * 1_000_000)
            answer = raw.recv(100)
        except OSError:  # it hung up on us
            answer = b""
        assert b" 200 " not in answer
    assert time.monotonic() - started < 60
    assert _get(running + "/")[0] == 200


def test_slow_requests_hold_nobody_up(running: str) -> None:
    host, port = running.removeprefix("http://").split(":")
    slow = [socket.create_connection((host, int(port)), timeout=60) for _ in range(100)]
    try:
        for one in slow:
            one.sendall(b"POST /-/login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n")
        started = time.monotonic()
        assert _get(running + "/")[0] == 200 and time.monotonic() - started < 20
    finally:
        for one in slow:
            one.close()


async def test_too_many_requests_must_wait(hostile: Path) -> None:
    reader = Person(open_site(hostile))
    answers = [await reader.get("/capture/0.warc.gz", headers={"accept-language": "zh"}) for _ in range(80)]
    assert [one.status_code for one in answers[:60]] == [404] * 60
    refused = next(
        one for one in answers[60:] if one.status_code == 429
    )  # on a slow machine some are due again meanwhile
    assert (
        "请求过多" in refused.text
        and int(refused.headers["retry-after"])
        and "content-security-policy" in refused.headers
    )
    assert "content-language" in refused.headers and foreign_words(refused.text, "zh-Hans") == []
    assert (await reader.get("/archive/-/query.json?sql=select+1")).json()["ok"] is False
    assert (await reader.get("/")).status_code == 200  # only what is heavy
