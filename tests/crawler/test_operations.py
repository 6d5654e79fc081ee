"""What docs/operations.md promises to whoever keeps an archive running."""

import gzip
import json
import re
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from serving import site
from support import ROOT, dangqun

from archive.configuration import configuration
from archive.decisions.secret import secret
from archive.storage.backup import back_up
from crawler import doctor
from crawler.cli import main

GUIDE = (ROOT / "docs" / "operations.md").read_text("utf-8")


async def test_restored_from_the_backup(
    demo: tuple[Path, str], tmp_path: Path, sample_environment: dict[str, str]
) -> None:
    lost, folder, backups = tmp_path / "lost", tmp_path / "restored", tmp_path / "backups"
    shutil.copytree(demo[0], lost)
    before = _published(lost)
    given = {"accounts add amy": "a-long-password\n", "sites enable sample-city": ""}
    for command in (f"review {before[0][0]} confirm --by amy", *given, f"backup {backups}"):
        words = ("--archive", str(lost), *command.split())
        done = dangqun(*words, environment=sample_environment, input=given.get(command, ""))
        assert done.returncode == 0, done.stderr
    again = dangqun("--archive", str(lost), "backup", str(backups))
    assert "Nothing was copied." in again.stderr and len(list(backups.iterdir())) == 1
    with max((lost / "warc").iterdir()).open("ab") as stream:  # a crawl is writing a record
        stream.write(gzip.compress(b"WARC/1.1\r\nWARC-Type: response\r\n")[:-9])
    kept = {"secret": secret(lost), "accounts": (lost / "accounts.json").read_bytes()}
    assert dangqun("--archive", str(lost), "backup", str(backups)).returncode == 0
    everything = _files(lost)
    shutil.rmtree(lost)
    done = dangqun("--archive", str(folder), "restore", str(backups), environment=sample_environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The database agrees with its captures." in done.stderr
    restored = _published(folder)
    assert [row[1:4] for row in restored] == [row[1:4] for row in before]
    assert any(row[4] == "confirm" for row in restored)  # with every reprint that states the same
    assert {"secret": secret(folder), "accounts": (folder / "accounts.json").read_bytes()} == kept
    assert configuration(folder)["enabled_sites"] == ["sample-city"]
    # Whatever else an archive comes to hold is made again, or belongs in a backup.
    gone = {path for path in everything - _files(folder) if not path.startswith("published/changes/")}  # begun again
    assert gone <= {"published/archive.previous.db"}
    user = {"username": "amy", "password": "a-long-password"}
    login = await site(folder / "published" / "archive.db").client.post("/-/login", data=user)
    assert login.status_code == 302 and "ds_actor" in login.cookies


def test_other_processes_read_what_was_restored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "dangqun.toml").write_text("")
    back_up(tmp_path / "data", tmp_path / "backups")
    begun: list[list[str]] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        begun.append(command)
        return subprocess.CompletedProcess(command, int("verify" in command))

    monkeypatch.setattr(subprocess, "run", run)
    words = f"--archive {tmp_path / 'new'} restore {tmp_path / 'backups'} --no-publish --processes 1"
    done = CliRunner().invoke(main, words.split())
    assert done.exit_code == 1 and "`dangqun verify` failed" in done.output
    extract, verify = begun  # each with the plug-ins that the restored dangqun.toml names
    assert extract[-3:] == ["extract", "--processes=1", "--no-publish"] and "verify" in verify


def test_the_doctor_finds_what_is_wrong(
    demo: tuple[Path, str], tmp_path: Path, sample_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "data"
    shutil.copytree(demo[0], folder)
    done = dangqun("--archive", str(folder), "doctor", "--json", environment=sample_environment)
    assert done.returncode == 0, done.stdout
    states = {line["name"]: line["state"] for line in map(json.loads, done.stdout.splitlines())}
    assert len(states) == 14 and [name for name, state in states.items() if state != "ok"] == ["contact"]

    (folder / ".secret").unlink(missing_ok=True)  # of a test that served the demo before
    (folder / "accounts.json").write_text("{}")
    (folder / "accounts.json").chmod(0o644)
    (folder / ".verify-killed").mkdir()
    with sqlite3.connect(folder / "archive.db") as archive:
        archive.execute("update captures set fetched_at = '2999-01-01T00:00:00Z', reader_version = 'older'")
    archive.close()
    with sqlite3.connect(folder / "published" / "archive.db") as snapshot:
        snapshot.execute("pragma user_version = 1")
    snapshot.close()
    (tmp_path / "lock").write_text("click==0.1\nno-such-package==1.0\n")
    monkeypatch.setattr(doctor, "_LOCK", tmp_path / "lock")
    monkeypatch.setattr(doctor, "_LEAST", 1 << 60)
    found = {check.name: check for check in doctor.examine(folder)}
    assert {name for name, check in found.items() if check.state == "error"} == {
        "packages",
        "space",
        "clock",
        "snapshot",
    }
    for name, remedy in {
        "packages": "missing: no-such-package",
        "space": "Free some space",
        "permissions": "chmod 600",
        "clock": "Set the clock",
        "secret": "put it back from a backup",
        "readers": "Run `dangqun extract`",
        "snapshot": "Run `dangqun extract`",
        "leftovers": ".verify-killed: The next `dangqun verify` removes it",
    }.items():
        assert remedy in found[name].message, found[name]
    assert dangqun("--archive", str(folder), "doctor", environment=sample_environment).returncode == 1


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
