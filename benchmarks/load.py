"""The site under load: every kind of page, four clients at once, beside a plain `datasette archive.db`.

    .venv/bin/python benchmarks/load.py [--archive FOLDER] [--articles 1000000] [--seconds 4] [--passes 3] [--writing]

An archive is generated (a million articles with ten facts each takes an hour and 33 GB) and published with the code that
publishes any archive; with --archive it is kept in that folder, and one that lies there is used again. The file is read
once at the start, since the disk is not what is measured. Every kind of page is requested in several passes over all
kinds, since a shared machine is disturbed for seconds at a time. Printed are, for each kind, the median and the 95th
percentile (the median of the passes, with the lowest and the highest), how many requests failed, and the ratio to the
plain server's page of the same rows where it has one. --writing: the same again while a process writes articles into an
archive of its own as a crawl does.
"""

import argparse
import contextlib
import json
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import quote

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support"), str(ROOT / "benchmarks")]

from serving import below, running
from site_archive import FREQUENT, fill
from support import free_ports

from archive.decisions.reviews import Reviews
from archive.publishing import changes
from archive.publishing.snapshot import prepare, write_inspection

CLIENTS = 4
# kind -> our page, the plain server's page of the same rows ('' where it has none), milliseconds that the 95th percentile may take (twice that beside a crawl)
KINDS = {
    "start page": ("/", "/archive", 200),
    "article": ("/article/{article_key}", "/archive/articles/{article}", 200),
    "fact": ("/fact/{evidence}", "/archive/facts/{fact}", 200),
    "station": ("/station/{station_key}", "/archive/stations/{station}", 200),
    "outlet": ("/outlet/{outlet_key}", "", 200),
    "place": ("/place/{place}", "", 200),
    "places": ("/places", "", 200),
    "comparison": ("/compare?of={place},{other}", "", 200),
    "questions": ("/questions", "", 200),
    "question": ("/question/members_by_city_and_year", "", 200),
    "data": ("/data", "", 200),
    "about": ("/about", "", 200),
    "articles": ("/articles", "/archive/articles", 200),
    "articles, filtered": ("/articles?place={place}&since={year}", "", 200),
    "facts": ("/facts?type={type}", "/archive/facts?type={type}", 200),
    "facts, filtered": ("/facts?type={type}&place={place}&since={year}&sort=-value", "", 200),
    "stations": ("/stations", "/archive/stations", 200),
    "outlets": ("/outlets", "/archive/outlets", 200),
    "facts, raw table": ("/archive/facts?type={type}", "/archive/facts?type={type}", 200),
    "search": ("/search?q={word}", "", 50),
    "search, facts": ("/search?kind=facts&q={word}", "", 50),
    "search, filtered": ("/search?kind=facts&type={type}&since={year}&place={place}", "", 50),
    "search, JSON": ("/search.json?q={word}&since={year}", "", 50),
    "search, first time": ("/search?q={once}", "", 50),
    "search, JSON, first time": ("/search.json?q={once}", "", 50),
    "suggestions": ("/suggest.json?kind=station&q={word}", "", 50),
    "row, JSON": ("/archive/articles/{article}.json", "/archive/articles/{article}.json", 50),
    "table, JSON": ("/archive/facts.json?station_id={station}&_size=20", "/archive/facts.json?station_id={station}&_size=20", 50),
    "feed": ("/feed/station/{station_key}.atom", "", 50),
    "feed of a place": ("/feed/place/{place}.atom", "", 50),
    "feed of a search": ("/feed/search.atom?q={word}", "", 50),
    "fact address": ("/fact/{evidence}.json", "", 50),
}  # fmt: skip


class Draw:
    """Addresses to ask for, drawn from what the archive holds: frequent and rare words alike."""

    def __init__(self, snapshot: Path) -> None:
        self._chance = random.Random(11)
        connection = sqlite3.connect(f"file:{snapshot}?immutable=1", uri=True)
        self.most = {
            table: connection.execute(f"select max(id) from {table}").fetchone()[0]
            for table in ("articles", "facts", "stations")
        }
        self.places = [row[0] for row in connection.execute("select key from places order by articles desc limit 3000")]
        self.types = [
            row[0].removeprefix("facts:type:")
            for row in connection.execute("select name from totals where name like 'facts:type:%'")
        ]
        self.evidence = [
            connection.execute(
                "select evidence from facts where id = ?", [self._chance.randrange(1, self.most["facts"])]
            ).fetchone()[0]
            for _ in range(200)
        ]
        self.keys = {
            table: [row[0] for row in connection.execute(f"select key from {table} order by random() limit 2000")]
            for table in ("articles", "stations", "outlets")
        }
        numbers = [self._chance.randrange(1, self.most["articles"] + 1) for _ in range(200)]
        texts = [connection.execute("select text from articles where id = ?", [n]).fetchone()[0] for n in numbers]
        names = [
            row[0]
            for row in connection.execute(
                "select name from stations where id in (select abs(random()) % 40000 + 1 from facts limit 100)"
            )
        ]
        connection.close()
        # What people type: frequent words, names, and pieces of clauses. A piece of another text is as frequent as it is there.
        self.clauses = [max(re.split(r"[，。：\n]", text), key=len) for text in texts]
        self.words = self._chance.choices(FREQUENT, k=200) + names + [self._piece(clause) for clause in self.clauses]

    def _piece(self, clause: str) -> str:
        at = self._chance.randrange(max(1, len(clause) - 4))
        return clause[at : at + self._chance.choice((1, 2, 2, 2, 3, 4))]

    def _once(self) -> str:
        """A search that is hardly ever repeated: one or two pieces of clauses."""
        parts = [self._piece(self._chance.choice(self.clauses)) for _ in range(self._chance.choice((1, 1, 2)))]
        return " ".join(parts)

    def address(self, shape: str) -> str:
        """One address of a kind."""
        chance = self._chance
        values = {
            "article": chance.randrange(1, self.most["articles"] + 1), "fact": chance.randrange(1, self.most["facts"] + 1),
            "station": chance.randrange(1, self.most["stations"] + 1), "place": chance.choice(self.places), "other": chance.choice(self.places),
            "outlet_key": chance.choice(self.keys["outlets"]),
            "type": chance.choice(self.types), "word": chance.choice(self.words), "year": chance.randrange(2016, 2026),
            "article_key": chance.choice(self.keys["articles"]), "station_key": chance.choice(self.keys["stations"]),
            "evidence": chance.choice(self.evidence), "once": self._once() if "{once}" in shape else "",
        }  # fmt: skip
        return quote(shape.format(**values), safe="/?&=.:_-")


def measure(base: str, draw: Draw, shape: str, seconds: float) -> tuple[list[float], int]:
    """Seconds of every answer to four clients, and how many failed."""
    times: list[float] = []
    failed = [0]
    lock = threading.Lock()
    end = time.monotonic() + seconds

    def client(_: int) -> None:
        while time.monotonic() < end:
            with lock:
                address = draw.address(shape)
            started = time.perf_counter()
            try:
                with urllib.request.urlopen(base + address, timeout=30) as answer:
                    answer.read()
            except urllib.error.HTTPError as error:
                error.read()
                with lock:
                    failed[0] += 1
                    if failed[0] <= 2:
                        print(f"  {error.code} {address}", file=sys.stderr)
            with lock:
                times.append(time.perf_counter() - started)

    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(client, range(CLIENTS)))
    return times, failed[0]


def memory(pid: int) -> int:
    """Peak resident memory of a process and its children, MB."""
    total = 0
    for one in below(pid):
        with contextlib.suppress(OSError, IndexError):
            total += int(Path(f"/proc/{one}/status").read_text().split("VmHWM:")[1].split()[0]) // 1024
    return total


def generate(folder: Path, articles: int) -> None:
    """A generated archive, published in place (a copy of it would only double the disk)."""
    fill(folder, articles)
    snapshot = folder / "published" / "archive.db"
    snapshot.parent.mkdir()
    shutil.move(folder / "archive.db", snapshot)
    started = time.monotonic()
    connection = sqlite3.connect(snapshot)
    connection.execute("pragma cache_size = -4000000")
    connection.execute("pragma journal_mode = off")
    with contextlib.closing(Reviews(folder / "reviews.db")) as reviews:
        prepare(connection, reviews, snapshot.with_name("candidates.db"))
    connection.close()
    changes.note(snapshot, snapshot.with_name("archive.previous.db"), snapshot.with_name("changes.jsonl"))
    write_inspection(snapshot, snapshot.with_name("inspect.json"))
    print(f"Published in {time.monotonic() - started:.0f} s.", file=sys.stderr)


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """A process that stores new articles as a crawl does, as fast as it can."""
    crawl = (
        "import itertools, random, sys\nsys.path[:0] = ['.', 'tests/support', 'benchmarks']\n"
        "from pathlib import Path\nfrom stories import story\nfrom support import exchange, page\n"
        "from archive.pipeline.ingest import ingest\nfrom archive.storage.store import open_for_writing\n"
        "from crawler.cli.priority import give_way\ngive_way()\n"
        "chance = random.Random(3)\n"
        "with open_for_writing(Path(sys.argv[1])) as archive:\n"
        "    for number in itertools.count():\n"
        "        title, paragraphs = story(number, chance)\n"
        "        saved = archive.save_capture(exchange(f'http://w.example/{number}.html', page(title, *paragraphs), outlet='写'), None)\n"
        "        ingest(archive, saved)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", crawl, str(folder)], cwd=ROOT)
    try:
        yield
    finally:
        process.kill()
        process.wait()


Passes = dict[str, list[list[float]]]  # of each kind, the seconds that the answers of each pass took


def passes(base: str, draw: Draw, shapes: dict[str, str], seconds: float, count: int) -> tuple[Passes, Counter[str]]:
    """What `count` passes over all kinds took, and how many requests of each kind failed."""
    found: Passes = {kind: [] for kind in shapes}
    failed: Counter[str] = Counter()
    for _ in range(count):
        for kind, shape in shapes.items():
            measure(base, draw, shape, seconds)  # not counted: meets what the file cache lacks
            times, wrong = measure(base, draw, shape, seconds)
            found[kind].append(times)
            failed[kind] += wrong
    return found, failed


def p95(of_kind: list[list[float]]) -> list[float]:
    """The 95th percentile of each pass in ms, the lowest first."""
    return sorted(quantiles(times, n=20)[18] * 1000 for times in of_kind)


def table(ours: Passes, failed: Counter[str], plain: Passes) -> None:
    """Print what was measured."""
    print("| page | median ms | p95 ms | lowest–highest | allowed | requests | failed | plain p95 ms | ours / plain |")
    print("|---|---|---|---|---|---|---|---|---|")
    for kind, of_kind in ours.items():
        all_, mine = [one for times in of_kind for one in times], p95(of_kind)
        beside = f"{(bare := median(p95(plain[kind]))):.0f} | {median(mine) / bare:.2f}" if kind in plain else "– | –"
        print(
            f"| {kind} | {median(all_) * 1000:.0f} | {median(mine):.0f} | {mine[0]:.0f}–{mine[-1]:.0f} | {KINDS[kind][2]}"
            f" | {len(all_)} | {failed[kind]} | {beside} |"
        )


def fill_cache(file: Path) -> None:
    """Read a file from end to end, so that as much of it as fits is in memory, as on a server that has run for a day."""
    with file.open("rb", buffering=0) as opened:
        while opened.read(1 << 24):
            pass


def run(folder: Path, seconds: float, count: int, beside_writer: bool) -> None:
    snapshot, port = folder / "published" / "archive.db", free_ports(2)
    fill_cache(snapshot)
    draw = Draw(snapshot)
    command = [
        sys.executable,
        "-m",
        "crawler.cli",
        "--archive",
        str(folder),
        "serve",
        "--port",
        str(port),
        "--no-rate-limit",
    ]
    plain = [sys.executable, "-m", "datasette", "serve", str(snapshot), "-p", str(port + 1)]
    plain += ["--setting", "sql_time_limit_ms", "2000"]
    shapes = {kind: shape for kind, (shape, *_) in KINDS.items()}
    with running(command, port) as (address, pid), running(plain, port + 1) as (bare, _):
        ours, failed = passes(address, draw, shapes, seconds, count)
        peak = memory(pid)
        during: Passes = {}
        wrong: Counter[str] = Counter()
        if beside_writer:
            with tempfile.TemporaryDirectory() as spare, writing(Path(spare)):
                during, wrong = passes(address, draw, shapes, seconds, count)
        # Last, because it reads whole tables and leaves nothing else in the cache.
        peer, _ = passes(bare, draw, {kind: same for kind, (_, same, _) in KINDS.items() if same}, seconds, 1)
    print(f"\n### {json.dumps(draw.most)}, {CLIENTS} clients, {count} passes of {seconds:g} s a kind\n")
    table(ours, failed, peer)
    print(f"\nPeak memory of the server: {peak} MB.")
    if during:
        print(
            "\n### While a crawl writes\n\n| page | p95 ms | lowest–highest | allowed | failed | times quiet |\n|---|---|---|---|---|---|"
        )
    for kind, of_kind in during.items():
        mine = p95(of_kind)
        times = median(mine) / median(p95(ours[kind]))
        print(
            f"| {kind} | {median(mine):.0f} | {mine[0]:.0f}–{mine[-1]:.0f} | {2 * KINDS[kind][2]} | {wrong[kind]} | {times:.2f} |"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--archive", type=Path)
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--passes", type=int, default=3)
    parser.add_argument("--writing", action="store_true")
    given = parser.parse_args()
    if given.archive:
        if not (given.archive / "published" / "archive.db").exists():
            generate(given.archive, given.articles)
        run(given.archive, given.seconds, given.passes, given.writing)
    else:
        with tempfile.TemporaryDirectory() as made:
            generate(Path(made), given.articles)
            run(Path(made), given.seconds, given.passes, given.writing)
