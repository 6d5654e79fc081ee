"""One place is one place of the tree, whatever articles name above it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from archive.publishing.place_tree import Tree, Written, city_of


def _keys(*places: str | Written) -> list[list[str]]:
    """The path of each place in a tree that they all are in; texts name them by no code."""
    written = [one if isinstance(one, Written) else Written("", one) for one in places]
    tree = Tree(written)
    return [[node.key for node in tree.path(one)] for one in written]


@pytest.mark.parametrize("place", ["海曙区", "宁波市 海曙区", "浙江省 宁波市 海曙区", "浙江省 海曙区"])
def test_a_listed_district_has_its_code(place: str) -> None:
    assert _keys(place, Written("330203", "海曙区")) == [["33", "3302", "330203"]] * 2


def test_a_place_below_a_listed_one() -> None:
    below = "浙江省 宁波市 海曙区 没有街道"
    assert (
        _keys("海曙区 没有街道", Written("3302", "海曙区 没有街道"), Written("330203", "没有街道"))
        == [["33", "3302", "330203", below]] * 3
    )


def test_a_listed_name_of_several_places_is_none_of_them() -> None:
    assert _keys("鼓楼区", "福州市 鼓楼区") == [["鼓楼区"], ["35", "3501", "350102"]]


def test_an_unlisted_district_is_the_one_in_a_longer_path() -> None:
    city, district, town = "湖南省 湘潭市", "湖南省 湘潭市 望潭区", "湖南省 湘潭市 望潭区 青萝街道"
    paths = _keys("望潭区 青萝街道", "湘潭市 青萝街道", "湖南省 望潭区", Written("4303", "望潭区"))
    assert paths[0] == paths[1] == ["43", "4303", district, town]
    assert paths[2] == paths[3] == ["43", "4303", district]
    assert city not in paths[0]


@pytest.mark.parametrize(
    ("short", "longer"),
    [
        ("望潭区", ("湘潭市 望潭区", "宁波市 望潭区")),  # it could be either
        ("高新区", ("湘潭市 高新区",)),  # many cities have one
        ("青萝街道", ("湘潭市 青萝街道",)),  # so it is with towns
    ],
)
def test_a_name_that_says_too_little_stays_alone(short: str, longer: tuple[str, ...]) -> None:
    assert _keys(short, *longer)[0] == [short]


def test_what_contradicts_the_division_is_left_out() -> None:
    assert _keys(Written("430304", "余姚市 某某镇")) == [["43", "4303", "430304"]]


def test_a_name_without_a_kind_is_a_place_of_a_town() -> None:
    assert _keys("海曙区 某某农场") == [["33", "3302", "330203", "浙江省 宁波市 海曙区 某某农场"]]


def test_communities_have_their_names() -> None:
    tree = Tree([Written("430304001001", "")])
    *_, town, community = tree.path(Written("430304001001", ""))
    assert (town.key, community.key, community.kind) == ("430304001", "430304001001", "community")
    assert community.name.endswith("社区居委会") or community.name.endswith("社区")


def test_forms_and_city() -> None:
    written = Written("330203", "宁波市 海曙区")
    tree = Tree([written])
    assert list(tree.forms(written)) == [("3302", "宁波市"), ("330203", "宁波市 海曙区")]
    assert city_of(tree.path(written)) == "浙江省 宁波市"


def test_a_snapshot_has_each_district_once(demo: tuple[Path, str]) -> None:
    with closing(sqlite3.connect(demo[0] / "published" / "archive.db")) as connection:
        districts = connection.execute("select name from places where kind = 'district'").fetchall()
        names = dict(connection.execute("select name, stations from place_names where place = '望潭区 澄浦街道'"))
    assert len(districts) == len(set(districts)) == 2
    assert names == {"望潭区 澄浦街道": 4}
