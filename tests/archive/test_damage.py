"""Damage: mirrors break texts, and no broken text says anything that the whole one does not."""

import random
from collections import Counter

import pytest
from damage import damaged
from labelled import PUBLISHED, cases

from archive.facts import extract_text
from archive.text import clean
from crawler.sample.outlets import stories

TEXTS = [case.text for case in cases()] + ["\n".join(story.paragraphs(1)) for story in stories()]
DAY = PUBLISHED
ROUNDS = 5


def _said(text: str) -> Counter[tuple[object, ...]]:
    return Counter((fact.type, fact.value, fact.value_high, fact.date) for fact in extract_text(text, DAY))


def test_damage_loses_little_and_adds_nothing() -> None:
    lost = total = broken = 0
    for number, text in enumerate(TEXTS):
        whole = _said(text)
        for round_ in range(ROUNDS):
            hurt = damaged(text, random.Random(number * 1000 + round_))
            broken += hurt.count("?") > 0
            said = _said(hurt)
            assert not said - whole, hurt
            lost += (whole - said).total()
            total += whole.total()
    assert broken > 50  # the simulator does break texts
    assert lost < 0.05 * total


def test_the_simulator_eats_digits() -> None:
    """The case that matters: 總人口2965人 loses its first digit where 側 is annotated; none of it may be a value."""
    hurt = [damaged("青禾小区总人口2965人，党员36名。", random.Random(seed)) for seed in range(300)]
    eaten = [text for text in hurt if "965人" in text and "2965人" not in text]
    assert eaten
    assert all(fact.value != 965 for text in eaten for fact in extract_text(text, DAY))


@pytest.mark.parametrize("text", TEXTS)
def test_whole_texts_are_left_alone(text: str) -> None:
    assert clean(text).text == text


def test_digits_that_were_stripped_say_nothing() -> None:
    assert extract_text("青禾小区党群服务站总投资万元，建筑面积余平米，居民户、人，党员名。", DAY) == []
