"""Numerals: written form to value and back."""

import cn2an
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.facts.propose.numerals import parse

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
    ],
)
def test_forms(form: str, value: float) -> None:
    assert parse(form) == value


@pytest.mark.parametrize("form", ["两千三", "三万五", "二〇二〇", "一二", "三十二百", "abc", "二三百"])
def test_doubtful_forms_are_refused(form: str) -> None:
    assert parse(form) is None
