"""The running site under readers' SQL that takes for ever or all memory: the start page answers, processes that hang are
replaced, and all end when they are stopped."""

import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest
import requests
from serving import below, running
from support import free_ports

_MAX_MB = 1500  # megabytes of all processes
_LONG = "printf('%.9000000c', 'a') || printf('%.9000000c', 'a')"
# One row of many looks at long texts, between which SQLite never looks at the clock.
_ENDLESS = f"with t(x) as materialized (select {_LONG}) select " + ", ".join(
    "x like '%' || printf('%.190c', 'a') || 'b'" for _ in range(200)
)


@pytest.fixture(scope="module")
def serving(demo: tuple[Path, str]) -> Iterator[tuple[str, int]]:
    with _serving(demo[0], "--workers", "2", "--no-rate-limit") as served:
        yield served


@contextmanager
def _serving(folder: Path, *options: str) -> Iterator[tuple[str, int]]:
    """`dangqun serve`, running; yields its address and the id of its process."""
    port = free_ports(1)
    command = [sys.executable, "-m", "crawler.cli", "--archive", str(folder), "serve", "--port", str(port), *options]
    with running(command, port) as served:
        yield served


def _query(sql: str) -> str:
    return "/archive/-/query.json?" + urlencode({"sql": sql})


# Two processes run two such queries each at a time; others wait.
_ATTACKS = {
    "search in long bytes": [
        _query(f"select instr(zeroblob(40000000), zeroblob(20000000) || x'01'), {n}") for n in range(6)
    ],
    "search in long text": [_query(f"select instr({_LONG}, printf('%.9000000c', 'a') || 'b'), {n}") for n in range(6)],
    "long bytes": [_query(f"select length(hex(zeroblob(490000000))), {n}") for n in range(6)],
    "random bytes": [_query(f"select length(randomblob(900000000)), {n}") for n in range(2)],
    "long rows": [_query(f"select {_LONG}, {n} from facts a, facts b") for n in range(6)],
    "many long columns": [
        _query(
            f"with t(x) as materialized (select {_LONG}) select {', '.join(f'x || {n * 9 + i}' for i in range(30))} from t"
        )
        for n in range(6)
    ],
    "as a condition": [
        "/archive/facts.json?" + urlencode({"_where": f"instr(zeroblob(40000000), zeroblob(20000000) || x'01') = {n}"})
        for n in range(6)
    ],
    "as a download": [
        f"/archive/-/query.csv?{urlencode({'sql': f'select hex(zeroblob(490000000)), {n}'})}" for n in range(4)
    ],
}


@pytest.mark.parametrize("attack", _ATTACKS)
def test_the_site_answers_under(serving: tuple[str, int], attack: str) -> None:
    address, process = serving
    with ThreadPoolExecutor(20) as attackers:
        answers = [attackers.submit(_get, address + path) for path in _ATTACKS[attack]]
        begun = time.monotonic()
        while time.monotonic() - begun < 2 or (not all(one.done() for one in answers) and time.monotonic() - begun < 8):
            assert requests.get(address, timeout=30).status_code == 200
            assert _megabytes(process) < _MAX_MB
            time.sleep(0.1)
    assert {one.result() for one in answers} <= {200, 400}


def test_a_process_that_hangs_is_replaced_and_the_site_answers(serving: tuple[str, int]) -> None:
    address, process = serving
    first = below(process)
    with ThreadPoolExecutor(6) as attackers:
        for number in range(6):
            attackers.submit(_get, address + _query(f"{_ENDLESS}, {number} from t"))
        end = time.monotonic() + 200
        while below(process) == first:
            _page_within(address, 60)
            assert _megabytes(process) < _MAX_MB and time.monotonic() < end
    _page_within(address, 60)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_busy_processes_end_at_once(demo: tuple[Path, str], workers: str) -> None:
    attackers = ThreadPoolExecutor(6)
    with _serving(demo[0], "--workers", workers, "--no-rate-limit") as (address, process):
        for number in range(6):
            attackers.submit(_get, address + _query(f"{_ENDLESS}, {number} from t"))
        time.sleep(3)
        all_ = below(process)
        assert len(all_) > 1
        ended = time.monotonic()
    while any(Path(f"/proc/{one}").exists() for one in all_):
        assert time.monotonic() - ended < 60
        time.sleep(0.1)
    attackers.shutdown()


def _get(address: str) -> int:
    try:
        return requests.get(address, timeout=200).status_code
    except requests.RequestException:  # its process was replaced
        return 0


def _page_within(address: str, seconds: float) -> None:
    """The start page answers in time; one that a process was about to answer when it ended is requested again."""
    end = time.monotonic() + seconds
    while True:
        try:
            assert requests.get(address, timeout=seconds).status_code == 200
            return
        except requests.ConnectionError:
            assert time.monotonic() < end
            time.sleep(0.1)


def _megabytes(process: int) -> float:
    """Memory of a process and all that it started, what they share counted once."""
    kilobytes = 0
    for one in below(process):
        try:
            lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        kilobytes += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return kilobytes / 1000
