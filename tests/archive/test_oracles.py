"""Numbers and dates as other parsers read them: JioNLP (money, time) and pyunit-time, on forms that they know.

Left out because the peers misread them: 4万6千 (JioNLP: 86000), and days without a year, which both put into the
current year, be it future.
"""

import logging
from datetime import date, datetime

import cn2an
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.facts.propose import dates, quantities

logging.disable()  # JioNLP greets
jionlp = pytest.importorskip("jionlp")
logging.disable(logging.NOTSET)
pyunit_time = pytest.importorskip("pyunit_time")

PUBLISHED = date(2024, 5, 6)
_AT_NOON = datetime(2024, 5, 6, 12)
_unhurried = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


@_unhurried
@given(
    st.one_of(
        st.integers(1, 99_999).map(str),
        st.integers(1000, 9_999_999).map(lambda n: f"{n:,}"),
        st.tuples(st.integers(1, 9999), st.sampled_from("万亿")).map(lambda t: f"{t[0]}{t[1]}"),
        st.tuples(st.integers(1, 999), st.integers(1, 99), st.sampled_from("万亿")).map(
            lambda t: f"{t[0]}.{t[1]:02}{t[2]}"
        ),
        st.integers(1, 99_999_999).map(cn2an.an2cn),
    )
)
def test_money_as_jionlp_reads_it(written: str) -> None:
    (found,) = quantities.find(f"{written}元")
    assert float(jionlp.parse_money(f"{written}元")["num"]) == pytest.approx(found.value)


_days = st.dates(date(2015, 1, 1), date(2024, 5, 5))


def _ours(text: str) -> str:
    (found,) = dates.find(text, dates.Anchor(PUBLISHED))
    return found.iso


@_unhurried
@given(
    st.one_of(
        _days.map(lambda d: f"{d.year}年{d.month}月{d.day}日"),
        _days.map(lambda d: f"{d.year}年{d.month}月"),
        st.dates(date(2024, 1, 1), PUBLISHED).map(lambda d: f"今年{d.month}月{d.day}日"),
        st.dates(date(2024, 1, 1), date(2024, 5, 5)).map(lambda d: f"{d.month}月{d.day}日"),
        st.dates(date(2023, 1, 1), date(2023, 12, 31)).map(lambda d: f"去年{d.month}月{d.day}日"),
        st.dates(date(2022, 1, 1), date(2022, 12, 31)).map(lambda d: f"前年{d.month}月"),
        st.sampled_from(["今天", "昨天", "前天", "今日", "昨日"]),
    )
)
def test_time_as_others_read_it(text: str) -> None:
    ours = _ours(text)
    start = jionlp.parse_time(text, time_base=_AT_NOON.timestamp())["time"][0]
    assert start.startswith(ours)
    others = pyunit_time.Time(str(_AT_NOON)).parse(text)
    assert all(other["keyDate"].startswith(ours) for other in others)
    assert others or text in ("今日", "昨日")  # which it does not know
