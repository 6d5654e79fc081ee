"""Labelled texts: their labels, and how they become targets. Needs no PyTorch."""

import numpy as np
import pytest

from archive.facts.decide.labels import TYPES
from archive.model import Fact
from training import calibrate, sets
from training.data import IGNORED, Text, folds, load
from training.evaluate import same_subject, tally


@pytest.fixture(scope="module")
def own() -> list[Text]:
    return sets.own()


@pytest.fixture(scope="module")
def held() -> list[Text]:
    return load(sets.HELD_OUT / "local", parties=True)


def test_our_texts_are_many_and_each_label_quotes_its_text(own: list[Text], held: list[Text]) -> None:
    assert len(own) > 250 and sum(len(text.labels) for text in own) > 1500
    for text in [*own, *held]:
        for label in text.labels:
            start, end = label["start"], label["end"]
            assert text.document.clean.raw[start:end] == label["quote"], (text.id, label["quote"])
            assert label["type"] in TYPES


def test_the_grammar_proposes_what_is_labelled(own: list[Text]) -> None:
    labels = [label for text in own for label in text.labels if not label.get("optional")]
    met = {id(t.label) for text in own for targets in text.targets for t in targets if t.label}
    assert sum(id(label) in met for label in labels) >= 0.98 * len(labels)


def test_nothing_held_out_is_trained_on(own: list[Text], held: list[Text]) -> None:
    assert not {text.document.text for text in held} & {text.document.text for text in own}
    assert len(held) >= 80


def test_targets_point_at_the_words_of_the_label(own: list[Text]) -> None:
    text = next(text for text in own if text.labels)
    for window, targets in zip(text.windows, text.targets, strict=True):
        for target in targets:
            for first, last in target.spans.get("subject") or ():
                offsets = window.offsets[first : last + 1]
                words = text.document.text[offsets[0] : offsets[-1] + 1]
                assert target.label is not None and same_subject(target.label["subject"], words)


def test_parts_keep_a_group_together_and_lose_nothing(own: list[Text]) -> None:
    for text in own[:10]:
        text.group = "one"
    parts = folds(own, 5)
    assert sorted(t.id for part in parts for t in part) == sorted(t.id for t in own)
    assert sum(any(t.group == "one" for t in part) for part in parts) == 1


def test_labels_of_texts_of_others_quote_nothing() -> None:
    raw = "某街道的故事\n2023-05-06\n新桥社区有居民860户。"
    start = raw.index("居民")
    label = {
        "type": "households",
        "subject": "新桥社区",
        "value": 860,
        "quote": raw[start : start + 6],
        "start": start,
        "end": start + 6,
        "id": "x",
        "unit": "household",
    }
    made = sets.standoff("x", "elsewhere-1", 0, 12, raw, [label])
    assert "新桥" not in str(made) and "居民" not in str(made)
    assert sets._resolved(raw, made["facts"][0])["subject"] == "新桥社区"


def _fact(text: Text, label: dict, **changes: object) -> Fact:
    values = {
        "type": label["type"],
        "subject": label["subject"],
        "value": label["value"],
        "value_high": label.get("value_high"),
    }
    return Fact(
        **(values | changes), unit="", approx="exact", qualifier=label.get("qualifier", ""), date=label.get("date", ""),
        quote=label["quote"], start=label["start"], end=label["end"],
    )  # fmt: skip


def test_the_score_counts_what_is_right_false_and_missed(own: list[Text]) -> None:
    text = next(t for t in own if len([x for x in t.labels if x["value"] is not None]) > 3)
    first, second = [label for label in text.labels if label["value"] is not None][:2]
    found = tally(text, [_fact(text, first), _fact(text, second, value=-1)])
    assert found.right.total() == 1 and found.false.total() == 1
    assert found.missed.total() == len([x for x in text.labels if not x.get("optional")]) - 1
    assert found.agreement("subject") == 1


@pytest.mark.parametrize(("a", "b", "same"), [("云峰社区", "宝塔街道云峰社区", True), ("社区", "云峰社区", False), ("“云峰”社区", "云峰社区", True), ("云峰社区", "云盘社区", False)])  # fmt: skip
def test_subjects_are_the_same_behind_their_place(a: str, b: str, same: bool) -> None:
    assert same_subject(a, b) == same


def test_calibration_believes_what_turns_out_right() -> None:
    rng = np.random.default_rng(0)
    raw = rng.random(4000)
    right = (rng.random(4000) < raw**2).astype(float)  # too sure of itself
    points = calibrate.fit(raw, right)
    assert calibrate.error(raw, right) > 0.1
    assert calibrate.error(calibrate.apply(raw, points), right) < 0.03


def test_what_nobody_decided_is_no_target(own: list[Text]) -> None:
    assert any(t.type == IGNORED for text in own for targets in text.targets for t in targets)
