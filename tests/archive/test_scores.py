"""The scores that the site shows are those of the model card."""

import re

import pytest

from archive.facts import fact_types
from archive.facts.decide import model
from archive.facts.scores import LOCAL, PRESS, scores


@pytest.mark.parametrize("name", [*LOCAL, *PRESS])
def test_scores_are_those_of_the_model_card(name: str) -> None:
    card = (model.FOLDER / "card.md").read_text("utf-8")
    (row,) = re.findall(rf"^\| {name} \| (\d+) \| (\d+) \| ([\d.]+) \| ([\d.]+) \| [\d.]+ \(", card, re.MULTILINE)
    of_set = scores((name,))
    assert of_set.whole.precision is not None and of_set.whole.recall is not None
    assert row == (
        str(of_set.texts), str(of_set.whole.facts), f"{of_set.whole.precision:.3f}", f"{of_set.whole.recall:.3f}",
    )  # fmt: skip
    assert of_set.types.keys() <= fact_types().keys()


def test_sets_are_counted_together() -> None:
    both, one, other = scores(LOCAL), scores(LOCAL[:1]), scores(LOCAL[1:])
    assert both.whole.right == one.whole.right + other.whole.right
    assert both.texts == one.texts + other.texts
