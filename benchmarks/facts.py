"""Facts: how many are found and right on held-out texts, beside the rules that the network replaced, and how fast.

    make bench                       or: .venv-bench/bin/python benchmarks/facts.py --help

The held-out texts (training/heldout/) were labelled last and are scored, never read. A fact is right where type and value
are those of a label whose quote it overlaps; a date fact must have the date too. Subject, qualifier, date, donor and
recipient are counted on the facts that are right. Brackets hold the middle 95 % of a score when texts are resampled. The
rules run from a worktree of their last commit. Articles for speed are cut at 1,200 characters.
"""

import argparse
import gzip
import json
import logging
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from operator import truediv
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
SHARED = ROOT.parent / "shared"

import fact_peers
from spread import spread

from archive.facts import extract_text
from archive.facts.decide import model
from archive.facts.decide.windows import LENGTH, windows
from archive.facts.document import Document
from archive.facts.extract import _read
from archive.model import Fact
from archive.reading.topic import is_worth_folding, may_hold_facts
from archive.text import fold
from training import sets
from training.data import Text
from training.evaluate import ATTRIBUTES, Tally, interval, tally

_LENGTH = 1200
_MONEY = ("investment", "donation_money")
_RULES = "65ada6d"  # the last commit whose facts were decided by rules alone
Read = Callable[[list[Text]], dict[str, list[Fact]]]


def ours(texts: list[Text]) -> dict[str, list[Fact]]:
    """The published facts of each text, by its id."""
    return {t.id: [fact for fact in extract_text(t.document.clean.raw) if not fact.is_candidate] for t in texts}


def rules(texts: list[Text]) -> dict[str, list[Fact]]:
    """The facts that the former rules find. Raises CalledProcessError where their commit is missing."""
    script = (
        "import dataclasses, json, sys; from archive.facts import extract_text\n"
        "for line in sys.stdin: one = json.loads(line); "
        "print(json.dumps([one['id'], [dataclasses.asdict(f) for f in extract_text(one['text'])]]))"
    )
    given = "".join(json.dumps({"id": t.id, "text": t.document.clean.raw}) + "\n" for t in texts)
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "rules"
        subprocess.run(
            ["git", "-C", ROOT, "worktree", "add", "--detach", tree, _RULES], capture_output=True, check=True
        )
        try:
            done = subprocess.run(
                [sys.executable, "-c", script], input=given, cwd=tree, capture_output=True, text=True, check=True
            )
        finally:
            subprocess.run(["git", "-C", ROOT, "worktree", "remove", "--force", tree], capture_output=True, check=True)
    known = Fact.__dataclass_fields__
    return {
        name: [Fact(**{key: value for key, value in fact.items() if key in known}) for fact in found]
        for name, found in map(json.loads, done.stdout.splitlines())
    }


def report(name: str, texts: list[Text]) -> None:
    """Print one set: all types together, beside the former rules, and by type."""
    by_reader: dict[str, list[Tally]] = {}
    readers: dict[str, Read] = {"network": ours, "former rules": rules}
    for reader, read in readers.items():
        try:
            found = read(texts)
        except (subprocess.CalledProcessError, OSError) as error:
            print(f"\nThe {reader} cannot be run here: {error}")
            continue
        by_reader[reader] = [tally(text, found.get(text.id, [])) for text in texts]
    labels = sum(not label.get("optional") for text in texts for label in text.labels)
    print(f"\n### {name}: {len(texts)} texts, {labels} facts\n")
    print(f"| reader | precision | recall | F1 | {' | '.join(ATTRIBUTES)} |\n|{'---|' * (len(ATTRIBUTES) + 4)}")
    for reader, tallies in by_reader.items():
        whole = sum(tallies, Tally())
        low, high = interval(tallies, lambda t: t.scores()[2])
        precision, recall, f1 = whole.scores()
        attributes = " | ".join(f"{whole.agreement(a):.2f}" if whole.compared[a] else "" for a in ATTRIBUTES)
        print(f"| {reader} | {precision:.3f} | {recall:.3f} | {f1:.3f} ({low:.2f}–{high:.2f}) | {attributes} |")
    _by_type({reader: sum(tallies, Tally()) for reader, tallies in by_reader.items()})
    fact_peers.report(
        name,
        (
            (
                text.document.clean.raw,
                [(label["value"], label["type"] in _MONEY) for label in text.labels if label["value"] is not None],
            )
            for text in texts
        ),
    )


def _by_type(whole: dict[str, Tally]) -> None:
    print(
        f"\n| type | labels | {' | '.join(f'{r}: precision | recall' for r in whole)} |\n|{'---|' * (2 + 2 * len(whole))}"
    )
    first = next(iter(whole.values()))
    for type_ in sorted({*first.right, *first.false, *first.missed}):
        cells = " | ".join("{:.2f} | {:.2f}".format(*t.scores(type_)[:2]) for t in whole.values())
        print(f"| {type_} | {first.right[type_] + first.missed[type_]} | {cells} |")


def made() -> None:
    """Print how well calibrated the network is, and what it was made from, as recorded when it was made."""
    path = model.FOLDER / "made.json"
    if not path.exists():
        return
    recorded = json.loads(path.read_text("utf-8"))
    print(f"\n### Calibration: {recorded['calibration']['predictions']} predictions on texts left out\n")
    print(
        f"expected calibration error {recorded['calibration']['error']:.3f}, of subjects {recorded['calibration']['subject_error']:.3f}\n"
    )
    print("| mean probability | share right | predictions |\n|---|---|---|")
    for sure, right, count in recorded["calibration"]["diagram"]:
        print(f"| {sure:.2f} | {right:.2f} | {count} |")
    if recorded.get("curve"):
        print("\n### Learning curve\n\n| share of the texts | F1 on texts left out |\n|---|---|")
        for share, f1 in recorded["curve"]:
            print(f"| {share:.0%} | {f1:.3f} |")


# Speed


def articles(folder: Path, pattern: str) -> Iterator[str]:
    """Real texts, each cut to 1,200 characters; shorter ones are left out."""
    for path in sorted(folder.glob(pattern)):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                text = json.loads(line)["text"]
                if len(text) >= _LENGTH:
                    yield text[:_LENGTH]


def rates(work: dict[str, tuple[Callable[[Any], object], list[Any]]], passes: int) -> dict[str, list[float]]:
    """What -> texts per CPU second of each pass; passes are interleaved."""
    found: dict[str, list[float]] = {what: [] for what in work}
    for function, texts in work.values():
        function(texts[0])
    for _ in range(passes):
        for what, (function, texts) in work.items():
            _read.cache_clear()
            started = time.process_time()
            for text in texts:
                function(text)
            found[what].append(len(texts) / (time.process_time() - started))
    return found


def speed(folder: Path, passes: int, most: int | None) -> None:
    """Print articles per CPU second for us and for the installed parsers, and the ratio."""
    on_topic = list(articles(folder, "*party_community*.gz"))[:100][:most]
    others = [t for t in articles(folder, "*.gz") if not may_hold_facts(fold(t))][:2000][:most]
    logging.disable()  # JioNLP logs what it cannot parse
    full = [w for t in on_topic for w in windows(Document.of(t)) if len(w.tokens) == LENGTH][:60][:most]
    bare = [replace(w, items=w.items[:2]) for w in full]
    ours_ = f"extract, articles about communities and party life ({len(on_topic)})"
    work: dict[str, tuple[Callable[[Any], object], list[Any]]] = {ours_: (extract_text, on_topic)}
    work["of that one window through the encoder"] = (model.run, bare)
    peers = fact_peers.speeds()
    work |= {name: (peer, on_topic[:60]) for name, peer in peers.items()}
    if others:
        work[f"extract, articles about other things ({len(others)})"] = (extract_text, others)
        work["of that the first look"] = (is_worth_folding, others)
    found = rates(work, passes)
    print(f"\n### Speed: articles of {_LENGTH} characters a CPU second\n")
    print("| what | a second: median (lowest–highest) | an article of ours takes as long as |\n|---|---|---|")
    for what, values in found.items():
        times = f"{median(map(truediv, values, found[ours_])):.2f}" if what != ours_ else ""
        print(f"| {what} | {spread(values)} | {times} |")


def footprint() -> None:
    """Print what a fresh process needs for one article with places."""
    script = (
        "import re, sys, time; t = time.process_time()\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "from archive.facts import extract_text\n"
        "imported = time.process_time() - t\n"
        "extract_text('湘潭市岳塘区宝塔街道云峰社区现有居民2760户、4654人,党员90名。')\n"
        "first = time.process_time() - t\n"
        "peak = int(re.search(r'VmHWM:\\s*(\\d+)', open('/proc/self/status').read())[1]) / 1024\n"
        "print(f'import {imported:.2f} CPU s, first article after {first:.2f} CPU s, peak memory {peak:.0f} MB')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    print("\n### Footprint\n\n" + done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passes", type=int, default=3, help="how often speed is measured (default: %(default)s)")
    parser.add_argument(
        "--articles", type=Path, default=SHARED / "corpus/articles", help="real texts as .jsonl.gz, for speed"
    )
    parser.add_argument(
        "--most", type=int, metavar="N", help="take N texts of each kind, to see that it runs (default: all)"
    )
    chosen = parser.parse_args()
    print("## Facts")
    for name, texts in sets.held_out().items():
        report(name, texts[: chosen.most])
    made()
    if chosen.articles.exists():
        speed(chosen.articles, chosen.passes, chosen.most)
    footprint()


if __name__ == "__main__":
    main()
