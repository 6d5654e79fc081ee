"""A takedown acts on the running site within the next request, in every process; what people decided is on every page."""

import errno
import io
import re
import sqlite3
import zipfile
from contextlib import closing

import pytest
import requests
from serving import served, site
from support import dangqun, exchange, page

from archive.decisions.reviews import Reviews
from archive.pipeline.ingest import ingest
from archive.publishing.snapshot import publish, withdraw
from archive.publishing.watch import Watch
from archive.storage.store import Archive
from server.snapshots import served as served_by

STAYS = (
    "望潭区青萝街道青禾小区党群服务站揭牌，投入资金14万元。青禾小区现有在册党员36名，居民860户。大家都说这里办事方便，"
    "老人来了有茶喝，孩子放学有地方写作业，下雨天也有人帮着收衣服。"
)
GOES = (
    "芷岸区松涛街道桂苑里小区党群服务站昨天启用，桂苑里小区现有居民427户。楼下的空屋重新刷过，摆上了棋桌和书架，"
    "晚饭后散步的人们路过都要进来坐一坐，向晚晴也来了，聊聊家常，看看报纸。"
)
GONE = "http://2.example/gone"
LISTS = (
    "/", "/search?q=桂苑里&kind=facts", "/search.json?q=桂苑里", "/search.json?kind=facts&q=427", "/archive/articles?_size=max",
    "/archive/articles.json?_size=max", "/archive/facts.json?_size=max&_labels=on", "/archive/facts.csv?_stream=on", "/archive/stations.json",
    "/archive/station_names.json", "/archive/revisions.json", "/archive/captures.json?_size=max", "/archive/statements.json",
    "/archive/coverage_by_outlet.json", "/archive/coverage_by_outlet", "/archive/-/query.json?sql=select+*+from+articles",
    "/archive/-/query.json?sql=select+*+from+main.facts", "/feed/facts.atom", "/feed/search.atom?q=桂苑里", "/sitemap.xml", "/llms.txt",
    "/data", "/data/tables.zip", "/data/facts.csv", "/data/articles.csv", "/archive.db", "/health.json",
)  # fmt: skip


def _take(store: Archive, url: str, title: str, text: str, outlet: str) -> None:
    html = page(title, text, source=outlet)
    capture_id = store.save_capture(exchange(url, html, outlet=outlet), None)
    assert capture_id is not None
    ingest(store, capture_id)


@pytest.fixture
def archived(store: Archive) -> Archive:
    """Two articles and a reprint of the first, published."""
    for number in (1, 3):
        _take(store, f"http://{number}.example/a", "小区里的新去处", STAYS, f"云泽{number}网")
    _take(store, GONE, "桂苑里的棋桌", GOES, "松涛晚报")
    publish(store)
    return store


def _plain(text: str) -> str:
    """A text without the escapes of JSON."""
    return re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), text)


def _everything(answer: requests.Response) -> str:
    """An answer as plain text; what is packed, unpacked."""
    if answer.content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(answer.content)) as package:
            return "\n".join(package.read(name).decode("utf-8", "replace") for name in package.namelist())
    return _plain(answer.content.decode("utf-8", "replace"))


def _own_addresses(store: Archive) -> list[str]:
    with closing(sqlite3.connect(store.folder / "published" / "archive.db")) as snapshot:
        [[article, capture]] = snapshot.execute("select id, capture_id from articles where url = ?", [GONE])
        facts = snapshot.execute(
            "select id, evidence, station_id from facts where article_id = ?", [article]
        ).fetchall()
    numbered = [f"/archive/articles/{article}", *(f"/archive/facts/{number}" for number, _, _ in facts)]
    stations = {f"/archive/stations/{station}" for _, _, station in facts if station}
    cited = [f"/fact/{key}{form}" for _, key, _ in facts for form in ("", ".bib", ".json", ".txt")]
    return [
        *numbered, *(f"{path}.json" for path in numbered), *stations, *cited, f"/capture/{capture}.warc.gz",
        *(path.replace("/archive/stations", "/feed/station") + ".atom" for path in stations),
    ]  # fmt: skip


def test_a_takedown_acts_within_the_next_request(archived: Archive) -> None:
    own = _own_addresses(archived)
    assert len(own) > 10
    with served(archived.folder, "--workers", "2", "--no-rate-limit") as address:
        for path in (*own, "/search.json?q=桂苑里", "/archive.db", "/data/tables.zip"):
            answer = requests.get(address + path, timeout=60)
            assert answer.status_code == 200 and "max-age" not in answer.headers.get("cache-control", ""), path
        for path in (
            "/data/tables.zip",
            "/data/articles.csv",
            "/archive/articles.json?_size=max",
            "/archive/-/query.json?sql=select+*+from+articles",
        ):
            assert "桂苑里" in _everything(requests.get(address + path, timeout=60)), path
        with closing(Reviews(archived.folder / "reviews.db")) as reviews:
            entry = reviews.take_down("article", GONE, "甲", "来函")
        for path in own:
            assert requests.get(address + path, timeout=60).status_code in (404, 410), path
        for path in LISTS:
            answer = requests.get(address + path, timeout=60)
            allowed = 8 if path.startswith(("/search?", "/feed/search")) else 0  # the reader's own words
            assert answer.status_code == 200, path
            assert _everything(answer).count("桂苑里") <= allowed and GONE not in _everything(answer), path
        assert requests.get(f"{address}/search.json?q=青禾", timeout=60).json()["total"] == 2
        with closing(Reviews(archived.folder / "reviews.db")) as reviews:
            reviews.undo_takedown(entry, "乙")
        assert requests.get(f"{address}/search.json?q=桂苑里", timeout=60).json()["total"] == 0  # until it is published
        publish(archived)
        assert requests.get(f"{address}/search.json?q=桂苑里", timeout=60).json()["total"] == 1


async def test_a_name_is_blacked_out_at_once(archived: Archive) -> None:
    ds = site(archived.folder / "published" / "archive.db")
    assert "向晚晴" in _plain((await ds.client.get("/archive/articles.json?_size=max")).text)
    archived.reviews.take_down("name", "向晚晴", "甲", "本人要求")
    for path in ("/archive/articles.json?_size=max", "/archive/revisions.json", "/search.json?q=棋桌"):
        text = _plain((await ds.client.get(path)).text)
        assert "向晚晴" not in text and "棋桌" in text, path


async def test_a_process_that_nobody_asked_before_shows_nothing_either(archived: Archive) -> None:
    """Another process withdraws it, and replaces the file that this one has open."""
    ds = site(archived.folder / "published" / "archive.db")
    await ds.invoke_startup()
    opened = ds.get_database("archive")
    archived.reviews.take_down("article", GONE, "甲", "来函")
    withdraw(archived.folder)
    assert "桂苑里" not in _plain((await ds.client.get("/archive/articles.json?_size=max")).text)
    assert ds.get_database("archive") is not opened


async def test_a_search_remembers_no_name_that_is_blacked_out(archived: Archive) -> None:
    """Every list has the rows that it had before, so only the words of texts differ."""
    ds = site(archived.folder / "published" / "archive.db")
    paths = ("/articles.json?q=向晚晴", "/search.json?q=向晚晴")
    for path in paths:
        assert (await ds.client.get(path)).json()["total"] == 1, path
    archived.reviews.take_down("name", "向晚晴", "甲", "本人要求")
    for path in paths:
        assert (await ds.client.get(path)).json()["total"] == 0, path


def _no_room(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


async def test_what_cannot_be_withdrawn_is_not_shown(archived: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    ds = site(archived.folder / "published" / "archive.db")
    assert (await ds.client.get("/")).status_code == 200
    monkeypatch.setattr("archive.publishing.snapshot.shutil.copyfile", _no_room)
    archived.reviews.take_down("article", GONE, "甲", "来函")
    for path in ("/", "/archive/articles.json", "/archive.db", "/search.json?q=桂苑里"):
        answer = await ds.client.get(path)
        assert answer.status_code == 503 and answer.headers["retry-after"] and "桂苑里" not in answer.text, path


async def test_a_list_that_is_damaged_shows_nothing(archived: Archive) -> None:
    """Nobody knows what was taken down until it is put back."""
    ds = site(archived.folder / "published" / "archive.db")
    archived.reviews.take_down("article", "http://5.example/elsewhere", "甲", "来函")
    archived.close()
    decisions = archived.folder / "reviews.db"
    good = decisions.read_bytes()
    decisions.unlink()  # another file, as when a backup is put back
    decisions.write_bytes(b"no database" * 1000)
    for path in ("/", "/archive/articles.json"):
        answer = await ds.client.get(path)
        assert answer.status_code == 503 and "桂苑里" not in answer.text, path
    decisions.unlink()
    decisions.write_bytes(good)
    snapshots = served_by(ds)
    snapshots[0].failed_at = float("-inf")  # as some seconds later
    assert (await ds.client.get("/")).status_code == 200


async def test_a_withdrawal_that_was_not_finished_is(archived: Archive) -> None:
    ds = site(archived.folder / "published" / "archive.db")
    tables = archived.folder / "published" / "tables"
    tables.rename(tables.with_name("tables.draft"))
    tables.with_name("tables.pending").touch()
    assert (await ds.client.get("/")).status_code == 200  # nobody waits for it
    if task := served_by(ds)[0].task:
        await task
    assert (await ds.client.get("/data/tables.zip")).status_code == 200


def test_the_command_withdraws_without_a_running_site(archived: Archive) -> None:
    folder = archived.folder
    archived.close()
    command = ("--archive", str(folder), "takedown", "add", "article", GONE, "--by", "甲", "--reason", "来函")
    done = dangqun(*command)
    assert done.returncode == 0 and "removed from the snapshot" in done.stderr + done.stdout, done.stderr
    for name in ("archive.db", "candidates.db", "tables/tables.zip", "tables/articles.csv", "tables/articles.parquet"):
        content = (folder / "published" / name).read_bytes()
        assert GONE.encode() not in content and "桂苑里".encode() not in content, name


def test_a_list_that_was_put_back_is_applied(archived: Archive) -> None:
    watch = Watch(archived.folder / "published" / "archive.db")
    assert not watch.must_withdraw()
    copy = archived.folder / "copy.db"
    with closing(sqlite3.connect(archived.folder / "reviews.db")) as now, closing(sqlite3.connect(copy)) as other:
        now.backup(other)
    with closing(Reviews(copy)) as reviews:
        reviews.take_down("article", GONE, "甲", "来函")
    for ending in ("-wal", "-shm"):
        (archived.folder / f"reviews.db{ending}").unlink(missing_ok=True)
    copy.replace(archived.folder / "reviews.db")
    assert watch.must_withdraw()
    watch.close()


async def test_what_people_decided_is_on_every_page(archived: Archive) -> None:
    query = (
        "select facts.id, articles.id from facts join articles on articles.id = article_id where type = ? and url = ?"
    )
    money, _ = archived.connection.execute(query, ["investment", "http://1.example/a"]).fetchone()
    members, _ = archived.connection.execute(query, ["party_members", "http://1.example/a"]).fetchone()
    archived.reviews.decide(archived.connection, money, "reject", "甲")
    archived.reviews.decide(archived.connection, members, "correct", "甲", corrected={"value": 63})
    publish(archived)
    ds = site(archived.folder / "published" / "archive.db")

    async def text(path: str) -> str:
        answer = await ds.client.get(path, follow_redirects=True)
        assert answer.status_code == 200, path
        return answer.text

    with closing(sqlite3.connect(archived.folder / "published" / "archive.db")) as snapshot:
        station = snapshot.execute("select station_id from facts where type = 'party_members'").fetchone()[0]
        copies = snapshot.execute("select id from facts where type = 'party_members' and value = 63").fetchall()
        articles = snapshot.execute("select id from articles where url != ?", [GONE]).fetchall()
    assert len(copies) == len(articles) == 2
    for (number,) in articles:
        html = await text(f"/archive/articles/{number}")
        assert "63人" in html and "140,000" not in html and "程序读作" in html
    for (number,) in copies:
        assert "63人" in await text(f"/archive/facts/{number}")
    for path in (f"/archive/stations/{station}", "/search?kind=facts&q=青禾", "/archive/facts?_size=max", "/"):
        html = await text(path)
        shown = r">\s*63(\.0)?\s*<" if path.startswith("/archive/facts?") else "63人"  # raw tables have bare numbers
        assert re.search(shown, html) and "140,000" not in html and "140000" not in html, path
    for path in (
        "/archive/money_by_year.json",
        "/archive/money_by_year.csv",
        "/archive/facts.csv?_stream=on",
        "/feed/facts.atom",
        "/archive/statements.csv?_stream=on",
    ):
        assert "140000" not in (await text(path)) and "140,000" not in (await text(path)), path
    assert '"members":63' in (await text("/archive/members_by_city_and_year.json")).replace(" ", "")
    key = archived.connection.execute("select evidence from facts where id = ?", [money]).fetchone()[0]
    assert "否定" in await text(f"/fact/{key}") and "否定" in await text(f"/fact/{key}.txt")
