"""The archive on disk: nothing twice, nothing lost, one writer."""

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from support import exchange, page
from warcio.archiveiterator import ArchiveIterator

from archive.captures.warc import WarcFolder
from archive.pipeline.ingest import catch_up, ingest
from archive.pipeline.verify import verify
from archive.publishing.snapshot import publish, totals
from archive.storage.store import Archive, ArchiveError, open_for_reading, open_for_writing
from crawler.cli import main

URL = "http://a.example/1.html"
TEXT = "望潭区青萝街道青禾小区党群服务站揭牌，青禾小区现有在册党员{}名，居民860户。"
HOME = page("青禾小区党群服务站", TEXT.format(36), "大家都说这里办事方便，说话热乎，来了还想再来坐一坐。")


def _take(archive: Archive, url: str, html: str) -> int:
    capture_id = archive.save_capture(exchange(url, html, outlet="云泽新闻网"), None)
    assert capture_id is not None
    ingest(archive, capture_id)
    return capture_id


def test_the_same_bytes_are_kept_once(store: Archive) -> None:
    _take(store, URL, HOME)
    before = totals(store)
    assert store.save_capture(exchange(URL, HOME), None) is None
    assert totals(store) == before
    assert store.save_capture(exchange(URL, HOME, 404), None) is not None


def test_reading_again_changes_nothing(store: Archive) -> None:
    capture_id = _take(store, URL, HOME)
    before = list(store.connection.iterdump())
    ingest(store, capture_id)
    assert list(store.connection.iterdump()) == before


def test_a_correction_becomes_a_revision(store: Archive) -> None:
    _take(store, URL, HOME)
    address = store.connection.execute("select id from facts where type = 'households'").fetchone()
    _take(store, URL, HOME.replace("36", "63"))
    rows = store.connection.execute(
        "select value, current from facts where type = 'party_members' order by value"
    ).fetchall()
    assert rows == [(36, 0), (63, 1)]
    assert store.connection.execute("select count(*) from articles").fetchone() == (1,)
    assert store.connection.execute("select number from revisions order by number").fetchall() == [(1,), (2,)]
    assert store.connection.execute("select id, revision, current from facts where type = 'households'").fetchone() == (
        *address,
        2,
        1,
    )
    _take(store, URL, HOME)  # and back: the first statement is current again, nothing is there twice
    assert store.connection.execute(
        "select value, current from facts where type = 'party_members' order by value"
    ).fetchall() == [(36, 1), (63, 0)]


def test_what_a_crash_left_is_found_again(store: Archive, tmp_path: Path) -> None:
    folder = store.folder
    _take(store, URL, HOME)
    lost = store.save_capture(
        exchange("http://a.example/2.html", HOME.replace("青禾", "乙成"), outlet="云泽新闻网"), None
    )
    listing = store.save_capture(exchange("http://a.example/list", HOME, role="list", outlet="云泽新闻网"), None)
    store.connection.execute("delete from captures where id in (?, ?)", [lost, listing])  # flushed, but never committed
    store.close()
    again = open_for_writing(folder)
    try:
        rows = again.connection.execute(
            "select url, kind, outlets.name from captures join outlets on outlets.id = outlet_id order by captures.id"
        ).fetchall()
        assert rows[1:] == [
            ("http://a.example/2.html", None, "云泽新闻网"),
            ("http://a.example/list", "list", "云泽新闻网"),
        ]
        assert len(again.unread()) == 1
        assert catch_up(again) == 1
        assert totals(again)["articles"] == 2
        assert again.recover() == 0
    finally:
        again.close()


def test_one_writer(store: Archive) -> None:
    with pytest.raises(ArchiveError, match="Another dangqun process"):
        open_for_writing(store.folder)
    open_for_reading(store.folder).close()


def test_no_archive(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="There is no archive"):
        open_for_reading(tmp_path)


def test_failures_are_listed(store: Archive) -> None:
    for number, body in enumerate((b"", b"<html>nothing</html>", b"\xff\xfe\x80" * 500)):
        capture_id = store.save_capture(exchange(f"http://a.example/{number}", body), None)
        assert capture_id is not None
        ingest(store, capture_id)
    rows = store.connection.execute("select kind, reason from captures").fetchall()
    assert len(rows) == 3
    assert all(kind and reason for kind, reason in rows)


def test_publishing_is_refused_while_unsound(store: Archive) -> None:
    _take(store, URL, HOME)
    snapshot = publish(store)
    good = snapshot.read_bytes()
    store.connection.execute("update facts set quote = '党员99名' where type = 'party_members'")
    with pytest.raises(ArchiveError, match="facts whose quote is not in their article"):
        publish(store)
    assert snapshot.read_bytes() == good
    assert sorted(path.name for path in snapshot.parent.iterdir()) == [
        "archive.db",
        "candidates.db",
        "inspect.json",
        "tables",
    ]


def test_every_article_leads_to_its_bytes(demo: tuple[Path, str]) -> None:
    archive = open_for_reading(demo[0])
    try:
        rows = archive.connection.execute(
            "select captures.id, digest, articles.url from articles join captures on captures.id = capture_id"
        ).fetchall()
        assert len(rows) > 30
        digests = {
            f.url: f.digest for path in archive.warc.files() for f in WarcFolder(archive.warc.path).scan(path).found
        }
        for capture_id, digest, url in rows:
            assert archive.capture(capture_id).url == url
            assert digests[url] == digest
    finally:
        archive.close()


def test_warc_files_are_rotated_by_size(tmp_path: Path) -> None:
    with open_for_writing(tmp_path / "data", warc_size=20_000) as archive:
        for number in range(12):
            body = page("青禾小区党群服务站", TEXT.format(number + 2), random.Random(number).randbytes(3000).hex())
            _take(archive, f"http://a.example/{number}.html", body)
        files = archive.warc.files()
        assert len(files) > 1 and all(path.stat().st_size < 30_000 for path in files)
        assert [archive.capture(number).url for number in (1, 12)] == [f"http://a.example/{n}.html" for n in (0, 11)]
        assert list(verify(archive)) == []


def test_what_is_fetched_again_unchanged_becomes_a_revisit(store: Archive) -> None:
    _take(store, URL, HOME)
    for _ in range(2):
        assert store.save_capture(exchange(URL, HOME, outlet="云泽新闻网"), None) is None
    rows = store.connection.execute("select kind, duplicate_of, warc_length from captures order by id").fetchall()
    assert [row[:2] for row in rows] == [("article", None), ("unchanged", 1), ("unchanged", 1)]
    assert store.capture(3).body == store.capture(1).body
    (path,) = store.warc.files()
    with path.open("rb") as stream:
        records = [(r.rec_type, r.rec_headers.get_header("WARC-Refers-To-Target-URI")) for r in ArchiveIterator(stream)]
    assert records.count(("revisit", URL)) == 2


def test_a_reprinted_fact_counts_once_with_its_sources(store: Archive) -> None:
    changed = HOME.replace("揭牌，", "揭牌，投入资金14万元，")
    for number in range(5):
        _take(store, f"http://{number}.example/1.html", changed)
    assert store.connection.execute("select count(*) from facts where type = 'households'").fetchone() == (5,)
    rows = store.connection.execute("select value, sources from statements where type = 'households'").fetchall()
    assert rows == [(860, 5)]
    history = store.connection.execute(
        "select at, value, stories, sources from station_history where type = 'households'"
    ).fetchall()
    assert history == [("2021-06-28", 860, 1, 5)]


def test_contradictions_are_a_view(store: Archive) -> None:
    _take(store, URL, HOME.replace("揭牌，", "揭牌，投入资金14万元，"))
    other = "望潭区青萝街道青禾小区党群服务站占地面积300平方米，今天开放，记者数了数，青禾小区共有居民806户，站里书声琅琅，好一派热闹景象。"
    _take(store, "http://b.example/1.html", page("青禾小区有了服务站", other, "另一家报纸的另一种写法，字句全不相同。"))
    rows = store.connection.execute("select type, at, one_value, other_value from contradictions").fetchall()
    assert rows == [("households", "2021-06-28", 806, 860)]


def _cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:9000])


def _overwrite(path: Path) -> None:
    path.write_bytes(b"no database at all, " * 400)


def _overwrite_all_but_the_head(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))


def _put_another_program_s(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as other:
        other.execute("create table bookmarks (address text)")


@pytest.mark.parametrize("command", ["verify", "extract", "publish", "reviews"])
@pytest.mark.parametrize("harm", [_cut_short, _overwrite, _overwrite_all_but_the_head, _put_another_program_s])
@pytest.mark.parametrize("name", ["archive.db", "reviews.db"])
def test_a_damaged_database_is_reported_in_a_sentence(
    name: str, harm: Callable[[Path], None], command: str, store: Archive
) -> None:
    _take(store, URL, HOME)
    assert store.reviews.standing() == {}
    store.close()
    harm(store.folder / name)
    done = CliRunner().invoke(main, ["--archive", str(store.folder), command])
    assert done.exit_code == 1 and isinstance(done.exception, SystemExit), done.exception
    assert "backup" in done.stderr or command == "verify"
