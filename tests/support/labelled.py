"""Reads our labelled texts (tests/archive/fact_sentences.txt says how they are written) and scores an extractor on them."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from archive.facts.types import load
from archive.model import Fact

PATH = Path(__file__).parents[1] / "archive" / "fact_sentences.txt"
PUBLISHED = date(2024, 5, 6)
_APPROX = ("about", "more_than", "less_than", "nearly")


@dataclass(frozen=True)
class Label:
    type: str
    value: str
    subject: str = ""
    approx: str = ""
    qualifier: str = ""

    def matches(self, fact: Fact) -> bool:
        if fact.type != self.type:
            return False
        if self.value.startswith("「"):
            words = self.value[1:-1]
            return words in fact.quote or fact.quote in words
        if fact.value is None:
            return fact.date == self.value
        low, _, high = self.value.partition("..")
        return fact.value == float(low) and fact.value_high == (float(high) if high else None)


@dataclass
class Case:
    text: str
    labels: list[Label] = field(default_factory=list)


def cases() -> list[Case]:
    found: list[Case] = []
    for line in PATH.read_text("utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if not line.startswith("  "):
            found.append(Case(line.replace("\\n", "\n")))
            continue
        type_, value, *rest = line.split()
        if type_ not in load():
            raise ValueError(f"no such fact type: {line}")
        attributes = {"subject": "", "approx": "", "qualifier": ""}
        for word in rest:
            kind = {"@": "subject", "+": "qualifier"}.get(word[0], "approx")
            if kind == "approx" and word not in _APPROX:
                raise ValueError(f"what is {word!r}? {line}")
            attributes[kind] = word.lstrip("@+")
        found[-1].labels.append(Label(type_, value, **attributes))
    return found


@dataclass
class Score:
    """Counts by fact type, and what differed, for a person to read."""

    right: Counter[str] = field(default_factory=Counter)
    false: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    agreed: Counter[str] = field(default_factory=Counter)  # by attribute, of those labelled
    labelled: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.right.total() / max(1, self.right.total() + self.false.total())

    @property
    def recall(self) -> float:
        return self.right.total() / max(1, self.right.total() + self.missed.total())

    def agreement(self, attribute: str) -> float:
        return self.agreed[attribute] / max(1, self.labelled[attribute])


def score(found_cases: list[Case], read: Callable[[str, date], list[Fact]]) -> Score:
    result = Score()
    for case in found_cases:
        wanted = list(case.labels)
        for fact in read(case.text, PUBLISHED):
            label = next((label for label in wanted if label.matches(fact)), None)
            if label is None:
                result.false[fact.type] += 1
                result.differences.append(
                    f"false   {fact.type} {fact.value} {fact.date} {fact.quote} @{fact.subject} | {case.text}"
                )
                continue
            wanted.remove(label)
            result.right[fact.type] += 1
            for attribute in ("subject", "approx", "qualifier"):
                wanted_value = getattr(label, attribute)
                if not wanted_value:
                    continue
                result.labelled[attribute] += 1
                actual = getattr(fact, attribute)
                agrees = actual == wanted_value or (
                    attribute == "subject" and bool(actual) and (actual in wanted_value or wanted_value in actual)
                )
                result.agreed[attribute] += agrees
                if not agrees:
                    result.differences.append(
                        f"{attribute} {fact.type} {fact.quote}: {actual}, not {wanted_value} | {case.text}"
                    )
        for label in wanted:
            result.missed[label.type] += 1
            result.differences.append(f"missed  {label.type} {label.value} @{label.subject} | {case.text}")
    return result
