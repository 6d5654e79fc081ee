"""Where subjects lie: codes from the national list, and the places that a text names above them."""

import pytest
from districts import OUTCOMES, figures

from archive.facts import chain
from archive.facts.document import Document


def test_every_district_has_its_code_and_never_another() -> None:
    counted = figures()
    assert sum(counts["wrong"] for counts in counted.values()) == 0
    for what, least in (("alone", 0.98), ("with its city", 0.99), ("with its city's short name", 0.99)):
        unique = counted[f"unique, {what}"]
        assert unique["right"] / unique.total() >= least, (what, [unique[outcome] for outcome in OUTCOMES])
    assert set(counted["shared, alone"]) == {"none"}
    shared = counted["shared, with its city"]
    assert shared["right"] / shared.total() >= 0.99


@pytest.mark.parametrize(
    ("text", "division", "places"),
    [
        ("上海市普陀区青禾社区有党员86名。浙江省考察团前来参观。", "310107", "上海市 普陀区"),
        ("上海普陀区青禾社区有党员86名。", "310107", "上海 普陀区"),
        ("北京朝阳青禾社区有党员86名。", "110105", "北京 朝阳"),
        ("重庆市渝中区青禾社区有党员86名,四川省成都市的同行前来学习。", "500103", "重庆市 渝中区"),
        ("徐汇区青禾社区有党员86名。", "310104", "徐汇区"),
        ("上海市普陀区、徐汇区青禾社区有党员86名。", "310104", "上海市 徐汇区"),
        ("来自四川的志愿者走进江苏省沛县青禾社区。", "320322", "江苏省 沛县"),
        ("江苏省青萝县青禾社区有党员86名,来自四川的志愿者到场。", "32", "江苏省 青萝县"),
        ("江苏省青萝县召开会议。来自四川的志愿者走进青禾社区。", "32", "江苏省 青萝县"),
        ("近日,江苏省南京市鼓楼区召开会议。青禾社区有党员86名。", "320106", "江苏省 南京市 鼓楼区"),
        ("长春市召开会议。朝阳区青禾社区有党员5名。", "220104", "长春市 朝阳区"),
        ("来自北京的专家走进朝阳区青禾社区。", "", "朝阳区"),
        ("浙江省考察团来到普陀区青禾社区。", "", "普陀区"),
        ("雨湖区的志愿者来到岳塘区。青禾社区有党员5名。", "", "岳塘区"),
        ("湖南省湘潭市岳塘区宝塔街道云峰社区有党员5名。", "430304010006", "湖南省 湘潭市 岳塘区 宝塔街道"),
        ("老城区青禾社区有党员5名。", "", ""),
        ("洛阳老城区青禾社区有党员5名。", "410302", "洛阳 老城区"),
        ("济南市中区青禾社区有党员5名。", "370103", "济南 市中区"),
        ("恩施州利川市青禾社区有党员5名。", "422802", "恩施州 利川市"),
        ("郑州粮食批发市场报价。青禾社区有党员5名。", "", ""),
        ("青禾社区有党员5名。岳塘区也有社区。", "", "岳塘区"),
    ],
)
def test_where_a_community_lies(text: str, division: str, places: str) -> None:
    document = Document.of(text)
    community = [name for name in document.names if name.kind == "community"][-1]
    assert chain.division(document, community) == division
    assert " ".join(chain.places(document, community)) == places


def test_a_station_lies_in_its_community_and_a_town_elsewhere_in_none() -> None:
    document = Document.of("岳塘区宝塔街道云峰社区党群服务中心揭牌。古北口镇的来宾到场。全市有社区党群服务中心86个。")
    station = next(name for name in document.names if name.kind == "station")
    assert chain.division(document, station) == "430304010006"
    assert chain.places(document, station) == ("岳塘区", "宝塔街道")
    assert chain.division(document, next(n for n in document.names if n.text == "古北口镇")) == ""


def test_two_places_of_one_name_are_distinguished() -> None:
    text = "成都市武侯区红星社区与杭州市西湖区红星社区结对。"
    document = Document.of(text)
    one, other = (name for name in document.names if name.text == "红星社区")
    assert chain.division(document, one)[:6] == "510107"
    assert chain.division(document, other)[:6] == "330106"
