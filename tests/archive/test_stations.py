"""Stations: one name in two towns is two stations; one station in two scripts is one."""

from support import exchange, page

from archive.ingest import ingest
from archive.store import Archive

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
