"""Numerals: written form to value and back."""

import re

import cn2an
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.facts.propose.numerals import RUN, parse, read

DIGITS = "零一二三四五六七八九"


def written(value: int) -> str:
    """A number below 10^8 as it is written out in Chinese."""
    if value >= 10_000:
        high, low = divmod(value, 10_000)
        rest = ("零" if low and low < 1000 else "") + (written(low) if low else "")
        return written(high) + "万" + rest
    text, zero = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, value = divmod(value, unit)
        if digit:
            text += ("零" if zero else "") + DIGITS[digit] + name
            zero = False
        elif text:
            zero = True
    return text


@given(st.integers(1, 99_999_999))
def test_written_out_and_read_back(value: int) -> None:
    assert parse(written(value)) == value


@given(st.integers(1, 999_999_999_999))
def test_as_cn2an_writes_them(value: int) -> None:
    assert parse(cn2an.an2cn(value)) == value


@given(st.integers(0, 999_999_999))
def test_thousands_separators(value: int) -> None:
    assert parse(f"{value:,}") == parse(str(value)) == value


@given(st.integers(1, 9999), st.sampled_from(["万", "亿", "千", "百"]))
def test_digits_before_a_unit(value: int, unit: str) -> None:
    factor = {"百": 100, "千": 1000, "万": 10**4, "亿": 10**8}[unit]
    assert parse(f"{value}{unit}") == value * factor


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("3.5万", 35_000),
        ("1.2亿", 120_000_000),
        ("0.5", 0.5),
        ("4万6千", 46_000),
        ("1亿2000万", 120_000_000),
        ("2万3500", 23_500),
        ("3千5百", 3_500),
        ("4万6", None),
        ("2万35", None),
        ("十二", 12),
        ("两千", 2000),
        ("一百零五", 105),
        ("百", 100),
        ("3百万", 3_000_000),
        ("三点五万", 35_000),
        ("零点五", 0.5),
        ("十二点三亿", 1_230_000_000),
        ("四万万", 400_000_000),
        ("二百亿零三万", 20_000_030_000),
        ("1'450", 1450),
        ("1\u2009450", 1450),
        ("1\u202f450,000", 1_450_000),
    ],
)
def test_forms(form: str, value: float) -> None:
    assert parse(form) == value


@pytest.mark.parametrize(
    "form",
    [
        "两千三",
        "三万五",
        "二〇二〇",
        "一二",
        "三十二百",
        "abc",
        "二三百",
        "千八百",
        "百八十",
        "〇三",
        "三万五万",
        "1000万亿",
        "三点五十",
    ],
)
def test_doubtful_forms_are_refused(form: str) -> None:
    assert parse(form) is None


@pytest.mark.parametrize(
    ("form", "low", "high"),
    [
        ("四五百", 400, 500), ("三四十", 30, 40), ("七八千", 7000, 8000), ("两三万", 20_000, 30_000), ("五六", 5, 6),
        ("十七八", 17, 18), ("三十五六", 35, 36), ("一百五六十", 150, 160), ("三百五六十", 350, 360), ("十五六万", 150_000, 160_000),
        ("三五", 3, 5), ("八九十", 80, 90),
    ],
)  # fmt: skip
def test_two_digits_are_a_range(form: str, low: int, high: int) -> None:
    numeral = read(form)
    assert numeral is not None
    assert (numeral.low, numeral.high, numeral.more) == (low, high, False)


@given(st.integers(1, 8), st.sampled_from(["", "十", "百", "千", "万", "十万", "百万", "亿"]), st.integers(0, 9))
def test_every_range_of_two_digits(digit: int, unit: str, tens: int) -> None:
    factor = parse("一" + unit) if unit else 1
    ahead = written(tens * 10) if unit == "" and tens else ""
    numeral = read(ahead + DIGITS[digit] + DIGITS[digit + 1] + unit)
    assert numeral is not None
    assert factor is not None
    assert (numeral.low, numeral.high) == (
        tens * 10 * bool(ahead) + digit * factor,
        tens * 10 * bool(ahead) + (digit + 1) * factor,
    )


@pytest.mark.parametrize(
    ("form", "value"),
    [("十几", 10), ("三十几", 30), ("几十", 10), ("几百", 100), ("十几万", 100_000), ("几十万", 100_000), ("二十几万", 200_000), ("20几", 20)],
)  # fmt: skip
def test_some_more_than(form: str, value: int) -> None:
    numeral = read(form)
    assert numeral is not None
    assert (numeral.low, numeral.high, numeral.more) == (value, None, True)


@pytest.mark.parametrize(
    "form",
    ["几", "五几", "一百几十", "一二三", "一二三四", "二〇二〇", "五四", "三八", "1?450", "1·450", "12,34", "1.2.3"],
)
def test_what_is_no_numeral(form: str) -> None:
    assert read(form) is None


@pytest.mark.parametrize(("form", "value"), [("七万八", 78_000), ("两千三", 2300), ("一百二", 120)])
def test_short_forms_are_marked(form: str, value: int) -> None:
    numeral = read(form)
    assert numeral is not None
    assert (numeral.low, numeral.short) == (value, True)


@given(st.integers(1, 10**9))
def test_a_run_takes_in_the_whole(value: int) -> None:
    for form in (str(value), f"{value:,}", cn2an.an2cn(value)):
        match = re.match(RUN, form + "户")
        assert match
        assert match[0] == form
        numeral = read(form)
        assert numeral is not None
        assert numeral.low == value


@given(st.text("0123456789零一二两三五九十百千万亿几点,.'?·\u200d ", max_size=40))
def test_any_run_is_read_or_refused(form: str) -> None:
    for match in re.finditer(RUN, form):
        numeral = read(match[0])
        assert numeral is None or numeral.low >= 0
