"""Layouts: the site's own selectors first, those of the capture's time before others, the general way last."""

from datetime import date

from archive.model import Article, Capture
from archive.reading import Layout, Layouts, read

TEXT = "望潭区青萝街道青禾小区党群服务站揭牌，现有党员36名，居民860户，大家都说这里办事方便，以后要常来坐坐。"
OLD = Layout(body=".old", title=".old-title", time=".old-time", outlet=".from", until=date(2019, 12, 31))
NEW = Layout(body=".new", title=".new-title", time=".new-time")
LAYOUTS: Layouts = {"a.example": (NEW, OLD)}


def _page(state: str) -> str:
    return (
        f'<html><head><title>望潭网</title></head><body><div class="{state}-title">青禾小区党群服务站揭牌</div><p class=from>来源：望潭报</p>'
        f'<div class="{state}-time">2019-07-02 08:00</div><p>最近更新 2024-01-01 12:00</p><div class="{state}"><p>{TEXT}</p></div>'
        f"<div><p>{TEXT * 5}</p></div></body></html>"
    )


def _read(html: str, fetched: date | None = None, host: str = "a.example") -> Article:
    found = read(Capture(f"http://{host}/1.html", html.encode(), fetched=fetched), LAYOUTS)
    assert isinstance(found, Article), found
    return found


def test_each_state_of_a_site_reads_right_whenever_it_was_fetched() -> None:
    for fetched in (None, date(2018, 1, 1), date(2024, 1, 1)):
        old, new = _read(_page("old"), fetched), _read(_page("new"), fetched)
        assert (old.method, new.method) == ("layout until 2019-12-31", "layout")
        assert old.text == new.text == TEXT
        assert old.title == new.title == "青禾小区党群服务站揭牌"
        assert old.published_iso == new.published_iso == "2019-07-02T08:00:00+08:00"
        assert (old.outlet, old.dated_by) == ("望潭报", "layout")


def test_the_layout_of_the_time_goes_first() -> None:
    both = f'<html><head><title>青禾小区</title></head><body><div class="old"><p>{TEXT}旧</p></div><div class="new"><p>{TEXT}新</p></div></body></html>'
    assert _read(both, date(2019, 1, 1)).text.endswith("旧")
    assert _read(both, date(2020, 1, 1)).text.endswith("新")
    assert _read(both).text.endswith("新")


def test_without_a_layout_that_fits_the_general_way_is_taken() -> None:
    for found in (_read(_page("other")), _read(_page("new"), host="b.example")):
        assert found.method == "prose"
        assert TEXT in found.text
