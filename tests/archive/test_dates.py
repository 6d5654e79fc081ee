"""Dates: a year only where something justifies it."""

import re
import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.facts.propose.dates import Anchor, anniversary_year, find, header_date, issue

DIGITS = "零一二三四五六七八九"
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
        ("于 2018 年 3 月 1 日启用", PUBLISHED, "2018-03-01"),
        ("于2018\u3000年\u2009 3月\xa01\xa0日启用", PUBLISHED, "2018-03-01"),
        ("二〇一八年三月一日启用", PUBLISHED, "2018-03-01"),
        ("二零一八年3月启用", PUBLISHED, "2018-03"),
        ("二○一八年", PUBLISHED, "2018"),
        ("于(2018年)3月1日启用", PUBLISHED, "2018-03-01"),
        ("于(2018)3月1日启用", PUBLISHED, "2018-03-01"),
        ("'18年3月启用", PUBLISHED, "2018-03"),
        ("18年3月1日启用", PUBLISHED, "2018-03-01"),
        ("91年3月启用", PUBLISHED, "1991-03"),
        ("九八年三月启用", PUBLISHED, "1998-03"),
        ("民国107年3月1日启用", PUBLISHED, "2018-03-01"),
        ("民国二十六年七月启用", PUBLISHED, "1937-07"),
        ("民国元年", PUBLISHED, "1912"),
        ("大前天启用", PUBLISHED, "2020-07-05"),
        ("今年元旦启用", PUBLISHED, "2020-01-01"),
        ("五月启用", PUBLISHED, "2020-05"),
        ("截至2019年底", PUBLISHED, "2019-12-31"),
        ("2019年底启用", PUBLISHED, "2019"),
        ("截至去年年底", PUBLISHED, "2019-12-31"),
        ("截至6月底", PUBLISHED, "2020-06-30"),
        ("截至6月底", Anchor(), "--06-30"),
        ("6月底启用", PUBLISHED, "2020-06"),
        ("今年1至6月", PUBLISHED, "2020-06-30"),
        ("2019年1月—11月", PUBLISHED, "2019-11-30"),
        ("今年以来", PUBLISHED, "2020"),
        ("2019年上半年", PUBLISHED, "2019"),
        ("前年", PUBLISHED, "2018"),
        ("来年三月", PUBLISHED, "2021-03"),
        ("22日,启用", PUBLISHED, "2020-06-22"),
        ("2019年12名", PUBLISHED, "2019"),
        ("2019年12月30名", PUBLISHED, "2019-12"),
        ("2019年元月启用", PUBLISHED, "2019-01"),
        ("元月三日启用", PUBLISHED, "2020-01-03"),
        ("截至12月初", PUBLISHED, "2019-12"),
        ("今年“七一”启用", PUBLISHED, "2020-07-01"),
        ("去年五一期间启用", PUBLISHED, "2019-05-01"),
        ("去年五一小区启用", PUBLISHED, "2019"),
        ("去年十一条道路改造", PUBLISHED, "2019"),
        ("2019年国庆路启用", PUBLISHED, "2019"),
        ("2019年国庆节启用", PUBLISHED, "2019-10-01"),
        ("预计国庆节启用", PUBLISHED, "2020-10-01"),
        ("去年清明节启用", PUBLISHED, "2019-04"),
        ("上个月15日启用", PUBLISHED, "2020-06-15"),
        ("本月二号启用", PUBLISHED, "2020-07-02"),
        ("下个月启用", PUBLISHED, "2020-08"),
        ("上周六启用", PUBLISHED, "2020-07-04"),
        ("上个星期天启用", PUBLISHED, "2020-07-05"),
        ("本周一启用", PUBLISHED, "2020-07-06"),
        ("昨(7)日启用", PUBLISHED, "2020-07-07"),
        ("年内再建两座", PUBLISHED, "2020"),
        ("争取年底前建成", PUBLISHED, "2020"),
        ("截至5日18时", PUBLISHED, "2020-07-05"),
        ("到5日中午", PUBLISHED, "2020-07-05"),
        ("上半年", Anchor(year=2020), "2020"),
        ("3月2日启用", Anchor(year=2020, month=4), "2020-03-02"),
        ("9月2日启用", Anchor(year=2020, month=4), "2019-09-02"),
        ("计划9月2日启用", Anchor(year=2020, month=4), "2020-09-02"),
    ],
)
def test_resolved(text: str, anchor: Anchor, iso: str) -> None:
    assert [mention.iso for mention in find(text, anchor)] == [iso]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("到2019年底登记居民3010人", "2019-12-31"),
        ("去年底覆盖了81个", "2019-12-31"),
        ("5月底有405人", "2020-05-31"),
        ("2019年底有405人", "2019-12-31"),
        ("今年上半年接待94批", "2020-06-30"),
        ("上半年接待94批", "2020-06-30"),
        ("一季度花去八千元", "2020-03-31"),
        ("2019年前三季度接待94批", "2019-09-30"),
        ("下半年,计划再建22个", "2020-12-31"),
        ("今年前5个月来了60多人", "2020-05-31"),
        ("上个月底来了60多人", "2020-06-30"),
        ("上月来了60多人", "2020-06"),
        ("本月接待94批", "2020-07"),
        ("三年前只有12名", "2017"),
        ("今年前三个季度接待94批", "2020-09-30"),
        ("6月10日至14日接待94批", "2020-06-14"),
        ("2019年6月10—14日接待94批", "2019-06-14"),
    ],
)
def test_the_end_of_a_period_is_its_last_day_where_something_is_counted(text: str, day: str) -> None:
    assert [mention.counted_on for mention in find(text, PUBLISHED)] == [day]


@pytest.mark.parametrize("text", ["三十多年前", "几年前", "上半年接待94批", "三年前", "每月底", "上个月度"])
def test_a_period_beside_nothing_known_is_no_date(text: str) -> None:
    assert find(text, Anchor()) == []


@pytest.mark.parametrize("word", ["次日", "第二天"])
def test_the_next_day_follows_the_day_named_last(word: str) -> None:
    assert [m.iso for m in find(f"2月29日送来两百只,{word}又送来三千只", PUBLISHED)] == ["2020-02-29", "2020-03-01"]


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("棠溪县民政局办公室 2023年7月15日", date(2023, 7, 15)),
        ("(滨州口岸报 2022.06.21)", date(2022, 6, 21)),
        ("北隍区融媒 2023-05-30 记者 古一帆", date(2023, 5, 30)),
        ("本报记者 祁望 2024年7月6日发自柳溪镇", date(2024, 7, 6)),
        ("(滨州口岸报 2022-06-21)青禾社区的驿站昨天开门,来了不少人。", date(2022, 6, 21)),
        ("(2022年6月21日 滨州口岸报 记者 古一帆)驿站昨天开门,来了不少人。", date(2022, 6, 21)),
        ("新华社滨州2022年6月21日电 驿站昨天开门,来了不少人。", date(2022, 6, 21)),
        ("滨州口岸报 2022年6月21日 08:15", date(2022, 6, 21)),
        ("《滨州口岸报》2022年6月21日A6版", date(2022, 6, 21)),
        ("发布日期:2022-06-21 16:20 作者:古一帆", date(2022, 6, 21)),
        ("2022年6月21日 棠溪县残联、青禾街道联合供稿", date(2022, 6, 21)),
        ("报名时间:2022年6月21日至27日", None),
        ("驿站自开张2022年6月21日消息传开,来了不少人。", None),
        ("收到喜报(2022年6月21日)的一家人来了。", None),
        ("民国38年6月21日 老街", None),
        ("民国111年6月21日 记者古一帆", date(2022, 6, 21)),
        ("二〇二二年六月二十一日 青禾街道", date(2022, 6, 21)),
        ("滨州口岸报讯(2022年6月21日)驿站昨天开门,来了不少人。", date(2022, 6, 21)),
        ("滨州新闻网2022年6月21日消息(古一帆)驿站昨天开门,来了不少人。", date(2022, 6, 21)),
        ("本次公示的时间为2022年6月21日至27日止", None),
        ("2022年6月21日,青禾社区的驿站开门了", None),
        ("驿站(建于2022年6月21日)昨天开门,来了不少人。", None),
        ("青禾社区党群服务中心建成于2022年6月21日", None),
    ],
)
def test_the_line_below_the_title_states_the_day(line: str, day: date | None) -> None:
    assert header_date(f"驿站开门\n{line}\n正文从这里开始,写了很多字。") == day


@pytest.mark.parametrize(
    ("text", "isos"),
    [
        ("2017 年 6 月开工,2018 年 9 月启用", ["2017-06", "2018-09"]),
        ("2018年建站。同年5月6日启用", ["2018", "2018-05-06"]),
        ("2018年10月开工,次年3月启用", ["2018-10", "2019-03"]),
        ("2018年10月开工,翌年3月1日启用", ["2018-10", "2019-03-01"]),
        ("2018年3—5月改造,5月底启用", ["2018-05-31", "2018-05"]),
        ("去年3月动工,5月6日启用", ["2019-03", "2019-05-06"]),
        # The year named is another than that of the publication: that of the day is unknown.
        ("早在2018年就有打算。5月6日启用", ["2018", "--05-06"]),
        ("2018年,5月6日启用", ["2018", "--05-06"]),
        ("2018年建的站于5月6日启用", ["2018", "--05-06"]),
        ("2018年建站。住着36户。5月6日启用", ["2018", "2020-05-06"]),
        ("2020年建站。5月6日启用", ["2020", "2020-05-06"]),
        ("11月23日揭牌,当天启用", ["2019-11-23", "2019-11-23"]),
        ("6月17日报道。18日上午,启用", ["2020-06-17", "2020-06-18"]),
        ("2018年6月17日报道。18日上午,启用", ["2018-06-17"]),
        ("2018年6月17日报道,18日上午启用", ["2018-06-17", "2018-06-18"]),
        ("去年国庆节启用。截至5日18时,有36名", ["2019-10-01"]),
        ("7月1日启用,截至5日18时,有36名", ["2020-07-01", "2020-07-05"]),
        ("2020-07-08\n5日,启用", ["2020-07-08", "2020-07-05"]),
        ("2018年7月8日开会。5日,启用", ["2018-07-08"]),
        ("6月17日开门,这一天来了94人", ["2020-06-17", "2020-06-17"]),
        ("2018年建站,这一年有94人", ["2018", "2018"]),
        ("去年开了账,到年底来了94人", ["2019", "2019-12-31"]),
        ("2019年改造。10月20日进场", ["2019", "--10-20"]),
        ("2018年3月启动,6月底前全部完成", ["2018-03", "2018-06"]),
        ("驿站2018年建成,年底前将再建", ["2018", "2020"]),
        ("比去年增加30户,全年开展活动", ["2019"]),
        ("2019年,年底前将再建", ["2019"]),
        ("今年6月启用。5日上午,开会", ["2020-06"]),
        ("5月8日起,民国九九九九年五月", ["2020-05-08", "--05"]),
        ("2月5日开工,30日,启用", ["2020-02-05"]),
        ("去年的今天启用", ["2019"]),
    ],
)
def test_dates_beside_each_other(text: str, isos: list[str]) -> None:
    assert [mention.iso for mention in find(text, PUBLISHED)] == isos


@pytest.mark.parametrize(
    "text",
    [
        "农历8月15日启用", "农历八月启用", "八月十五启用", "三月三启用", "正月初三,腊月", "2018年13月1日启用", "5月32日启用", "近日", "日前",
        "从事21年", "历时3个月", "每年7月1日", "一月至少一次", "3日内", "同年级", "目前天气", "1998", "18年来", "2010年代启用",
        "本月3号楼启用", "上个月1号线启用", "上周五名志愿者", "本周六个驿站", "上周日间照料", "那年", "第二天气温", "缩短至3日上门", "年底慰问30户",
        "春节、国庆节等", "3万元月租", "三年内", "历时3日", "到3日", "年底", "全年", "国庆期间", "七一路", "一周六天",
    ],
)  # fmt: skip
def test_no_dates(text: str) -> None:
    assert find(text, PUBLISHED) == []


_BLANKS = st.sampled_from(["", " ", "\u3000", "\xa0", "\u2009"])


def _in_han(number: int) -> str:
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else DIGITS[tens] + "十") + (DIGITS[ones] if ones else "")


def _forms(day: date, blank: str) -> list[str]:
    y, m, d = day.year, day.month, day.day
    digits = "".join("〇一二三四五六七八九"[int(c)] for c in str(y))
    return [
        f"{y}{blank}年{blank}{m}{blank}月{blank}{d}{blank}日", f"{y}年{blank}{m:02}月{d:02}日", f"{digits}年{blank}{_in_han(m)}月{_in_han(d)}日",
        f"{digits.replace('〇', '零')}年{m}月{d}日", f"({y}年){m}月{d}日", f"{y}-{m:02}-{d:02}", f"{y}/{m}/{d}", f"{y}.{m}.{d}",
        f"民国{y - 1911}年{m}月{d}日",
    ]  # fmt: skip


@given(
    st.dates(date(1950, 1, 1), date(2030, 12, 31)), _BLANKS, st.sampled_from([PUBLISHED, Anchor(), Anchor(year=2015)])
)
def test_every_date_is_read_in_every_form(day: date, blank: str, anchor: Anchor) -> None:
    for form in _forms(day, blank):
        assert [mention.iso for mention in find(f"站点于{form}启用。", anchor)] == [day.isoformat()]


@given(
    st.dates(date(1950, 1, 1), date(2018, 12, 31)),
    st.sampled_from([",", "。", ",建成的站于", "。那年", ", ", ":", "、", "(", ")", "年"]),
)
def test_a_written_year_is_never_replaced(day: date, between: str) -> None:
    for mention in find(f"站点在{day.year}年{between}{day.month}月{day.day}日启用。", PUBLISHED):
        assert mention.iso.startswith((str(day.year), "--"))


@pytest.mark.parametrize("year", ["1899", "2100", "3021", "二0一八", "康熙三十", "令和4"])
def test_a_year_that_is_not_read_leaves_the_day_without_one(year: str) -> None:
    assert [mention.iso for mention in find(f"站点于{year}年3月5日启用", PUBLISHED)] == ["--03-05"]


@pytest.mark.parametrize("text", ["2月5日开工,30日,次日启用", "今天开工,次日启用", "12月31日开工,翌日启用"])
def test_a_day_that_the_calendar_lacks_is_none(text: str) -> None:
    for published in (date(2020, 7, 8), date.max, date.min):
        for mention in find(text, Anchor(published)):
            assert mention.iso.startswith("--") or date.fromisoformat(mention.iso)


@given(st.text("0123456789二〇一零年月日今去次翌同年底截至农历初,。()'-/. \n民国大前天", max_size=50))
def test_no_text_breaks_it(text: str) -> None:
    for mention in find(text, PUBLISHED):
        assert 0 <= mention.start < mention.end <= len(text)
        assert re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?|--\d\d(-\d\d)?", mention.iso)


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
    assert header_date("滨州口岸报 2019-10-17 第02版\n驿站开门\n正文正文。") == date(2019, 10, 17)
    assert header_date("标题\n正文说了很多话。\n青禾社区居委会\n2019年10月17日\n联系电话见门口") == date(2019, 10, 17)
    assert header_date("标题\n正文先说一句。后来又说。(滨州口岸报 2019年10月17日)") == date(2019, 10, 17)
    assert header_date("2020年7月22日,某社区的居民围坐在一起谈论加装电梯的事情,气氛热烈。\n又一段。") is None


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("驿站开门\n青禾区委组织部 2021年4月\n正文说了很多话。", (2021, 4)),
        ("驿站开门\n《滨州月刊》2021年第4期\n正文说了很多话。", (2021, None)),
        ("驿站开门\n正文说了很多话。\n(摘自《滨州月刊》二〇二一年冬季号)", (2021, None)),
        ("驿站开门\n正文说了很多话。(古一帆 2021年)", (2021, None)),
        ("驿站开门\n青禾社区2021年4月2日开了会\n正文说了很多话。", (None, None)),
        ("驿站开门\n2021年,青禾社区开了会。\n正文说了很多话。", (None, None)),
        ("2021年4月的驿站\n正文说了很多话。", (None, None)),
        ("驿站开门\n正文说了很多话。\n(驿站始建于2005年)", (None, None)),
        ("驿站开门\n正文说了很多话。(数据截至2015年底)", (None, None)),
        ("驿站开门\n正文说了很多话。\n(项目计划2025年5月完工)", (None, None)),
        ("驿站开门\n青禾社区2019年5月成立\n正文说了很多话。", (None, None)),
        ("驿站开门\n2018年5月至12月工作总结\n正文说了很多话。", (None, None)),
        ("", (None, None)),
    ],
)
def test_the_year_of_an_issue(text: str, stated: tuple[int | None, int | None]) -> None:
    assert issue(text) == stated


@pytest.mark.parametrize(
    "unit",
    [
        "民国十百年十月十日",
        "(2021年",
        "上周六",
        "年底",
        "6月10日至",
        "5月",
        "截至6月底",
        "2018年5月,",
        "22日,",
        "当天",
        "次年3月",
        "1",
        "农历",
    ],
)
def test_time_grows_with_length_only(unit: str) -> None:
    took = []
    for length in (5_000, 40_000):
        text = unit * (length // len(unit))
        start = time.process_time()
        find(text, PUBLISHED)
        took.append(time.process_time() - start)
    assert took[1] < 8 * 3 * took[0] + 1
