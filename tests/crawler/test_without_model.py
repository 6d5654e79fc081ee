"""Weights or runtime that are not there, and declarations that cannot be used: one sentence, exit code 1, nothing lost."""

import hashlib
import json
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from support import ROOT, dangqun, page

from archive.facts import types
from archive.facts.decide import model, windows
from archive.facts.extract import _read
from crawler.cli import main
from crawler.sample.server import serve

TEXT = "望潭区青萝街道青禾小区党群服务站揭牌，青禾小区现有在册党员36名，居民860户、2310人。大家来了就能坐下说话，有人接，有人办。"
RUNTIME = "Facts cannot be read here: ONNX Runtime is not installed"


@pytest.fixture
def without_runtime(tmp_path: Path) -> dict[str, str]:
    """The environment of processes that find no ONNX Runtime."""
    folder = tmp_path / "without"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text("import sys\nsys.modules['onnxruntime'] = None\n")
    return {"PYTHONPATH": f"{folder}:{ROOT}"}


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    folder.mkdir()
    for number in range(6):
        body = page("青禾小区党群服务站揭牌", TEXT.replace("36", str(number + 20)))
        (folder / f"{number}.html").write_text(body, "utf-8")
    return folder


def _is_one_sentence(code: int, stderr: str) -> None:
    output = " ".join(stderr.split())
    assert code == 1 and "Traceback" not in output, output
    assert output.count("Error: ") == 1 and f"Error: {RUNTIME}" in output, output


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """A process that has read nothing and loaded nothing yet."""
    for one in (_read, model._session, model.calibration, windows.vocabulary, types.load):
        one.cache_clear()
    yield
    for one in (_read, model._session, model.calibration, windows.vocabulary, types.load):
        one.cache_clear()


def test_every_command_that_reads_facts_says_so(
    pages: Path, tmp_path: Path, without_runtime: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = ("--archive", str(tmp_path / "data"))
    (tmp_path / "text.txt").write_text(TEXT, "utf-8")
    with monkeypatch.context() as patched:
        patched.setitem(sys.modules, "onnxruntime", None)
        for command in (("facts", str(tmp_path / "text.txt")), (*archive, "import", str(pages))):
            done = CliRunner().invoke(main, command)
            _is_one_sentence(done.exit_code, done.stderr)
    done = CliRunner().invoke(main, [*archive, "import", str(pages)])  # what the first one kept is read first
    assert done.exit_code == 0, done.stderr
    with closing(sqlite3.connect(tmp_path / "data" / "archive.db")) as connection, connection:
        assert connection.execute("select count(*), count(distinct url) from captures").fetchone() == (6, 6)
        connection.execute("update captures set extractor_version = 'before'")
    (tmp_path / "data" / "decided.db").unlink()
    for command in ("extract", "verify"):  # which start processes of their own
        begun = dangqun(*archive, command, "--processes", "2", environment=without_runtime)
        _is_one_sentence(begun.returncode, begun.stderr)
    with monkeypatch.context() as patched:
        patched.setitem(sys.modules, "onnxruntime", None)
        for one in (_read, model._session):
            one.cache_clear()
        for words in ("extract --processes 1", "verify --processes 1"):
            done = CliRunner().invoke(main, [*archive, *words.split()])
            _is_one_sentence(done.exit_code, done.stderr)
        for words in ("publish", "reviews list", "sites", "status", "stations list"):
            done = CliRunner().invoke(main, [*archive, *words.split()])
            assert "ONNX" not in done.stderr and done.exit_code in (0, 2), done.stderr
    for words in ("extract", "verify"):
        done = CliRunner().invoke(main, [*archive, *words.split()])
        assert done.exit_code == 0, done.stderr


def test_a_crawl_keeps_what_cannot_be_read(
    tmp_path: Path, without_runtime: dict[str, str], sample_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.sample.FIRST_PORT", int(sample_environment["DANGQUN_SAMPLE_PORT"]))
    crawl = ("--archive", str(tmp_path / "data"), "crawl", "sample-city")
    with serve():
        for _ in range(2):
            done = dangqun(*crawl, environment=sample_environment | without_runtime)
            _is_one_sentence(done.returncode, done.stderr)
        calm = dangqun("--archive", str(tmp_path / "calm"), "crawl", "sample-city", environment=sample_environment)
        assert calm.returncode == 0, calm.stderr
        again = dangqun(*crawl, environment=sample_environment)
    assert again.returncode in (0, 3), again.stderr  # few pages are new
    rows = []
    for folder in ("data", "calm"):
        with closing(sqlite3.connect(tmp_path / folder / "archive.db")) as connection:
            questions = (
                "select distinct url, digest from captures order by 1, 2",
                "select url, title, text from articles order by 1",
                "select evidence, type, value from facts order by 1",
                "select count(*) from captures where kind is null",
            )
            rows.append([connection.execute(question).fetchall() for question in questions])
    assert rows[0] == rows[1]


@pytest.mark.parametrize("name", ["weights.onnx", "calibration.json"])
@pytest.mark.parametrize("content", [None, b"", b"\x00damaged"])
def test_files_that_are_missing_or_damaged(
    name: str, content: bytes | None, pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    for other in (model.WEIGHTS, model.CALIBRATION):
        if other != name:
            (folder / other).write_bytes((model.FOLDER / other).read_bytes())
    if content is not None:
        (folder / name).write_bytes(content)
    monkeypatch.setattr(model, "FOLDER", folder)
    for command in (["facts", str(pages / "1.html")], ["--archive", str(tmp_path / "data"), "import", str(pages)]):
        done = CliRunner().invoke(main, command)
        assert done.exit_code == 1 and "Install the project again." in done.stderr and "Traceback" not in done.stderr


def test_weights_of_another_calibration_are_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pages: Path
) -> None:
    content = bytearray((model.FOLDER / model.WEIGHTS).read_bytes())
    digest = hashlib.sha256(content).hexdigest()
    calibration = json.loads((model.FOLDER / model.CALIBRATION).read_text("utf-8")) | {"weights": digest}
    (tmp_path / model.CALIBRATION).write_text(json.dumps(calibration))
    (tmp_path / model.WEIGHTS).write_bytes(content)
    monkeypatch.setattr(model, "FOLDER", tmp_path)
    assert CliRunner().invoke(main, ["facts", str(pages / "1.html")]).exit_code == 0
    content[len(content) // 2] ^= 1
    (tmp_path / model.WEIGHTS).write_bytes(content)
    for one in (_read, model._session):
        one.cache_clear()
    done = CliRunner().invoke(main, ["facts", str(pages / "1.html")])
    assert done.exit_code == 1 and "they are damaged" in done.stderr


@pytest.mark.parametrize("command", ["facts x", "read x", "sites", "publish", "extract", "status", "verify"])
@pytest.mark.parametrize(
    "content", ['[stewards]\nzh = "楼栋长"\nen = "Stewards"\nunit = "person"\nshape = "conut"\n', "", None]
)
def test_a_wrong_declaration_is_reported_at_start(
    content: str | None, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "types.toml"
    if content is not None:
        path.write_text(content or "[stewards", "utf-8")
    monkeypatch.setattr(types, "_FILE", path)
    done = CliRunner().invoke(main, ["--archive", str(tmp_path / "data"), *command.split()])
    assert done.exit_code == 1 and done.stderr.startswith("Error: ") and "types.toml" in done.stderr
    assert done.stderr.count("\n") == 1 and not (tmp_path / "data").exists()
