"""Scores extracted facts against labels: a fact is correct if type and value are those of a label whose quote it overlaps.

A repeat of a fact that was found does not count, nor does a label marked `optional`. Attributes (subject, qualifier, date,
donor, recipient) are compared on the facts that are correct, dates also where no date is labelled. This follows
`../shared/score/score_facts.py`; that one decides where the two differ.
"""

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from archive.facts.decide.labels import CLOSED
from archive.model import Fact
from archive.text import clean, fold
from training.data import Text

ATTRIBUTES = ("subject", "qualifier", "date", "donor", "recipient")
_BARE = re.compile(
    r"(?:该|本|各|全)?(?:小区|社区|街道|[村镇乡县区市省]|党群服务(?:中心|站|驿站)|服务(?:中心|站)|中心|驿站|站|党支部|志愿服务队)"
)
_DATED = ("opened_on", "started_on")


@dataclass
class Tally:
    """Counts of one text or of several."""

    right: Counter[str] = field(default_factory=Counter)
    false: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    agreed: Counter[str] = field(default_factory=Counter)
    compared: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(*(a + b for a, b in zip(vars(self).values(), vars(other).values(), strict=True)))

    def scores(self, type_: str = "") -> tuple[float, float, float]:
        """Precision, recall and F1; of one type, or of all."""
        hit, false, missed = (c[type_] if type_ else c.total() for c in (self.right, self.false, self.missed))
        precision, recall = hit / max(1, hit + false), hit / max(1, hit + missed)
        return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)

    def agreement(self, attribute: str) -> float:
        """The share of compared facts in which an attribute is correct."""
        return self.agreed[attribute] / max(1, self.compared[attribute])


def tally(text: Text, facts: Iterable[Fact]) -> Tally:
    """Compare the facts of one text with its labels."""
    found, used, open_ = Tally(), [], list(text.labels)
    unmatched = []
    for fact in facts:
        hits = [label for label in open_ if _is_of(fact, label, text.document.clean.raw)]
        hit = next((label for label in hits if not label.get("optional")), hits[0] if hits else None)
        if hit is None:
            unmatched.append(fact)
            continue
        open_ = [label for label in open_ if label is not hit]
        used.append(hit)
        if not hit.get("optional"):
            found.right[fact.type] += 1
            _compare(found, fact, hit)
    for fact in unmatched:
        if not any(_restates(fact, label) for label in used):
            found.false[fact.type] += 1
    found.missed.update(label["type"] for label in open_ if not label.get("optional"))
    return found


def interval(tallies: list[Tally], of: Callable[[Tally], float], draws: int = 500) -> tuple[float, float]:
    """The 95 % bootstrap interval of a score over texts."""
    rng = random.Random(0)
    values = sorted(of(sum((rng.choice(tallies) for _ in tallies), Tally())) for _ in range(draws))
    return values[draws // 40], values[-draws // 40 - 1]


def _is_of(fact: Fact, label: dict[str, Any], raw: str) -> bool:
    if fact.type != label["type"]:
        return False
    if fact.type in _DATED:
        wanted = label.get("date") or ""
        if wanted and not wanted.startswith("--") and fact.date != wanted:
            return False
    elif (fact.value, fact.value_high) != (label["value"], label.get("value_high")):
        return False
    return any(fact.start < m.end() and m.start() < fact.end for m in re.finditer(re.escape(label["quote"]), raw))


def _restates(fact: Fact, label: dict[str, Any]) -> bool:
    if fact.type != label["type"]:
        return False
    if fact.type in _DATED:
        return bool(label.get("date")) and label["date"] == fact.date
    return fact.value is not None and (fact.value, fact.value_high) == (label["value"], label.get("value_high"))


def _compare(found: Tally, fact: Fact, label: dict[str, Any]) -> None:
    agreements = {
        "subject": same_subject(label["subject"], fact.subject),
        "qualifier": _same_qualifier(label.get("qualifier") or "", fact.qualifier),
    }
    if label.get("date") or fact.date:
        agreements["date"] = (label.get("date") or "") == fact.date
    for role in ("donor", "recipient"):
        if label.get(role):
            agreements[role] = same_subject(label[role], getattr(fact, role))
    for name, agrees in agreements.items():
        found.compared[name] += 1
        found.agreed[name] += agrees


def _plain(name: str) -> str:
    return re.sub(r"[\s“”\"'「」『』《》]", "", fold(clean(name).text))


def same_subject(a: str, b: str) -> bool:
    """Whether two names are equal, or one is the other after the name of its place; a bare word (社区) only equals itself."""
    short, long = sorted((_plain(a), _plain(b)), key=len)
    return bool(short) and (short == long or (len(short) >= 3 and long.endswith(short) and not _BARE.fullmatch(short)))


def _same_qualifier(a: str, b: str) -> bool:
    """Whether the closed words are equal, and one text of free words contains the other."""
    closed = {word for name in CLOSED for word in name.split()}
    (ca, wa), (cb, wb) = (
        ({w for w in q.split() if w in closed}, _plain("".join(w for w in q.split() if w not in closed)))
        for q in (a, b)
    )
    return ca == cb and (wa == wb or (bool(wa) and bool(wb) and (wa in wb or wb in wa)))
