"""Quantities: value, blur and measure word; what counts nothing is no quantity."""

import pytest

from archive.facts.quantities import find


@pytest.mark.parametrize(
    ("text", "value", "high", "approx"),
    [
        ("党员36名", 36, None, "exact"), ("约120平方米", 120, None, "about"), ("50多名党员", 50, None, "more_than"),
        ("近150名", 150, None, "nearly"), ("10余万元", 100_000, None, "more_than"), ("3万多元", 30_000, None, "more_than"),
        ("不足50平米", 50, None, "less_than"), ("百余户", 100, None, "more_than"), ("上千名", 1000, None, "more_than"),
        ("数十名", 10, None, "more_than"), ("30至50名", 30, 50, "exact"), ("160户至255户", 160, 255, "exact"),
        ("3至5万元", 30_000, 50_000, "exact"), ("100人左右", 100, None, "about"), ("200万人以上", 2_000_000, None, "more_than"),
        ("占地3亩", 2000, None, "exact"), ("面积7.2平方公里", 7_200_000, None, "exact"), ("户数36户", 36, None, "exact"),
        ("2,760户", 2760, None, "exact"), ("逾三百人次", 300, None, "more_than"),
    ],
)  # fmt: skip
def test_read(text: str, value: float, high: float | None, approx: str) -> None:
    (found,) = find(text)
    assert (found.value, found.value_high, found.approx) == (value, high, approx)


@pytest.mark.parametrize(
    "text",
    [
        "第3个",
        "1+5+N个",
        "走进千家万户",
        "历时2个月",
        "15分钟服务圈",
        "2022年3月",
        "3人大代表",
        "电话0731个",
        "三会一课",
    ],
)
def test_counts_nothing(text: str) -> None:
    assert find(text) == []


def test_a_number_behind_damage_is_tainted() -> None:
    assert [q.tainted for q in find("总人口?965人,党员12名")] == [True, False]
