"""reviews.db cannot be made again: every file that was ever written is brought up to date, with all that stands in it."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from support import ROOT, dangqun

from archive.decisions.reviews import Reviews
from archive.errors import ArchiveError
from archive.site.alerts import Alerts
from archive.sql.migrations import REVIEWS, backup_of, open_reviews

OLDER = Path(__file__).parent / "older"
_LATEST = len(list(REVIEWS.glob("*.sql")))
# A table made again, as SQLite has it where a column changes; a trigger has semicolons within.
_NEXT = """-- Says who asked for it; and more.
create table takedowns_new (id integer primary key, kind text not null, value text not null, reason text not null,
    by text not null, at text not null, undone_at text, undone_by text, asked_by text not null default '');
insert into takedowns_new (id, kind, value, reason, by, at, undone_at, undone_by) select * from takedowns;
drop table takedowns;
alter table takedowns_new rename to takedowns;
create trigger no_empty_name before insert on takedowns when new.value = '' begin
    select raise(abort, 'empty; no name');
end;
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that had no version yet, with decisions of every kind."""
    with closing(sqlite3.connect(tmp_path / "reviews.db")) as connection:
        connection.executescript((OLDER / "reviews-0.sql").read_text("utf-8"))
    return tmp_path / "reviews.db"


@pytest.fixture
def more(tmp_path: Path) -> Path:
    """The migrations, and one that is to come."""
    folder = tmp_path / "migrations"
    shutil.copytree(REVIEWS, folder)
    (folder / f"{_LATEST + 1:04}_next.sql").write_text(_NEXT, "utf-8")
    return folder


def _content(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(path)) as connection:
        tables = connection.execute("select name from sqlite_master where type = 'table' order by name").fetchall()
        return {name: connection.execute(f"select * from {name} order by 1, 2").fetchall() for (name,) in tables}


def _version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("pragma user_version").fetchone()[0]


def test_migrations_are_numbered_without_gaps() -> None:
    numbers = [int(file.name.split("_")[0]) for file in sorted(REVIEWS.glob("*.sql"))]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_file_without_a_version_keeps_all_that_stands_in_it(path: Path) -> None:
    before = _content(path)
    assert {"reviews", "skips", "visits", "takedowns", "station_decisions", "follows", "deliveries"} == set(before)
    with closing(Reviews(path)) as reviews:
        assert [(one.decision, one.by, one.undone_at is None) for one in reviews.history()] == [
            ("confirm", "甲", True), ("confirm", "甲", True), ("correct", "乙", True), ("reject", "乙", True),
            ("note", "甲", True), ("reject", "丙", False),
        ]  # fmt: skip
        assert [one.decision for one in reviews.standing().values()] == ["confirm", "correct", "reject"]
        assert reviews.takedowns() == [("article", "http://a.example/9.html"), ("name", "柳三")]
        assert len(reviews.station_decisions().same) == 1 and not reviews.station_decisions().different
        assert len(reviews.skipped("甲")) == 1
        assert reviews.visit("甲", "2026-11-21T09:31:00Z") == "2026-11-20T08:00:00Z"
    with closing(Alerts(path)) as alerts:
        assert [(row["id"], row["unknown"]) for row in alerts.follows()] == [(1, 1), (2, 0), (3, 0)]
    assert _version(path) == _LATEST
    before["visits"] = _content(path)["visits"]  # the look just now
    after = _content(path)
    for table, rows in before.items():  # a later version appends columns
        assert [row[: len(rows[0])] for row in after[table]] == rows, table
    assert _version(backup_of(path, 0)) == 0


def test_a_new_file_is_as_one_brought_up_to_date(path: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.db"
    open_reviews(new).close()
    open_reviews(path).close()
    assert set(_content(new)) == set(_content(path))
    assert _version(new) == _LATEST
    assert not list(tmp_path.glob("new.version-*"))  # there was nothing to keep


def test_the_next_migration_keeps_a_copy_first(path: Path, more: Path) -> None:
    open_reviews(path).close()
    before = _content(path)
    with closing(open_reviews(path, more)) as connection:
        assert connection.execute("select distinct asked_by from takedowns").fetchall() == [("",)]
        with pytest.raises(sqlite3.IntegrityError, match="no name"):
            connection.execute("insert into takedowns (kind, value, reason, by, at) values ('name', '', '', '', '')")
    assert _version(path) == _LATEST + 1
    assert _content(backup_of(path, _LATEST)) == before
    assert [row[:8] for row in _content(path)["takedowns"]] == before["takedowns"]


def test_one_that_fails_leaves_the_file_as_it_was(path: Path, more: Path) -> None:
    open_reviews(path).close()
    before = _content(path)
    (broken,) = more.glob("*_next.sql")
    broken.write_text(_NEXT + "insert into nowhere values (1);\n", "utf-8")
    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        open_reviews(path, more)
    assert (_content(path), _version(path)) == (before, _LATEST)


def test_processes_at_once_migrate_once(path: Path, more: Path) -> None:
    code = "import sys\nfrom pathlib import Path\nfrom archive.sql.migrations import open_reviews\nopen_reviews(*map(Path, sys.argv[1:]))\n"
    command = [sys.executable, "-c", code, str(path), str(more)]
    running = [subprocess.Popen(command, cwd=ROOT) for _ in range(4)]
    assert [process.wait() for process in running] == [0] * 4
    assert _version(path) == _LATEST + 1
    assert len(_content(path)["reviews"]) == 6


def test_a_newer_file_is_refused_with_a_sentence(
    path: Path, more: Path, demo: tuple[Path, str], tmp_path: Path
) -> None:
    open_reviews(path, more).close()
    for opened in (Reviews, Alerts):
        with pytest.raises(ArchiveError, match=f"newer version of dangqun.*reviews.version-{_LATEST}.db"):
            opened(path)
    folder = tmp_path / "data"
    shutil.copytree(demo[0], folder)
    shutil.copy(path, folder / "reviews.db")
    for command in (("reviews",), ("publish",), ("serve",)):
        done = dangqun("--archive", str(folder), *command)
        assert done.returncode == 1 and "newer version" in done.stderr and "Traceback" not in done.stderr


def test_nobody_but_the_owner_reads_what_people_decided(path: Path, more: Path) -> None:
    path.chmod(0o644)
    with closing(open_reviews(path)), closing(open_reviews(path, more)) as connection:
        connection.execute("update takedowns set reason = 'asked for'")
        files = [path, backup_of(path, _LATEST), *path.parent.glob(f"{path.name}-*")]
        assert len(files) > 2 and {file.stat().st_mode & 0o777 for file in files} == {0o600}


def test_another_process_leaves_the_journal_of_an_open_database(tmp_path: Path) -> None:
    path = tmp_path / "reviews.db"
    close = (
        f"import sqlite3; c = sqlite3.connect({str(path)!r}); c.execute('select * from reviews').fetchall(); c.close()"
    )
    with closing(open_reviews(path)) as connection:
        connection.execute("insert into visits values ('甲', '2026-01-01T00:00:00Z', '')")
        open_reviews(path).close()  # must not drop the locks of the first
        subprocess.run([sys.executable, "-c", close], check=True)
        assert path.with_name("reviews.db-wal").exists()
