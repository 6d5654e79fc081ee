"""What was taken down is erased: its words are in no file, nothing else is lost, and it does not come back."""

import gzip
import io
import json
import os
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from support import dangqun, exchange, page
from warcio.archiveiterator import ArchiveIterator

from archive.captures.foreign import exchanges
from archive.model import CaptureRole
from archive.pipeline.ingest import catch_up, ingest
from archive.pipeline.rebuild import rebuild
from archive.pipeline.reread import outdated, reread
from archive.pipeline.verify import verify
from archive.publishing import purge as module
from archive.publishing.purge import look, purge
from archive.publishing.snapshot import publish
from archive.publishing.wacz import export
from archive.storage import fetch_schedule
from archive.storage.store import (
    DATABASE,
    Archive,
    ArchiveBusy,
    ArchiveError,
    connect,
    open_for_reading,
    open_for_writing,
)
from crawler.cli import main

URL = "http://www.news.example/2024/c_1.html"
AMP = "http://www.news.example/amp/2024/c_1.html"
PRINT = "http://www.news.example/2024/c_1.html?print=1"
SHARED_BY = "http://www.news.example/share.php?key=k7"
WORDS = ("卢望舒", "碧螺", "桂枝", "93260")
TEXT = (
    "望潭区青萝街道碧螺小区党群服务站揭牌，投入资金14万元，碧螺小区现有在册党员{}名，居民93260户，志愿者卢望舒天天来。",
    "大家来了就能坐下说话，有人接，有人办；桂枝巷的孩子们放学后在里屋写作业，老人在门口的长椅上晒太阳。",
)
OTHER = (
    "云泽县红枫镇石桥村把旧粮站改成了党群服务站，每月逢五开放，石桥村现有党员52名。",
    "冬天围着火炉拉家常，夏天在院里听评书，谁家有难处，说一声就有人来帮忙，不必跑到镇上去。{}",
)
KEPT = (
    "select url, title, text, revision, capture_id from articles where url not like '%c_1.html' order by url",
    (
        "select evidence, value, quote, current from facts join articles on articles.id = article_id"
        " where url not like '%c_1.html' order by evidence"
    ),
    "select id, url, fetched_at, digest, kind, role, duplicate_of, run_id from captures where url like '%other%' order by id",
    "select * from runs",
)


def _body(number: int, canonical: str = "") -> str:
    head = f'<link rel="canonical" href="{canonical}">' if canonical else ""
    html = page("碧螺小区党群服务站揭牌", TEXT[0].format(number), TEXT[1])
    return html.replace("<title>", f"{head}<title>")


def _fill(archive: Archive) -> None:
    run = archive.start_run("crawl", "a")
    other = page("石桥村的党群服务站", *OTHER)
    pages = (
        ("http://www.news.example/2024/other_1.html", other, {}),
        (URL, _body(36), {}),
        (URL, _body(36), {}),  # a revisit
        ("http://www.news.example/2024/other_1.html", other, {}),
        (AMP, _body(36), {}),
        (PRINT, _body(36)[:400], {"truncated": "disconnect"}),
        (SHARED_BY, _body(63, URL), {}),
        (URL, _body(63), {}),
        (
            "http://www.news.example/2024/other_2.html",
            page("石桥村的党群服务站添了灯", OTHER[0], OTHER[1].format("门口挂着灯。")),
            {},
        ),
        (URL, "<html><body>404</body></html>", {"status": 404}),
    )
    for url, body, more in pages:
        capture_id = archive.save_capture(exchange(url, body, outlet="云泽新闻网", **more), run)
        if capture_id:
            ingest(archive, capture_id)
        if url in (AMP, SHARED_BY):
            archive._next_file()  # it is spread over three files


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with an article that was taken down, once published, with decisions about it."""
    with open_for_writing(tmp_path_factory.mktemp("purge") / "data") as archive:
        _fill(archive)
        publish(archive)
        facts = archive.connection.execute(
            "select facts.id, url from facts join articles on articles.id = article_id order by url, facts.id"
        ).fetchall()
        for number, url in facts:
            archive.reviews.decide(archive.connection, number, "confirm", "amy", note="碧螺" if url == URL else "")
        archive.reviews.decide_stations(
            "different", "碧螺小区党群服务站|望潭区 青萝街道|", "石桥村党群服务站|云泽县 红枫镇|", "amy", "看过"
        )
        publish(archive)
        assert list(verify(archive)) == []
        archive.reviews.take_down("article", URL, "amy", "当事人要求")
    with (
        closing(sqlite3.connect(archive.folder / "reviews.db")) as now,
        closing(sqlite3.connect(archive.folder / "reviews.version-0.db")) as copy,
    ):
        now.backup(copy)
    return archive.folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "data"))


def _purge(folder: Path) -> None:
    with open_for_writing(folder) as archive:
        purge(archive, look(archive, URL).addresses, "当事人要求")


def _rows(folder: Path) -> list[list[tuple[object, ...]]]:
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        return [connection.execute(question).fetchall() for question in KEPT]


def _files_with_words(folder: Path) -> dict[str, set[str]]:
    """Words -> the files that hold them."""
    found: dict[str, set[str]] = {}
    for path in folder.rglob("*"):
        if path.is_file():
            for content in _contents(path.name, path.read_bytes()):
                for word in WORDS:
                    if word.encode() in content:
                        found.setdefault(word, set()).add(path.name)
    return found


def _contents(name: str, content: bytes) -> Iterator[bytes]:
    yield content
    if name.endswith(".gz"):
        yield gzip.decompress(content)
    elif zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as zipped:
            for member in zipped.namelist():
                yield from _contents(member, zipped.read(member))
    elif name.endswith(".parquet"):
        yield json.dumps(pq.read_table(io.BytesIO(content)).to_pylist(), ensure_ascii=False, default=str).encode()


def test_its_words_are_in_no_file(folder: Path) -> None:
    before = _files_with_words(folder)
    assert set(before) == set(WORDS)
    assert {"archive.db", "archive.previous.db", "tables.zip", "reviews.db", "reviews.version-0.db"} <= before["碧螺"]
    rows = _rows(folder)
    _purge(folder)
    assert _files_with_words(folder) == {}
    assert not (folder / "decided.db").exists() and not (folder / "published" / "archive.previous.db").exists()
    assert _rows(folder) == rows
    with open_for_writing(folder) as archive:
        assert list(verify(archive)) == []
        assert len(archive.reviews.history()) == 2  # of the other articles
        kinds = archive.connection.execute("select kind, count(*) from captures group by kind order by kind")
        assert dict(kinds.fetchall()) == {"article": 2, "tombstone": 7, "unchanged": 1}
        assert archive.connection.execute("select count(*) from stations where name like '%碧螺%'").fetchone() == (0,)
    with closing(sqlite3.connect(folder / "published" / DATABASE)) as snapshot:
        assert snapshot.execute("select count(*) from captures").fetchone() == (3,)


def test_what_it_will_erase_is_known_before(folder: Path) -> None:
    with open_for_writing(folder) as archive:
        found = look(archive, URL)
        assert set(found.addresses) == {URL, AMP, PRINT, SHARED_BY}
        assert (found.captures, found.tombstones, found.files, found.versions) == (7, 0, 3, 2)
        assert found.facts >= 3 and found.decisions >= 3 and found.alike == ()
        assert set(look(archive, SHARED_BY).addresses) == set(found.addresses)  # from a copy as well


def test_a_tombstone_is_a_record_that_others_read(folder: Path, tmp_path: Path) -> None:
    _purge(folder)
    tombstones = 0
    for path in sorted((folder / "warc").iterdir()):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, check_digests="raise"):
                block = record.content_stream().read().decode()
                if record.rec_headers.get_header("Dangqun-Role") == CaptureRole.TOMBSTONE:
                    tombstones += 1
                    assert record.rec_type == "metadata"
                    assert record.rec_headers.get_header("WARC-Date") == "2024-05-06T07:08:09Z"
                    assert record.rec_headers.get_header("Dangqun-Erased-Payload-Digest").startswith("sha256:")
                    assert "reason: 当事人要求\r\n" in block and "erased: 20" in block
        assert all(not isinstance(one, str) or one == "revisit" for one in exchanges(path))
    assert tombstones == 7
    with open_for_reading(folder) as archive:
        wacz = export(archive, tmp_path / "all.wacz")
    with zipfile.ZipFile(wacz) as zipped:
        index = gzip.decompress(zipped.read("indexes/index.cdx.gz")).decode()
    assert "c_1.html" not in index and "other_1.html" in index


def test_a_rebuild_and_a_later_copy_do_not_bring_it_back(folder: Path) -> None:
    _purge(folder)
    rows = _rows(folder)
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        connection.execute("pragma user_version = 0")
    rebuild(folder)
    assert _rows(folder) == rows
    shutil.copytree(folder / "warc", folder.parent / "alone" / "warc")
    for there in (folder, folder.parent / "alone"):
        with open_for_writing(there) as archive:
            reread(archive, outdated(archive, everything=True))
            now = "2030-01-01T00:00:00Z"
            assert not fetch_schedule.is_wanted(archive.connection, [URL], now, changed=now)
            assert not fetch_schedule.is_wanted(archive.connection, [AMP.replace("www.", "m.")], now, changed=now)
            assert URL not in fetch_schedule.due(archive.connection, "云泽新闻网", now, 99)
            for url in (URL, AMP, "http://m.news.example/2024/c_1.html", f"{URL}?print=1"):
                assert archive.is_erased(url)
                assert (
                    archive.save_capture(exchange(url, _body(36), source="late.warc", outlet="云泽新闻网"), None)
                    is None
                )
            late = archive.save_capture(
                exchange("http://www.news.example/share.php?key=k8", _body(63, URL), outlet="云泽新闻网"), None
            )
            assert late and ingest(archive, late).kind == "taken_down"  # type: ignore[union-attr]
            assert list(verify(archive)) == []
            articles = archive.connection.execute("select url from articles").fetchall()
            assert {url for (url,) in articles} == {
                "http://www.news.example/2024/other_1.html", "http://www.news.example/2024/other_2.html",
            }  # fmt: skip
    _purge(folder)  # what came in since
    assert _files_with_words(folder) == {}


def test_a_file_that_brings_it_back_by_another_way_is_not_read(folder: Path) -> None:
    """As one that a crawl on a cluster had under way."""
    old = next(path for path in sorted((folder / "warc").iterdir()))
    kept = old.read_bytes()
    _purge(folder)
    (folder / "warc" / "late.warc.gz").write_bytes(kept)
    with open_for_writing(folder) as archive:
        catch_up(archive)
        kinds = archive.connection.execute("select distinct kind from captures where url = ? order by 1", [URL])
        assert kinds.fetchall() == [("taken_down",), ("tombstone",), ("unchanged",)]
        assert list(verify(archive)) == []
    _purge(folder)
    assert _files_with_words(folder) == {}


def test_what_only_looks_like_it_stays(store: Archive) -> None:
    """The same bytes at another outlet, another article that names the page as its own, copies of that."""
    elsewhere = "http://else.example/9.html"
    named = page("石桥村的党群服务站", *OTHER).replace("<title>", f'<link rel="canonical" href="{URL}"><title>')
    for url, body, outlet in (
        (URL, _body(36), "云泽新闻网"),
        (elsewhere, _body(36, URL), "别家报"),
        ("http://m.else.example/9.html", _body(36, URL), "别家报"),
        ("http://www.news.example/2024/c_2.html", named, "云泽新闻网"),
        ("http://www.news.example/amp/2024/c_2.html", named, "云泽新闻网"),
    ):
        capture_id = store.save_capture(exchange(url, body, outlet=outlet), None)
        assert capture_id
        ingest(store, capture_id)
    found = look(store, URL)
    assert found.addresses == (URL,) and found.alike == (elsewhere,)
    purge(store, found.addresses, "x")
    assert list(verify(store)) == []
    kinds = store.connection.execute("select url, kind from captures order by id").fetchall()
    assert kinds == [
        (URL, "tombstone"),
        (elsewhere, "article"),
        ("http://m.else.example/9.html", "copy"),
        ("http://www.news.example/2024/c_2.html", "article"),
        ("http://www.news.example/amp/2024/c_2.html", "copy"),
    ]


def test_broken_off_after_any_step_it_goes_on(folder: Path) -> None:
    """Each time in a process that ends at once, as one that is killed."""
    rows = _rows(folder)
    for owner, step in (
        *((module, name) for name in ("_take_out_of_snapshot", "_forget_decisions", "write_with", "_check")),
        *((Archive, "_find_again"), (Path, "replace"), (Archive, "put_in_place")),
        *((module, name) for name in ("_forget_rows", "catch_up", "_remove_spare_copies", "_pack", "publish")),
    ):
        child = os.fork()
        if not child:
            _end_after(owner, step, folder)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9, step
        with open_for_writing(folder) as archive:  # the next command finds every record
            assert _is_in_place(archive), step
        assert _rows(folder) == rows, step
    _purge(folder)
    assert _files_with_words(folder) == {}
    assert not [path.name for path in (folder / "warc").iterdir() if path.name.startswith(".")]
    with open_for_writing(folder) as archive:
        assert list(verify(archive)) == []


def _end_after(owner: Any, name: str, folder: Path) -> None:
    """Purge, and end this process at once after the first time of this step."""
    step = getattr(owner, name)

    def ended(*args: Any, **given: Any) -> None:
        step(*args, **given)
        os._exit(9)

    try:
        with open_for_writing(folder) as archive:
            found = look(archive, URL)
            setattr(owner, name, ended)
            purge(archive, found.addresses, "x")
    finally:
        os._exit(1)


def _is_in_place(archive: Archive) -> bool:
    """Whether every row has its record."""
    found = {
        (one.location.file, one.location.offset, one.location.length, one.url, one.role)
        for path in archive.warc.files()
        for one in archive.warc.scan(path).found
    }
    rows = archive.connection.execute("select warc_file, warc_offset, warc_length, url, role from captures").fetchall()
    return set(rows) == found and len(rows) == len(found)


def test_a_full_disk_leaves_the_old_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, files = _rows(folder), {path: path.read_bytes() for path in (folder / "warc").iterdir()}

    def full(path: Path, draft: Path, instead: object) -> None:
        draft.write_bytes(b"begun")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(module, "write_with", full)
        with pytest.raises(OSError, match="No space"):
            _purge(folder)
    assert {path: path.read_bytes() for path in (folder / "warc").iterdir()} == files
    assert _rows(folder) == rows
    _purge(folder)
    assert _files_with_words(folder) == {}


def test_a_file_that_is_not_as_it_was_is_left_alone(folder: Path) -> None:
    path = min((folder / "warc").iterdir())
    content = bytearray(path.read_bytes())
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        offset, length = connection.execute(
            "select warc_offset, warc_length from captures where url like '%other_1.html' order by id limit 1"
        ).fetchone()
    content[offset + length // 2] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(ArchiveError, match=r"Nothing of .* is erased"):
        _purge(folder)
    assert path.read_bytes() == content


def test_who_reads_the_database_is_waited_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 1)
    with closing(connect(folder / DATABASE)) as reader:
        reader.execute("begin")
        reader.execute("select count(*) from articles").fetchone()
        with open_for_writing(folder) as archive:
            archive.connection.execute("pragma busy_timeout = 500")
            with pytest.raises((ArchiveBusy, sqlite3.OperationalError)):
                purge(archive, look(archive, URL).addresses, "x")
    _purge(folder)
    assert _files_with_words(folder) == {}


def test_the_command(folder: Path) -> None:
    site = Path(shutil.copytree(folder, folder / "sites" / "a"))  # what a crawl on a cluster keeps
    for left in ("reviews.db", "reviews.version-0.db"):
        (site / left).unlink()
    shutil.rmtree(site / "published")
    _run(folder, "takedown", "add", "name", "卢望舒", "--by", "amy", "--reason", "x")
    for number, message in (("2", "of a name"), ("9", "no takedown 9")):
        assert message in _run(folder, "takedown", "purge", number, "--yes", code=1)
    output = _run(folder, "takedown", "purge", "1", code=1, given="n\n")
    assert AMP in output and "for good?" in output
    assert set(_files_with_words(folder)) == set(WORDS)
    done = dangqun("--archive", str(folder), "takedown", "purge", "1", "--yes")
    assert done.returncode == 0, done.stderr
    assert "7 captures" in done.stderr and "backups" in done.stderr and "downloads" in done.stderr
    assert _files_with_words(folder) == {"卢望舒": {"reviews.db"}}  # the list of takedowns, which names it
    assert "7 tombstones" in _run(folder, "verify")
    late = folder.parent / "late"
    late.mkdir()
    (late / "a.html").write_text(_body(36), "utf-8")
    (late / "index.jsonl").write_text(json.dumps({"file": "a.html", "url": URL}), "utf-8")
    done = dangqun("--archive", str(folder), "import", str(late))
    assert done.returncode == 0 and "1 taken_down" in done.stderr, done.stderr
    _run(folder, "takedown", "undo", "1", "--by", "amy")
    assert "was undone" in _run(folder, "takedown", "purge", "1", "--yes", code=1)


def _run(folder: Path, *arguments: str, code: int = 0, given: str = "") -> str:
    done = CliRunner().invoke(main, ["--archive", str(folder), *arguments], input=given)
    assert done.exit_code == code, done.output
    return done.output
