"""Give thousands of broken inputs to the code that reads them: WARC and WACZ files, sitemaps, feeds, JSON lists, robots.txt, pages.

    make fuzz                        or: .venv/bin/python benchmarks/fuzz_inputs.py --help

Every input is made from a seed (tests/support/inputs.py), which can make it again. Exit code 1 if a promise breaks: an
unexpected exception, the loss of a record that was not damaged, an address whose normal form is not stable, or too much time.
"""

import argparse
import contextlib
import io
import random
import sys
import time
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

import inputs
from rich.progress import track

LIMIT = 10.0  # CPU seconds for one input, on a noisy machine


def _one(task: tuple[str, int]) -> tuple[str, int, str, str, float]:
    """(kind, seed, what became of it, what broke, CPU seconds) of one input."""
    kind, seed = task
    started = time.process_time()
    ended, broken = "", ""
    try:
        with contextlib.redirect_stderr(io.StringIO()):  # warcio reports what it skips
            ended = inputs.KINDS[kind](random.Random(seed))
    except Exception:
        broken = traceback.format_exc()[-1500:]
    return kind, seed, ended, broken, time.process_time() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=2000, help="how many inputs of each kind (default: %(default)s)")
    parser.add_argument("--first", type=int, default=0, help="first seed, to make a failure again")
    parser.add_argument(
        "--kinds", nargs="+", choices=inputs.KINDS, default=list(inputs.KINDS), help="which (default: all)"
    )
    parser.add_argument("--processes", type=int, default=2)
    chosen = parser.parse_args()
    seeds = range(chosen.first, chosen.first + chosen.count)
    tasks = [(kind, seed) for seed in seeds for kind in chosen.kinds]
    ends: dict[str, Counter[str]] = {kind: Counter() for kind in chosen.kinds}
    failures, slowest = 0, (0.0, "", 0)
    with ProcessPoolExecutor(chosen.processes) as pool:
        results = pool.map(_one, tasks, chunksize=20)
        for kind, seed, ended, broken, spent in track(results, "inputs", total=len(tasks)):
            ends[kind][ended or "broken"] += 1
            slowest = max(slowest, (spent, kind, seed))
            if broken or spent > LIMIT:
                failures += 1
                print(f"{kind}, seed {seed}: {broken or f'{spent:.1f} CPU seconds'}", flush=True)
    for kind, counts in ends.items():
        print(f"{kind}: {dict(counts.most_common())}")
    print(f"slowest {slowest[0]:.2f} CPU seconds ({slowest[1]}, seed {slowest[2]})")
    if failures:
        sys.exit(f"{failures} promises broken")
    print("every promise held")


if __name__ == "__main__":
    main()
