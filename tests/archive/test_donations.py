"""Donations: who gave and who got, bodies and groups only."""

import pytest

from archive.facts import extract_text


@pytest.mark.parametrize(
    ("text", "donor", "recipient"),
    [
        ("爱心企业向桂苑里小区党群服务站捐赠空调3台。", "爱心企业", "桂苑里小区党群服务站"),
        ("居民向青禾小区党群服务站捐赠图书430余册。", "居民", "青禾小区党群服务站"),
        ("近日,云泽市慈善总会为锦帆社区捐赠轮椅20台。", "云泽市慈善总会", "锦帆社区"),
        ("青禾小区党群服务站收到居民捐赠的图书300余册。", "居民", ""),
        ("锦帆社区26名党员自发捐款8600元。", "党员", ""),
        ("锦帆社区党员捐款28420元。", "锦帆社区党员", ""),
        ("退休党员周奶奶捐款1000元,锦帆社区很感动。", "", ""),  # a private person
        ("張三向錦帆社區捐款5000元。", "", "錦帆社區"),
        ("向雙塔街道錦帆社區捐贈200個愛心粽子。", "", "雙塔街道錦帆社區"),
    ],
)
def test_parties(text: str, donor: str, recipient: str) -> None:
    (fact,) = extract_text(text)
    assert (fact.donor, fact.recipient) == (donor, recipient)
