"""What docs/operations.md promises to whoever keeps an archive running."""

import re
import shutil
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner
from support import ROOT, dangqun

from crawler.cli import main

GUIDE = (ROOT / "docs" / "operations.md").read_text("utf-8")


def test_restored_from_the_backup(demo: tuple[Path, str], tmp_path: Path, sample_environment: dict[str, str]) -> None:
    lost, folder = tmp_path / "lost", tmp_path / "restored"
    shutil.copytree(demo[0], lost)
    before = _published(lost)
    decided = dangqun(
        "--archive", str(lost), "review", str(before[0][0]), "confirm", "--by", "amy", environment=sample_environment
    )
    assert decided.returncode == 0, decided.stderr
    folder.mkdir()
    shutil.copytree(lost / "warc", folder / "warc")
    with sqlite3.connect(lost / "reviews.db") as original, sqlite3.connect(folder / "reviews.db") as copy:
        original.backup(copy)
    shutil.rmtree(lost)
    for command in ("extract", "verify"):
        done = dangqun("--archive", str(folder), command, environment=sample_environment)
        assert done.returncode == 0, done.stdout + done.stderr
    restored = _published(folder)
    assert [row[1:4] for row in restored] == [row[1:4] for row in before]
    assert sum(row[4] == "confirm" for row in restored) == 1


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
