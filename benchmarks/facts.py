"""Facts: how many are found and right, by type, and how fast, beside parsers of Chinese money and time.

    make bench                       or: .venv-bench/bin/python benchmarks/facts.py --help

The labelled sets are our own (tests/archive/fact_sentences.txt) and, where they are at hand, those under ../shared. A fact
is right where type and value are those of a label whose quote it overlaps; a date fact must have the date too. Subject,
approximation, qualifier and date are counted on the facts that are right. Articles for speed are cut at 1,200 characters.
"""

import argparse
import gzip
import json
import logging
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from operator import truediv
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
SHARED = ROOT.parent / "shared"
sys.path.insert(0, str(ROOT / "tests" / "support"))

import fact_peers
from spread import spread

_LENGTH = 1200
_MONEY = ("investment", "donation_money")
_EVENTS = ("opened_on", "started_on")


@dataclass
class Labelled:
    """A text, the day it was published where that is known, and its facts."""

    text: str
    published: date | None
    facts: list[dict[str, Any]]


def shared(folder: Path) -> list[Labelled]:
    """A set in the form of ../shared/gold."""
    texts = folder / "texts" if (folder / "texts").exists() else folder
    by_id: dict[str, list[dict[str, Any]]] = {path.stem: [] for path in texts.glob("*.txt")}
    for line in (folder / "gold.jsonl").read_text("utf-8").splitlines():
        fact = json.loads(line)
        by_id[fact["id"]].append(fact)
    return [Labelled((texts / f"{name}.txt").read_text("utf-8"), None, facts) for name, facts in sorted(by_id.items())]


@dataclass
class Score:
    """Counts by type, and the attributes right of the facts that are right."""

    right: Counter[str]
    false: Counter[str]
    missed: Counter[str]
    attributes: Counter[str]

    @property
    def precision(self) -> float:
        return self.right.total() / max(1, self.right.total() + self.false.total())

    @property
    def recall(self) -> float:
        return self.right.total() / max(1, self.right.total() + self.missed.total())


def score(labelled: list[Labelled]) -> Score:
    """Extract every text and compare."""
    from archive.facts import extract_text

    result = Score(Counter(), Counter(), Counter(), Counter())
    for one in labelled:
        open_ = list(one.facts)
        for fact in extract_text(one.text, one.published):
            hit = next((label for label in open_ if _is_of(fact, label, one.text)), None)
            if hit is None:
                if not any(_restates(fact, label) for label in one.facts):
                    result.false[fact.type] += 1
                continue
            open_.remove(hit)
            result.right[fact.type] += 1
            result.attributes["subject"] += _same_name(hit.get("subject"), fact.subject)
            result.attributes["approx"] += (hit.get("approx") or "exact") == fact.approx
            result.attributes["qualifier"] += (hit.get("qualifier") or "") == fact.qualifier
            result.attributes["date"] += (hit.get("date") or "") in ("", fact.date)
        result.missed.update(label["type"] for label in open_)
    return result


def _is_of(fact: Any, label: dict[str, Any], text: str) -> bool:
    if fact.type != label["type"] or (fact.value, fact.value_high) != (label.get("value"), label.get("value_high")):
        return False
    if fact.type in _EVENTS and label.get("date") and not label["date"].startswith("--") and fact.date != label["date"]:
        return False
    spans = [match.span() for match in re.finditer(re.escape(label["quote"]), text)]
    return any(fact.start < end and start < fact.end for start, end in spans)


def _restates(fact: Any, label: dict[str, Any]) -> bool:
    same = fact.type == label["type"] and fact.value is not None
    return same and (fact.value, fact.value_high) == (label.get("value"), label.get("value_high"))


def _same_name(a: str | None, b: str | None) -> bool:
    from archive.text import clean, fold

    x, y = (re.sub(r'[\s“”"]', "", fold(clean(name or "").text)) for name in (a, b))
    return bool(x) and bool(y) and (x in y or y in x)


def report_own() -> None:
    """Print what is found in our own labelled texts."""
    from labelled import cases, score

    from archive.facts import extract_text

    texts = cases()
    result = score(texts, extract_text)
    print(f"\n### our own texts: {len(texts)} texts, {sum(len(text.labels) for text in texts)} facts\n")
    print(f"precision {result.precision:.3f}, recall {result.recall:.3f}; of those right and labelled: ", end="")
    print(", ".join(f"{name} {result.agreement(name):.3f}" for name in result.labelled))
    _by_type(result.right, result.false, result.missed)
    fact_peers.report(
        "our own texts",
        (
            (
                one.text,
                [
                    (float(label.value.partition("..")[0]), label.type in _MONEY)
                    for label in one.labels
                    if re.match(r"\d[\d.]*(\.\.|$)", label.value)
                ],
            )
            for one in texts
        ),
    )


def report(name: str, labelled: list[Labelled], *, by_type: bool) -> None:
    """Print one set's table."""
    result = score(labelled)
    right = max(1, result.right.total())
    labels = sum(len(one.facts) for one in labelled)
    print(f"\n### {name}: {len(labelled)} texts, {labels} facts\n")
    print(f"precision {result.precision:.3f}, recall {result.recall:.3f}; of those right: ", end="")
    print(", ".join(f"{field} {count / right:.3f}" for field, count in result.attributes.items()))
    if by_type:
        _by_type(result.right, result.false, result.missed)
    of_texts = (
        (one.text, [(fact["value"], fact["type"] in _MONEY) for fact in one.facts if fact.get("value") is not None])
        for one in labelled
    )
    fact_peers.report(name, of_texts)


def _by_type(right: Counter[str], false: Counter[str], missed: Counter[str]) -> None:
    print("\n| type | labels | found right | false | precision | recall |\n|---|---|---|---|---|---|")
    for type_ in sorted({*right, *false, *missed}):
        tp, fp, fn = right[type_], false[type_], missed[type_]
        print(f"| {type_} | {tp + fn} | {tp} | {fp} | {tp / max(1, tp + fp):.2f} | {tp / max(1, tp + fn):.2f} |")


# Speed


def articles(folder: Path, pattern: str) -> Iterator[str]:
    """Real texts, each cut to 1,200 characters; shorter ones are left out."""
    for path in sorted(folder.glob(pattern)):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                text = json.loads(line)["text"]
                if len(text) >= _LENGTH:
                    yield text[:_LENGTH]


def rates(work: dict[str, tuple[Callable[[str], object], list[str]]], passes: int) -> dict[str, list[float]]:
    """What -> texts per CPU second of each pass; passes are interleaved."""
    found: dict[str, list[float]] = {what: [] for what in work}
    for function, texts in work.values():
        function(texts[0])
    for _ in range(passes):
        for what, (function, texts) in work.items():
            started = time.process_time()
            for text in texts:
                function(text)
            found[what].append(len(texts) / (time.process_time() - started))
    return found


def speed(folder: Path, passes: int) -> None:
    """Print articles per CPU second for us and for the parsers at hand, and how many times ours is theirs."""
    from archive.facts import extract_text
    from archive.text import fold
    from archive.topic import is_worth_folding, may_hold_facts

    on_topic = list(articles(folder, "*party_community*.gz"))[:300]
    others = [t for t in articles(folder, "*.gz") if not may_hold_facts(fold(t))][:2000]
    logging.disable()  # JioNLP logs what it cannot parse
    ours = f"extract, articles about communities and party life ({len(on_topic)})"
    work: dict[str, tuple[Callable[[str], object], list[str]]] = {ours: (extract_text, on_topic)}
    peers = fact_peers.speeds()
    work |= {name: (peer, on_topic[:60]) for name, peer in peers.items()}
    if others:
        work[f"extract, articles about other things ({len(others)})"] = (extract_text, others)
        work["of that the first look"] = (is_worth_folding, others)
    found = rates(work, passes)
    print(f"\n### Speed: articles of {_LENGTH} characters a CPU second\n")
    print("| what | articles a second: median (lowest–highest) | ours is faster by |\n|---|---|---|")
    for what, values in found.items():
        times = f"{median(map(truediv, found[ours], values)):.1f}×" if what in peers else ""
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
    print(
        "\n### Footprint\n\n"
        + subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passes", type=int, default=3, help="how often speed is measured (default: %(default)s)")
    parser.add_argument(
        "--articles", type=Path, default=SHARED / "corpus/articles", help="real texts as .jsonl.gz, for speed"
    )
    chosen = parser.parse_args()
    print("## Facts")
    report_own()
    for name in ("gold/dev", "seed"):
        if (SHARED / name / "gold.jsonl").exists():
            report(name, shared(SHARED / name), by_type=name == "gold/dev")
    if chosen.articles.exists():
        speed(chosen.articles, chosen.passes)
    footprint()


if __name__ == "__main__":
    main()
