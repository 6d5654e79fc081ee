"""Our own labelled texts, and what must hold for every fact of thousands of real ones."""

import gzip
import json
import random
from datetime import date
from itertools import islice
from pathlib import Path

from labelled import PUBLISHED, cases, score

from archive.facts import extract_text
from archive.facts.propose.quantities import find
from archive.facts.types import load
from archive.model import Fact
from archive.text import clean, fold

CASES = cases()
_ENOUGH = 12  # real texts of each kind: each takes a tenth of a second


def test_every_type_is_labelled() -> None:
    counts = {type_: sum(label.type == type_ for case in CASES for label in case.labels) for type_ in load()}
    assert min(counts.values()) >= 3, counts
    assert sum(not case.labels for case in CASES) > 40  # texts that say nothing


def test_precision_and_recall() -> None:
    """Short texts that the network was not trained on: the floors show when it breaks, not how good it is."""
    result = score(CASES, published)
    report = "\n".join(result.differences)
    assert result.precision >= 0.80, report
    assert result.recall >= 0.60, report
    assert result.agreement("subject") >= 0.80, report
    assert result.agreement("approx") >= 0.97, report
    assert result.agreement("qualifier") >= 0.60, report


def published(text: str, day: date) -> list[Fact]:
    return [fact for fact in extract_text(text, day) if not fact.is_candidate]


def test_facts_depend_on_nothing_but_their_text() -> None:
    first = [extract_text(case.text, PUBLISHED) for case in CASES]
    order = list(range(len(CASES)))
    random.Random(1).shuffle(order)
    again = {number: extract_text(CASES[number].text, PUBLISHED) for number in order}
    assert [again[number] for number in range(len(CASES))] == first


def _holds(raw: str) -> int:
    """Check every fact of a text; how many there are."""
    facts = extract_text(raw)
    for fact in facts:
        assert raw[fact.start : fact.end] == fact.quote
        if fact.value is not None:
            again = [(q.value, q.value_high) for q in find(fold(clean(fact.quote).text))]
            assert (fact.value, fact.value_high) in again, fact
    return len(facts)


def test_invariants_on_our_texts() -> None:
    assert sum(_holds(case.text) for case in CASES) > 300


def test_invariants_on_real_texts(shared: Path) -> None:
    count = 0
    for path in sorted((shared / "corpus" / "articles").glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            count += sum(_holds(json.loads(line)["text"]) for line in islice(lines, _ENOUGH))
    assert count > 50
