"""Facts: sentences of our own, and what must hold for every fact of every text."""

import json
import re
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from support import ROOT

from archive.facts import extract_text, fact_types
from archive.facts.extract import Document, _without_repeats
from archive.facts.propose.quantities import find
from archive.model import Fact
from archive.text import clean, fold
from crawler.sample.mirror import distort
from crawler.sample.outlets import stories

DAY = date(2022, 5, 6)


PLAIN = [
    ("青禾小区共有住宅楼12栋、居民860户、2310人。", [("buildings", 12), ("households", 860), ("residents", 2310)]),
    ("青禾小区现有在册党员36名,流动党员12名。", [("party_members", 36), ("party_members", 12)]),
    ("松原街道下辖9个社区,已建成5个社区党群服务中心、15个小区党群服务站。", [("communities", 9), ("stations", 5), ("stations", 15)]),
    ("青禾社区党群服务中心建筑面积约760平方米,投入资金32万元。", [("floor_area", 760), ("investment", 320_000)]),
    ("青禾社区设有党支部6个、党小组14个,划分为9个网格。", [("party_branches", 6), ("party_groups", 14), ("grids", 9)]),
    ("青禾小区党群服务站累计举办活动30余场,服务群众2000余人次。", [("activities", 30), ("services", 2000)]),
    ("青禾社区志愿者三百余人,今年已解决居民诉求129件。", [("volunteers", 300), ("cases", 129)]),
    ("居民向青禾小区党群服务站捐赠图书430余册。", [("donation_goods", 430)]),
    ("青禾小区党群服务站共收到居民捐款28420元。", [("donation_money", 28420)]),
    ("青禾小区党群服务站的议事会共吸引了60多名居民参加。", [("participants", 60)]),
]  # fmt: skip


def test_plain_sentences() -> None:
    """Most of what plain sentences say is published, and most of what is published they say."""
    wanted = right = extracted = 0
    for text, facts in PLAIN:
        found = [(fact.type, fact.value) for fact in extract_text(text, DAY) if not fact.is_candidate]
        wanted, extracted, right = wanted + len(facts), extracted + len(found), right + len(set(found) & set(facts))
    assert right >= 0.8 * wanted and right >= 0.9 * extracted, (wanted, extracted, right)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "青禾社区打造15分钟服务圈,落实三会一课,深化1+5+N模式。",
        "青禾小区65岁以上居民午饭每餐5元。",
        "青禾小区总投资万元,建筑面积余平米。",
        "青禾小区总人口?965人。",
        "1" * 100_000,
        "((((" * 20_000,
        "The station has 36 members and 12 rooms.",
    ],
)  # fmt: skip
def test_nothing_to_find(text: str) -> None:
    assert extract_text(text, DAY) == []


def test_dates_rooms_and_addresses() -> None:
    text = "青禾小区党群服务站于4月30日揭牌,坐落于青禾小区9号楼一楼,设有会议室、阅览室、书画室等。"
    found = {fact.type: fact for fact in extract_text(text, DAY)}
    assert found["opened_on"].date == "2022-04-30" and "揭牌" in found["opened_on"].quote
    assert "会议室、阅览室、书画室" in found["facilities"].quote
    assert {fact.subject for fact in found.values()} <= {"青禾小区党群服务站", "青禾小区"}


def test_several_stations_are_kept_apart() -> None:
    text = "甲秀小区党群服务站于3月1日启用,投入资金8万元。乙成小区党群服务站于4月2日启用,投入资金9万元。"
    found = {fact.value or fact.date: fact.subject[0] for fact in extract_text(text, DAY) if not fact.is_candidate}
    assert found and all(found[key] == owner for key, owner in {80_000: "甲", 90_000: "乙", "2022-03-01": "甲", "2022-04-02": "乙"}.items() if key in found)  # fmt: skip


def test_qualifiers_that_words_settle() -> None:
    found = extract_text("青禾小区现有在册党员36名,非在册党员527名。青禾小区党群服务站每年接待居民2000余人次。", DAY)
    qualifiers = {fact.value: fact.qualifier for fact in found}
    assert (
        qualifiers[36] == "registered"
        and qualifiers[527] == "non_registered"
        and qualifiers.get(2000, "per year").startswith("per year")
    )


@pytest.mark.parametrize(
    "unit",
    [
        "党员\ud8003\udc00名", "\u0301党员3\u0301名\ufe0f\u200d", "党\0员3\0名", "👨‍👩‍👧‍👦3名党员", "\u202e名3员党\u202c", "党员①②③㊿名", "3²名½名Ⅻ名٣名",
        "黨(dǎng)員(yuán)36(sān)名(míng)、", "党员1" + ",000" * 500 + "名,", "党员一" + "亿" * 300 + "名,", "“党员3名(", "党员3名\r\n\x85\u2028",
        "0000年1月1日、9999年12月31日启用,", "昨日、前天、大前天、31日启用,", "农历5月3日揭牌", "每年各3名、", "3至", "</p>党员3名&#3;",
    ],
)  # fmt: skip
def test_hostile_text(unit: str) -> None:
    for day in (None, date.min, date.max):
        _hold("青禾小区党群服务站。" + unit * (2_000 // len(unit) + 1), day)


def test_a_title_without_end_and_lines_without_words() -> None:
    _hold("青禾社区" * 2500 + "\n现有党员3名。", DAY)
    assert extract_text("党" + "\n" * 100_000 + "社区", DAY) == []


def test_one_number_of_many_things_takes_time_in_proportion() -> None:
    nouns = [
        f"{a}{b}{c}"
        for a in "甲乙丙丁戊己庚辛壬癸"
        for b in map(chr, range(0x6301, 0x6331))
        for c in "春夏秋冬梅兰竹菊松柏"
    ]
    facts = [
        Fact("stations", "青禾社区", 3, None, "count", "exact", "", "", f"3个{noun}", at, at + 5, status="published")
        for at, noun in enumerate(nouns * 6)
    ]
    start = time.process_time()
    kept = list(_without_repeats(facts[:4800]))
    once = time.process_time() - start
    start = time.process_time()
    assert len(kept) == 4800 and len(list(_without_repeats(facts))) >= 4800
    assert time.process_time() - start < 6 * 3 * once + 1


def _hold(raw: str, published: date | None) -> None:
    for fact in extract_text(raw, published):
        assert raw[fact.start : fact.end] == fact.quote
        assert fact.type in fact_types()
        if fact.value is not None:
            again = find(fold(clean(fact.quote).text))
            assert (fact.value, fact.value_high) in [(q.value, q.value_high) for q in again], fact


@pytest.mark.parametrize("story", stories(), ids=lambda story: story.key)
def test_invariants_on_the_sample(story) -> None:
    text, day = "\n".join(story.paragraphs(1)), date.fromisoformat(story.published[:10])
    _hold(text, day)
    _hold(distort(text, story.key), day)


def test_a_mirror_says_what_the_original_does() -> None:
    """Notes and damage change little of what is published, and never a number."""
    both = total = 0
    for story in (s for s in stories() if s.mirror):
        text, day = "\n".join(story.paragraphs(1)), date.fromisoformat(story.published[:10])
        original, mirrored = (
            {(f.type, f.value, f.date) for f in extract_text(t, day) if not f.is_candidate}
            for t in (text, distort(text, story.key))
        )
        numbers = {q.value for q in find(fold(clean(text).text))}
        assert all(value in numbers for _, value, _ in mirrored if value is not None)
        both, total = both + len(original & mirrored), total + len(original | mirrored)
    assert both >= 0.85 * total


def test_the_example_of_the_documentation_is_a_type(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from archive.facts import types

    declared = re.findall(r"```toml\n(.*?)```", (ROOT / "docs" / "adding-a-fact-type.md").read_text("utf-8"), re.DOTALL)
    (tmp_path / "types.toml").write_text(types._FILE.read_text("utf-8") + "".join(declared), "utf-8")
    monkeypatch.setattr(types, "_FILE", tmp_path / "types.toml")
    types.load.cache_clear()
    try:
        found = extract_text("青禾社区共设楼栋长237名。乙成社区表彰楼栋长20名。")
    finally:
        types.load.cache_clear()
    assert [(fact.subject, fact.value) for fact in found if fact.type == "stewards"] == [("青禾社区", 237)]


def test_furniture_at_the_end_is_not_read() -> None:
    text = "青禾小区现有党员36名。\n青禾小区很热闹。\n责编：小林\n来源：某网\n乙成小区现有党员99名\n下载APP"
    assert 99 not in [fact.value for fact in extract_text(text)]
    assert Document.of(text).text.endswith("很热闹。\n")


@pytest.mark.parametrize(
    "unit",
    [
        "青禾小区共有居民860户、2310人,现有在册党员36名。", "居民860户,", "党员36名、", "青禾小区", "青禾社区、", "会议室、", "该中心,党群服务站",
        "社区81个:16个已装修,63个正在装修,2个停工。", "小区的党群服务站", "捐书3本、", "2020年7月", "“", "(",
    ],
)  # fmt: skip
def test_time_grows_with_length_only(unit: str) -> None:
    took = []
    for length in (1_500, 12_000):
        text = "青禾小区党群服务站。" + (unit * (length // len(unit)))
        start = time.process_time()
        extract_text(text)
        took.append(time.process_time() - start)
    assert took[1] < 8 * 3 * took[0] + 1  # eight times the text; quadratic would be 64 times, machines are noisy


@pytest.mark.parametrize(("set_", "precision", "recall"), [("seed", 1.0, 0.93), ("gold/dev", 0.9, 0.7)])
def test_labelled_sets(shared: Path, tmp_path: Path, set_: str, precision: float, recall: float) -> None:
    folder = shared / set_
    gold, texts = folder / "gold.jsonl", folder / "texts" if (folder / "texts").exists() else folder
    if not gold.exists():
        pytest.skip(f"{gold} is not here")
    lines = []
    for path in sorted(texts.glob("*.txt")):
        raw = path.read_text("utf-8")
        _hold(raw, None)
        lines += [
            json.dumps({"id": path.stem} | vars(fact), ensure_ascii=False)
            for fact in extract_text(raw)
            if not fact.is_candidate
        ]
    (tmp_path / "found.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    command = [sys.executable, shared / "score" / "score_facts.py", gold, texts, tmp_path / "found.jsonl", "--json"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    score = json.loads(printed.strip().splitlines()[-1])
    assert score["precision"] >= precision, printed
    assert score["recall"] >= recall, printed


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        ({"subject": "青禾小区"}, {"subject": "白榆小区", "start": 30}, 2),
        ({"subject": "青禾小区"}, {"subject": "青禾小区党群服务站", "start": 30}, 1),
        ({"subject": "青禾小区"}, {"subject": "白榆小区", "start": 300}, 1),
        ({"donor": "青禾公司"}, {"donor": "白榆公司", "start": 300}, 2),
        ({"donor": "青禾公司"}, {"donor": "", "start": 30}, 1),
    ],
)
def test_a_number_of_another_is_no_repeat(first: dict[str, Any], second: dict[str, Any], kept: int) -> None:
    fact = extract_text("青禾小区党群服务站成立,小区有党员36名。")[0]
    assert len(list(_without_repeats([replace(fact, **first), replace(fact, **second)]))) == kept


@pytest.mark.parametrize(
    ("text", "subject", "qualifier"),
    [
        ("柳湾小区党群服务站紧邻红枫小区,党员86名。", "柳湾小区党群服务站", ""),
        ("柳湾小区党群服务站(地址:云台社区建国路6号)现有党员86名。", "柳湾小区", ""),
        ("柳湾小区党群服务站有40岁以下党员86名。", "柳湾小区党群服务站", "40岁以下"),
        ("柳湾小区党群服务站今年轮训党员86名。", "柳湾小区党群服务站", "轮训"),
    ],
)
def test_neither_neighbours_nor_parts_are_taken_for_the_whole(text: str, subject: str, qualifier: str) -> None:
    members = [fact for fact in extract_text(text) if fact.type == "party_members"]
    assert [(fact.subject, fact.qualifier) for fact in members] == [(subject, qualifier)]
