"""Verify: an archive is what its captures say, and whatever is changed by hand comes out."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from support import exchange, page

from archive.pipeline.ingest import ingest
from archive.pipeline.reread import outdated, reread
from archive.pipeline.verify import verify
from archive.publishing.snapshot import publish
from archive.storage.store import Archive, open_for_writing

TEXT = (
    "望潭区青萝街道青禾小区党群服务站揭牌，投入资金14万元，青禾小区现有在册党员{}名，居民860户。"
    "服务站设有议事厅、图书室、调解室，居民走进来就能坐下说话，遇到难事有人接、有人办、有人回。"
)
LONG = "站里的志愿者轮流值班，谁家水管漏了，谁家老人要买药，打个电话就有人上门，日子久了，邻里之间的话也多了起来。"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with a revision, a reprint, a page that is gone, one off topic and a revisit."""
    archive = open_for_writing(tmp_path_factory.mktemp("verify") / "data")
    first = page("青禾小区党群服务站揭牌", TEXT.format(36), LONG)
    for url, body, status in (
        ("http://a.example/1.html", first, 200),
        ("http://a.example/1.html", first, 200),
        ("http://a.example/1.html", first.replace("36", "63"), 200),
        ("http://b.example/9.html", page("青禾小区党群服务站", TEXT.format(36), LONG, source="云泽新闻网"), 200),
        ("http://a.example/2.html", page("油价今晚调整", "国内成品油价格今晚上调，加满一箱油多花八元。" * 4), 200),
        ("http://b.example/9.html", "<html><body>404</body></html>", 404),
        (
            "http://a.example/3.html",
            page("党建", *("<a href=/1.html>一条旧闻的标题在这里</a>" for _ in range(30))),
            200,
        ),
    ):
        capture_id = archive.save_capture(exchange(url, body, status, outlet="云泽新闻网"), None)
        if capture_id:
            ingest(archive, capture_id)
    archive.close()
    return archive.folder


def _differences(folder: Path) -> list[str]:
    with open_for_writing(folder) as archive:
        return [f"{difference.where}: {difference.what}" for difference in verify(archive)]


def test_a_whole_archive_has_no_differences(whole: Path) -> None:
    with open_for_writing(whole) as archive:
        rows = archive.connection.execute("select kind, count(*) from captures group by kind order by kind").fetchall()
        assert dict(rows) == {"article": 3, "gone": 1, "list": 1, "off_topic": 1, "unchanged": 1}
        assert archive.connection.execute("select count(*) from reprints").fetchone() == (1,)
        assert archive.connection.execute("select gone_at is not null from articles order by url").fetchall() == [
            (0,),
            (1,),
        ]
        # Its articles are read otherwise now.
        archive.connection.execute("insert into outlets (name) values ('旧报')")
        assert list(verify(archive)) == []
        assert not list(archive.folder.glob(".verify-*"))


def _sql(statement: str) -> Callable[[Path], None]:
    def tamper(folder: Path) -> None:
        with sqlite3.connect(folder / "archive.db") as connection:
            assert connection.execute(statement).rowcount != 0

    return tamper


def _leave_out(folder: Path) -> None:
    with open_for_writing(folder) as archive, sqlite3.connect(publish(archive)) as snapshot:
        snapshot.execute("delete from articles_search_docsize where id = 1")
    snapshot.close()


def _flip(at: float) -> Callable[[Path], None]:
    def tamper(folder: Path) -> None:
        (path,) = (folder / "warc").iterdir()
        content = bytearray(path.read_bytes())
        content[int(len(content) * at)] ^= 0x10
        path.write_bytes(content)

    return tamper


def _truncate(folder: Path) -> None:
    (path,) = (folder / "warc").iterdir()
    path.write_bytes(path.read_bytes()[:-2000])


def _remove(folder: Path) -> None:
    shutil.rmtree(folder / "warc")


TAMPERED = {
    "a number": _sql("update facts set value = 64 where value = 63"),
    "an offset": _sql("update facts set start = start + 1 where type = 'households'"),
    "a quote": _sql("update facts set quote = '党员99名' where value = 63"),
    "a subject": _sql("update facts set subject = '乙成小区' where value = 63"),
    "a fact's station": _sql("update facts set station_id = null where type = 'investment'"),
    "a fact made past": _sql("update facts set current = 0 where type = 'households'"),
    "a fact deleted": _sql("delete from facts where value = 36"),
    "a fact in a version": _sql("delete from fact_mentions where revision = 1"),
    "a title": _sql("update articles set title = title || '！' where id = 1"),
    "a word of a text": _sql("update articles set text = replace(text, '图书室', '台球室')"),
    "a date": _sql("update articles set published = '2020-01-01' where id = 1"),
    "a gone page": _sql("update articles set gone_at = null"),
    "an article deleted": _sql("delete from articles where id = 2"),
    "a revision deleted": _sql("delete from revisions where number = 1"),
    "a revision's text": _sql("update revisions set text = replace(text, '36', '63')"),
    "a station's place": _sql("update stations set place = '芷岸区'"),
    "a reprint": _sql("delete from reprints"),
    "a kind": _sql("update captures set kind = 'article' where kind = 'off_topic'"),
    "a capture's time": _sql("update captures set fetched_at = '2019-01-01T00:00:00Z' where id = 1"),
    "a digest": _sql("update captures set digest = 'sha256:AAAA' where id = 1"),
    "a capture deleted": _sql("delete from captures where kind = 'off_topic'"),
    "a row of the search index": _leave_out,
    "a byte at the start of a WARC file": _flip(0.2),
    "a byte in the middle of a WARC file": _flip(0.5),
    "a byte near the end of a WARC file": _flip(0.9),
    "a WARC file cut short": _truncate,
    "the WARC files gone": _remove,
}


@pytest.mark.parametrize("kind", TAMPERED)
def test_tampering_is_found(whole: Path, tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "data"
    shutil.copytree(whole, folder)
    TAMPERED[kind](folder)
    found = _differences(folder)
    assert found
    assert all("\n" not in one for one in found)


def test_reading_again_mends_what_was_changed(whole: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(whole, folder)
    for statement in (
        "update facts set value = 64 where value = 63",
        "update articles set title = '无' where id = 1",
        "update captures set reader_version = 'old' where kind = 'article'",
    ):
        _sql(statement)(folder)
    with open_for_writing(folder) as archive:
        jobs = outdated(archive)
        assert [url for url, _ in jobs] == ["http://a.example/1.html", "http://b.example/9.html"]
        assert reread(archive, jobs) == 2
        assert outdated(archive) == []
        assert list(verify(archive)) == []


def test_the_database_comes_back_from_the_captures_alone(whole: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(whole / "warc", folder / "warc")
    with open_for_writing(folder) as archive, open_for_writing(whole) as original:
        reread(archive, outdated(archive))
        for sql in (
            "select url, fetched_at, status, digest, warc_file, warc_offset, kind, reason, duplicate_of from captures order by id",
            "select url, title, text, revision, gone_at from articles order by url",
            "select evidence, value, quote, current from facts order by evidence",
            "select name, place from stations order by name",
        ):
            assert archive.connection.execute(sql).fetchall() == original.connection.execute(sql).fetchall()
        assert list(verify(archive)) == []


def test_a_correction_takes_the_station_away(store: Archive) -> None:
    """Found by the soak: the same words, published again without the station that they stood beside."""
    words = "锦帆社区现有党员236名，居民1200户。大家的事大家商量着办，邻里之间热热闹闹。" * 2
    for text in (f"望潭区澄浦街道锦帆社区党群服务站揭牌。{words}", f"周末的邻里市集很热闹。{words}"):
        saved = store.save_capture(exchange("http://a.example/1.html", page("邻里之间", text)), None)
        assert saved is not None
        ingest(store, saved)
    assert store.connection.execute("select count(distinct revision) from fact_mentions").fetchone() == (2,)
    assert list(verify(store)) == []


def test_many_processes_read_the_same(whole: Path, tmp_path: Path) -> None:
    archive = open_for_writing(tmp_path / "data")
    for number in range(40):
        capture_id = archive.save_capture(
            exchange(f"http://a.example/{number}", page("青禾小区党群服务站", TEXT.format(number + 2), LONG)), None
        )
        assert capture_id is not None
    reread(archive, outdated(archive), processes=2)
    assert archive.connection.execute("select count(*) from articles").fetchone() == (40,)
    assert list(verify(archive)) == []
    archive.close()


def test_what_a_killed_one_left_is_removed(store: Archive) -> None:
    for name in ("killed", "running"):
        open_for_writing(store.folder / f".verify-{name}").close()
    with open_for_writing(store.folder / ".verify-running"):
        assert list(verify(store)) == []
    assert [path.name for path in store.folder.glob(".verify-*")] == [".verify-running"]
