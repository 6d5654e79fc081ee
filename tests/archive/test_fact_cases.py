"""Our own labelled sentences, and what must hold for every fact of thousands of real texts."""

import gzip
import json
import random
from datetime import date
from pathlib import Path

from archive.facts import extract_text
from archive.facts.quantities import find
from archive.records import Fact
from archive.text import clean, fold

CASES = [json.loads(line) for line in Path(__file__).with_name("fact_cases.jsonl").read_text("utf-8").splitlines()]


def _facts(case: dict) -> list[Fact]:
    return extract_text(case["text"], date.fromisoformat(case["published"]))


def test_labels_quote_their_text() -> None:
    assert all(fact["quote"] in case["text"] for case in CASES for fact in case["facts"])


def test_precision_and_recall() -> None:
    right = false = missed = 0
    for case in CASES:
        wanted = [(fact["type"], fact.get("value"), fact.get("date", "")) for fact in case["facts"]]
        for fact in _facts(case):
            said = (fact.type, fact.value, fact.date)
            if said in wanted:
                wanted.remove(said)
                right += 1
            else:
                false += 1
        missed += len(wanted)
    assert right / (right + false) >= 0.98
    assert right / (right + missed) >= 0.94


def test_facts_depend_on_nothing_but_their_text() -> None:
    first = [_facts(case) for case in CASES]
    order = list(range(len(CASES)))
    random.Random(1).shuffle(order)
    again = {number: _facts(CASES[number]) for number in order}
    assert [again[number] for number in range(len(CASES))] == first


def test_invariants_on_real_texts(shared: Path) -> None:
    count = 0
    for path in sorted((shared / "corpus" / "articles").glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                raw = json.loads(line)["text"]
                for fact in extract_text(raw):
                    count += 1
                    assert raw[fact.start : fact.end] == fact.quote
                    if fact.value is not None:
                        again = [(q.value, q.value_high) for q in find(fold(clean(fact.quote).text))]
                        assert (fact.value, fact.value_high) in again, fact
    assert count > 500
