"""A database of another version is made again from the captures, and what these do not state is carried over."""

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from support import ROOT, dangqun, exchange, page

from archive.captures.warc import WarcFolder
from archive.pipeline import rebuild as module
from archive.pipeline.ingest import ingest
from archive.pipeline.rebuild import rebuild
from archive.pipeline.reread import outdated as outdated_jobs
from archive.pipeline.reread import reread
from archive.pipeline.verify import verify
from archive.publishing.snapshot import publish
from archive.sql.migrations import backup_of
from archive.storage import schema
from archive.storage.store import (
    Archive,
    ArchiveBusy,
    ArchiveError,
    ArchiveOutdated,
    connect,
    is_outdated,
    open_for_reading,
    open_for_writing,
)

OLDER = Path(__file__).parent / "older"
TEXT = (
    "望潭区青萝街道{}小区党群服务站揭牌，投入资金14万元，{}小区现有在册党员{}名，居民860户。"
    "服务站设有议事厅、图书室、调解室，居民走进来就能坐下说话，遇到难事有人接、有人办、有人回。"
)
# What must be as before, whatever made it.
KEPT = (
    "select * from runs",
    "select * from findings",
    "select id, url, fetched_at, digest, outlet_id, run_id, duplicate_of, role, kind from captures",
    "select id, name, host from outlets",
    "select id, url, title, text, revision, gone_at from articles",
    "select id, key, name from stations",
    "select key, station_id from station_names order by key",
    "select evidence, value, quote, current, station_id, article_id from facts order by evidence",
    "select * from fetch_schedule",
)


def _fill(archive: Archive) -> None:
    """Two runs, of which one was not as usual; articles and stations whose numbers follow no order of their own."""
    runs = [archive.start_run("crawl", "a"), archive.start_run("crawl", "b")]
    archive.finish_run(runs[0], "finished", {"seen/page/article": 2})
    archive.connection.execute(
        "insert into findings (run_id, site, expectation, message, observed, usual) values (?, 'a', 'list_empty', '空', 0, 1)",
        [runs[0]],
    )
    for number, name in enumerate(("青禾", "乙成", "丙丁", "老码头")):
        url, body = (
            f"http://a.example/{number}.html",
            page(f"{name}小区党群服务站", TEXT.format(name, name, number + 20)),
        )
        for html in (body, body, body.replace("议事厅", "茶座")):
            capture = archive.save_capture(exchange(url, html, outlet="云泽新闻网"), runs[number % 2])
            if capture:
                ingest(archive, capture)
    listing = exchange("http://a.example/", "<html>list</html>", role="list", outlet="云泽新闻网")
    archive.save_capture(listing, runs[1])
    connection = archive.connection
    connection.execute("pragma foreign_keys = off")
    for table, columns in {
        "articles": (("articles", "id"), ("revisions", "article_id"), ("facts", "article_id"),
                     ("bands", "article_id"), ("similar_articles", "article_id"), ("similar_articles", "other_id"), ("reprints", "article_id"), ("reprints", "original_id")),
        "stations": (("stations", "id"), ("station_names", "station_id"), ("facts", "station_id")),
    }.items():  # fmt: skip
        highest = connection.execute(f"select max(id) from {table}").fetchone()[0]
        for other, column in columns:
            connection.execute(f"update {other} set {column} = {highest} * 3 - {column} * 2")
    connection.execute("pragma foreign_keys = on")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with open_for_writing(tmp_path_factory.mktemp("rebuild") / "data") as archive:
        _fill(archive)
        assert list(verify(archive)) == []
        publish(archive)
    return archive.folder


@pytest.fixture
def outdated(whole: Path, tmp_path: Path) -> Path:
    """The archive as an older version left it: without a version, without a column, and with other names for some."""
    folder = tmp_path / "data"
    shutil.copytree(whole, folder)
    with closing(sqlite3.connect(folder / "archive.db")) as connection:
        connection.execute("alter table facts drop column repaired")
        connection.execute("alter table findings rename column message to said")
        connection.execute("alter table findings rename column observed to found")
        connection.execute("alter table captures rename column duplicate_of to repeats")
        connection.execute("pragma user_version = 0")
    return folder


def _rows(folder: Path) -> list[list[tuple[object, ...]]]:
    with closing(sqlite3.connect(folder / "archive.db")) as connection:
        return [connection.execute(question).fetchall() for question in KEPT]


def test_the_version_is_that_of_the_text() -> None:
    text = "create table a (\n    b integer -- which\n);\n"
    assert schema.version_of(text) == schema.version_of("-- Another comment.\ncreate table a ( b integer\n);")
    assert schema.version_of(text) != schema.version_of(text.replace("integer", "real"))
    assert 0 < schema.VERSION < 2**31
    assert "'--" not in (ROOT / "archive" / "storage" / "schema.sql").read_text(
        "utf-8"
    )  # nothing else shows where a comment begins


def test_a_new_database_is_of_this_version(store: Archive) -> None:
    assert store.connection.execute("pragma user_version").fetchone() == (schema.VERSION,)
    with closing(sqlite3.connect(publish(store))) as snapshot:
        assert snapshot.execute("pragma user_version").fetchone() == (schema.VERSION,)


def test_an_outdated_database_is_refused_with_what_to_do(outdated: Path) -> None:
    for opened in (open_for_reading, open_for_writing):
        with pytest.raises(ArchiveOutdated, match="Run `dangqun extract`"):
            opened(outdated)
    with pytest.raises(ArchiveOutdated):  # and the lock was let go
        open_for_writing(outdated)


def test_it_is_made_again_with_what_the_captures_do_not_state(whole: Path, outdated: Path) -> None:
    reported: dict[str, list[int]] = {}
    rebuild(outdated, report=lambda what, more, total, found: reported.setdefault(what, []).append(more))
    assert _rows(outdated) == _rows(whole)
    assert (sum(reported["captures"]), sum(reported["pages"])) == (13, 4)
    assert sorted(path.name for path in outdated.iterdir()) == sorted(path.name for path in whole.iterdir())
    with open_for_writing(outdated) as archive:
        assert list(verify(archive)) == []


def test_decisions_of_an_earlier_version_hold_and_are_kept_as_they_were(outdated: Path) -> None:
    (outdated / "reviews.db").unlink()
    with closing(sqlite3.connect(outdated / "reviews.db")) as connection:
        connection.executescript((OLDER / "reviews-0.sql").read_text("utf-8"))
        connection.execute(
            "insert into station_decisions (kind, one_name, other_name, reason, by, at)"
            " values ('same', '丙丁小区党群服务站|望潭区 青萝街道|', '青禾小区党群服务站|望潭区 青萝街道|', '', '', '')"
        )
        connection.commit()
    rebuild(outdated)
    with open_for_writing(outdated) as archive:
        assert archive.connection.execute("select count(*) from stations").fetchone() == (3,)
        assert list(verify(archive)) == []
    assert backup_of(outdated / "reviews.db", 0).exists()


def test_what_was_fetched_and_never_indexed_comes_after_all_numbers(whole: Path, outdated: Path) -> None:
    with closing(sqlite3.connect(outdated / "archive.db")) as connection:
        connection.execute("delete from captures where url = 'http://a.example/0.html' and repeats is not null")
        connection.execute("delete from warc_files")
        highest = connection.execute("select max(id) from captures").fetchone()[0]
        connection.commit()
    rebuild(outdated)
    with open_for_writing(outdated) as archive:
        rows = archive.connection.execute("select id, run_id from captures where duplicate_of is not null order by id")
        assert rows.fetchall()[-1] == (highest + 1, None)
        assert list(verify(archive)) == []
    assert _rows(outdated)[4:6] == _rows(whole)[4:6]


@pytest.mark.parametrize("version", ["0.1.0", "0.2.0"])
def test_databases_of_earlier_versions(whole: Path, tmp_path: Path, version: str) -> None:
    folder = tmp_path / "data"
    shutil.copytree(whole / "warc", folder / "warc")
    (path,) = (folder / "warc").iterdir()
    with closing(sqlite3.connect(folder / "archive.db")) as connection:
        connection.executescript((OLDER / f"archive-{version}.sql").read_text("utf-8"))
        connection.execute("insert into outlets (id, name) values (5, '某报')")
        connection.execute(
            "insert into runs (id, command, site, started) values (3, 'crawl', 'a', '2024-01-01T00:00:00Z')"
        )
        for number, found in enumerate(WarcFolder(folder / "warc").scan(path).found, 10):
            connection.execute(
                "insert into captures (id, url, fetched_at, status, content_type, digest, warc_file, warc_offset, warc_length,"
                " outlet_id, run_id, kind) values (?, ?, '', 200, '', '', ?, ?, ?, 5, 3, 'article')",
                [number, found.url, path.name, found.location.offset, found.location.length],
            )
        connection.execute(
            "insert into articles (id, url, outlet_id, title, source, authors, editor, text, revision, capture_id, encoding,"
            " method, reader_version, extractor_version)"
            " values (7, 'http://a.example/1.html', 5, '旧', '', '', '', '旧', 1, 10, '{}', 'prose', '1', '1')"
        )
        connection.execute("insert into stations (id, name, place, key) values (1, '旧', '', '旧|')")
        connection.commit()
    assert is_outdated(folder)
    rebuild(folder)
    with open_for_writing(folder) as archive:
        ask = archive.connection.execute
        assert ask("select id from articles where url = 'http://a.example/1.html'").fetchone() == (7,)
        assert ask("select min(id), count(*), min(run_id) from captures").fetchone() == (10, 13, 3)
        assert ask("select count(*) from stations").fetchone() == (4,)
        assert list(verify(archive)) == []


def test_it_is_not_made_from_less_than_there_was(outdated: Path) -> None:
    before = (outdated / "archive.db").read_bytes()
    shutil.move(outdated / "warc", outdated / "elsewhere")
    with pytest.raises(ArchiveError, match="not to be found in the WARC files"):
        rebuild(outdated)
    assert (outdated / "archive.db").read_bytes() == before
    shutil.move(outdated / "elsewhere", outdated / "warc")
    rebuild(outdated)
    assert not is_outdated(outdated)


def test_a_damaged_record_costs_its_capture_only(whole: Path, outdated: Path) -> None:
    """It keeps its row and its number, and comes back with the file."""
    with closing(sqlite3.connect(whole / "archive.db")) as connection:
        number, url, name, offset, length = connection.execute(
            "select id, url, warc_file, warc_offset, warc_length from captures where kind = 'article' order by id"
        ).fetchone()
        rows = connection.execute("select id, url, kind from captures").fetchall()
    path = outdated / "warc" / name
    before = path.read_bytes()
    path.write_bytes(before[: offset + 9] + bytes(length - 20) + before[offset + length - 11 :])
    rebuild(outdated)
    there = [(one, address, "damaged" if one == number else kind) for one, address, kind in rows]
    with open_for_writing(outdated) as archive:
        found = archive.connection.execute("select id, url, kind from captures").fetchall()
        assert [row for row in found if row[1] != url] == [row for row in there if row[1] != url]
        assert (number, url, "damaged") in found
    path.write_bytes(before)
    with open_for_writing(outdated) as archive:
        reread(archive, outdated_jobs(archive))
        assert archive.connection.execute("select kind from captures where id = ?", [number]).fetchone() == ("article",)


def test_it_is_not_put_in_place_unsound(outdated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "faults", lambda connection: iter(["3 facts without an article"]))
    with pytest.raises(ArchiveError, match="not sound: 3 facts without"):
        rebuild(outdated)
    assert is_outdated(outdated)


def test_it_waits_for_whoever_reads(whole: Path, outdated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 1)
    with closing(sqlite3.connect(outdated / "archive.db")) as reader:
        reader.execute("pragma journal_mode = wal")
        reader.execute("select count(*) from runs").fetchall()
        with pytest.raises(ArchiveError, match="Close what reads it"):
            rebuild(outdated)
    rebuild(outdated)
    assert _rows(outdated) == _rows(whole)


def test_who_opens_it_at_the_last_moment_is_waited_for(
    whole: Path, outdated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log of the old database beside the new one would be taken for the new one's."""
    leave_log, readers = module._leave_log, []

    def leave_log_and_open(connection: sqlite3.Connection, path: Path) -> None:
        leave_log(connection, path)
        if path == outdated / "archive.db" and not readers:
            readers.append(connect(path))
            readers[0].execute("select count(*) from runs").fetchall()

    monkeypatch.setattr(module, "PATIENCE", 1)
    monkeypatch.setattr(module, "_leave_log", leave_log_and_open)
    with pytest.raises(ArchiveBusy):
        rebuild(outdated)
    assert is_outdated(outdated)
    readers[0].close()
    rebuild(outdated)
    assert _rows(outdated) == _rows(whole)


def test_broken_off_after_any_step_it_goes_on(whole: Path, outdated: Path) -> None:
    """Each time in a process that ends at once, as one that is killed."""
    for step in "_prepare _carry_over _index _number_articles reread _number_stations faults _exchange".split():
        code = (
            "import os, sys\nfrom pathlib import Path\nfrom archive.pipeline import rebuild as module\n"
            f"step = module.{step}\ndef ended(*args, **given):\n    step(*args, **given)\n    os._exit(9)\n"
            f"module.{step} = ended\nmodule.rebuild(Path(sys.argv[1]))\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, str(outdated)], cwd=ROOT, capture_output=True, check=False, text=True
        )
        assert done.returncode == 9, done.stderr
        assert is_outdated(outdated) == (step != "_exchange")
    assert _rows(outdated) == _rows(whole)


def test_killed_at_any_moment_the_next_command_goes_on(whole: Path, outdated: Path) -> None:
    command = [sys.executable, "-m", "crawler.cli", "--archive", str(outdated), "stations", "undo", "99", "--by", "amy"]
    for pause in (0.0, 0.05, 0.15):
        with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) as process:
            while process.poll() is None and not (outdated / ".rebuild" / "archive.db").exists():
                time.sleep(0.01)
            time.sleep(pause)
            process.kill()
        with closing(sqlite3.connect(outdated / "archive.db")) as connection:
            assert connection.execute("select count(*) from captures").fetchone() == (13,)
    done = dangqun("--archive", str(outdated), "extract", "--processes", "2")
    assert done.returncode == 0, done.stderr
    assert _rows(outdated) == _rows(whole)


def test_commands_say_so_or_do_it(outdated: Path) -> None:
    done = dangqun("--archive", str(outdated), "status")
    assert done.returncode == 1 and "Run `dangqun extract`" in done.stderr and "Traceback" not in done.stderr
    takedown = ("takedown", "add", "article", "http://a.example/1.html", "--by", "amy", "--reason", "asked")
    for command in (takedown, ("takedown", "undo", "1", "--by", "amy")):
        assert dangqun("--archive", str(outdated), *command).returncode == 0  # that cannot wait
    done = dangqun("--archive", str(outdated), "publish")
    assert done.returncode == 0 and "Another version of dangqun" in done.stderr, done.stderr
    assert dangqun("--archive", str(outdated), "status").returncode == 0


def test_a_snapshot_of_another_version_is_not_served(outdated: Path) -> None:
    with closing(sqlite3.connect(outdated / "published" / "archive.db")) as connection:
        connection.execute("pragma user_version = 0")
    for command in (("serve",), ("alerts", "send"), ("export", "tables", str(outdated / "tables"))):
        done = dangqun("--archive", str(outdated), *command)
        assert done.returncode == 1 and "Run `dangqun extract`" in done.stderr and "Traceback" not in done.stderr


def _overwrite(begun: Path) -> None:
    begun.write_bytes(b"no database at all, " * 400)


def _cut_short(begun: Path) -> None:
    os.truncate(begun, 9000)


def _overwrite_the_end(begun: Path) -> None:
    content = begun.read_bytes()
    begun.write_bytes(content[: len(content) // 2] + b"\xff" * (len(content) - len(content) // 2))


@pytest.mark.parametrize("harm", [_overwrite, _cut_short, _overwrite_the_end])
def test_one_begun_that_is_damaged_is_begun_again(
    whole: Path, outdated: Path, harm: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(module, "faults", lambda connection: iter(["it was broken off"]))
        with pytest.raises(ArchiveError):
            rebuild(outdated)
    harm(outdated / ".rebuild" / "archive.db")
    rebuild(outdated)
    assert _rows(outdated) == _rows(whole)


def test_columns_that_a_later_version_adds_stop_no_rebuild(whole: Path, outdated: Path) -> None:
    """Of what was read by earlier readers, too."""
    with closing(sqlite3.connect(outdated / "archive.db")) as connection, connection:
        connection.execute("drop table former_facts")
        connection.execute(
            "create table former_facts (key text primary key, url text, type text, quote text, successor text)"
        )
        connection.execute(
            "insert into former_facts values ('old', 'http://gone.example/', 'households', '居民3户', null)"
        )
    rebuild(outdated)
    assert _rows(outdated) == _rows(whole)
    with closing(sqlite3.connect(outdated / "archive.db")) as connection:
        assert connection.execute("select key, url, quote, value, subject from former_facts").fetchall() == [
            ("old", "http://gone.example/", "居民3户", None, "")
        ]
