"""What was read out of texts is kept: the network is run once a text, and the file that remembers is never needed."""

import shutil
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from support import article, exchange, page

from archive import facts
from archive.facts.decide import model
from archive.facts.extract import _read
from archive.model import Article
from archive.pipeline.ingest import ingest
from archive.pipeline.rebuild import rebuild
from archive.pipeline.reread import outdated, reread
from archive.pipeline.verify import verify
from archive.storage import decided
from archive.storage.decided import Decided
from archive.storage.store import Archive, open_for_writing

TEXT = (
    "望潭区青萝街道青禾小区党群服务站揭牌，投入资金14万元，青禾小区现有在册党员36名，居民860户。大家来了就能坐下说话。"
)
PAGE = page("青禾小区党群服务站揭牌", TEXT, "有人接，有人办，有人回。")


@pytest.fixture(autouse=True)
def forgetful() -> Iterator[None]:
    """The extractor remembers texts within a process: each test begins as a new one."""
    _read.cache_clear()
    yield
    _read.cache_clear()


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one whenever the network is run in this process."""
    counted: list[int] = []
    run = model.run

    def counting(window):
        counted.append(1)
        return run(window)

    monkeypatch.setattr(model, "run", counting)
    return counted


def _take(archive: Archive, url: str, body: str) -> None:
    capture = archive.save_capture(exchange(url, body), None)
    assert capture is not None
    ingest(archive, capture)


def _new_process() -> None:
    _read.cache_clear()


def test_a_text_is_decided_once(store: Archive, runs: list[int]) -> None:
    _take(store, "http://a.example/1.html", PAGE)
    assert len(runs) == 1
    for url, body in (
        ("http://a.example/1.html", PAGE.replace("<h1>", "<h1 class=big>")),  # the same text in another capture
        ("http://b.example/9.html", PAGE),  # a reprint
    ):
        _new_process()
        _take(store, url, body)
    assert len(runs) == 1
    _new_process()
    store.connection.execute("update captures set reader_version = 'before'")
    jobs = outdated(store)
    assert len(jobs) == 2
    before = store.connection.execute("select * from facts order by id").fetchall()
    reread(store, jobs)
    assert len(runs) == 1 and outdated(store) == []
    assert store.connection.execute("select * from facts order by id").fetchall() == before
    _take(store, "http://a.example/1.html", PAGE.replace("36", "37"))
    assert len(runs) == 2


def test_other_processes_and_a_rebuild_use_it(tmp_path: Path, runs: list[int]) -> None:
    folder = tmp_path / "data"
    with open_for_writing(folder) as archive:
        for number in range(20):
            archive.save_capture(exchange(f"http://a.example/{number}", PAGE.replace("36", str(number + 20))), None)
        reread(archive, outdated(archive), processes=2)
        assert len(runs) < 20  # the others ran in another process
        runs.clear()
        reread(archive, outdated(archive, everything=True))
        assert runs == []
    with closing(sqlite3.connect(folder / "archive.db")) as connection:
        connection.execute("pragma user_version = 0")
    rebuild(folder)
    assert runs == [] and not (folder / "decided.db").is_symlink()
    with open_for_writing(folder) as archive:
        assert archive.connection.execute("select count(*) from articles").fetchone() == (20,)


def test_it_returns_what_was_stored(tmp_path: Path, runs: list[int]) -> None:
    one = article(PAGE)
    kept = Decided(tmp_path / "decided.db")
    given, again = kept.extract(one), kept.extract(one)
    assert given == again == facts.extract_with_stations(one)
    assert [[type(value) for value in vars(fact).values()] for fact in given[0]] == [
        [type(value) for value in vars(fact).values()] for fact in again[0]
    ]
    other_day = Article(**vars(one) | {"published": date(2020, 1, 1)})
    assert kept.known(other_day) is None and kept.known(one) == given


def test_another_version_empties_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = article(PAGE)
    Decided(tmp_path / "decided.db").extract(one)
    monkeypatch.setattr(decided, "_NUMBER", decided._NUMBER ^ 1)
    assert Decided(tmp_path / "decided.db").known(one) is None


def test_it_stays_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decided, "MAX_TEXTS", 3)
    path = tmp_path / "decided.db"
    pages = [article(PAGE.replace("36", str(number))) for number in range(40, 46)]
    kept = Decided(path)
    for one in pages:
        kept.extract(one)
    kept.close()
    assert [Decided(path).known(one) is not None for one in pages] == [False] * 3 + [True] * 3


def _overwrite(path: Path) -> None:
    path.write_bytes(b"no database at all, " * 400)


def _spoil(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("update decided set extraction = substr(extraction, 1, 20) || zeroblob(9)")


def _exchange(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        stored = connection.execute("select extraction from decided order by number").fetchall()
        for number, (other,) in enumerate(reversed(stored), 1):
            connection.execute("update decided set extraction = ? where number = ?", [other, number])


def _scribble(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)


def _scribble_over_names(path: Path) -> None:
    """The message about it is no text."""
    path.write_bytes(path.read_bytes().replace(b"decided", b"decid\xc0d"))


def _rename_a_column(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("alter table decided rename number to num")


def _nest(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("update decided set extraction = ?", [zlib.compress(b"[" * 100_000)])


def _delete(path: Path) -> None:
    path.unlink()


def _make_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    "harm",
    [_overwrite, _spoil, _exchange, _scribble, _scribble_over_names, _rename_a_column, _nest, _delete, _make_a_folder],
)
def test_it_is_never_needed(harm: Callable[[Path], None], tmp_path: Path, store: Archive) -> None:
    _take(store, "http://a.example/1.html", PAGE)
    _take(store, "http://a.example/2.html", PAGE.replace("36", "37"))
    store.close()
    folder = tmp_path / "copy"
    shutil.copytree(store.folder, folder)
    harm(folder / "decided.db")
    _new_process()
    with open_for_writing(folder) as archive:
        rows = archive.connection.execute("select * from facts order by id").fetchall()
        reread(archive, outdated(archive, everything=True))
        assert archive.connection.execute("select * from facts order by id").fetchall() == rows
        assert list(verify(archive)) == []


@pytest.mark.parametrize("harm", [_overwrite, _scribble, _scribble_over_names, _rename_a_column, _delete])
def test_a_damaged_one_is_rebuilt(harm: Callable[[Path], None], tmp_path: Path) -> None:
    path = tmp_path / "decided.db"
    one = article(PAGE)
    for step in range(3):
        kept = Decided(path)
        kept.extract(one)
        kept.close()
        if step == 0:
            harm(path)
    assert Decided(path).known(one) is not None


def test_a_locked_one_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decided, "_PATIENCE", 0.05)
    path = tmp_path / "decided.db"
    one = article(PAGE)
    kept = Decided(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("begin immediate")
        assert kept.extract(one) == Decided(path).extract(one) == facts.extract_with_stations(one)
        other.execute("rollback")
    assert path.exists() and Decided(path).known(one) is None
