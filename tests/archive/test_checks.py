"""What holds of every fact, whichever way it was decided: quotes, denials, invariants, and numbers that several names share."""

from dataclasses import replace

import pytest

from archive.facts import check, fact_types
from archive.facts.candidates import find
from archive.facts.decide import sharing
from archive.facts.document import Document
from archive.model import Fact

FACT = Fact(
    type="households", subject="青禾社区", value=860, value_high=None, unit="household", approx="exact", qualifier="", date="",
    quote="居民860户", start=4, end=10, subject_kind="community",
)  # fmt: skip
RAW = "青禾社区居民860户。"


def test_a_sound_fact_is_kept() -> None:
    assert check.broken(RAW, FACT, fact_types()["households"]) == ""


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"quote": "居民861户"}, "quote"),
        ({"tainted": True}, "damage"),
        ({"value": 10**7}, "more than can be believed"),
        ({"value": None}, "number"),
        ({"value_high": 500}, "range"),
        ({"date": "5月6日"}, "date"),
        ({"subject": "青禾、红枫两个社区"}, "two places"),
    ],
)
def test_what_cannot_be_is_named(changes: dict[str, object], message: str) -> None:
    assert message in check.broken(RAW, replace(FACT, **changes), fact_types()["households"])


def _quote(text: str, words: str) -> str:
    document = Document.of(text)
    candidate = next(c for c in find(document) if document.text[c.start : c.end] == words)
    span = check.quote_of(document, candidate, candidate.start, candidate.end)
    return document.text[slice(*span)] if span else ""


@pytest.mark.parametrize(
    ("text", "words", "quote"),
    [
        ("青禾社区现有居民860户、2310人。", "860户", "青禾社区现有居民860户"),
        ("青禾社区现有居民860户、2310人。", "2310人", "2310人"),
        ("社区现有36名党员,都很忙。", "36名", "社区现有36名党员"),
        ("村里新建、改建活动室分别为12、19、7个。", "12", "改建活动室分别为12"),
        ("党群服务中心于2022年5月6日正式启用,很热闹。", "2022年5月6日", "2022年5月6日正式启用"),
    ],
)
def test_a_quote_says_its_number_and_what_it_counts(text: str, words: str, quote: str) -> None:
    assert _quote(text, words) == quote


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("青禾社区有党员86名。", False),
        ("青禾社区并没有党员86名。", True),
        ("青禾社区原定5月6日揭牌。", True),
        ("网传青禾社区5月6日揭牌。", True),
        ("青禾社区5月6日揭牌的消息不实。", True),
        ("青禾社区争取资金36万元未果。", True),
        ("没有物业的小区有12个。", False),
        ("如果有36名党员就成立总支。", True),
        ("青禾社区取消了年会,党员86名都去巡逻。", False),
        ("青禾社区有党员86名,年会取消。", False),
        ("青禾社区为居民节省开支3万元。", True),
        ("青禾村账上只剩3万元。", True),
        ("党费结余3万元。", True),
        ("青禾社区退还多收的费用3万元。", True),
        ("青禾村从账上拿出3万元修路。", False),
        ("十年前,青禾社区党群服务站只有3名党员。", True),
        ("青禾社区过去条件很差,只有3名党员。", True),
        ("青禾社区只有3名党员。", False),
        ("青禾社区节约用水,投入3万元。", False),
    ],
)
def test_what_a_text_takes_back(text: str, denied: bool) -> None:
    document = Document.of(text)
    candidate = next(c for c in find(document) if c.quantity or c.date)
    assert check.is_denied(document, candidate) == denied


def _owners(text: str) -> list[str | None]:
    document = Document.of(text)
    owned = sharing.owners(document)
    return [name.text if name else None for _, name in sorted(owned.items())]


@pytest.mark.parametrize(
    ("text", "owners"),
    [
        ("青禾小区、红枫小区、云台小区分别有党员86名、61名、45名。", ["青禾小区", "红枫小区", "云台小区"]),
        ("青禾社区和红枫社区分别投入3万元、5万元。", ["青禾社区", "红枫社区"]),
        ("青禾社区、红枫社区共有党员150名。", [None]),
        ("青禾社区与红枫社区两个社区一共有居民860户、2310人。", [None, None]),
        ("青禾社区、红枫社区、云台社区分别投入3万元、5万元。", []),
        ("青禾社区有党员86名。", []),
        ("青禾、红枫两个小区共有党员150名,青禾有90名。", [None]),
    ],
)
def test_numbers_that_several_names_share(text: str, owners: list[str | None]) -> None:
    assert _owners(text) == owners
