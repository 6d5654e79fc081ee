"""A taken-down name is found however it is typeset: in a text, in a link, in a page's source, in a WARC record."""

import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest
from support import exchange, page

from archive import search
from archive.pipeline.ingest import ingest
from archive.publishing.naming import Names
from archive.publishing.public import record
from archive.publishing.snapshot import publish, withdraw
from archive.storage.store import Archive

_NAME = "东方绮云"
_TYPESET = [
    "东方绮云", "東方綺雲", "东方 绮云", "东方\u3000绮云", "东 方 绮 云", "东\u200b方\u00ad绮\ufeff云", "东方\u2003\u00a0绮云",
    "东方\n绮云", "东方\r\n  绮云", "东方(fāng)绮云", "东方\u3164绮\u2800云", "东方\\n绮云", "东方\x07绮云", "东方\U000e0041绮云",
    quote("东方绮云"), quote("東方 綺雲"), quote(quote("东方绮云")), "东方" + quote("绮\u200b云"), quote("东方绮云", encoding="gb18030"),
    "%FF" + quote("东方绮云"),
]  # fmt: skip
_SOURCES = [
    "&#19996;&#26041;&#32494;&#20113;", "&#x4E1C;&#x65B9;&#x7EEE;&#x4E91;", "东方<b>绮云</b>", "东<span class=a>方</span>\n绮&shy;云",
    "东方&#8203;绮&nbsp;云", json.dumps("东方绮云"), json.dumps("<p>东方</p>绮云"), *_TYPESET,
]  # fmt: skip
_LONG = "青禾小区党群服务站揭牌，青禾小区现有在册党员{}名，居民860户。大家都说这里办事方便，{}也来了，还带来了一盆花。"


@pytest.mark.parametrize("written", _TYPESET)
def test_a_name_however_typeset(written: str) -> None:
    names = Names([_NAME])
    text = f"50%的居民，{written}，说好。"
    blacked = names.blacked(text)
    assert blacked is not None and len(blacked) == len(text) and blacked.count("\n") == text.count("\n")
    assert not set(blacked) & set("东方绮云東綺雲") and not names.stand_in(blacked)
    assert blacked.startswith("50%的居民，") and blacked.endswith("，说好。")


@pytest.mark.parametrize("written", _SOURCES)
def test_a_name_in_a_source(written: str) -> None:
    assert Names([_NAME]).stand_in_source(f"<p>昨天，{written}说好。")


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("东方·绮云", "东方•绮云"), ("东方·绮云", "东方绮云"), ("东方 绮云", "东方绮云"), ("Ona Reed", "ONA  REED"), ("東方綺雲", "东方绮云"),
        ("东方·绮云", "东方，\n绮云"), ("x_9a", "X 9A"),
    ],
)  # fmt: skip
def test_what_search_finds_is_found(name: str, written: str) -> None:
    found = all(phrase in search.letters(written) for phrase in search.parse_query(name)[0])
    assert Names([name]).stand_in(written) or not found
    assert Names([name]).stand_in(written)


def test_what_is_no_name_stays() -> None:
    for text in ("东方，绮云", "东方和绮云", "东方绮", "100%25", ""):
        assert Names([_NAME]).blacked(text) == text
    assert not Names([]) and not Names([]).stand_in("东方绮云") and Names([]).blacked("东方") == "东方"
    assert Names(["——"]).stand_in("他——") and not Names(["——"]).stand_in("他")


def test_json_stays_json() -> None:
    column = json.dumps(
        [[0, 4, f"http://a.example/{quote(_NAME)}"], ["东方", "绮云", "东\t方绮云"]], ensure_ascii=False
    )
    blacked = Names([_NAME, "东方·绮云"]).blacked(column)
    assert blacked is not None and len(blacked) == len(column)
    read = json.loads(blacked)
    assert read[0][:2] == [0, 4] and not Names([_NAME]).stand_in(blacked) and len(read[1]) == 3


def test_the_time_is_linear() -> None:
    names = Names([_NAME, "东方·绮云", "东东东东方"])
    begun = time.process_time()
    for text in (
        "东方" + " " * 200_000,
        "东 " * 100_000,
        "东，" * 100_000,
        "东方\\n" * 60_000,
        "%E4%B8" * 40_000,
        "%25" * 60_000,
    ):
        names.blacked(text)
        names.stand_in_source(text)
    for text in ("<" * 200_000, "&#" * 100_000, "\\u" * 100_000):
        names.stand_in_source(text)
    assert time.process_time() - begun < 20


def _take(store: Archive, number: int, written: str) -> None:
    html = page("青禾小区党群服务站", "@@").replace("@@", _LONG.format(number, written))
    capture_id = store.save_capture(exchange(f"http://{number}.example/a", html), None)
    assert capture_id is not None
    ingest(store, capture_id)


def test_a_name_leaves_everything(store: Archive) -> None:
    written = _SOURCES[:5] + _TYPESET[:8]
    for number, source in enumerate(["一位邻居", *written], 11):
        _take(store, number, source)
    publish(store)
    snapshot = publish(store)
    with closing(sqlite3.connect(snapshot)) as connection:
        assert connection.execute("select count(*) from articles").fetchone() == (len(written) + 1,)
        captures = [number for (number,) in connection.execute("select capture_id from articles order by id")]
        assert all(record(store.folder, connection, number) for number in captures)
    store.reviews.take_down("name", _NAME, "甲", "本人要求")
    assert (snapshot.parent / "archive.previous.db").exists()
    assert withdraw(store.folder)
    _is_gone(store.folder, snapshot, captures)
    publish(store)
    _is_gone(store.folder, snapshot, captures)
    store.reviews.take_down("name", "一位邻居", "甲", "本人要求")
    publish(store)
    assert not (snapshot.parent / "archive.previous.db").exists()  # it names the neighbour
    publish(store)
    assert (snapshot.parent / "archive.previous.db").exists()


def _is_gone(folder: Path, snapshot: Path, captures: list[int]) -> None:
    names = Names([_NAME])
    with closing(sqlite3.connect(snapshot)) as connection:
        found = connection.execute(
            "select count(*) from articles_search where articles_search match ?", [search.query(_NAME)]
        )
        assert found.fetchone() == (0,)
        for table in ("articles", "revisions", "facts"):
            assert not names.stand_in(str(connection.execute(f"select * from {table}").fetchall()))
        given = [bool(record(folder, connection, number)) for number in captures]
        assert given == [True] + [False] * (len(captures) - 1)
    for path in snapshot.parent.glob("*.db"):
        with closing(sqlite3.connect(path)) as connection:
            assert not names.stand_in("".join(connection.iterdump())), path
