"""What tests make: fetched responses, pages, processes."""

import os
import socket
import subprocess
import sys
from datetime import UTC, datetime
from multiprocessing.process import BaseProcess
from pathlib import Path

from forking import begun, forked

from archive.captures.warc import Exchange
from archive.model import Article, Capture
from archive.reading import read

ROOT = Path(__file__).parents[2]


def exchange(url: str, body: bytes | str, status: int = 200, **more: object) -> Exchange:
    """A fetched response."""
    content = body.encode() if isinstance(body, str) else body
    headers = (("Content-Type", "text/html; charset=utf-8"),)
    return Exchange(url, datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC), status, headers, content, **more)  # type: ignore[arg-type]


def page(title: str, *paragraphs: str, published: str = "2021-06-28 16:05", source: str = "云泽新闻网") -> str:
    """A plain article page."""
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f'<html><head><meta charset="utf-8"><title>{title}_{source}</title></head><body><h1>{title}</h1>'
        f'<div class="info">{published} 来源：{source}</div><div class="body">{body}</div></body></html>'
    )


_given: set[int] = set()


def free_ports(count: int) -> int:
    """The first of several neighbouring ports that are free and were not returned before."""
    # Processes that test side by side have neighbouring ids: each looks in a place of its own. Linux assigns the
    # ports from 32768 on.
    for first in range(20000 + os.getpid() * 97 % 12000, 32768, count):
        if not _given.isdisjoint(range(first, first + count)):
            continue
        sockets = [socket.socket() for _ in range(count)]
        try:
            for number, one in enumerate(sockets):
                one.bind(("127.0.0.1", first + number))
            _given.update(range(first, first + count))
            return first
        except OSError:
            continue
        finally:
            for one in sockets:
                one.close()
    raise RuntimeError("no free ports")


def dangqun(
    *arguments: str, environment: dict[str, str] | None = None, input: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    environment = environment or {}
    if "PYTHONPATH" not in environment:
        return forked(_dangqun, *arguments, environment=environment, input=input)
    return subprocess.run(
        [sys.executable, "-m", "crawler.cli", *arguments],
        input=input, capture_output=True, text=True, timeout=180, check=False, cwd=ROOT, env=os.environ | environment,
    )  # fmt: skip


def begun_dangqun(*arguments: str, environment: dict[str, str] | None = None) -> BaseProcess:
    """Start the command line and return its process while it runs."""
    return begun(_dangqun, *arguments, environment=environment)


def _dangqun(*arguments: str) -> None:
    from crawler.cli import main  # modules below it read the environment

    main(arguments, prog_name="dangqun")


def article(html: str) -> Article:
    """The article of a page; fails where there is none."""
    found = read(Capture("http://a.example/1.html", html.encode()))
    assert isinstance(found, Article), found
    return found
