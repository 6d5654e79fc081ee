"""How well facts are read on texts that the network never saw: the scores of the model card, by type."""

import json
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from archive.facts.decide import model

LOCAL = ("local", "local2")  # sets of local news, which the archive collects
PRESS = ("press", "press2")  # sets of national press, which is harder


class Score(NamedTuple):
    """Facts of one type, or of all: published and right, published and wrong, not found."""

    right: int
    false: int
    missed: int

    @property
    def facts(self) -> int:
        """How many facts the texts hold."""
        return self.right + self.missed

    @property
    def published(self) -> int:
        """How many were read."""
        return self.right + self.false

    @property
    def precision(self) -> float | None:
        """The share of those read that is right; None where none was read."""
        return self.right / self.published if self.published else None

    @property
    def recall(self) -> float | None:
        """The share of those that the texts hold that was read rightly; None where they hold none."""
        return self.right / self.facts if self.facts else None


class Scores(NamedTuple):
    """The scores on some sets of texts: how many texts, each type, and all types together."""

    texts: int
    types: dict[str, Score]
    whole: Score


@cache
def scores(sets: tuple[str, ...]) -> Scores:
    """The scores on some sets of the model card, together."""
    recorded = json.loads((model.FOLDER / "scores.json").read_text("utf-8"))
    types: dict[str, list[Score]] = {}
    for name in sets:
        for type_, counts in recorded[name]["types"].items():
            types.setdefault(type_, []).append(Score(*counts))
    together = {type_: _sum(counted) for type_, counted in types.items()}
    return Scores(sum(recorded[name]["texts"] for name in sets), together, _sum(together.values()))


def _sum(counted: Iterable[Score]) -> Score:
    return Score(*(sum(column) for column in zip(*counted, strict=True)))
