"""Downloads of a list of any length: seconds, megabytes, the first byte, and how much memory the site needs for them.

    .venv/bin/python benchmarks/downloads.py [--archive FOLDER] [--articles 30000] [--bound 150]

An archive is generated (ten facts an article) and served by one process; with --archive it is kept in that folder, and one that lies
there is used again. All facts are downloaded in each format while the memory of the process is looked at, and another client asks for
pages. The exit code is 1 where a download has too few rows, or needs more than --bound MB above what the process had before.
"""

import argparse
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support"), str(ROOT / "benchmarks")]

from load import generate
from serving import below, running
from support import free_ports

_FORMATS = ("csv", "xlsx", "jsonl", "parquet")
_PAGES = ("/", "/facts?type=party_members", "/stations", "/search.json?q=%E5%85%9A%E5%91%98")
_LOOK = 0.05  # seconds between two looks at the memory


class Taken(NamedTuple):
    """A download: its rows as the site says, bytes, seconds to the first of them and to the last, and MB above the process before."""

    rows: int
    size: int
    first: float
    seconds: float
    memory: float


def resident(pid: int) -> float:
    """Resident memory of the processes below one, without what they read of files, in MB."""
    total = 0
    for one in below(pid):
        status = Path(f"/proc/{one}/status").read_text()
        total += int(status.split("RssAnon:")[1].split()[0])
    return total / 1024


@contextmanager
def looking_on(pid: int) -> Iterator[list[float]]:
    """The most resident memory above that at the begin, as the only item of a list."""
    before, most, ended = resident(pid), [0.0], threading.Event()

    def look() -> None:
        while not ended.wait(_LOOK):
            most[0] = max(most[0], resident(pid) - before)

    looker = threading.Thread(target=look, daemon=True)
    looker.start()
    try:
        yield most
    finally:
        ended.set()
        looker.join()


def take(address: str, pid: int, format_: str) -> Taken:
    """Download all facts."""
    began, size = time.monotonic(), 0
    with (
        looking_on(pid) as most,
        urllib.request.urlopen(f"{address}/facts.{format_}?reprints=1", timeout=600) as answer,
    ):
        first = time.monotonic() - began
        while piece := answer.read(1 << 16):
            size += len(piece)
        rows = int(answer.headers["x-total-rows"])
    return Taken(rows, size, first, time.monotonic() - began, most[0])


@contextmanager
def asking(address: str) -> Iterator[list[float]]:
    """The milliseconds of pages that another client asks for, one after another."""
    times, ended = list[float](), threading.Event()

    def ask() -> None:
        while not ended.is_set():
            for page in _PAGES:
                began = time.monotonic()
                urllib.request.urlopen(address + page, timeout=60).read()
                times.append(1000 * (time.monotonic() - began))

    client = threading.Thread(target=ask, daemon=True)
    client.start()
    try:
        yield times
    finally:
        ended.set()
        client.join()


def run(folder: Path, bound: float) -> bool:
    """Print a table; returns whether every download is whole and within the bound."""
    port, kept = free_ports(1), True
    command = [sys.executable, "-m", "crawler.cli", "--archive", str(folder), "serve", "--port", str(port)]
    with running([*command, "--workers", "1", "--no-rate-limit"], port) as (address, pid):
        for format_ in _FORMATS:  # what is loaded once stays
            urllib.request.urlopen(f"{address}/facts.{format_}?type=stations", timeout=600).read()
        print(
            "| format | rows | MB | first byte, s | seconds | memory above, MB | pages meanwhile, p95 ms |\n|---|---|---|---|---|---|---|"
        )
        for format_ in _FORMATS:
            with asking(address) as times:
                taken = take(address, pid, format_)
            slow = quantiles(times, n=20)[-1] if len(times) > 1 else 0
            kept = kept and taken.rows > 0 and taken.memory <= bound
            print(
                f"| {format_} | {taken.rows:,} | {taken.size / 1e6:.1f} | {taken.first:.2f} | {taken.seconds:.1f} |"
                f" {taken.memory:.0f} | {slow:.0f} |",
                flush=True,
            )
    return kept


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--archive", type=Path)
    parser.add_argument("--articles", type=int, default=30_000)
    parser.add_argument("--bound", type=float, default=150)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        chosen = given.archive or Path(made)
        if not (chosen / "published" / "archive.db").exists():
            generate(chosen, given.articles)
        sys.exit(0 if run(chosen, given.bound) else 1)
