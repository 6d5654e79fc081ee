"""Attacks on `dangqun alerts send`, as a command: receivers that lead inwards, hold, flood, or are killed for."""

import json
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from receivers import receiver
from support import ROOT, dangqun


@pytest.fixture(scope="module")
def waiting(demo: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive in which one alert has something new to report."""
    folder = tmp_path_factory.mktemp("alerts") / "data"
    shutil.copytree(demo[0], folder)
    added = dangqun(
        "--archive", str(folder), "alerts", "add", "http://a.example/hook", "--by", "甲", "--kind", "health"
    )
    assert added.returncode == 0, added.stderr
    with closing(sqlite3.connect(folder / "published" / "archive.db")) as snapshot, snapshot:
        run = "insert into runs (command, site, started) values ('crawl', 'sample-city', '2024-05-06T07:08:09Z')"
        finding = (
            "insert into findings (run_id, site, expectation, message) values (?, 'sample-city', 'layout', '没有了。')"
        )
        snapshot.execute(finding, [snapshot.execute(run).lastrowid])
    return folder


@pytest.fixture
def folder(waiting: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(waiting, tmp_path / "data"))


def _aim(folder: Path, *targets: str) -> None:
    """Let one alert go to each of these targets, as if they had been entered before such were refused."""
    with closing(sqlite3.connect(folder / "reviews.db")) as reviews, reviews:
        reviews.execute("update follows set target = ? where id = 1", [targets[0]])
        for target in targets[1:]:
            reviews.execute("insert into follows (by, kind, search, channel, target, at) select by, kind, search, channel, ?, at from follows where id = 1", [target])  # fmt: skip


def _fine(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")


def _drip(connection: socket.socket) -> None:
    for _ in range(150):
        connection.sendall(b"x")
        time.sleep(1)


def _flood(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1500000000\r\n\r\n")
    for _ in range(1500):
        connection.sendall(b"x" * 1_000_000)


def _send(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return dangqun("--archive", str(folder), "alerts", "send", *options)


def test_a_form_leads_to_no_loopback(folder: Path) -> None:
    with receiver(_fine) as (port, got):
        inwards = [
            f"http://127.0.0.1:{port}\\@1.1.1.1/x",
            f"http://127.0.0.1:{port}%5C@1.1.1.1/x",
            f"http://1.1.1.1@127.0.0.1:{port}/",
        ]
        for target in inwards:
            refused = dangqun("--archive", str(folder), "alerts", "add", target, "--by", "甲")
            assert refused.returncode == 1 and "Traceback" not in refused.stderr, target
        hosts = (
            "127.0.0.1",
            "localhost",
            "2130706433",
            "0x7f.1",
            "127.1",
            "0",
            "[::ffff:127.0.0.1]",
            "[64:ff9b::7f00:1]",
        )
        _aim(folder, *inwards, *(f"http://{host}:{port}/" for host in hosts))
        done = _send(folder)
        printed = " ".join((done.stdout + done.stderr).split())
        assert done.returncode == 1 and printed.count("not sent") == len(inwards) + len(hosts), printed
        assert got == [] and "Traceback" not in printed


def test_a_bad_receiver_stops_only_itself(folder: Path) -> None:
    with receiver(_drip) as (dripping, _), receiver(_flood) as (flooding, _), receiver(_fine) as (fine, got):
        odd = ["http://x:99999/", "http://a..b/", f"http://{'a' * 70}.example/", "http://[::1", "http://a..b/[/x]"]
        _aim(folder, *odd, *(f"http://127.0.0.1:{port}/" for port in (dripping, flooding, fine)))
        started = time.monotonic()
        most, printed = _most_memory(folder, "--allow-private-addresses")
        assert time.monotonic() - started < 100
        assert most < 700_000_000
        assert printed.count("not sent") == len(odd) + 1 and "Traceback" not in printed, printed
    assert len(got) == 1 and json.loads(got[0].body)["new"][0]["title"] == "sample-city: 没有了。"
    with receiver(_fine) as (port, got):
        _aim(folder, f"http://127.0.0.1:{port}/")
        assert _send(folder, "--allow-private-addresses").returncode == 1  # the others of the odd ones
    assert len(got) == 1


# Run in a small process: one that is forked begins with the peak of the process that it is forked from.
_MEASURED = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024, done.stdout)
"""


def _most_memory(folder: Path, *options: str) -> tuple[int, str]:
    """The most bytes of memory that sending took, and what it printed."""
    command = [sys.executable, "-m", "crawler.cli", "--archive", str(folder), "alerts", "send", *options]
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, *command], cwd=ROOT, capture_output=True, text=True, timeout=180, check=True
    )
    most, *printed = done.stdout.split()
    return int(most), " ".join(printed)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=lambda one: one.name)
def test_what_a_killed_run_left_is_reported(folder: Path, number: signal.Signals) -> None:
    with receiver(lambda _: time.sleep(100)) as (port, got):
        _aim(folder, f"http://127.0.0.1:{port}/")
        command = [
            sys.executable,
            "-m",
            "crawler.cli",
            "--archive",
            str(folder),
            "alerts",
            "send",
            "--allow-private-addresses",
        ]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT) as process:
            end = time.monotonic() + 60
            while not got and time.monotonic() < end:
                time.sleep(0.05)
            process.send_signal(number)
            process.wait(60)
        assert len(got) == 1
    with receiver(_fine) as (port, got):
        _aim(folder, f"http://127.0.0.1:{port}/")
        assert _send(folder, "--allow-private-addresses").returncode == 0
        assert _send(folder, "--allow-private-addresses").returncode == 0
    (message,) = (json.loads(one.body) for one in got)
    assert [row["again"] for row in message["new"]] == [True]
