"""What docs/operations.md promises to whoever keeps an archive running."""

import re
import shutil
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner
from support import ROOT, dangqun

from archive.configuration import configuration
from archive.decisions.secret import secret
from crawler.cli import main

GUIDE = (ROOT / "docs" / "operations.md").read_text("utf-8")


def test_restored_from_the_backup(demo: tuple[Path, str], tmp_path: Path, sample_environment: dict[str, str]) -> None:
    lost, folder = tmp_path / "lost", tmp_path / "restored"
    shutil.copytree(demo[0], lost)
    before = _published(lost)
    given = {"accounts add amy": "a-long-password\n", "sites enable sample-city": ""}
    for command in (f"review {before[0][0]} confirm --by amy", *given):
        words = ("--archive", str(lost), *command.split())
        done = dangqun(*words, environment=sample_environment, input=given.get(command, ""))
        assert done.returncode == 0, done.stderr
    kept = {"secret": secret(lost), "accounts": (lost / "accounts.json").read_bytes()}
    everything = _files(lost)
    _back_up(lost, folder)
    shutil.rmtree(lost)
    for command in ("extract", "verify"):
        done = dangqun("--archive", str(folder), command, environment=sample_environment)
        assert done.returncode == 0, done.stdout + done.stderr
    restored = _published(folder)
    assert [row[1:4] for row in restored] == [row[1:4] for row in before]
    assert any(row[4] == "confirm" for row in restored)  # with every reprint that states the same
    assert {"secret": secret(folder), "accounts": (folder / "accounts.json").read_bytes()} == kept
    assert configuration(folder).enabled_sites == ["sample-city"]
    # Whatever else an archive comes to hold is made again, or belongs into the guide.
    assert everything - _files(folder) <= {"published/archive.previous.db"}


def _back_up(folder: Path, copy: Path) -> None:
    """Copy what the commands of the guide copy; a file of the archive that they do not name is lost."""
    copy.mkdir()
    for name in sorted(set(re.findall(r"/srv/dangqun/data/([\w.]+)/?(?=[ \n])", GUIDE.split("## Backup")[1]))):
        if (folder / name).is_dir():
            shutil.copytree(folder / name, copy / name)
        else:
            shutil.copy2(folder / name, copy / name)


def _files(folder: Path) -> set[str]:
    """The files of an archive, beside those that SQLite keeps while a database is open."""
    found = (str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    return {name for name in found if not name.endswith(("-wal", "-shm"))}


def _published(folder: Path) -> list[tuple[object, ...]]:
    with sqlite3.connect(f"file:{folder / 'published' / 'archive.db'}?mode=ro", uri=True) as snapshot:
        return snapshot.execute(
            "select id, evidence, value, quote, review from facts where current order by evidence"
        ).fetchall()


@pytest.mark.parametrize("command", sorted(set(re.findall(r"\bdangqun ((?:[a-z]+ )?[a-z]+)(?=[\s`;]|$)", GUIDE))))
def test_commands_of_the_guide_exist(command: str) -> None:
    words = command.split()
    for length in (len(words), 1):  # a second word may be an argument
        done = CliRunner().invoke(main, [*words[:length], "--help"])
        if done.exit_code == 0:
            return
    pytest.fail(f"dangqun {command}: {done.output}")


def test_the_timer_sends_alerts_after_a_crawl_that_failed() -> None:
    unit = (ROOT / "docs" / "schedule" / "dangqun-refresh.service").read_text("utf-8")
    after = re.findall(r"^(ExecSt\w+Post)=.* alerts send$", unit, re.MULTILINE)
    assert after == ["ExecStopPost"]  # systemd runs ExecStartPost only after success
