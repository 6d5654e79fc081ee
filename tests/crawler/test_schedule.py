"""The schedule: each site its rhythm, no site twice at once, missed runs once, a clean stop; and what status shows."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from support import ROOT, dangqun

from archive.configuration import ConfigurationError, set_enabled
from archive.reading.stamps import CHINA
from archive.storage.runs import RunCommand
from archive.storage.store import open_for_writing
from crawler import schedule, scheduler
from crawler.cli import main
from crawler.sample.server import SampleSite, serve

_HOUR = timedelta(hours=1)
_NOW = datetime(2024, 5, 6, 12, 0, tzinfo=UTC)


@pytest.fixture
def site(sample_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[SampleSite]:
    """The sample outlets, served for one test."""
    monkeypatch.setattr("crawler.sample.FIRST_PORT", int(sample_environment["DANGQUN_SAMPLE_PORT"]))
    with serve() as running:
        yield running


def _run(hours_ago: float, outcome: str | None = "finished", **stats: object) -> dict[str, object]:
    moment = (_NOW - hours_ago * _HOUR).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"started": moment, "finished": moment, "outcome": outcome, "stats": stats}


def test_rhythm() -> None:
    def due(run: dict[str, object] | None, hours: str = "") -> float:
        return (schedule.due(run, 6 * _HOUR, hours, _NOW).when - _NOW) / _HOUR

    assert due(None) == 0
    assert due(_run(2)) == 4
    assert due(_run(100)) < 0  # missed sixteen times: due once
    assert due(_run(2, None)) == 0  # killed
    assert due(_run(2, "shutdown")) == -2
    assert due(_run(0.5, "archive_unwritable")) == 0.5
    assert due(_run(0.5, "unanswered")) == 0.5
    assert due(_run(2, "challenged")) == 4  # midnight in China
    assert due(_run(2, "asked_to_wait", **{"wait/seconds": 9000})) == 0.5
    assert due(None, "22-6") == 2  # it is 20 o'clock in China
    assert due(None, "18-23") == 0
    assert due(_run(2), "18-23") == 22  # at midnight it is over


def test_outside_the_hours_nothing_is_due(sample_environment: dict[str, str], tmp_path: Path) -> None:
    """Nothing is requested or published, and so nothing is tried again every few seconds."""
    hour = (datetime.now(UTC).hour + 8) % 24
    over = f"{(hour + 2) % 24}-{(hour + 3) % 24}"
    set_enabled(tmp_path / "data", ["sample-mirror"])
    done = dangqun(
        "--archive", str(tmp_path / "data"), "refresh", "--hours", over, "sample-mirror", environment=sample_environment
    )
    assert done.returncode == 0 and "Nothing is due." in done.stderr
    assert not (tmp_path / "data" / "published").exists()


def test_the_status_knows_the_hours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next run that it shows is the one that `refresh` with the same hours makes."""
    open_for_writing(tmp_path).close()
    set_enabled(tmp_path, ["sample-city"])
    now = datetime.now(CHINA)
    first = (now.hour + 2) % 24
    later = f"{first}-{(first + 1) % 24}"

    def next_run(*options: str) -> dict[str, str]:
        done = CliRunner().invoke(main, ["--archive", str(tmp_path), "status", "--json", *options])
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    assert next_run()["is_due"]
    at_hours = next_run("--hours", later)
    assert not at_hours["is_due"] and datetime.fromisoformat(at_hours["next"]).astimezone(CHINA).hour == first
    monkeypatch.setenv("DANGQUN_HOURS", later)
    assert next_run()["next"] == at_hours["next"]


def test_a_site_may_have_an_interval_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dangqun.toml").write_text('[crawl]\nevery = 48\nintervals = ["sample-city=1.50"]\n')

    def listed() -> dict[str, str]:
        done = CliRunner().invoke(main, ["--archive", str(tmp_path), "sites"])
        assert done.exit_code == 0, done.output
        return {line.split("\t")[0]: line.split("\t")[3] for line in done.output.splitlines()}

    assert (listed()["sample-city"], listed()["sample-mirror"]) == ("1.5 h", "48 h")
    with open_for_writing(tmp_path) as archive:
        for name in ("sample-city", "sample-mirror"):
            archive.finish_run(archive.start_run(RunCommand.CRAWL, name), "finished", {})
        found = scheduler.next_runs(archive, ["sample-city", "sample-mirror"], "")
    hours = [(one.when - datetime.now(UTC)) / _HOUR for one in found.values()]
    assert hours == pytest.approx([1.5, 48], abs=0.1)
    monkeypatch.setenv("DANGQUN_CRAWL_INTERVALS", "sample-city=2 gone=3")
    assert listed()["sample-city"] == "2 h"
    with pytest.raises(ConfigurationError, match=r"crawl.intervals has gone, which nobody has described"):
        scheduler.enabled_sites(tmp_path)


def test_the_crawls_of_the_schedule_log_as_it_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []

    class Recorder(scheduler.Scheduler):
        def run(self) -> None:
            commands.append(list(self.command))

    monkeypatch.setattr("crawler.cli.scheduling.Scheduler", Recorder)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    set_enabled(tmp_path, ["sample-city"])
    done = CliRunner().invoke(main, ["--archive", str(tmp_path), "-vv", "--log-json", "schedule", "--max-seconds", "5"])
    assert done.exit_code == 0, done.output
    words = " ".join(commands[0])
    assert f"--archive {tmp_path} --verbose --verbose --log-json refresh" in words and "--max-seconds 5.0" in words


def _start(folder: Path, environment: dict[str, str], *command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "crawler.cli", "--archive", str(folder), *command],
        cwd=ROOT, env=os.environ | environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def _runs(folder: Path) -> list[tuple[str, str]]:
    done = dangqun("--archive", str(folder), "status", "--json")
    return [
        (row["site"], row["outcome"])
        for row in map(json.loads, done.stdout.splitlines())
        if row["site"].startswith("sample")
    ]


def test_refresh_takes_what_is_due_and_no_site_is_crawled_by_two(
    sample_environment: dict[str, str], tmp_path: Path, site: SampleSite
) -> None:
    folder, command = tmp_path / "data", ("refresh", "--no-publish")
    set_enabled(folder, ["sample-city", "sample-mirror"])
    both = [_start(folder, sample_environment, *command) for _ in range(2)]
    outputs = [process.communicate(timeout=120)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    assert sorted("Another dangqun process" in text for text in outputs) == [False, True]
    assert site.log.count(("city", "/robots.txt")) == 1
    requested = len(site.log)
    again = dangqun("--archive", str(folder), *command, environment=sample_environment)
    assert "Nothing is due." in again.stderr
    assert len(site.log) == requested
    with open_for_writing(folder) as archive:  # two days pass
        past = (datetime.now(UTC) - 48 * _HOUR).strftime("%Y-%m-%dT%H:%M:%SZ")
        archive.connection.execute("update runs set started = ?1, finished = ?1", [past])
    assert dangqun("--archive", str(folder), *command, environment=sample_environment).returncode == 0
    assert site.log.count(("city", "/robots.txt")) == 2
    assert _runs(folder) == [("sample-city", "finished"), ("sample-mirror", "finished")]


def test_lists_that_seldom_change_rest(sample_environment: dict[str, str], tmp_path: Path, site: SampleSite) -> None:
    folder, command = tmp_path / "data", ("refresh", "--no-publish", "sample-mirror")
    set_enabled(folder, ["sample-city", "sample-mirror"])
    requested = []
    for pass_ in range(4):
        done = dangqun("--archive", str(folder), *command, environment=sample_environment)
        assert done.returncode == 0, done.stderr
        requested.append(("mirror", "/") in site.log)
        site.log.clear()
        with open_for_writing(folder) as archive:  # half a day passes; after the third look nothing had changed twice
            archive.connection.execute("update runs set started = strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-2 days')")
            hours = 13 if pass_ < 2 else 1
            past = (datetime.now(UTC) - hours * _HOUR).strftime("%Y-%m-%dT%H:%M:%SZ")
            archive.connection.execute("update captures set fetched_at = ? where role = 'list'", [past])
    assert requested == [True, True, True, False]


def test_the_schedule_runs_until_it_is_stopped(
    sample_environment: dict[str, str], tmp_path: Path, site: SampleSite
) -> None:
    folder = tmp_path / "data"
    set_enabled(folder, ["sample-mirror", "sample-city"])
    process = _start(folder, sample_environment, "schedule", "--no-publish")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and len(site.log) < 5:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)  # in the middle of a crawl
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert "Stopped." in output and "Traceback" not in output
    outcomes = dict(_runs(folder))
    assert set(outcomes.values()) <= {"shutdown", "finished"}
    done = dangqun(
        "--archive",
        str(folder),
        "refresh",
        "--no-publish",
        "sample-mirror",
        "sample-city",
        environment=sample_environment,
    )
    assert done.returncode == 0, done.stderr
    assert set(dict(_runs(folder)).values()) == {"finished"}
    assert dangqun("--archive", str(folder), "verify", environment=sample_environment).returncode == 0


def test_a_site_that_is_down_holds_nobody_up(
    sample_environment: dict[str, str], tmp_path: Path, site: SampleSite
) -> None:
    """What the others brought is published; the exit code says that not all went well."""
    folder = tmp_path / "data"
    set_enabled(folder, ["sample-city", "sample-mirror"])
    down = site.servers[2]
    down.shutdown()
    down.server_close()
    done = dangqun("--archive", str(folder), "refresh", "sample-city", "sample-mirror", environment=sample_environment)
    site.servers.remove(down)
    assert done.returncode == 1
    assert "sample-mirror: nothing answered" in done.stderr and "Traceback" not in done.stderr
    with closing(sqlite3.connect(folder / "published" / "archive.db")) as snapshot:
        assert snapshot.execute("select count(*) from articles").fetchone()[0] > 10
        assert snapshot.execute("select count(*) from findings where site = 'sample-mirror'").fetchone()[0] >= 1


def test_the_schedule_outlasts_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Found by the soak: an archive that cannot be looked at ended the process."""
    looks: list[float] = []

    def full(*_: object) -> float:
        looks.append(time.monotonic())
        if len(looks) == 1:
            raise sqlite3.OperationalError("disk I/O error")
        os.kill(os.getpid(), signal.SIGTERM)
        return 600

    set_enabled(tmp_path, ["sample-city"])
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    monkeypatch.setattr(scheduler, "seconds_until_due", full)
    monkeypatch.setattr(scheduler, "RETRY_PAUSE", 0.01)
    monkeypatch.setattr(scheduler, "MIN_PAUSE", 0.0)
    try:
        done = CliRunner().invoke(main, ["--archive", str(tmp_path), "schedule", "sample-city"])
    finally:
        for number, handler in zip((signal.SIGTERM, signal.SIGINT), before, strict=True):
            signal.signal(number, handler)
    assert done.exit_code == 0 and len(looks) == 2
