"""Damage: mirrors break texts, and no broken text says anything that the whole one does not."""

import random
import re
from collections import Counter

import pytest
from damage import damaged
from labelled import PUBLISHED, cases

from archive.facts import extract_text
from archive.facts.propose.quantities import find
from archive.text import clean, fold
from archive.text.repair import repairs
from crawler.sample.outlets import stories

TEXTS = [case.text for case in cases()] + ["\n".join(story.paragraphs(1)) for story in stories()]
DAY = PUBLISHED
ROUNDS = 5


def _stated(text: str) -> Counter[tuple[object, ...]]:
    return Counter(
        (fact.type, fact.value, fact.value_high, fact.date) for fact in extract_text(text, DAY) if not fact.is_candidate
    )


def _numbers(text: str) -> set[tuple[object, ...]]:
    return {(q.value, q.value_high) for q in find(fold(clean(text).text))}


def test_damage_loses_little_and_adds_nothing() -> None:
    lost = total = added = broken = 0
    for number, text in enumerate(TEXTS[::6]):
        whole, numbers = _stated(text), _numbers(text)
        for round_ in range(2):
            hurt = damaged(text, random.Random(number * 1000 + round_))
            broken += hurt.count("?") > 0
            stated = _stated(hurt)
            assert all((value, high) in numbers for _, value, high, _ in stated if value is not None), hurt
            lost += (whole - stated).total()
            added += (stated - whole).total()
            total += whole.total()
    assert broken > 3  # the simulator does break texts
    assert lost < 0.15 * total and added < 0.03 * total, (lost, added, total)


def test_the_simulator_eats_digits() -> None:
    """The case that matters: 總人口2965人 loses its first digit where 側 is annotated; none of it may be a value."""
    hurt = [damaged("青禾小区总人口2965人，党员36名。", random.Random(seed)) for seed in range(100)]
    eaten = [text for text in hurt if "965人" in text and "2965人" not in text]
    assert eaten
    assert all(fact.value != 965 for text in eaten for fact in extract_text(text, DAY))


@pytest.mark.parametrize("text", [text for text in TEXTS if not re.search(r"\([a-z]*[āáǎàēéěèīíǐìōóǒòūúǔùǜ]", text)])
def test_whole_texts_are_left_alone(text: str) -> None:
    assert clean(text).text == text
    assert list(repairs(text)) == []


def test_what_is_surely_repaired_was_so() -> None:
    sure = 0
    for number, text in enumerate(TEXTS):
        for round_ in range(ROUNDS * 4):
            hurt = damaged(text, random.Random(number * 1000 + round_))
            for repair in repairs(hurt):
                if repair.sure:
                    sure += 1
                    assert not re.search(r"[\d零一二三四五六七八九十百千万萬亿億]", repair.text)
                    assert fold(hurt[repair.start - 1] + repair.text) in fold(text), hurt[repair.start : repair.end]
    assert sure > 10


def test_a_repair_leads_back_to_the_broken_words() -> None:
    """總人口 as it is shown where 側 gets notes: the words come back, the digit that was swallowed does not."""
    whole = clean("總?cè)丝?965人，黨員(yuán)12名")
    assert whole.text == "總人?965人，黨員12名"
    assert whole.raw[slice(*whole.span(0, 2))] == "總?cè)丝"
    assert whole.is_repaired(0, 2) and not whole.is_repaired(2, 8)
    assert whole.raw[slice(*whole.span(8, 13))] == "黨員(yuán)12名"


def test_digits_that_were_stripped_say_nothing() -> None:
    assert extract_text("青禾小区党群服务站总投资万元，建筑面积余平米，居民户、人，党员名。", DAY) == []
