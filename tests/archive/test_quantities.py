"""Quantities: value, blur and measure word; what counts nothing is no quantity; a number is read whole or not at all."""

import json
import time
import unicodedata
from functools import cache
from pathlib import Path

import cn2an
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.facts.document import Document
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
        ("投入三点五万元", 35_000, None, "exact"), ("服务三点六万人次", 36_000, None, "exact"), ("十几万元", 100_000, None, "more_than"),
        ("几十万元", 100_000, None, "more_than"), ("几十名", 10, None, "more_than"), ("一千到两千万元", 10_000_000, 20_000_000, "exact"),
        ("投入2、3万元", 20_000, 30_000, "exact"), ("投入七、八万元", 70_000, 80_000, "exact"), ("四五百人", 400, 500, "exact"),
        ("三四十名", 30, 40, "exact"), ("四万万元", 400_000_000, None, "exact"), ("5000到2万元", 5000, 20_000, "exact"),
        ("花费123元5角", 123.5, None, "exact"), ("一百二十三元五角二分", 123.52, None, "exact"), ("居民1'450户", 1450, None, "exact"),
        ("居民1\u2009450户", 1450, None, "exact"), ("万名党员", 10_000, None, "exact"), ("百名老人", 100, None, "exact"),
        ("百万元", 1_000_000, None, "exact"), ("五六户", 5, 6, "exact"), ("一百五六十人", 150, 160, "exact"),
        ("十来个", 10, None, "about"), ("四十来名", 40, None, "about"), ("约3000余人", 3000, None, "about"), ("近六十余人", 60, None, "about"),
        ("约三百来人", 300, None, "about"), ("60户出头", 60, None, "more_than"), ("不下二百人次", 200, None, "more_than"),
        ("少说也有七十人", 70, None, "more_than"), ("已过两万人次", 20_000, None, "more_than"), ("不过三十人", 30, None, "less_than"),
        ("约有300人", 300, None, "about"), ("30多万至50余万元", 300_000, 500_000, "more_than"), ("附近3个小区", 3, None, "exact"),
        ("节约36元", 36, None, "exact"), ("走过3个村", 3, None, "exact"), ("网上百名", 100, None, "exact"), ("一百六十来个平方", 160, None, "about"),
        ("三百来号人", 300, None, "about"), ("七百来口人", 700, None, "about"), ("开了26课时", 26, None, "exact"), ("36小瓶", 36, None, "exact"),
        ("统一400户", 400, None, "exact"), ("2020年3个", 3, None, "exact"), ("每周3次", 3, None, "exact"), ("1.25万户", 12_500, None, "exact"),
        ("2.345平方公里", 2_345_000, None, "exact"), ("1.5吨", 1.5, None, "exact"), ("3千克", 3, None, "exact"),
        ("三到五百户", 300, 500, "exact"), ("五到六千元", 5000, 6000, "exact"), ("3至5百万元", 3_000_000, 5_000_000, "exact"),
        ("五到二十户", 5, 20, "exact"), ("五到三百户", 5, 300, "exact"), ("500到6千元", 500, 6000, "exact"), ("1元至2万元", 1, 20_000, "exact"),
        ("共十二、三户", 12, 13, "exact"), ("约一百二、三十万元", 1_200_000, 1_300_000, "about"), ("一百○一户", 101, None, "exact"),
        ("两亩三分地", 1533.33, None, "exact"), ("一亩半", 1000, None, "exact"),
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
        "户数2 380户",  # a digit and a blank: two numbers or one: ambiguous
        "2023年,第3,共5。",
        "居民1.450户",
        "总人口1?450户",
        "居民1·450户",
        "居民1 450户",
        "面积1.450平方米",
        "九点三名",
        "上午8点30名党员",
        "花费123元5。",
        "三分之一户",
        "3/4户",
        "30%户",
        "-5户",
        "负5万元",
        "3个半",
        "3个半小时",
        "3个亿",
        "投入3万元欧元",
        "捐款港币50万元",
        "捐款20万元新台币",
        "5万美元",
        "HK$50万元",
        "50万英镑",
        "两千三户",
        "三万五元",
        "3万五元",
        "万家灯火",
        "总投资万元,建筑面积余平米",
        "百姓",
        "第2、3个",
        "第十二、十三期",
        "第1至3个",
        "5-3-201户",
        "周三12名",
        "18号居民楼",
        "5月3号",
        "36支部",
        "300多年",
        "2万里",
        "𝟏450户",
        "36²名",
        "0731户",
        "2023-36名",
        "3,5万元",
        "一百二、三户",
        "100几十户",
        "3或4户",
        "≥500平方米",
        "±3户",
        "50平方厘米",
        "50平方英尺",
        "捐款5万新币",
        "捐款5万新西兰元",
        "捐款5万瑞士法郎",
        "五位数",
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
        ("1.5万农民", 15_000, 6),
        ("近十万在职党员", 100_000, 3),
        ("六百多街坊", 600, 5),
        ("党员36。", 36, 4),
        ("人口不足六百。", 600, 6),
        ("收上来七万八。", 78_000, 6),
        ("14亿多人民", 1_400_000_000, 4),
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


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("分别为12个、19个、7个", [12, 19, 7]),
        ("分别为12、19、7个", [12, 19, 7]),
        ("分别为2、3个", [2, 3]),
        ("分别为十二、三个", [12, 3]),
        ("共十二、十三户", [12, 13]),
        ("甲5万元、乙3万元", [50_000, 30_000]),
        ("捐款5万、3万元", [50_000, 30_000]),
        ("分别投入5、6、8万元", [80_000]),  # five of what is unknown
        ("\n2、12名党员带头", [12]),
        ("\n2、3名党员带头", []),  # the second point, or two to three
        ("一、36名党员", [36]),
        ("从12名增加到36名", [12, 36]),
        ("由12名到36名", [12, 36]),
        ("派3人到5家企业", [3, 5]),
        ("人口3.6万,党员36,", [36_000, 36]),
    ],
)
def test_several_numbers(text: str, values: list[float]) -> None:
    assert [quantity.value for quantity in find(text)] == values


@pytest.mark.parametrize(
    ("text", "rate", "each"),
    [
        ("每年举办活动200多场", "per year", False), ("日均接待6.17万人次", "per day", False), ("每天百名老人来", "per day", False),
        ("每月3次", "per month", False), ("36人次/天", "per day", False), ("一天要来四五十人", "per day", False),
        ("去年一年146起", "", False), ("一天下来服务36人", "", False), ("每年举办活动,服务36人", "", False),
        ("各5个", "", True), ("每人捐200元", "", True), ("每个小区3名", "", True), ("每人每年200元", "per year", True),
        ("每两个月3次", "", False), ("每半年3次", "", False), ("每户3名", "", True), ("各类活动36场", "", False), ("各村共36名", "", False),
    ],
)  # fmt: skip
def test_rates_and_shares(text: str, rate: str, each: bool) -> None:
    (found,) = find(text)
    assert (found.rate, found.each) == (rate, each)


def _forms(value: int) -> list[str]:
    forms = [
        str(value),
        f"{value:,}",
        cn2an.an2cn(value),
        f"{value:,}".replace(",", "'"),
        f"{value:,}".replace(",", "\u2009"),
    ]
    if value % 10_000 == 0:
        forms.append(f"{value // 10_000}万")
    elif value % 1000 == 0 and value > 10_000:
        forms.append(f"{value / 10_000:.1f}万")
    return forms


@given(
    st.one_of(st.integers(1, 10**9), st.integers(1, 10**5).map(lambda n: n * 1000)),
    st.sampled_from(["户", "名", "元", "平方米"]),
)
def test_every_number_is_read_whole_in_every_form(value: int, measure: str) -> None:
    for form in _forms(value):
        for text in (f"{form}{measure}", f"青禾小区有{form}{measure}。", f"共 {form} {measure},"):
            (found,) = find(text)
            assert (found.value, found.value_high, found.measure) == (value, None, measure)
            assert form in text[found.start : found.end]


_PARTS_NUMBERS = frozenset(",、;。!()|—–~-\n")  # and whatever is Chinese


@given(st.integers(1, 999), st.integers(100, 999), st.characters(codec="utf-8"), st.sampled_from(["户", "万元", "名"]))
def test_a_sign_within_a_number_never_leaves_a_piece(head: int, tail: int, sign: str, measure: str) -> None:
    if sign in _PARTS_NUMBERS or unicodedata.category(sign) in ("Lo", "Nd", "Co", "Cn", "Zl", "Zp", "Cc"):
        return
    whole = int(f"{head}{tail}") * (10_000 if measure == "万元" else 1)
    whole_or_decimal = {whole, *([round(float(f"{head}.{tail}") * 10_000, 2)] if sign in ".．" else [])}
    assert {q.value for q in find(f"青禾小区有{head}{sign}{tail}{measure}。")} <= whole_or_decimal


@given(
    st.text("0123456789一二三五十百千万几余多来约近各每第、,.'?·至到-— \n户名元个年月日/%角半\u200d美港币", max_size=60)
)
def test_no_text_breaks_it(text: str) -> None:
    at = -1
    for quantity in find(text):
        assert 0 <= quantity.start < quantity.end <= len(text)
        assert quantity.end <= quantity.noun_end <= len(text)
        assert quantity.value > 0
        assert quantity.value_high is None or quantity.value_high > quantity.value
        assert quantity.start > at
        at = quantity.start


def test_what_is_no_numeral_is_gone_through_once() -> None:
    took = []
    for length in (4_000, 32_000):
        start = time.process_time()
        assert find("一点" * (length // 2)) == []
        took.append(time.process_time() - start)
    assert took[1] < 8 * 3 * took[0] + 1


def test_what_a_quantity_says_is_read_again_from_its_words() -> None:
    text = "约有300余户,2、3万元,四五百人,从12名到36名,一千到两千万元,123元5角,近十万名,少说也有七十人。"
    for quantity in find(text):
        (again,) = find(text[quantity.start : quantity.end])
        assert (again.value, again.value_high, again.approx) == (quantity.value, quantity.value_high, quantity.approx)


def test_labelled_numbers_are_proposed(shared: Path) -> None:
    found = total = 0
    for gold in sorted((shared / "gold").glob("**/gold.jsonl")):
        for line in gold.read_text("utf-8").splitlines():
            label = json.loads(line)
            if label["value"] is None:
                continue
            document = _document(gold.parent / "texts" / f"{label['id']}.txt")
            start = document.clean.raw.find(label["quote"])
            total += 1
            found += any(
                (q.value, q.value_high, q.approx) == (label["value"], label["value_high"], label["approx"])
                for q in document.quantities
                if start < document.clean.span(q.start, q.end)[1]
                and document.clean.span(q.start, q.end)[0] < start + len(label["quote"])
            )
    if not total:
        pytest.skip("no labelled sets are here")
    assert found / total >= 0.99


@cache
def _document(path: Path) -> Document:
    return Document.of(path.read_text("utf-8"))
