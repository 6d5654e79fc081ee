"""Crawling: pages a second through everything, beside a bare Scrapy spider that drops them; and the requests of a refresh.

    .venv/bin/python benchmarks/crawl.py [--pages 5000] [--topic 0 10 100] [--passes 3] [--memory 50000] [--refresh 20000] [--others 200000]

Speed: pages of 60 KB from a server of ours (a process of its own) on loopback, without pauses; ours (WARC, reading, facts,
storing) where so many of 100 pages are on topic, the bare spider, and news-please and fundus (`crawl_peers.py`) in turns, with the same number of connections where
one can choose. Memory: ours over --memory pages. Refresh: a site of --refresh known articles with 50 new ones, by the
server's own log, alone and in an archive with --others more.
"""

import argparse
import asyncio
import json
import multiprocessing
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support"), str(ROOT / "benchmarks")]

from spread import spread
from stories import story
from support import free_ports, page

_PEERS = ROOT / ".venv-crawlers" / "bin" / "python"
_FEWER = 5  # times fewer pages for the other crawlers, which are slow
_CONNECTIONS = 8
_PER_LIST = 50
_NEW = 50
_BYTES = 60_000


def article(number: int, topic: int = 100) -> bytes:
    """A page of 60 KB: a story of ours within what surrounds stories everywhere. `topic` of 100 are on topic, the others
    about the weather."""
    chance = random.Random(number)
    title, paragraphs = story(number, chance)
    paragraphs.insert(0, paragraphs.pop(2))  # no two begin alike, as no two real ones do
    if number * 37 % 100 >= topic:
        title = f"河岸天气第{number}报"
        paragraphs = [f"气象台说，{one.replace('居民', '游人')}" for one in paragraphs if "社区" not in one]
    html = page(title, *paragraphs, published=f"20{10 + number % 15}-0{1 + number % 9}-1{number % 10} 09:10")
    menu = "".join(
        f'<li class="menu-item"><a href="/channel/{n}/index.html" target="_blank">频道{n}</a></li>' for n in range(150)
    )
    script = f"<script>{''.join(f'window.item{n}={{id:{n},show:true}};' for n in range(300))}</script>"
    head = f"<ul class=menu>{menu}</ul>{script}"
    filler = "<style>" + ".box{margin:0;padding:0;border:1px solid #ccc}" * 2000
    room = _BYTES - len(html.encode()) - len(head.encode()) - 8
    return html.replace("</head>", f"{filler[:room]}</style></head>").replace("<h1>", f"{head}<h1>").encode()


class _Site(asyncio.Protocol):
    """Answers from numbers: /a/N.html, /list/N.html, /sitemap.xml, and the log of requests: /+log, /+seconds."""

    pages, home = 0, ""
    log: list[str] = []
    first = last = 0.0  # when an article was requested
    made: dict[int, bytes] = {}
    topic = 100

    def connection_made(self, transport: Any) -> None:
        self.transport, self.waiting = transport, b""

    def data_received(self, data: bytes) -> None:
        self.waiting += data
        while b"\r\n\r\n" in self.waiting:
            head, _, self.waiting = self.waiting.partition(b"\r\n\r\n")
            path = head.split(b" ", 2)[1].decode()
            body, status = self._body(path)
            kind = "text/plain" if path in ("/robots.txt", "/+log") else "text/html; charset=utf-8"
            self.transport.write(
                f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
            )

    def _body(self, path: str) -> tuple[bytes, str]:
        cls = type(self)
        if path.startswith("/+new/"):  # from now on there are so many
            cls.pages, cls.log, cls.first = int(path[6:]), [], 0.0
            return b"", "200 OK"
        if path == "/+log":
            return json.dumps(cls.log).encode(), "200 OK"
        if path == "/+seconds":
            return json.dumps(cls.last - cls.first).encode(), "200 OK"
        if path.startswith("/a/"):
            cls.last = time.monotonic()
            cls.first = cls.first or cls.last
        cls.log.append(path)
        name = path.rpartition("/")[2].removesuffix(".html")
        if path.startswith("/a/"):
            return cls.made.get(int(name)) or article(int(name), cls.topic), "200 OK"
        if path.startswith("/list/"):
            first = cls.pages - _PER_LIST * (int(name) - 1)
            rows = "".join(
                f'<li><a href="/a/{n}.html">消息{n}</a></li>' for n in range(first, max(first - _PER_LIST, 0), -1)
            )
            more = f'<a href="/list/{int(name) + 1}.html">下一页</a>' if first > _PER_LIST else ""
            return f"<html><body><ul>{rows}</ul>{more}</body></html>".encode(), "200 OK"
        if path == "/sitemap.xml":
            rows = "".join(f"<url><loc>{cls.home}/a/{n}.html</loc></url>" for n in range(cls.pages, 0, -1))
            return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>'.encode(), "200 OK"
        return b"User-agent: *\nDisallow: /+", "200 OK" if path == "/robots.txt" else "404 Not Found"


def _serve(port: int, pages: int, kept: int, topic: int) -> None:
    _Site.pages, _Site.home, _Site.topic = pages, f"http://127.0.0.1:{port}", topic
    _Site.made = {number: article(number, topic) for number in range(1, kept + 1)}

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(_Site, "127.0.0.1", port)
        async with server:
            await server.serve_forever()

    asyncio.run(run())


@contextmanager
def site(pages: int, kept: int = 0, topic: int = 100) -> Iterator[str]:
    """A site of so many articles, `kept` of them made beforehand and `topic` of 100 on topic, in a process of its own."""
    import socket

    port = free_ports(1)
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(port, pages, kept, topic), daemon=True)
    process.start()
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.2)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.join()


def _fetched(address: str, path: str) -> Any:
    import urllib.request

    with urllib.request.urlopen(address + path, timeout=60) as answer:
        return json.loads(answer.read() or b"null")


_BARE = """
import sys
import scrapy
from scrapy.crawler import AsyncCrawlerProcess

class Bare(scrapy.Spider):
    name = "bare"
    async def start(self):
        yield scrapy.Request(sys.argv[1] + "/list/1.html", dont_filter=True)
    def parse(self, response):
        for href in response.css("li a::attr(href)").getall():
            yield response.follow(href, self.drop, priority=10)
        for href in response.css("body > a::attr(href)").getall():
            yield response.follow(href, self.parse)
    def drop(self, response):
        pass

process = AsyncCrawlerProcess({"LOG_LEVEL": "ERROR", "CONCURRENT_REQUESTS": int(sys.argv[2]), "CONCURRENT_REQUESTS_PER_DOMAIN": int(sys.argv[2]),
    "DOWNLOAD_DELAY": 0, "TELNETCONSOLE_ENABLED": False})
crawler = process.create_crawler(Bare)
process.crawl(crawler)
process.start()
print(crawler.stats.get_value("response_received_count"), crawler.stats.get_value("elapsed_time_seconds"))
"""


def bare(address: str) -> float:
    """Pages a second of a spider that drops what it fetched."""
    done = subprocess.run(
        [sys.executable, "-c", _BARE, address, str(_CONNECTIONS)], capture_output=True, text=True, check=True
    )
    count, seconds = done.stdout.split()
    return int(count) / float(seconds)


def ours(address: str, folder: Path) -> dict[str, Any]:
    """A crawl of ours: its counts, `seconds` and peak `memory` (MB)."""
    from crawling import crawled

    given = {
        "home": address, "article": r"/a/\d+\.html", "lists": ["/list/1.html"], "more": r"/list/\d+\.html", "outlet": "测速网", "name": "speed",
    }  # fmt: skip
    settings = {
        "CONCURRENT_REQUESTS": _CONNECTIONS, "CONCURRENT_REQUESTS_PER_DOMAIN": _CONNECTIONS, "LIST_DEPTH_LIMIT": 100_000, "RECHECK_LIMIT": 0,
    }  # fmt: skip
    return crawled(folder, given, settings=settings, timeout=7200)


def peer(name: str, address: str, pages: int) -> tuple[float, int]:
    """(pages a second, by the server's clock from the first to the last; articles read) of another crawler."""
    _fetched(address, f"/+new/{pages}")
    with tempfile.TemporaryDirectory() as made:
        done = subprocess.run(
            [_PEERS, ROOT / "benchmarks" / "crawl_peers.py", name, address, str(pages), str(_CONNECTIONS), made],
            capture_output=True, text=True, check=True, cwd=made,
        )  # fmt: skip
    return pages / _fetched(address, "/+seconds"), int(done.stdout.split()[-1])


def speed(pages: int, passes: int, topics: list[int]) -> None:
    """Ours, the bare spider and, where their environment is, the other crawlers in turns."""
    others = ["news-please", "fundus"] if _PEERS.exists() else []
    if not others:
        print(f"news-please and fundus are left out: {_PEERS.relative_to(ROOT)} is missing (make bench makes it).\n")
    rates: dict[str, list[float]] = {}
    read: dict[str, int] = {}
    fewer = max(pages // _FEWER, 1)
    for _ in range(passes):
        for topic in topics:
            with site(pages, pages, topic) as address, tempfile.TemporaryDirectory() as made:
                done = ours(address, Path(made) / "data")
            name = f"ours, {topic} % on topic"
            read[name] = done.get("read/article", 0)
            rates.setdefault(name, []).append((done["seen/page/article"] + done["list/pages"]) / done["seconds"])
        with site(pages, pages) as address:
            rates.setdefault("bare spider", []).append(bare(address))
            for name in others:
                rate, read[name] = peer(name, address, fewer)
                rates.setdefault(name, []).append(rate)
    print(
        f"### Pages a second: {pages} pages of {_BYTES // 1000} KB ({fewer} for the other crawlers), {passes} passes in turns\n"
    )
    print("| | pages a second: median (lowest–highest) | of the bare spider | articles with text |\n|---|---|---|---|")
    for name, values in rates.items():
        of_bare = median(value / whole for value, whole in zip(values, rates["bare spider"], strict=True))
        print(f"| {name} | {spread(values)} | {of_bare:.2f} | {read.get(name, 'drops them')} |")
    print(f"\nPeak memory of ours: {done['memory']} MB.\n")


def memory(pages: int) -> None:
    """Peak memory over a tenth of the pages, and over all."""
    with site(pages) as address:
        peaks = []
        for count in (pages // 10, pages):
            _fetched(address, f"/+new/{count}")
            with tempfile.TemporaryDirectory() as made:
                done = ours(address, Path(made) / "data")
            peaks.append(done["memory"])
            print(
                f"{done['read/article']} articles: {done['memory']} MB, {done['read/article'] / done['seconds']:.0f} a second"
            )
    print(f"\nMemory: {peaks[1] / peaks[0]:.2f} times as much over ten times the pages.\n")


def refresh(known: int, others: int) -> None:
    """The requests and the duration of a refresh, alone and in a larger archive."""
    from site_archive import fill

    for beside in (0, others) if others else (0,):
        with site(known) as address, tempfile.TemporaryDirectory() as made:
            folder = Path(made) / "data"
            folder.mkdir()
            if beside:
                fill(folder, beside)
            ours(address, folder)
            _fetched(address, f"/+new/{known + _NEW}")
            done = ours(address, folder)
            requests = _fetched(address, "/+log")
            lists = [path for path in requests if path.startswith("/list/")]
            print(
                f"{known} known articles, {beside} others in the archive: {len(requests)} requests ({len(lists)} list pages, robots.txt),"
                f" {done['read/article']} new articles, {done['seconds']:.1f} s"
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=5000)
    parser.add_argument("--topic", type=int, nargs="+", default=[0, 10, 100], help="of 100 pages, so many on topic")
    parser.add_argument("--passes", type=int, default=3)
    parser.add_argument("--memory", type=int, default=0)
    parser.add_argument("--refresh", type=int, default=0)
    parser.add_argument("--others", type=int, default=0)
    given = parser.parse_args()
    if given.pages:
        speed(given.pages, given.passes, given.topic)
    if given.memory:
        memory(given.memory)
    if given.refresh:
        refresh(given.refresh, given.others)
