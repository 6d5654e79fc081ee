"""Dates in the forms that pages write them in."""

import time
from datetime import date, datetime

import pytest

from archive.reading.stamps import day_in, stamps, written
from archive.text import fold

DAY, MINUTE = "2023-05-06", "2023-05-06T09:30:00+08:00"


def _iso(found: datetime | date | None) -> str:
    return found.isoformat() if found else ""


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("2023-05-06", DAY),
        ("2023年5月6日 09:30", MINUTE),
        ("２０２３．０５．０６　０９：３０", MINUTE),
        ("2023/5/6 (周六) 09:30:00", MINUTE),
        ("2023年05月06日09时30分", MINUTE),
        ("2023年05月06日 9时30分15秒", "2023-05-06T09:30:15+08:00"),
        ("2023  05 / 06  09:30:00", MINUTE),
        ("2023-05-06T01:30:00Z", MINUTE),
        ("2023-05-06T01:30:00.000+00:00", MINUTE),
        ("2023-05-06 上午 9:30", MINUTE),
        ("2023-05-06 下午 9:30", "2023-05-06T21:30:00+08:00"),
        ("2023-05-06 中午12:30", "2023-05-06T12:30:00+08:00"),
        ("2023/5/6 12:10:08 AM", "2023-05-06T00:10:08+08:00"),
        ("5/6/2023 9:30:00 PM", "2023-05-06T21:30:00+08:00"),
        ("5/26/2023", "2023-05-26"),
        ("26/5/2023 09:30", "2023-05-26T09:30:00+08:00"),
        ("5/6/2023", ""),  # of May or of June
        ("May 6, 2023 9:30 a.m.", MINUTE),
        ("Sat, 06 May 2023 01:30:00 GMT", MINUTE),
        ("6th May 2023", DAY),
        ("May 2023", ""),
        ("二〇二三年五月六日", DAY),
        ("二○二三年十二月三十一日", "2023-12-31"),
        ("二零二三年五月廿六日", "2023-05-26"),
        ("民国112年5月6日 09:30", MINUTE),
        ("中華民國一百一十二年五月六日", DAY),
        ("民國一一二年五月六日", DAY),
        ("发布日期：20230506", DAY),
        ("發佈日期：  20230506", DAY),
        ("编号 20230506", ""),
        ("时间：23-05-06 09:30", MINUTE),
        ("2023-02-30", ""),
        ("2023-05-06 00:00:00", DAY),
        ("2023-05-06 09:30-10:30", MINUTE),  # a span, no zone
        ("北京时间 2026-11-24 10:00", ""),
    ],
)
def test_words(text: str, stated: str) -> None:
    assert _iso(next(stamps(fold(text)), None)) == stated


@pytest.mark.parametrize(
    ("value", "stated"),
    [
        ("1683336600", MINUTE),
        ("1683336600000", MINUTE),
        ("1683302400", DAY),  # midnight: a system printed a day
        ("20230506093000", MINUTE),
        ("202305060930", MINUTE),
        ("20230506", DAY),
        ("20230506T09:30", MINUTE),
        ("20231306", ""),
        ("2023-05-05T16:00:00Z", DAY),
        ("Sat May 06 09:30:00 CST 2023", MINUTE),
        ("Sat May 06 2023 09:30:00 GMT+0800", MINUTE),
        ("Sat, 06 May 2023 09:30:00 +0800", MINUTE),
        ("68333660", ""),
        ("", ""),
    ],
)
def test_values(value: str, stated: str) -> None:
    assert _iso(written(value)) == stated


def test_days_in_addresses() -> None:
    assert day_in("http://hn.example/n2/2022/1026/c134768-1.html") == date(2022, 10, 26)
    assert day_in("http://a.example/p/1.html?day=20240514") is None
    assert day_in("http://a.example/20241399/1.html") is None


@pytest.mark.parametrize("text", ["2023-05-06 " * 2000, "民国" * 9000, "1/" * 9000, "一二三四年" * 4000, "May " * 5000])
def test_the_time_is_linear(text: str) -> None:
    started = time.process_time()
    list(stamps(text))
    assert time.process_time() - started < 0.5


def test_a_zone_that_is_none_costs_no_date() -> None:
    for zone in ("+9999", "+99:99", "-15:00", "+08:60"):
        assert [stamp.isoformat() for stamp in stamps(f"2024-05-06T07:08:09{zone}")] == ["2024-05-06T07:08:09+08:00"]
    assert [stamp.isoformat() for stamp in stamps("2024-05-06T07:08:09-1200")] == ["2024-05-07T03:08:09+08:00"]
