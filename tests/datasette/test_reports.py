"""Readers report an error: what they type reaches an editor as text, and nothing else happens."""

import json
import os
import re
import shutil
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests
from datasette.app import Datasette
from editors import Person, open_site, rows, with_accounts
from payloads import payloads
from serving import below, running
from support import free_ports

from archive.decisions.reports import LONGEST, Reports
from archive.publishing.snapshot import publish
from archive.storage.store import open_for_writing


@pytest.fixture
def folder(demo: tuple[Path, str], tmp_path: Path) -> Path:
    return shutil.copytree(demo[0], tmp_path / "data")


@pytest.fixture
def ds(folder: Path) -> Datasette:
    return open_site(folder)


async def _of(ds: Datasette, kind: str = "fact") -> str:
    """A fact or an article, as an address of the form names it."""
    if kind == "fact":
        return f"fact/{(await rows(ds, '/archive/facts.json?type=households&current=1&_size=1'))[0]['evidence']}"
    return f"article/{(await rows(ds, '/archive/articles.json?_size=1'))[0]['key']}"


async def _token(ds: Datasette, of: str) -> str:
    page = await ds.client.get(f"/report?of={of}")
    assert page.status_code == 200 and page.headers["cache-control"] == "no-store"
    return re.search(r'name="token" value="([^"]+)"', page.text)[1]


async def _send(ds: Datasette, of: str, **fields: Any) -> Any:
    form = {"token": await _token(ds, of), "wrong": "number", "words": "应为268"} | fields
    headers = form.pop("headers", {})
    return await ds.client.post(f"/report?of={of}", data=form, headers=headers)


async def _without_nonce(ds: Datasette, path: str) -> str:
    return re.sub(r'nonce="[^"]+"', "", (await ds.client.get(path)).text)


def _kept(folder: Path) -> list[dict]:
    with closing(Reports(folder / "reviews.db")) as reports:
        return reports.open()


@pytest.mark.parametrize("kind", ["fact", "article"])
async def test_a_report_reaches_an_editor_and_changes_nothing(ds: Datasette, folder: Path, kind: str) -> None:
    of = await _of(ds, kind)
    before = await _without_nonce(ds, f"/{of}")
    sent = await _send(ds, of)
    assert sent.status_code == 303 and "报告已保存" in (await ds.client.get(sent.headers["location"])).text
    (report,) = _kept(folder)
    assert (report["kind"], report["key"], report["words"]) == (*of.split("/"), "应为268")
    assert await _without_nonce(ds, f"/{of}") == before
    editor = Person(ds, "editor-one")
    assert '<a href="/review/reports"><strong>1</strong>' in (await editor.get("/desk")).text
    assert "应为268" in (await editor.get("/review/reports")).text
    assert "应为268" in (await editor.get(f"/review?{of.replace('/', '=')}")).text
    if kind == "fact":
        assert (await editor.waiting())["evidence"] == report["key"]  # it goes first
        assert "有读者报告错误" in (await editor.get("/review")).text
    path = "/review" if kind == "fact" else "/review/reports"
    assert (await editor.send(path, report=report["id"], outcome="not_so")).status_code == 303
    assert _kept(folder) == [] and "应为268" not in (await editor.get("/review")).text
    assert "不属实" in (await editor.get("/review/reports")).text
    assert (await editor.send("/review/reports", report=report["id"], outcome="undo")).status_code == 303
    assert len(_kept(folder)) == 1
    with open_for_writing(folder) as archive:
        publish(archive)
    assert "应为268" not in (folder / "published" / "archive.db").read_text("utf-8", "replace")


async def test_what_was_decided_is_looked_at_again_when_a_reader_reports_it(ds: Datasette, folder: Path) -> None:
    editor, first = Person(ds, "editor-one"), await Person(ds, "editor-one").waiting()
    assert (await editor.send("/review", decision="confirm", **first)).status_code == 303
    assert await editor.waiting() != first
    (row,) = await rows(ds, f"/archive/facts.json?id={first['fact']}&evidence={first['evidence']}") or [None]
    if row:
        await _send(ds, f"fact/{first['evidence']}")
        assert (await editor.waiting())["evidence"] == first["evidence"]
        assert "已确认" in (await editor.get("/review")).text


async def test_hostile_words_are_text(ds: Datasette, folder: Path) -> None:
    of, editor = await _of(ds), Person(ds, "editor-one")
    with closing(Reports(folder / "reviews.db")) as reports:
        for bad in payloads()[:40]:
            reports.add(*of.split("/"), "other", (bad + ".")[:LONGEST])
    pages = [(await editor.get(path)).text for path in ("/review", "/review/reports")]
    for page in pages:
        typed = "".join(re.findall(r'<p class="typed" data-source>(.*?)</p>', page, re.DOTALL))
        assert len(typed) > 1000 and "<" not in typed
    refused = await _send(ds, of, wrong="", words="</textarea><script>alert(1)</script>")
    assert refused.status_code == 400 and "<script>alert" not in refused.text
    assert "&lt;/textarea&gt;&lt;script&gt;" in refused.text  # what was typed is still there


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"wrong": ""}, "wrong"),
        ({"wrong": "burn"}, "wrong"),
        ({"words": " "}, "words"),
        ({"words": "党" * 1001}, "words"),
    ],
    ids=["nothing chosen", "something else", "nothing typed", "too long"],
)
async def test_a_mistake_keeps_what_was_typed(ds: Datasette, folder: Path, fields: dict[str, str], field: str) -> None:
    sent = await _send(ds, await _of(ds), **fields)
    assert sent.status_code == 400 and f'id="{field}-error"' in sent.text
    assert (fields.get("words") or "应为268").strip() in sent.text and _kept(folder) == []


async def test_size_and_shape(ds: Datasette, folder: Path) -> None:
    of = await _of(ds)
    longest = await _send(ds, of, words="\r\n".join(["党" * 499, "群" * 500]))
    assert longest.status_code == 303 and len(_kept(folder)[0]["words"]) == LONGEST
    address = f"/report?of={of}"
    huge = await ds.client.post(address, content=b"words=" + b"x" * 200_000)
    many = await ds.client.post(address, content=b"&".join(b"a%d=1" % n for n in range(2000)))
    broken = await ds.client.post(address, content=b"\xff\xfe%ff=%80&token=%00")
    assert (huge.status_code, many.status_code, broken.status_code) == (413, 403, 403)
    assert len(_kept(folder)) == 1


async def test_only_forms_of_ours_are_taken(ds: Datasette, folder: Path) -> None:
    of, other = await _of(ds), await _of(ds, "article")
    expired = ds.sign({"of": of.split("/")[1], "at": 0}, "report")
    elsewhere = Datasette([]).sign({"of": of.split("/")[1], "at": 9e9}, "report")
    for bad in (
        "",
        "x",
        await _token(ds, other),
        expired,
        elsewhere,
        ds.sign([1], "report"),
        ds.sign({"of": of.split("/")[1]}, "report"),
    ):
        refused = await _send(open_site(folder), of, token=bad)  # whose count of requests begins again
        assert refused.status_code == 403 and "应为268" in refused.text, bad
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "http://evil.example"}):
        assert (await _send(open_site(folder), of, headers=headers)).status_code == 403
    assert _kept(folder) == []


async def test_who_fills_in_the_trap_is_thanked_and_forgotten(ds: Datasette, folder: Path) -> None:
    sent = await _send(ds, await _of(ds), website="http://spam.example")
    assert sent.status_code == 303 and _kept(folder) == []


@pytest.mark.parametrize(
    "of", ["", "fact", "fact/", "fact/" + "0" * 24, "station/" + "0" * 24, "fact/1' or 1=1", "outlet/x", "fact/../../x"]
)
async def test_what_is_not_published_cannot_be_reported(ds: Datasette, folder: Path, of: str) -> None:
    assert (await ds.client.get("/report", params={"of": of})).status_code == 404
    assert (
        await ds.client.post("/report", params={"of": of}, data={"wrong": "other", "words": "x"})
    ).status_code == 404
    assert _kept(folder) == []


async def test_five_an_hour_from_one_address(ds: Datasette, folder: Path) -> None:
    of = await _of(ds)
    answers = [await _send(ds, of, words=f"第{n}次") for n in range(8)]
    assert [answer.status_code for answer in answers] == [303] * 5 + [429] * 3
    assert "下个小时" in answers[-1].text and "第7次" in answers[-1].text and len(_kept(folder)) == 5
    other = open_site(folder)
    other._secret = ds._secret  # as another process of the same server
    assert (await _send(other, of, words="第9次")).status_code == 429
    with closing(sqlite3.connect(folder / "reviews.db")) as decided:
        assert decided.execute("select reports from report_counts").fetchall() == [(5,)]
        assert "127.0.0.1" not in "".join(decided.iterdump())
        decided.execute("update report_counts set hour = '2024-05-06T07'")
        decided.commit()
    assert (await _send(ds, of, words="第10次")).status_code == 303  # in the next hour


async def test_nobody_without_a_role_sees_a_report(ds: Datasette, folder: Path) -> None:
    await _send(ds, await _of(ds), words="只给编辑看")
    for name in ("", "reader-one"):
        for path in (
            "/review",
            "/review/reports",
            "/desk",
            "/",
            "/archive.json",
            "/archive/-/query.json?sql=select+*+from+reports",
        ):
            answer = await Person(ds, name).get(path, follow_redirects=False)
            assert "只给编辑看" not in answer.text, path
            assert answer.status_code in (
                (302, 403) if path in ("/review", "/review/reports", "/desk") else (200, 400)
            ), path
        sent = await Person(ds, name).send("/review/reports", report=1, outcome="known")
        assert sent.status_code in (302, 403) and len(_kept(folder)) == 1
    for file in (folder / "published").iterdir():
        assert file.is_dir() or "只给编辑看".encode() not in file.read_bytes()


def test_an_acknowledged_report_survives_a_kill(folder: Path) -> None:
    with_accounts(folder)
    port = free_ports(1)
    command = [
        sys.executable,
        "-m",
        "crawler.cli",
        "--archive",
        str(folder),
        "serve",
        "--port",
        str(port),
        "--workers",
        "1",
    ]
    with running(command, port) as (address, process):
        found = requests.get(f"{address}/archive/facts.json?current=1&_size=1", timeout=60).json()["rows"]
        of = f"{address}/report?of=fact/{found[0]['evidence']}"
        token = re.search(r'name="token" value="([^"]+)"', requests.get(of, timeout=60).text)[1]
        form = {"token": token, "wrong": "other", "words": "这条要留下"}
        sent = requests.post(of, data=form, timeout=60, allow_redirects=False)
        for number in below(process):
            os.kill(number, signal.SIGKILL)
        assert sent.status_code == 303
    with closing(sqlite3.connect(folder / "reviews.db")) as connection:
        assert connection.execute("select words from reports").fetchall() == [("这条要留下",)]
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
    assert json.dumps(_kept(folder))  # and the file opens as before
