"""Addresses that stay: of articles, stations, outlets, places and facts, whatever the database is made from."""

import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from datasette.app import Datasette
from serving import site
from support import dangqun, exchange, page

from archive.labels import BEIJING
from archive.pipeline.ingest import ingest
from archive.publishing.snapshot import publish
from archive.storage.store import Archive, open_for_writing

TEXT = (
    "{}小区党群服务站揭牌，{}小区现有在册党员{}名，居民860户。"
    "服务站设有议事厅、图书室、调解室，居民走进来就能坐下说话，遇到难事有人接、有人办、有人回。"
)
NAMES = ("青禾", "老码头", "乙成", "丙丁")
PAGES = {
    f"http://a.example/{number}.html": page(
        f"{name}小区党群服务站",
        TEXT.format(f"望潭区青萝街道{name}", name, number + 20),
        published=f"2021-06-{number + 10}",
    )
    for number, name in enumerate(NAMES)
}
KEYS = (
    "select 'article', key, url from articles union all select 'station', key, name from stations"
    " union all select 'outlet', key, name from outlets union all select 'place', key, name from places"
    " union all select 'fact', evidence, quote from facts order by 1, 2"
)


def _take(archive: Archive, pages: Iterable[tuple[str, str]], **more: object) -> None:
    for url, html in pages:
        capture = archive.save_capture(exchange(url, html, outlet="云泽新闻网", **more), None)
        assert capture is not None
        ingest(archive, capture)


def _made(folder: Path, pages: Iterable[tuple[str, str]]) -> Path:
    """An archive of these pages, published."""
    with open_for_writing(folder) as archive:
        _take(archive, pages)
        publish(archive)
    return folder


def _keys(folder: Path, query: str = KEYS) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(folder / "published" / "archive.db")) as snapshot:
        return snapshot.execute(query).fetchall()


def _site(folder: Path) -> Datasette:
    return site(folder / "published" / "archive.db")


def _stations(folder: Path) -> dict[str, str]:
    return dict(_keys(folder, "select name, key from stations"))


def _names(archive: Archive, *held: str) -> list[str]:
    found = archive.connection.execute("select key from station_names order by key").fetchall()
    return [next(key for (key,) in found if one in key) for one in held]


async def test_every_address_is_as_before_when_the_database_is_rebuilt(demo: tuple[Path, str], tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(demo[0], folder, ignore=shutil.ignore_patterns("archive.db*", "published"))
    done = dangqun("--archive", str(folder), "extract")
    assert done.returncode == 0, done.stderr
    before, after = _keys(demo[0]), _keys(folder)
    assert before == after and len(before) > 200


async def test_the_order_of_the_captures_changes_no_address(tmp_path: Path) -> None:
    # Two names of one station, of which the later article has the fuller one; a copy of one article.
    pages = dict(PAGES)
    pages["http://a.example/9.html"] = page("青禾", TEXT.format("青萝街道青禾", "青禾", 50), published="2022-03-04")
    orders = [list(pages.items()), list(reversed(pages.items())), sorted(pages.items(), key=lambda one: one[1])]
    found = [_keys(_made(tmp_path / str(number), order)) for number, order in enumerate(orders)]
    assert found[0] == found[1] == found[2]
    assert len([one for one in found[0] if one[0] == "station"]) == len(NAMES)


async def test_pages_stand_at_their_keys_and_numbers_lead_there(tmp_path: Path) -> None:
    folder = _made(tmp_path / "data", PAGES.items())
    ds = _site(folder)
    for table, kind, column in (
        ("articles", "article", "key"), ("stations", "station", "key"), ("outlets", "outlet", "key"), ("facts", "fact", "evidence"),
    ):  # fmt: skip
        number, key = _keys(folder, f"select id, {column} from {table} limit 1")[0]
        assert (await ds.client.get(f"/{kind}/{key}")).status_code == 200
        moved = await ds.client.get(f"/archive/{table}/{number}")
        assert (moved.status_code, moved.headers["location"]) == (301, f"/{kind}/{key}")
        for path in (f"/{kind}/{'0' * 24}", f"/archive/{table}/9999"):
            assert (await ds.client.get(path)).status_code == 404, path
        if kind != "fact":
            assert (await ds.client.get(f"/{kind}/{key}.json")).json()["rows"][0]["key"] == key
        if kind in ("station", "outlet"):
            assert (await ds.client.get(f"/feed/{kind}/{key}.atom")).status_code == 200
            assert (await ds.client.get(f"/feed/{kind}/{number}.atom")).headers[
                "location"
            ] == f"/feed/{kind}/{key}.atom"
    for path in (
        "/",
        "/search?q=党员",
        "/search?kind=facts&q=党员",
        "/articles",
        "/stations",
        "/place/望潭区",
        "/question/donations",
    ):
        html = (await ds.client.get(path)).text
        assert "/archive/articles/" not in html and "/archive/stations/" not in html, path
    sitemap = (await ds.client.get("/sitemap.xml")).text
    assert "/station/" in sitemap and "/archive/" not in sitemap


async def test_what_is_merged_leads_on_and_what_is_split_offers_both(tmp_path: Path) -> None:
    folder = _made(tmp_path / "data", PAGES.items())
    one, other = (_stations(folder)[f"{name}小区党群服务站"] for name in ("青禾", "老码头"))
    with open_for_writing(folder) as archive:
        merged = archive.reviews.decide_stations("same", *_names(archive, "青禾", "老码头"), "甲", "一个院子")
        publish(archive, fall=1)
    ds = _site(folder)
    moved = await ds.client.get(f"/station/{other}")
    assert (moved.status_code, moved.headers["location"]) == (301, f"/station/{one}")
    assert (await ds.client.get(f"/station/{other}.json")).headers["location"] == f"/station/{one}.json"
    assert (await ds.client.get(f"/feed/station/{other}.atom")).headers["location"] == f"/feed/station/{one}.atom"
    with open_for_writing(folder) as archive:
        archive.reviews.undo_stations(merged, "甲")
        publish(archive, fall=1)
    ds = _site(folder)
    assert "曾指向其他站点" not in (await ds.client.get(f"/station/{other}")).text  # its own again, as it ever was
    html = (await ds.client.get(f"/station/{one}")).text
    assert "曾指向其他站点" in html and f"/station/{other}" in html and f"/station/{one}" in html
    assert set(_stations(folder).values()) >= {one, other}


async def test_what_lost_its_name_is_found_by_what_it_was_called(tmp_path: Path) -> None:
    folder = _made(tmp_path / "data", list(PAGES.items())[:1])
    (key,) = _stations(folder).values()
    with open_for_writing(folder) as archive:  # as if another reader had read other places
        archive.connection.execute("update station_names set key = '云泽市' || key, place = '云泽市 ' || place")
        publish(archive)
    (now,) = _stations(folder).values()
    moved = await _site(folder).client.get(f"/station/{key}")
    assert now != key and (moved.status_code, moved.headers["location"]) == (301, f"/station/{now}")


async def test_a_copy_leads_to_its_article(tmp_path: Path) -> None:
    html = PAGES["http://a.example/0.html"]
    folder = _made(tmp_path / "data", [("http://m.a.example/0.html", html)])
    (before,) = _keys(folder, "select key from articles")
    with open_for_writing(folder) as archive:
        _take(archive, [("http://a.example/0.html", html)])
        publish(archive, fall=1)
    (now,) = _keys(folder, "select key from articles")
    moved = await _site(folder).client.get(f"/article/{before[0]}")
    assert now != before and (moved.status_code, moved.headers["location"]) == (301, f"/article/{now[0]}")


async def test_what_was_taken_down_says_so(tmp_path: Path) -> None:
    folder = _made(tmp_path / "data", PAGES.items())
    url = "http://a.example/1.html"
    number, article = _keys(folder, f"select id, key from articles where url = '{url}'")[0]
    facts = _keys(folder, f"select id, evidence from facts where article_id = {number}")
    station = _stations(folder)["老码头小区党群服务站"]
    with open_for_writing(folder) as archive:
        entry = archive.reviews.take_down("article", url, "甲", "来函")
        publish(archive, fall=1)

    async def answers(expected: int) -> None:
        ds = _site(folder)
        paths = [f"/article/{article}", f"/station/{station}", *(f"/fact/{key}" for _, key in facts)]
        for path in [*paths, f"/article/{article}.json", f"/feed/station/{station}.atom", f"/fact/{facts[0][1]}.bib"]:
            answer = await ds.client.get(path)
            assert answer.status_code == expected, path
            said = answer.json()["error"] if path.endswith(".json") and expected == 410 else answer.text
            assert expected == 200 or (("撤下" in said or "taken down" in said) and "老码头" not in said), path
        for path in (f"/archive/articles/{number}", f"/archive/facts/{facts[0][0]}"):
            assert (await ds.client.get(path, follow_redirects=True)).status_code == expected, path

    await answers(410)
    described = (await _site(folder).client.get("/openapi.json")).json()["paths"].items()
    assert {path for path, item in described if "410" in item["get"]["responses"]} == {
        "/{kind}/{key}.json", "/fact/{key}.{form}", "/feed/{kind}/{key}.atom",
    }  # fmt: skip
    await _says_when_and_whom_to_write_to(folder, article)
    assert url.encode() not in (folder / "published" / "archive.db").read_bytes()
    with open_for_writing(folder) as archive:
        archive.reviews.undo_takedown(entry, "乙")
        publish(archive)
    await answers(200)
    with open_for_writing(folder) as archive:  # and when its captures are gone
        archive.reviews.take_down("article", url, "甲", "来函")
        publish(archive, fall=1)
    kept = [one for one in PAGES.items() if one[0] != url]
    for path in (folder / "warc", folder / "published"):
        shutil.rmtree(path)
    (folder / "archive.db").unlink()
    _made(folder, kept)
    ds = _site(folder)
    for path in (f"/article/{article}", f"/station/{station}", f"/fact/{facts[0][1]}"):
        assert (await ds.client.get(path)).status_code == 410, path


async def _says_when_and_whom_to_write_to(folder: Path, article: str) -> None:
    (folder / "dangqun.toml").write_text('contact = "desk@archive.example"')
    today = datetime.now(BEIJING).date()
    note = (await _site(folder).client.get(f"/article/{article}", headers={"accept-language": "zh"})).text
    assert f"{today.year}年{today.month}月{today.day}日应要求撤下" in note and "desk@archive.example" in note
    data = (await _site(folder).client.get(f"/article/{article}.json")).json()
    assert (data["taken_down"], data["contact"]) == (today.isoformat(), "desk@archive.example")


async def test_a_place_of_another_code_leads_to_the_one_with_its_name(tmp_path: Path) -> None:
    ds = _site(_made(tmp_path / "data", PAGES.items()))
    assert (await ds.client.get("/place/望潭区 青萝街道")).status_code == 200
    for former in ("云泽市 望潭区", "望潭區 青蘿街道"):
        moved = await ds.client.get(f"/place/{former}")
        assert moved.status_code == 301, former
        assert (await ds.client.get(moved.headers["location"])).status_code == 200
    assert (await ds.client.get("/place/无此地", follow_redirects=True)).status_code == 404


async def test_a_page_says_how_sure_of_a_number_and_of_its_subject_unless_a_person_reviewed_it(
    demo: tuple[Path, str], tmp_path: Path
) -> None:
    shutil.copytree(demo[0] / "published", tmp_path / "published")
    path = tmp_path / "published" / "archive.db"
    with closing(sqlite3.connect(path)) as snapshot, snapshot:
        [(fact,), (reviewed,)] = snapshot.execute(
            "select id from facts where review = '' and value is not null limit 2"
        ).fetchall()
        snapshot.execute("update facts set probability = 985, subject_probability = 485")
        snapshot.execute("update facts set review = 'confirm' where id = ?", [reviewed])
        keys = dict(snapshot.execute("select id, evidence from facts where id in (?, ?)", [fact, reviewed]))
    ds = site(path)
    for language, number, subject in (
        ("en", "The program is very sure (about 98 of 100 such readings are right)", "right in about 48 of 100"),
        ("zh-Hans", "程序很有把握（每100个这样的读数约98个正确）", "所指的对象把握较小（100个约48个正确）"),
    ):
        html = (await ds.client.get(f"/fact/{keys[fact]}?lang={language}")).text
        assert number in html and subject in html
        html = (await ds.client.get(f"/fact/{keys[reviewed]}?lang={language}")).text
        assert number not in html and subject not in html
