"""Topic: decided by the words, noted, and not fetched again."""

import pytest
from support import exchange, page

from archive.model import NotAnArticle
from archive.pipeline.ingest import ingest
from archive.reading.topic import decide
from archive.storage import fetch_schedule
from archive.storage.store import Archive


@pytest.mark.parametrize(
    ("text", "on", "reason"),
    [
        ("映月花园小区党群服务站揭牌", True, "names 党群服务"),
        ("社區黨員活動室開放", True, "names 党员活动室"),
        ("映月花園小區(qū)黨(dǎng)群(qún)服務(wù)站揭牌", True, "names 党群服务"),
        ("街道党工委慰问居民", True, "speaks of 街道 and 党工委"),
        ("小区停电两小时，居民下楼乘凉", False, "no party life"),
        ("全国党员统计公报发布", False, "no community"),
        ("今日股市收盘上涨", False, "neither community nor party life"),
        ("", False, "neither community nor party life"),
    ],
)
def test_decisions(text: str, on: bool, reason: str) -> None:
    decided = decide(text)
    assert (decided.on, decided.reason) == (on, reason)


def test_off_topic_pages_are_noted_and_not_stored(store: Archive) -> None:
    html = page(
        "今日股市收盘上涨",
        "沪指今天上涨百分之一，成交量比昨天放大，分析人士认为市场信心正在恢复，后市可期，投资者应当谨慎。" * 2,
    )
    capture_id = store.save_capture(exchange("http://a.example/1", html), None)
    assert capture_id is not None
    found = ingest(store, capture_id)
    assert isinstance(found, NotAnArticle)
    assert (found.kind, found.reason) == ("off_topic", "neither community nor party life")
    assert not fetch_schedule.is_wanted(store.connection, ["http://a.example/1"], "2030", changed="2030")
    assert fetch_schedule.is_wanted(store.connection, ["http://a.example/2"], "2030")
    assert store.unread() == []
    assert store.connection.execute("select count(*) from articles").fetchone() == (0,)
