"""Places: names resolve to divisions by intersection, and to nothing where chance could make them agree."""

import pytest

from archive.places.divisions import codes_of, path_of
from archive.places.resolve import Places, Steps, resolve


def test_the_list_is_looked_up_by_name() -> None:
    assert codes_of("湘潭市") == ("4303",)
    assert "430304010006" in codes_of("云峰社区")
    assert codes_of("没有这个社区") == codes_of("") == codes_of("\n") == ()
    assert path_of("430304010006") == ("湖南省", "湘潭市", "岳塘区", "宝塔街道")


@pytest.mark.parametrize(
    ("names", "code"),
    [
        ("云峰社区 云盘社区 宝塔街道", "430304010"),
        ("湘潭市 岳塘区 东坪街道 三角坪社区", "430304002"),
        ("中山市 南区街道 环城社区", "442000005"),
        ("顺德均安镇 新华社区", "440606106"),
        ("湘潭市 岳塘区 古北口镇", "430304"),  # a town elsewhere, named in passing
        ("岳塘区", "430304"),
        ("朝阳区", ""),  # several cities have one
        ("新华社区", ""),
        ("新华社区 光明村 和平村", ""),  # common names meet somewhere by chance
        ("望潭区 青萝街道 锦帆社区", ""),  # invented
        ("", ""),
    ],
)
def test_resolving(names: str, code: str) -> None:
    kinds = {"市": "city", "区": "district", "道": "town", "镇": "town", "村": "community"}
    pairs = [(name, "community" if name.endswith("社区") else kinds[name[-1]]) for name in names.split()]
    assert _resolved(*pairs).code == code


def test_names_get_codes_only_within_the_place() -> None:
    places = _resolved(("云峰社区", "community"), ("云盘社区", "community"), ("宝塔街道", "town"), ("古北口镇", "town"))
    assert [code for (code,) in places.codes.values()] == ["430304010006", "430304010003", "430304010", ""]
    # The list puts 新惠社区 into another town of the county than the one that the text names.
    elsewhere = _resolved(("无锡市", "city"), ("惠山区", "district"), ("长安街道", "town"), ("新惠社区", "community"))
    assert (elsewhere.code, list(elsewhere.codes.values())[-1]) == ("320206", ("",))


def _resolved(*names: tuple[str, str]) -> Places:
    """Names that the text does not write one behind the other."""
    return resolve([Steps((name,)) for name in names])
