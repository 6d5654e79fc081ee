"""Dates: a year only where something justifies it."""

from datetime import date

import pytest

from archive.facts.propose.dates import Anchor, anniversary_year, find, header_date

PUBLISHED = Anchor(date(2020, 7, 8))


@pytest.mark.parametrize(
    ("text", "anchor", "iso"),
    [
        ("于6月30日揭牌", PUBLISHED, "2020-06-30"),
        ("于12月3日揭牌", PUBLISHED, "2019-12-03"),
        ("预计12月3日前完工", PUBLISHED, "2020-12-03"),
        ("去年6月动工", PUBLISHED, "2019-06"),
        ("昨日揭牌", PUBLISHED, "2020-07-07"),
        ("2018年3月1日启用", PUBLISHED, "2018-03-01"),
        ("2019-03-04启用", Anchor(), "2019-03-04"),
        ("于6月30日揭牌", Anchor(year=2020), "2020-06-30"),
        ("于6月30日揭牌", Anchor(), "--06-30"),
        ("去年6月动工", Anchor(), "--06"),
    ],
)
def test_resolved(text: str, anchor: Anchor, iso: str) -> None:
    assert [mention.iso for mention in find(text, anchor)] == [iso]


@pytest.mark.parametrize("text", ["昨日揭牌", "今年"])
def test_unresolvable_without_a_day(text: str) -> None:
    assert find(text, Anchor()) == []


def test_no_such_day() -> None:
    assert find("2月30日", PUBLISHED) == []


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("庆祝中国共产党成立99周年", 2020),
        ("庆祝建党一百周年", 2021),
        ("新中国成立70周年", 2019),
        ("建军90周年", 2017),
        ("建校50周年", None),
    ],
)
def test_anniversaries(text: str, year: int | None) -> None:
    assert anniversary_year(text) == year


def test_header_dates() -> None:
    assert header_date("标题\n2022-03-31 来源:某报\n正文正文。") == date(2022, 3, 31)
    assert header_date("正文先说一句。\n后来又说。(2019年10月17日)") == date(2019, 10, 17)
    assert header_date("2020年7月22日,某社区的居民围坐在一起谈论加装电梯的事情,气氛热烈。\n又一段。") is None
