"""Names in running text: whole names of divisions, spans that something else found, and what pointing words mean."""

import pytest

from archive.facts.document import Document
from archive.facts.propose.names import UNNAMED, at, find


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("宁波市镇海区青禾社区", "city 宁波市, district 镇海区, community 青禾社区"),
        ("大城县县城", "district 大城县"),
        ("建成县城", ""),
        ("位于和县的青禾社区", "district 和县, community 青禾社区"),
        ("河南新县", "province 河南, district 新县"),
        ("云南的山区", "province 云南"),
        ("江北、海曙区", "district 海曙区"),
        ("鄂尔多斯市达拉特旗", "city 鄂尔多斯市, district 达拉特旗"),
        ("莫力达瓦达斡尔族自治旗", "district 莫力达瓦达斡尔族自治旗"),
        ("湖北省神农架林区", "province 湖北省, district 神农架林区"),
        ("六盘水市六枝特区", "city 六盘水市, district 六枝特区"),
        ("玉屏侗族自治县", "district 玉屏侗族自治县"),
        ("贵州玉屏县", "province 贵州, district 玉屏县"),
        ("南京市民", "city 南京"),
        ("南京市民政局", "city 南京市"),
        ("中山市南区街道", "city 中山市, district 南区, town 南区街道"),
        ("北京朝阳医院", "city 北京"),
        ("湘潭高新区", "district 湘潭高新区"),
        ("城区", ""),
        ("我区青禾社区", "community 青禾社区"),
    ],
)
def test_names_are_found_whole(text: str, names: str) -> None:
    assert ", ".join(f"{name.kind} {name.text}" for name in find(text)) == names


@pytest.mark.parametrize(
    ("text", "kind", "name", "without_place"),
    [
        ("岳塘区云峰社区", "community", "岳塘区云峰社区", "云峰社区"),
        ("“宁波市镇海区”", "district", "宁波市镇海区", "镇海区"),
        ("青禾党群会客中心", "station", "青禾党群会客中心", "青禾党群会客中心"),
        ("达拉特旗", "district", "达拉特旗", "达拉特旗"),
        ("四川", "province", "四川", "四川"),
        ("延边州", "city", "延边州", "延边州"),
        ("清风书社", "other", "清风书社", "清风书社"),
        ("该小区", UNNAMED, "该小区", "该小区"),
        ("党群服务中心", UNNAMED, "党群服务中心", "党群服务中心"),
        (" ", "other", "", ""),
    ],
)
def test_a_span_is_read_as_a_name(text: str, kind: str, name: str, without_place: str) -> None:
    given = at(text, 0, len(text))
    assert (given.kind, given.text, text[given.start : given.end]) == (kind, name, name)
    assert at(text, 0, len(text), without_place=True).text == without_place


@pytest.mark.parametrize(
    ("text", "words", "name"),
    [
        ("青禾社区有居民860户。目前,该社区有党员5名。", "该社区", "青禾社区"),
        ("青禾社区有居民860户,走进社区,花开了。", "社区,花", "青禾社区"),
        ("青禾社区党群服务中心有5间房。如今来中心的人多了。", "中心的", "青禾社区党群服务中心"),
        ("松原村有村民860人,全村有党员5名。", "全村", "松原村"),
        ("松原村有村民860人,这里风景好。", "这里", "松原村"),
        ("望潭镇召开会议,位于白云镇的书屋启用。全镇有党员50人。", "全镇", "望潭镇"),
        ("济南市市中区召开会议,全区有党员50人。", "全区", "市中区"),
        ("万全区有党员50人。", "全区", None),
        ("会议召开了,该小区有居民860户。", "该小区", None),
    ],
)
def test_what_pointing_words_mean(text: str, words: str, name: str | None) -> None:
    document = Document.of(text)
    start = document.text.index(words)
    end = start + len(words.rstrip(",花的"))
    meant = document.mentions.antecedent(document.text, start, end)
    assert (meant and meant.text) == name
