"""Dates of publication: a site's own clock is none, nor is a day far from the one that the address names."""

from datetime import date

import pytest

from archive.reading.published import day_in, find_published, stamps

_URL = "http://news.example/content/2024/05/14/7013.html"


@pytest.mark.parametrize(
    ("header", "url", "published", "place"),
    [
        ("2024-05-14 09:10 来源:测试网", _URL, "2024-05-14T09:10:00+08:00", "header"),
        ("2024-05-16 09:10 来源:测试网", _URL, "2024-05-16T09:10:00+08:00", "header"),  # printed two days later
        ("今天是2026年11月24日 10:00 星期二 2024-05-14 09:10", _URL, "2024-05-14T09:10:00+08:00", "header"),
        ("现在时间:2026-11-24 10:00", "http://news.example/p/7.html", None, ""),
        ("2019-01-01 00:10 2024-05-14", _URL, "2024-05-14", "header"),  # of the two, the one near the address' day
        ("2009-01-01 08:00 版权所有", _URL, "2024-05-14", "url"),
        ("2009-01-01 08:00", "http://news.example/p/7.html", "2009-01-01T08:00:00+08:00", "header"),
    ],
)  # fmt: skip
def test_which_day(header: str, url: str, published: str | None, place: str) -> None:
    found, said_by = find_published(header, {}, [], "", url)
    assert (found and found.isoformat(), said_by) == (published, place)


def test_days_in_addresses() -> None:
    assert day_in("http://hn.example/n2/2022/1026/c134768-1.html") == date(2022, 10, 26)
    assert day_in("http://a.example/p/1.html?day=20240514") is None
    assert day_in("http://a.example/20241399/1.html") is None
    assert [stamp.isoformat() for stamp in stamps("北京时间 2026-11-24 10:00")] == []


def test_a_zone_that_is_none_costs_no_date() -> None:
    for zone in ("+9999", "+99:99", "-15:00", "+08:60"):
        assert [stamp.isoformat() for stamp in stamps(f"2024-05-06T07:08:09{zone}")] == ["2024-05-06T07:08:09+08:00"]
    assert [stamp.isoformat() for stamp in stamps("2024-05-06T07:08:09-1200")] == ["2024-05-07T03:08:09+08:00"]
