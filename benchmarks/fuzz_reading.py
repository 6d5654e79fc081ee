"""Read thousands of broken pages: no exception, no U+FFFD, no page that takes long, no memory that grows.

    make fuzz                        or: .venv/bin/python benchmarks/fuzz_reading.py --help

Mutates real pages (or those of --pages) by cutting, doubling, re-encoding, nesting 10,000 deep, NUL bytes, broken
entities, flipped bytes, shuffled tags and repeats; every 1,000th is 20 MB long. Exit code 1 where a promise breaks.
"""

import argparse
import gzip
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

import mutations
from rich.progress import track

PAGES = ROOT.parent / "shared/corpus/pages"
LIMIT = 10.0  # CPU seconds for one page, on a noisy machine
_LONG_EVERY = 1000


def _pages(folder: Path) -> list[bytes]:
    files = sorted(path for path in folder.rglob("*") if path.name.endswith((".html", ".html.gz", ".xml.gz")))
    return [gzip.decompress(p.read_bytes()) if p.suffix == ".gz" else p.read_bytes() for p in files]


def _one(task: tuple[bytes, int]) -> tuple[int, str, str, float, float]:
    """(seed, kind, what broke, CPU seconds, peak MB) of one mutation; the seed makes it again."""
    page, seed = task
    chance = random.Random(seed)
    page = mutations.LONG(page, chance) if seed % _LONG_EVERY == 0 else mutations.mutate(page, chance)
    started = time.process_time()
    try:
        found = mutations.check(page)
        kind, broken = getattr(found, "kind", "article"), ""
    except Exception as error:
        kind, broken = "exception", f"{type(error).__name__}: {error}"[:300]
    spent = time.process_time() - started
    peak = re.search(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text())
    return seed, kind, broken, spent, int(peak[1]) / 1024 if peak else 0.0


def _tasks(pages: list[bytes], count: int, first: int) -> Iterator[tuple[bytes, int]]:
    return ((pages[seed % len(pages)], seed) for seed in range(first, first + count))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=20_000, help="how many mutations (default: %(default)s)")
    parser.add_argument("--first", type=int, default=0, help="first seed, to make a failure again")
    parser.add_argument("--pages", type=Path, default=PAGES, help="folder of pages (default: %(default)s)")
    parser.add_argument("--processes", type=int, default=2)
    chosen = parser.parse_args()
    pages = _pages(chosen.pages)
    if not pages:
        sys.exit(f"There are no pages in {chosen.pages}: name a folder of .html or .html.gz files with --pages.")
    kinds: Counter[str] = Counter()
    failures, slowest, peak = [], (0.0, 0), 0.0
    with ProcessPoolExecutor(chosen.processes) as pool:
        results = pool.map(_one, _tasks(pages, chosen.count, chosen.first), chunksize=20)
        for seed, kind, broken, spent, memory in track(results, "pages", total=chosen.count):
            kinds[kind] += 1
            slowest, peak = max(slowest, (spent, seed)), max(peak, memory)
            if broken or spent > LIMIT:
                failures.append(f"seed {seed}: {broken or f'{spent:.1f} CPU seconds'}")
    print(f"{chosen.count} mutations of {len(pages)} pages: {dict(kinds.most_common())}")
    print(f"slowest {slowest[0]:.2f} CPU seconds (seed {slowest[1]}), peak memory of a process {peak:.0f} MB")
    if failures:
        sys.exit("\n".join([*failures[:20], f"{len(failures)} promises broken"]))
    print("every promise held")


if __name__ == "__main__":
    main()
