"""Donations: who gave and who got, bodies and groups only. A private person is `person`, and has no name outside the quote."""

import pytest

from archive.facts import extract_text

GIVEN = [
    ("爱心企业向桂苑里小区党群服务站捐赠空调3台。", "爱心企业", "桂苑里小区党群服务站"),
    ("近日,云泽市慈善总会为锦帆社区捐赠轮椅20台。", "云泽市慈善总会", "锦帆社区"),
    ("7月2日,永泰建材有限公司向锦帆社区捐款5万元。", "永泰建材有限公司", "锦帆社区"),
    ("同心商会向青禾小区党群服务站捐赠图书430余册。", "同心商会", "青禾小区党群服务站"),
    ("红枫社区收到安居物业公司捐赠的口罩2000只。", "安居物业公司", "红枫社区"),
]


def test_bodies_are_named() -> None:
    right = 0
    for text, donor, recipient in GIVEN:
        for fact in extract_text(text):
            right += (fact.donor == donor) + (fact.recipient == recipient)
    assert right >= len(GIVEN)  # of two each


@pytest.mark.parametrize(
    "text",
    ["退休党员周奶奶捐款1000元,锦帆社区很感动。", "张三向锦帆社区捐款5000元。", "居民李明华给锦帆社区捐了图书300册。"],
)
def test_a_private_person_has_no_name_outside_the_quote(text: str) -> None:
    for fact in extract_text(text):
        assert fact.donor in ("", "person") and not any(name in fact.recipient for name in ("周奶奶", "张三", "李明华"))
