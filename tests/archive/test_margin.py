"""Verify on another machine: decisions close to a threshold stand as they are recorded, and no others."""

import json
import sqlite3
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from support import dangqun, exchange, page

from archive.facts import Statements
from archive.facts.decide import Calibration, Decision, decide, model
from archive.facts.document import Document
from archive.facts.extract import _read, extract_text
from archive.pipeline.ingest import ingest
from archive.pipeline.reread import outdated, reread
from archive.pipeline.verify import verify
from archive.storage.store import open_for_writing
from crawler.cli import main

STATION = "青禾小区党群服务站"
TEXT = "望潭区青萝街道青禾小区党群服务站揭牌，投入资金14万元，青禾小区现有在册党员{}名，居民860户、2310人。大家来了就能坐下说话。"


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Makes this process a machine whose probabilities differ by so many thousandths, with thresholds at will."""
    shipped = model.calibration()
    of = {name: getattr(Calibration, name) for name in ("probability", "subject_probability")}

    def become(differs: int = 0, subject_differs: int = 0, **thresholds: float) -> None:
        _read.cache_clear()
        known = replace(shipped, offsets={}, **thresholds)
        monkeypatch.setattr(model, "calibration", lambda: known)
        monkeypatch.setattr("archive.pipeline.margin.calibration", lambda: known)
        for name, by in (("probability", differs), ("subject_probability", subject_differs)):
            monkeypatch.setattr(Calibration, name, lambda self, raw, name=name, by=by: of[name](self, raw) + by)

    yield become
    monkeypatch.undo()
    _read.cache_clear()


def _record(folder: Path) -> Path:
    """An article with a correction."""
    with open_for_writing(folder) as archive:
        for number in (36, 63):
            body = page("青禾小区党群服务站揭牌", TEXT.format(number))
            capture = archive.save_capture(exchange("http://a.example/1.html", body), None)
            assert capture is not None
            ingest(archive, capture)
    return folder


def _verified(folder: Path) -> tuple[list[str], list[str]]:
    kept: list[str] = []
    with open_for_writing(folder) as archive:
        return [f"{one.where}: {one.what}" for one in verify(archive, kept=kept.append)], kept


def _probabilities() -> list[int]:
    """Those that the network reads for the text's numbers, all of them kept."""
    return sorted({fact.probability for fact in extract_text(TEXT.format(63)) if fact.probability is not None})


@pytest.mark.parametrize("differs", [10, -10])
@pytest.mark.parametrize("threshold", ["publish", "candidate"])
def test_a_recorded_decision_stands_close_to_its_threshold(
    threshold: str, differs: int, machine: Callable[..., None], tmp_path: Path
) -> None:
    machine(candidate=0.0, publish=1.1)
    middle = _probabilities()[len(_probabilities()) // 2]
    at = (middle + differs / 2) / 1000  # recorded on the one side, found on the other
    thresholds = {"publish": at, "candidate": at / 2} if threshold == "publish" else {"publish": 1.1, "candidate": at}
    machine(differs, **thresholds)
    folder = _record(tmp_path / "data")
    machine(**thresholds)
    differences, kept = _verified(folder)
    assert differences == []
    assert kept and all(one.startswith("http://a.example/1.html: ") and "threshold" in one for one in kept)


@pytest.mark.parametrize("differs", [30, -30])
@pytest.mark.parametrize("threshold", ["publish", "candidate"])
def test_farther_from_its_threshold_it_is_a_difference(
    threshold: str, differs: int, machine: Callable[..., None], tmp_path: Path
) -> None:
    machine(candidate=0.0, publish=1.1)
    middle = _probabilities()[len(_probabilities()) // 2]
    at = (middle + differs / 2) / 1000
    thresholds = {"publish": at, "candidate": at / 2} if threshold == "publish" else {"publish": 1.1, "candidate": at}
    machine(differs, **thresholds)
    folder = _record(tmp_path / "data")
    machine(**thresholds)
    differences, _ = _verified(folder)
    assert any(one.startswith(("facts:", "candidates:")) for one in differences)


@pytest.mark.parametrize(("differs", "found"), [(15, 0), (-15, 0), (16, 1), (-16, 1)])
def test_probabilities_are_compared_with_the_margin(
    differs: int, found: int, machine: Callable[..., None], tmp_path: Path
) -> None:
    machine(differs, subject_differs=-differs, candidate=-1.0, publish=-0.5, subject=-1.0)
    folder = _record(tmp_path / "data")
    machine(candidate=-1.0, publish=-0.5, subject=-1.0)
    differences, kept = _verified(folder)
    assert bool(differences) == bool(found) and kept == []
    assert all("probability" in one or "and more" in one for one in differences)


@pytest.mark.parametrize(("differs", "stands"), [(10, True), (-10, True), (30, False), (-30, False)])
def test_whether_a_fact_is_attached_stands_too(
    differs: int, stands: bool, machine: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[_read.__module__], "decide", _about_the_station)
    machine(candidate=-1.0, publish=-0.5)
    sure = next(fact.subject_probability for fact in extract_text(TEXT.format(63)))
    assert sure is not None
    thresholds = {"candidate": -1.0, "publish": -0.5, "subject": (sure + differs / 2) / 1000}
    machine(0, differs, **thresholds)
    folder = _record(tmp_path / "data")
    machine(**thresholds)
    differences, kept = _verified(folder)
    assert (differences == []) == stands
    assert not stands or (kept and all("stays attached to" in one for one in kept))


def _about_the_station(document: Document, margin: int = 0) -> list[Decision]:
    """What is decided, with the subject that this text has whatever the weights say."""
    at = document.text.index(STATION)
    return [replace(one, subject=(at, at + len(STATION))) for one in decide(document, margin)]


TWICE = "望潭区青萝街道青禾小区党群服务站揭牌，投入资金14万元。青禾小区有居民860户，党员{}名。小区居民共860户，大家来了就能坐下说话。服务站投资14万元，惠及居民860户。"


@pytest.mark.parametrize("differs", [10, -10])
@pytest.mark.parametrize("threshold", ["publish", "candidate"])
@pytest.mark.parametrize("mention", [0, 1])
def test_what_is_stated_twice_is_recorded_once_on_either_side_of_a_threshold(
    mention: int,
    threshold: str,
    differs: int,
    machine: Callable[..., None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Which mention counts follows from whether both are published, or only one is."""
    monkeypatch.setattr(sys.modules[__name__], "TEXT", TWICE)
    machine(candidate=0.0, publish=1.1)
    document = Document.of(TWICE.format(63))
    given = [d.thousandths for d in decide(document) if d.type == "investment" and d.thousandths is not None]
    at = (given[mention] + differs / 2) / 1000
    thresholds = {"publish": at, "candidate": at / 2} if threshold == "publish" else {"publish": 1.1, "candidate": at}
    machine(differs, **thresholds)
    folder = _record(tmp_path / "data")
    machine(**thresholds)
    assert _verified(folder)[0] == []


def test_a_mention_that_adds_nothing_is_found_where_it_was_added(
    machine: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[__name__], "TEXT", TWICE)
    with monkeypatch.context() as patch:
        patch.setattr(Statements, "contains", lambda self, fact: False)
        folder = _record(tmp_path / "data")
    machine()
    differences, kept = _verified(folder)
    assert any(one.startswith("facts:") for one in differences) and kept == []


def test_a_row_that_was_moved_is_found(machine: Callable[..., None], tmp_path: Path) -> None:
    """Whose probability is far from the threshold, and as it was."""
    machine(candidate=-1.0, publish=-0.5)
    folder = _record(tmp_path / "data")
    with closing(sqlite3.connect(folder / "archive.db")) as connection, connection:
        columns = ", ".join(
            row[1] for row in connection.execute("pragma table_info(candidates)") if row[1] != "mentions"
        )
        columns = columns.replace("end", '"end"')
        (fact,) = connection.execute("select max(id) from facts").fetchone()
        connection.execute(
            f'insert into candidates ({columns}, mentions) select {columns}, json_array(json_array(revision, start, "end"))'
            " from facts where id = ?",
            [fact],
        )
        for table, column in (("fact_mentions", "fact_id"), ("facts", "id")):
            connection.execute(f"delete from {table} where {column} = ?", [fact])
    differences, kept = _verified(folder)
    assert {one.split(":")[0] for one in differences} >= {"facts", "candidates"} and kept == []


def test_what_is_kept_is_not_trusted(tmp_path: Path) -> None:
    """Facts that were read wrongly, kept so, and stored from there."""
    folder = _record(tmp_path / "data")
    with closing(sqlite3.connect(folder / "decided.db")) as connection, connection:
        for number, packed in connection.execute("select number, extraction from decided").fetchall():
            key, facts, stations = json.loads(zlib.decompress(packed))
            wrong = json.dumps([key, [fact | {"qualifier": "wrong"} for fact in facts], stations])
            connection.execute(
                "update decided set extraction = ? where number = ?", [zlib.compress(wrong.encode()), number]
            )
    _read.cache_clear()
    with open_for_writing(folder) as archive:
        reread(archive, outdated(archive, everything=True))
        rows = "select qualifier from facts union select qualifier from candidates"
        assert archive.connection.execute(rows).fetchall() == [("wrong",)]
        assert list(verify(archive, sample=0)) == []
        assert list(verify(archive, sample=1)) and list(verify(archive))


def test_the_command(tmp_path: Path) -> None:
    (tmp_path / "1.html").write_text(page("青禾小区党群服务站揭牌", TEXT.format(36)), "utf-8")
    folder = tmp_path / "data"
    assert dangqun("--archive", str(folder), "import", "--no-publish", str(tmp_path / "1.html")).returncode == 0
    for more in ((), ("--sample", "1")):
        done = dangqun("--archive", str(folder), "verify", *more)
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
    explained = dangqun("verify", "--help").stdout
    assert "--sample" in explained and "0.015" in explained


def test_it_lists_the_first_ten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = _record(tmp_path / "data")

    def differences(*_: object, kept: Callable[[str], None], **__: object) -> Iterator[object]:
        for number in range(12):
            kept(f"http://a.example/{number}: households '860户' stays a candidate")
        return iter(())

    monkeypatch.setattr("crawler.cli.checking.differences", differences)
    done = CliRunner().invoke(main, ["--archive", str(folder), "verify"])
    assert done.exit_code == 0 and "12 recorded decisions close to a threshold" in " ".join(done.stderr.split())
    assert done.stderr.count("stays a candidate") == 10
