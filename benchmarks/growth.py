"""How an archive grows: measured up to the given sizes, computed beyond from the cost of a page.

    .venv/bin/python benchmarks/growth.py [--sizes 10000 100000] [--archive FOLDER] [--pages 600]

Unit costs come from pages of 60 KB that are stored, read and laid down here; sizes, publication and search from generated
archives (`site_archive.py`; --archive takes one that is there, as `load.py` makes it). What is computed says so.
"""

import argparse
import contextlib
import random
import sqlite3
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, quantiles

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support"), str(ROOT / "benchmarks")]

from crawl import article
from load import Draw, generate
from spread import quartiles, spread
from support import exchange

from archive.pipeline.deriving import derive
from archive.pipeline.ingest import ingest
from archive.search.engine import find
from archive.search.wanted import SearchError, Wanted
from archive.storage.store import open_for_writing

_COMPUTED = (10**5, 10**6, 10**7, 10**8)
_WAIT = 2.0  # seconds between two requests to one host
_SITES = 200
_YEAR = 365 * 86400


@dataclass(frozen=True)
class Unit:
    """What a page costs: bytes in WARC, bytes in archive.db; seconds of a core to read it, to store it, of each page."""

    warc: float
    row: float
    read: list[float]
    store: list[float]


def unit(pages: int) -> Unit:
    """Measured on pages of 60 KB."""
    with tempfile.TemporaryDirectory() as made, open_for_writing(Path(made)) as archive:
        read, store = [], []
        for number in range(pages):
            started = time.process_time()
            capture_id = archive.save_capture(exchange(f"http://a.example/{number}.html", article(number)), None)
            assert capture_id is not None
            capture = archive.capture(capture_id)
            between = time.process_time()
            derived = derive(capture)
            after = time.process_time()
            ingest(archive, capture_id, None, {capture_id: derived})
            read.append(after - between)
            store.append(time.process_time() - after + between - started)
        archive.connection.execute("pragma wal_checkpoint(truncate)")
        warc = sum(path.stat().st_size for path in archive.warc.files())
        return Unit(warc / pages, (Path(made) / "archive.db").stat().st_size / pages, read, store)


def searches(snapshot: Path, count: int = 300, passes: int = 3) -> list[float]:
    """95th percentile of new searches over articles, one at a time, ms; of each pass, with other searches."""
    draw, chance = Draw(snapshot), random.Random(4)
    connection = sqlite3.connect(f"file:{snapshot}?immutable=1", uri=True)
    found = []
    for _ in range(passes):
        times = []
        for _ in range(count):
            wanted = Wanted(q=draw._piece(chance.choice(draw.clauses)))
            started = time.perf_counter()
            with contextlib.suppress(SearchError):
                find(connection, "articles", wanted)
            times.append((time.perf_counter() - started) * 1000)
        found.append(quantiles(times, n=20)[18])
    connection.close()
    return found


def measured(sizes: list[int], given: Path | None) -> list[tuple[int, float, float, list[float]]]:
    """(articles, GB of the snapshot, seconds to publish it (0: not measured here), ms of a search in each pass)."""
    found = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as made:
            started = time.monotonic()
            generate(Path(made), size)
            whole = time.monotonic() - started
            snapshot = Path(made) / "published" / "archive.db"
            found.append((size, snapshot.stat().st_size / 1e9, whole, searches(snapshot)))
    if given:
        snapshot = given / "published" / "archive.db"
        with sqlite3.connect(f"file:{snapshot}?immutable=1", uri=True) as connection:
            size = connection.execute("select max(id) from articles").fetchone()[0]
        found.append((size, snapshot.stat().st_size / 1e9, 0.0, searches(snapshot)))
    return found


def hours(seconds: float) -> str:
    return f"{seconds / 3600:.1f} h" if seconds < 72 * 3600 else f"{seconds / 86400:.0f} days"


def main(sizes: list[int], given: Path | None, pages: int) -> None:
    cost, found = unit(pages), measured(sizes, given)
    read, store = mean(cost.read), mean(cost.store)
    print(f"### What a page costs, measured on {pages}\n\n| what | mean | median (quartiles) |\n|---|---|---|")
    print(f"| bytes in WARC (a page of 60 KB) | {cost.warc:,.0f} | |\n| bytes in archive.db | {cost.row:,.0f} | |")
    for what, seconds in (("reading", cost.read), ("capturing and storing", cost.store)):
        print(f"| {what}, ms of a core | {mean(seconds) * 1000:.1f} | {quartiles([s * 1000 for s in seconds], 1)} |")
    print(
        "\n### Growth, measured\n\n| articles | snapshot, GB | generated and published, s | search, p95 ms: median (lowest–highest) |\n|---|---|---|---|"
    )
    for size, gigabytes, whole, search in found:
        print(f"| {size:,} | {gigabytes:.2f} | {f'{whole:.0f}' if whole else '–'} | {spread(search)} |")
    largest = found[-1]
    each = largest[1] / largest[0]
    print(
        f"\n### Growth, computed from these\n\nCrawl: {_SITES} sites, one request to each every {_WAIT:g} s, day and night. Reading: one core, which a cluster divides.\n\n"
        "| pages | WARC | archive.db and snapshot | crawl | reading | building | split next |\n|---|---|---|---|---|---|---|"
    )
    for size in _COMPUTED:
        split = _split(size, each * size, store * size)
        print(
            f"| 10^{len(str(size)) - 1} | {cost.warc * size / 1e9:,.0f} GB | {(cost.row * size / 1e9 + each * size):,.0f} GB |"
            f" {hours(size * _WAIT / _SITES)} | {hours(read * size)} | {hours(store * size)} | {split} |"
        )


def _split(size: int, gigabytes: float, building: float) -> str:
    """What must be divided at a size: what no longer fits a day, or one machine's memory."""
    if building > 30 * 86400:
        return "building, by year: an archive each, behind one Datasette; storage in an object store"
    if gigabytes > 200:
        return "the published database, by year or province; reading, over nodes"
    if building > 12 * 3600:
        return "reading, over nodes (`--engine ray`)"
    return "nothing"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--archive", type=Path)
    parser.add_argument("--pages", type=int, default=600)
    chosen = parser.parse_args()
    main(chosen.sizes, chosen.archive, chosen.pages)
