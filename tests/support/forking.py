"""Processes that begin with the libraries loaded: most of what a short command takes is loading them.

A server without threads loads them once and forks (multiprocessing's forkserver). It loads no module that reads the environment
while it is loaded.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.process import BaseProcess
from pathlib import Path

ROOT = Path(__file__).parents[2]
_LOADED = [
    "scrapy.crawler",
    "scrapy.core.downloader.handlers.http11",
    "datasette.app",
    "rich.progress",
    "archive.pipeline.ingest",
    "archive.publishing.snapshot",
]
_forking = multiprocessing.get_context("forkserver")
_forking.set_forkserver_preload(_LOADED)


def forked(
    call: Callable[..., object], *arguments: object, environment: dict[str, str] | None = None, input: str = "",
    timeout: float = 180,
) -> subprocess.CompletedProcess[str]:  # fmt: skip
    """Call a function of a module in a process of its own, in the project's folder.

    `environment` is added to this process's, `input` is its standard input, `timeout` is in seconds. Returns the exit code and
    what was printed. Raises subprocess.TimeoutExpired.
    """
    with tempfile.TemporaryDirectory() as folder:
        streams = [Path(folder, name) for name in ("in", "out", "err")]
        streams[0].write_text(input)
        process = _started(call, arguments, streams, environment)
        process.join(timeout)
        if process.is_alive():
            kill(process)
            raise subprocess.TimeoutExpired(f"{call.__module__} {arguments}", timeout, *map(_read, streams[1:]))
        return subprocess.CompletedProcess([*map(str, arguments)], process.exitcode or 0, *map(_read, streams[1:]))


def begun(call: Callable[..., object], *arguments: object, environment: dict[str, str] | None = None) -> BaseProcess:
    """Start what `forked` calls, and return its process while it runs. What it prints is lost."""
    return _started(call, arguments, [Path(os.devnull)] * 3, environment)


def kill(process: BaseProcess) -> None:
    """Kill (-9) a process and all that it started."""
    with suppress(ProcessLookupError):  # it has started nothing yet
        os.killpg(process.pid or 0, signal.SIGKILL)
    process.kill()
    process.join()


def _started(
    call: Callable[..., object], arguments: tuple[object, ...], streams: list[Path], environment: dict[str, str] | None
) -> BaseProcess:
    process = _forking.Process(target=_run, args=(call, arguments, streams, dict(os.environ) | (environment or {})))
    process.start()
    return process


def _read(stream: Path) -> str:
    return stream.read_text() if stream.exists() else ""


def _run(
    call: Callable[..., object], arguments: tuple[object, ...], streams: list[Path], environment: dict[str, str]
) -> None:
    os.setsid()
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    flags = (os.O_RDONLY, os.O_WRONLY | os.O_CREAT | os.O_APPEND, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for number, (path, how) in enumerate(zip(streams, flags, strict=True)):
        os.dup2(os.open(path, how), number)
    sys.stdin = os.fdopen(0, closefd=False)
    call(*arguments)
