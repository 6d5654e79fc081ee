"""Words, numbers and dates in the language of the request."""

from collections.abc import Iterator

import pytest

from archive.errors import LocalizedError
from archive.labels import date_label, moment_label, number_label, qualifier_label, type_label, value_label
from archive.language import LANGUAGE, Language


@pytest.fixture
def english() -> Iterator[None]:
    token = LANGUAGE.set(Language.EN)
    yield
    LANGUAGE.reset(token)


DATES = {
    "2020-06-30": ("2020年6月30日", "30 June 2020"),
    "2020-06": ("2020年6月", "June 2020"),
    "2020": ("2020年", "2020"),
    "--06-30": ("6月30日", "30 June"),
    "2020-02-31": ("2020-02-31", "2020-02-31"),  # no such day
    "soon": ("soon", "soon"),
    "": ("", ""),
}
MOMENTS = {
    "2020-06-30T09:12:00+08:00": ("2020年6月30日 09:12（北京时间）", "30 June 2020, 09:12 Beijing time"),
    "2026-11-27T17:00:00Z": ("2026年11月28日 01:00（北京时间）", "28 November 2026, 01:00 Beijing time"),
    "2020-06-30": DATES["2020-06-30"],
    "then": ("then", "then"),
}
NUMBERS = {
    1204: ("1,204", "1,204"),
    98_000: ("9.8万", "98,000"),
    26_000_000: ("2,600万", "26,000,000"),
    350_000_000: ("3.5亿", "350,000,000"),
    123_456: ("123,456", "123,456"),  # 万 would need more than two decimals
    0.25: ("0.25", "0.25"),
}


@pytest.mark.parametrize(("iso", "words"), DATES.items())
def test_a_date_in_chinese(iso: str, words: tuple[str, str]) -> None:
    assert date_label(iso) == words[0]


@pytest.mark.usefixtures("english")
def test_dates_and_numbers_in_english() -> None:
    assert {iso: date_label(iso) for iso in DATES} == {iso: words[1] for iso, words in DATES.items()}
    assert {iso: moment_label(iso) for iso in MOMENTS} == {iso: words[1] for iso, words in MOMENTS.items()}
    assert {value: number_label(value) for value in NUMBERS} == {value: words[1] for value, words in NUMBERS.items()}


@pytest.mark.usefixtures("english")
def test_only_goods_keep_their_measure_word_in_english() -> None:
    assert value_label(39, None, "exact", "count", "场") == "39"
    assert value_label(300, None, "exact", "item", "册") == "300 items (册)"


@pytest.mark.parametrize(("iso", "words"), MOMENTS.items())
def test_a_moment_is_in_beijing_time_and_says_so(iso: str, words: tuple[str, str]) -> None:
    assert moment_label(iso) == words[0]


@pytest.mark.parametrize(("value", "words"), NUMBERS.items())
def test_a_number_in_chinese_loses_nothing(value: float, words: tuple[str, str]) -> None:
    assert number_label(value) == words[0]


@pytest.mark.usefixtures("english")
def test_words_in_english() -> None:
    assert value_label(1200, None, "about", "m2") == "about 1,200 m²"
    assert value_label(20, 30, "exact", "count") == "20–30"
    assert (type_label("party_members"), qualifier_label("registered")) == ("Party members", "registered")
    assert str(LocalizedError("没有", "There is none.")) == "There is none."


def test_an_error_in_chinese() -> None:
    assert str(LocalizedError("没有", "There is none.")) == "没有"
