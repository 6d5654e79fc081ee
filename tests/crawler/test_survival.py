"""Killed at any moment, a full disk, a locked database: nothing is lost, nothing is there twice.

Each command is killed (-9) at random moments, started again until it ends, and its archive compared with an undisturbed
one. CI kills twice; `make crash` a hundred times and more (DANGQUN_KILLS a command).
"""

import hashlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest
import requests
from forking import kill
from serving import below, running
from support import ROOT, begun_dangqun, dangqun, free_ports, page

from archive.decisions.reviews import Reviews
from archive.publishing.changes import published as listed_changes
from archive.publishing.snapshot import inspected, publish, published
from archive.storage.backup import check, find
from archive.storage.store import open_for_writing
from crawler.sample.outlets import stories
from crawler.sample.server import serve

KILLS = int(os.environ.get("DANGQUN_KILLS", "2"))
_SAME = (
    "select url, digest, status, kind, reason, any_topic, duplicate_of is not null from captures order by 1, 2, 3, 4, 5, 6, 7",
    "select url, title, published, text, revision, gone_at from articles order by url",
    "select articles.url, number, revisions.title, revisions.text from revisions join articles on articles.id = article_id order by 1, 2",
    "select evidence, value, quote, current, stations.name, stations.place from facts left join stations on stations.id = station_id order by 1",
    # Which of two is the original may hang on when they were fetched; that they report one story may not.
    (
        "select min(a.url, b.url), max(a.url, b.url), similarity from similar_articles join articles a on a.id = article_id"
        " join articles b on b.id = other_id order by 1, 2"
    ),
)
_CRAWLED = tuple(sql.replace("from captures", "from captures where duplicate_of is null") for sql in _SAME)


def _rows(folder: Path, queries: tuple[str, ...]) -> list[list[tuple[object, ...]]]:
    connection = sqlite3.connect(folder / "archive.db")
    try:
        return [connection.execute(sql).fetchall() for sql in queries]
    finally:
        connection.close()


def _acknowledged(folder: Path) -> set[tuple[object, ...]]:
    if not (folder / "archive.db").exists():
        return set()
    try:
        return set(_rows(folder, ("select url, digest, warc_file, warc_offset from captures",))[0])
    except sqlite3.OperationalError:  # killed before the tables were made
        return set()


def _survives(
    begin: Callable[[Path], None],
    arguments: tuple[str, ...],
    ended: Callable[[Path], None],
    folder: Path,
    seed: int,
    longest: float,
    environment: dict[str, str] | None = None,
) -> None:
    """Kill the command `KILLS` times at random moments and check each time what it left. Whenever it ends before it is
    killed, its archive is compared, and the next run starts from the beginning: every kill hits a command with work to do."""
    chance, kills, number = random.Random(seed), 0, 0
    here = folder / "0"
    begin(here)
    while kills < KILLS:
        process = begun_dangqun("--archive", str(here), *arguments, environment=environment)
        process.join(chance.uniform(0.1, longest))
        if process.is_alive():
            kill(process)
            kills += 1
            _is_whole(here)
            continue
        ended(here)
        number += 1
        here = folder / str(number)
        begin(here)
    done = dangqun("--archive", str(here), *arguments, environment=environment)
    assert done.returncode == 0, done.stderr
    ended(here)
    checked = dangqun("--archive", str(here), "verify", environment=environment)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def _is_whole(folder: Path) -> None:
    """What was acknowledged before the kill is there after the restart; a snapshot is the old one or the new one."""
    before = _acknowledged(folder)
    if before:
        open_for_writing(folder).close()  # recovers
        assert before <= _acknowledged(folder)
    snapshot = folder / "published" / "archive.db"
    if snapshot.exists():
        with sqlite3.connect(f"file:{snapshot}?immutable=1", uri=True) as connection:
            assert connection.execute("pragma integrity_check").fetchone() == ("ok",)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of pages: sample stories, each several times with other words in between."""
    folder = tmp_path_factory.mktemp("pages")
    for number, story in enumerate(stories() * 3 if "DANGQUN_KILLS" in os.environ else stories()[:12] * 2):
        text = [*story.paragraphs(1), f"本报第{number}次讲起这件事。"]
        (folder / f"{number:03}.html").write_text(page(story.title, *text, published=story.published), "utf-8")
    return folder


@pytest.fixture(scope="module")
def undisturbed(pages: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive after an import without a kill."""
    folder = tmp_path_factory.mktemp("undisturbed") / "data"
    assert dangqun("--archive", str(folder), "import", "--any-topic", str(pages)).returncode == 0
    return folder


def test_import_killed(pages: Path, undisturbed: Path, tmp_path: Path) -> None:
    def same(folder: Path) -> None:
        assert _rows(folder, _SAME) == _rows(undisturbed, _SAME)

    _survives(lambda folder: None, ("import", "--any-topic", str(pages)), same, tmp_path, 1, 2.0)


def test_extract_killed(undisturbed: Path, tmp_path: Path) -> None:
    def begin(folder: Path) -> None:
        shutil.copytree(undisturbed, folder)
        with sqlite3.connect(folder / "archive.db") as connection:
            connection.execute("update captures set reader_version = 'older'")
            connection.execute("update facts set value = value + 1")
        connection.close()

    def same(folder: Path) -> None:
        assert _rows(folder, _SAME) == _rows(undisturbed, _SAME)

    _survives(begin, ("extract",), same, tmp_path, 2, 2.0)


def test_no_process_outlives_the_one_that_was_killed(undisturbed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(undisturbed, folder)
    process = begun_dangqun("--archive", str(folder), "extract", "--all", "--processes", "3")
    deadline = time.monotonic() + 60
    children: list[int] = []
    while time.monotonic() < deadline and len(children) < 2 and process.is_alive():
        children = _children(process.pid or 0)
    process.kill()
    process.join()
    assert children
    while time.monotonic() < deadline and any(Path(f"/proc/{child}").exists() for child in children):
        time.sleep(0.1)
    assert not [child for child in children if Path(f"/proc/{child}").exists()]


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def test_publish_killed(undisturbed: Path, tmp_path: Path) -> None:
    def both(folder: Path) -> None:
        assert sorted(p.name for p in (folder / "published").iterdir()) == [
            "archive.db",
            "archive.previous.db",
            "candidates.db",
            "inspect.json",
            "tables",
        ]

    _survives(lambda folder: shutil.copytree(undisturbed, folder) and None, ("publish",), both, tmp_path, 3, 1.0)


@pytest.mark.skipif(KILLS <= 3, reason="takes long")
def test_backup_and_restore_killed(undisturbed: Path, tmp_path: Path) -> None:
    def checked(folder: Path) -> None:
        check(find(backups))

    def same(folder: Path) -> None:
        assert _rows(folder, _SAME) == _rows(undisturbed, _SAME)

    backups = tmp_path / "backups"
    _survives(
        lambda folder: shutil.copytree(undisturbed, folder) and None,
        ("backup", str(backups)),
        checked,
        tmp_path / "a",
        4,
        1.0,
    )
    _survives(lambda folder: None, ("restore", str(backups)), same, tmp_path / "b", 5, 6.0)


def _acknowledged_by(script: str, folder: Path, seed: int) -> set[str]:
    """Kill a script, which prints a line for each thing that it has done to an archive, `KILLS` times at random moments;
    returns the lines. Whatever it prints was acknowledged."""
    chance, lines = random.Random(seed), set[str]()
    for _ in range(KILLS):
        with subprocess.Popen(
            [sys.executable, "-u", "-c", script, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout
            lines.add(process.stdout.readline().strip())
            time.sleep(chance.uniform(0, 0.4))
            process.kill()
            lines.update(line.strip() for line in process.stdout if line.endswith("\n"))
        assert "" not in lines, "it failed by itself"
    return lines


def _is_sound(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("pragma integrity_check").fetchone() == ("ok",)


_DECIDING = """
import itertools, sys
from pathlib import Path
from archive.decisions.reviews import Reviews
from archive.storage.store import open_for_reading
folder = Path(sys.argv[1])
archive, reviews = open_for_reading(folder), Reviews(folder / "reviews.db")
for number in itertools.count(len(reviews.history())):
    reviews.decide(archive.connection, 1, "note", "amy", note=f"note {number}")
    reviews.decide_stations("same", f"甲{number}", f"乙{number}", "amy", "one house")
    print(f"note {number}")
"""


def test_decisions_killed(undisturbed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(undisturbed, folder)
    acknowledged = _acknowledged_by(_DECIDING, folder, 5)
    with closing(Reviews(folder / "reviews.db")) as reviews:
        notes = [review.note for review in reviews.history()]
        pairs = {str(row["one_name"])[1:] for row in reviews.station_decision_list(1_000_000)}
    assert acknowledged <= set(notes) and len(notes) == len(set(notes))
    assert {line.removeprefix("note ") for line in acknowledged} <= pairs
    assert _is_sound(folder / "reviews.db")


_TAKING_DOWN = """
import itertools, sqlite3, sys
from pathlib import Path
from archive.publishing.snapshot import withdraw
from archive.decisions.reviews import Reviews
folder = Path(sys.argv[1])
reviews = Reviews(folder / "reviews.db")
known = {value for _, value in reviews.takedowns()}
urls = sqlite3.connect(folder / "archive.db").execute("select url from articles order by url").fetchall()
names = (("name", f"Nobody-{number}") for number in itertools.count())
for kind, value in itertools.chain((("article", url) for (url,) in urls), names):
    if value not in known:
        reviews.take_down(kind, value, "amy", "asked for")
        print(value)
        withdraw(folder)
"""


def test_takedowns_killed(undisturbed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(undisturbed, folder)
    with open_for_writing(folder) as archive:
        publish(archive)
    acknowledged = _acknowledged_by(_TAKING_DOWN, folder, 6)
    snapshot = published(folder)  # as `serve` does at its start
    with closing(Reviews(folder / "reviews.db")) as reviews:
        listed = [value for _, value in reviews.takedowns()]
    assert acknowledged <= set(listed) and len(listed) == len(set(listed))
    assert _is_sound(snapshot) and _is_sound(folder / "reviews.db")
    with closing(sqlite3.connect(snapshot)) as connection:
        assert acknowledged.isdisjoint(url for (url,) in connection.execute("select url from articles"))
    known = inspected(snapshot)
    assert known is None or known["archive"]["hash"] == hashlib.sha256(snapshot.read_bytes()).hexdigest()
    with zipfile.ZipFile(snapshot.with_name("tables") / "tables.zip") as package:
        assert package.testzip() is None
        articles = package.read("articles.jsonl").decode()
    assert not [url for url in acknowledged if json.dumps(url) in articles]
    assert {path.name for path in snapshot.parent.iterdir()} <= {
        *("archive.db", "candidates.db", "changes", "inspect.json", "tables"),
    }
    with closing(sqlite3.connect(snapshot)) as connection:
        assert all(
            (snapshot.parent / "changes" / one.name).exists() for one in listed_changes(connection) if one.previous
        )


_ROTATING = """
import itertools, sys
from datetime import UTC, datetime
from pathlib import Path
from archive.captures.warc import Exchange
from archive.storage.store import open_for_writing
folder = Path(sys.argv[1])
with open_for_writing(folder, warc_size=4000) as archive:
    for number in itertools.count(archive.connection.execute("select count(*) from captures").fetchone()[0]):
        url, body = f"http://a.example/{number}", f"<p>{number}</p>".encode() * 100
        archive.save_capture(Exchange(url, datetime.now(UTC), 200, (("Content-Type", "text/html"),), body), None)
        print(url)
"""


def test_rotation_killed(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    acknowledged = _acknowledged_by(_ROTATING, folder, 7)
    with open_for_writing(folder) as archive:
        rows = archive.connection.execute("select id, url from captures").fetchall()
        urls = [url for _, url in rows]
        assert acknowledged <= set(urls) and len(urls) == len(set(urls))
        assert all(archive.capture(number).body for number, _ in rows[-50:])
        files = archive.warc.files()
        assert len(files) > 3 and not any(archive.warc.scan(path).damaged for path in files)
        assert sum(len(archive.warc.scan(path).found) for path in files) == len(rows)
    assert _is_sound(folder / "archive.db")


_ADDING = """
import itertools, os, sys
import datasette_auth_passwords.utils as passwords
passwords.hash_password = lambda password: "a-hash"  # the rounds are not the subject
from click.testing import CliRunner
from crawler.cli import main
for number in itertools.count(os.getpid() * 1000):
    name = f"amy-{number}"
    done = CliRunner().invoke(main, ["--archive", sys.argv[1], "accounts", "add", name], input="a-long-password\\n")
    assert done.exit_code == 0, done.output
    print(name)
"""


def test_accounts_killed(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    acknowledged = _acknowledged_by(_ADDING, folder, 8)
    accounts = folder / "accounts.json"
    assert acknowledged <= set(json.loads(accounts.read_text("utf-8")))
    assert accounts.stat().st_mode & 0o777 == 0o600
    assert dangqun("--archive", str(folder), "accounts", "list").returncode == 0


def test_serve_killed(undisturbed: Path, tmp_path: Path) -> None:
    """It leaves no process that holds the port, and what was taken down at that moment is not shown afterwards."""
    folder, port = tmp_path / "data", free_ports(1)
    shutil.copytree(undisturbed, folder)
    with open_for_writing(folder) as archive:
        publish(archive)
        [(number, url)] = archive.connection.execute("select id, url from articles limit 1").fetchall()
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
        "2",
    ]
    page = f"/archive/articles/{number}"
    with running(command, port) as (address, pid):
        assert requests.get(address + page, timeout=60).status_code == 200
        processes = below(pid)
        with closing(Reviews(folder / "reviews.db")) as reviews:
            reviews.take_down("article", url, "amy", "asked for")
        threading.Thread(target=_ask, args=[address + page]).start()  # which begins the withdrawal
        time.sleep(0.05)
        os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 60
    while any(map(_is_there, processes)):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    with running(command, port) as (address, _):
        assert requests.get(address + page, timeout=60).status_code in (404, 410)
        assert requests.get(address + "/data/tables.zip", timeout=60).content.startswith(b"PK")


def _ask(address: str) -> None:
    with suppress(requests.RequestException):
        requests.get(address, timeout=60)


def _is_there(process: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False


def test_crawl_killed(sample_environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.sample.FIRST_PORT", int(sample_environment["DANGQUN_SAMPLE_PORT"]))
    command = ("crawl", "sample-city", "sample-district", "sample-mirror")
    twice = "select url, digest, status from captures where duplicate_of is null group by 1, 2, 3 having count(*) > 1"
    with serve():
        calm = dangqun("--archive", str(tmp_path / "calm"), *command, environment=sample_environment)
        assert calm.returncode == 0, calm.stderr

        def same(folder: Path) -> None:
            assert _rows(folder, _CRAWLED[1:]) == _rows(tmp_path / "calm", _CRAWLED[1:])
            assert _rows(folder, (twice,)) == [[]]

        _survives(lambda folder: None, command, same, tmp_path, 4, 3.0, sample_environment)


def test_a_lost_database_comes_back(undisturbed: Path, tmp_path: Path) -> None:
    """Restored from a backup of the WARC files alone."""
    shutil.copytree(undisturbed / "warc", tmp_path / "data" / "warc")
    assert dangqun("--archive", str(tmp_path / "data"), "extract").returncode == 0
    assert _rows(tmp_path / "data", _SAME) == _rows(undisturbed, _SAME)
    assert dangqun("--archive", str(tmp_path / "data"), "verify").returncode == 0
    assert dangqun("--archive", str(tmp_path / "nothing"), "extract").returncode == 1


def test_a_full_disk(pages: Path, undisturbed: Path, tmp_path: Path) -> None:
    """On a small file system: a sentence, exit code 1; with more room, the rest."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    try:
        full = dangqun("--archive", str(folder / "data"), "import", "--any-topic", str(pages))
        assert full.returncode == 1
        assert "Traceback" not in full.stderr
        subprocess.run(["mount", "-o", "remount,size=64m", str(folder)], check=True)
        assert dangqun("--archive", str(folder / "data"), "import", "--any-topic", str(pages)).returncode == 0
        assert _rows(folder / "data", _SAME) == _rows(undisturbed, _SAME)
        assert dangqun("--archive", str(folder / "data"), "verify").returncode == 0
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_database_that_somebody_else_locked(pages: Path, undisturbed: Path, tmp_path: Path) -> None:
    """Held for a while by another program, the database is waited for (DANGQUN_LOCKED seconds)."""
    folder = tmp_path / "data"
    shutil.copytree(undisturbed, folder)
    other = sqlite3.connect(folder / "archive.db", isolation_level=None, check_same_thread=False)
    other.execute("begin immediate")
    release = threading.Timer(float(os.environ.get("DANGQUN_LOCKED", "3")), lambda: other.execute("rollback"))
    release.start()
    started = time.monotonic()
    try:
        done = dangqun("--archive", str(folder), "extract", "--all")
    finally:
        release.join()
        other.close()
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - started > 2
    assert _rows(folder, _SAME) == _rows(undisturbed, _SAME)
