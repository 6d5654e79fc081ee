"""Stations: one name in two towns is two stations; one station in two scripts is one."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import exchange, page

from archive.pipeline.ingest import ingest
from archive.stations.identity import StationName, group
from archive.storage.store import Archive

TEXT = "{town}青禾小区党群服务站揭牌，投入资金{money}万元。青禾小区现有党员36名，居民860户。大家都说这里办事方便，来了还想再来。"


def _take(store: Archive, url: str, text: str) -> None:
    capture_id = store.save_capture(exchange(url, page("青禾小区党群服务站", text), outlet="某报"), None)
    assert capture_id is not None
    ingest(store, capture_id)


def test_identity(store: Archive) -> None:
    _take(store, "http://a.example/1", TEXT.format(town="望潭区青萝街道", money=14))
    _take(store, "http://a.example/2", TEXT.format(town="芷岸区松涛街道", money=15))
    _take(
        store,
        "http://a.example/3",
        TEXT.format(town="望潭區青蘿街道", money=16).replace("党群服务站", "黨群服務(wù)站"),
    )
    rows = store.connection.execute(
        "select place, group_concat(value) from stations join (select * from facts order by id) on station_id = stations.id where type = 'investment' group by stations.id"
    ).fetchall()
    assert rows == [("望潭区 青萝街道", "140000.0,160000.0"), ("芷岸区 松涛街道", "150000.0")]
    members = store.connection.execute(
        "select subject, stations.name from facts join stations on station_id = stations.id where type = 'party_members'"
    ).fetchall()
    assert set(members) == {("青禾小区", "青禾小区党群服务站")}


def _names(*mentions: tuple[str, str, str]) -> list[StationName]:
    """Names as (name, places, division)."""
    return [StationName(n, "|".join(one), *one, None) for n, one in enumerate(mentions)]


def _grouped(*mentions: tuple[str, str, str]) -> list[set[str]]:
    return [{f"{n.name}|{n.place}" for n in members} for members in group(_names(*mentions))]


ESTATE = "东方名苑臻锦园小区党群服务站"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((ESTATE, "岳塘区 宝塔街道", ""), ("臻锦园小区党群服务站", "宝塔街道", "")),
        (("青禾小区党群服务站", "望潭区", ""), ("青禾小区党群服务中心", "望潭区 青萝街道", "")),
        (("青禾小区党群服务驿站", "云泽市 望潭区", ""), ("青禾小区党群服务站", "", "")),
        (("望潭区青萝街道锦帆社区党群服务中心", "望潭区", ""), ("锦帆社区党群服务中心", "望潭区 青萝街道", "")),
        (("云盘社区党群服务中心", "宝塔街道", "430304010"), ("云盘社区党群服务站", "", "430304010008")),
        (("青禾小区党群服务站", "云泽市", ""), ("青禾小区党群服务站", "", "")),
    ],
)
def test_variants_are_one_station(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    assert len(_grouped(one, other)) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("青禾小区党群服务站", "望潭区 青萝街道", ""), ("青禾小区党群服务站", "望潭区 松涛街道", "")),
        (("青禾小区党群服务站", "云泽市", ""), ("青禾小区党群服务站", "乙成市", "")),
        (("青禾小区党群服务站", "望潭区", ""), ("青禾社区党群服务中心", "望潭区", "")),
        (("金阳光小区党群服务站", "青萝街道", ""), ("阳光小区党群服务站", "青萝街道", "")),
        (("青禾小区党群服务站", "望潭区", "430304010"), ("青禾小区党群服务站", "望潭区", "430302001")),
        (("青禾小区党群服务站", "青萝街道", ""), ("东方青禾小区党群服务站", "", "")),
    ],
)
def test_others_stay_apart(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    assert len(_grouped(one, other)) == 2


def test_a_name_without_a_place_joins_only_where_it_can_be_one() -> None:
    here, there = ("青禾小区党群服务站", "望潭区", ""), ("青禾小区党群服务站", "芷岸区", "")
    bare = ("青禾小区党群服务站", "", "")
    assert len(_grouped(here, bare)) == 1
    assert len(_grouped(here, there, bare)) == 3


_mentions = st.tuples(
    st.sampled_from(["青禾小区党群服务站", "东方青禾小区党群服务中心", "金青禾小区党群服务站", "青禾小区党群驿站"]),
    st.lists(st.sampled_from(["云泽市", "乙成市", "望潭区", "芷岸区", "青萝街道", "松涛街道"]), max_size=3).map(
        " ".join
    ),
    st.sampled_from(["", "430304", "430304010", "430302"]),
)


@given(st.lists(_mentions, max_size=7, unique=True), st.randoms(use_true_random=False))
def test_stations_do_not_depend_on_the_order(mentions: list[tuple[str, str, str]], chance: random.Random) -> None:
    names = _names(*mentions)
    first = [[name.key for name in members] for members in group(names)]
    chance.shuffle(names)
    assert [[name.key for name in members] for members in group(names)] == first
    for members in group(names):
        towns = {name.places.get("town") for name in members} - {None}
        assert len(towns) < 2
