"""Quantities: value, blur and measure word; what counts nothing is no quantity."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.facts.propose.quantities import MEASURES, TO_SQUARE_METRES, find


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
        "公众参与五位一体",
        "党员达到3人及以上的",
        "户数2 380户",  # a digit and a blank: two numbers or one, nobody knows
        "2023年,第3,共5。",
    ],
)
def test_counts_nothing(text: str) -> None:
    assert find(text) == []


@pytest.mark.parametrize(
    ("text", "value", "noun_end"),
    [
        ("住着上万居民。", 10000, 6),
        ("300余党员参加", 300, 6),
        ("常住人口3.6万,", 36000, 8),
        ("总人口为102000。", 102000, 10),
    ],
)
def test_people_need_no_measure_word(text: str, value: int, noun_end: int) -> None:
    (found,) = find(text)
    assert (found.value, found.measure, found.noun_end) == (value, "", noun_end)


_BLURS = {"": "exact", "约": "about", "近": "nearly", "超过": "more_than", "逾": "more_than", "不足": "less_than"}
_ENDS = {"": None, "左右": "about", "以上": "more_than"}
_UNITS = {"": 1, "万": 10_000, "亿": 10**8}


@given(
    st.sampled_from(sorted(_BLURS)),
    st.integers(1, 9999),
    st.sampled_from(sorted(_UNITS)),
    st.sampled_from(["", "余", "多"]),
    st.sampled_from(
        [m for words in MEASURES.values() for m in words if m and m not in TO_SQUARE_METRES and m not in ("次", "号")]
    ),
    st.sampled_from(sorted(_ENDS)),
    st.sampled_from(["", ",", "。"]),
)
def test_every_form_is_read_back(
    blur: str, number: int, unit: str, more: str, measure: str, end: str, stop: str
) -> None:
    text = f"青禾小区{blur}{number}{unit}{more}{measure}{end}{stop}"
    (found,) = find(text)
    assert found.value == number * _UNITS[unit]
    assert found.measure == measure
    marks = {_BLURS[blur], _ENDS[end], "more_than" if more else None} - {"exact", None}
    assert found.approx == ("about" if len(marks) > 1 else (marks or {"exact"}).pop())
    assert text[found.start : found.end] == f"{blur}{number}{unit}{more}{measure}{end}"


@given(
    st.integers(1, 500),
    st.integers(1, 500),
    st.sampled_from(["至", "到", "—", "-"]),
    st.sampled_from(["户", "人", "平方米"]),
)
def test_ranges(low: int, more: int, dash: str, measure: str) -> None:
    (found,) = find(f"青禾小区{low}{dash}{low + more}{measure}")
    assert (found.value, found.value_high) == (low, low + more)


def test_a_number_behind_damage_is_tainted() -> None:
    assert [q.tainted for q in find("总人口?965人,党员12名")] == [True, False]
