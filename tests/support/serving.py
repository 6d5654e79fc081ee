"""The site, served from a snapshot: in this process for reading pages, in one of its own for browsers."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from datasette.app import Datasette
from support import ROOT, free_ports


def site(snapshot: Path) -> Datasette:
    """Datasette on a snapshot with the project's configuration."""
    return Datasette([], immutables=[str(snapshot)], config_dir=ROOT / "datasette")


@contextmanager
def served(folder: Path, *options: str) -> Iterator[str]:
    """`dangqun serve`, running with one worker unless the options name more; yields its address."""
    port = free_ports(1)
    command = [sys.executable, "-m", "crawler.cli", "--archive", str(folder), "serve", "--port", str(port)]
    with running([*command, "--workers", "1", *options], port) as (address, _):
        yield address


@contextmanager
def running(
    command: list[str], port: int, cwd: Path = ROOT, environment: dict[str, str] | None = None
) -> Iterator[tuple[str, int]]:
    """A command that serves, until the block ends; yields its address and the id of its process."""
    quiet = subprocess.DEVNULL
    with subprocess.Popen(
        command, cwd=cwd, env=os.environ | (environment or {}), stdout=quiet, stderr=quiet
    ) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            for _ in range(600):
                try:
                    urllib.request.urlopen(address + "/robots.txt", timeout=2).close()
                    break
                except OSError:
                    time.sleep(0.1)
            yield address, process.pid
        finally:
            process.terminate()


def below(process: int) -> list[int]:
    """A process, all that it started, and what they started."""
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return [process]
    return [process, *(one for child in children for one in below(int(child)))]
