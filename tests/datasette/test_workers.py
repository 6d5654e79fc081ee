"""Several processes answer side by side: which of them does is nobody's concern."""

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from editors import PASSWORD, with_accounts
from serving import below, running
from support import free_ports


@contextmanager
def _served(folder: Path, *options: str) -> Iterator[tuple[str, Callable[[], list[int]]]]:
    """Its address, and the processes that answer as they are now."""
    port = free_ports(1)
    command = [sys.executable, "-m", "crawler.cli", "--archive", str(folder), "serve", "--port", str(port), *options]
    with running(command, port) as (address, pid):
        yield address, lambda: [one for one in below(pid) if _answers(one)]


def _answers(process: int) -> bool:
    """Not the helper that keeps count of what processes share."""
    try:
        return b"spawn_main" in Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return False


def test_one_that_dies_is_started_again(demo: tuple[Path, str]) -> None:
    with _served(demo[0], "--workers", "2", "--no-rate-limit") as (address, workers):
        _wait(lambda: len(workers()) == 2)
        first = workers()
        os.kill(first[0], signal.SIGKILL)
        assert requests.get(f"{address}/search.json?q=党员", timeout=60).json()["ok"]
        _wait(lambda: len(workers()) == 2 and workers() != first)
        with ThreadPoolExecutor(8) as readers:
            pages = readers.map(lambda _: requests.get(address, timeout=60).status_code, range(40))
        assert set(pages) == {200}
        left = workers()
    _wait(lambda: not any(_answers(one) for one in [*first, *left]))


def test_who_logged_in_at_one_is_known_to_the_others(demo: tuple[Path, str], tmp_path: Path) -> None:
    folder = with_accounts(shutil.copytree(demo[0], tmp_path / "data"))
    with _served(folder, "--workers", "3", "--no-rate-limit") as (address, workers):
        _wait(lambda: len(workers()) == 3)
        with requests.Session() as session:
            session.post(
                f"{address}/-/login", data={"username": "editor-one", "password": PASSWORD}, timeout=60
            ).raise_for_status()
            cookies = session.cookies.get_dict()
        with ThreadPoolExecutor(6) as readers:
            desks = readers.map(
                lambda _: (
                    requests.get(f"{address}/desk", cookies=cookies, allow_redirects=False, timeout=60).status_code
                ),
                range(30),
            )
        assert set(desks) == {200}


@pytest.mark.parametrize("workers", [1, 2])
def test_together_they_let_through_what_one_would(demo: tuple[Path, str], workers: int) -> None:
    with _served(demo[0], "--workers", str(workers)) as (address, _):
        answers = [requests.get(f"{address}/archive/facts.csv?_size=1", timeout=60).status_code for _ in range(100)]
    # Sixty a minute, and what is due again meanwhile; fewer where one process happens to get more than its share.
    assert 30 <= answers.count(200) <= 75


def _wait(until: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not until():
        assert time.monotonic() < end
        time.sleep(0.1)
