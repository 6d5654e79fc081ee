"""The editors' pages: who may do what, what their decisions change, and what can be taken back."""

import re
import shutil
import sqlite3
import zipfile
from contextlib import closing
from html import unescape
from pathlib import Path

import pytest
from datasette.app import Datasette
from editors import PASSWORD, Person, open_site, rows, with_accounts
from one_language import foreign_words
from support import dangqun

from archive.decisions.reports import Reports
from archive.decisions.reviews import Reviews
from archive.publishing.snapshot import publish
from archive.storage.store import open_for_writing

PUBLIC = [
    "/", "/search", "/search.json", "/data", "/data/tables.zip", "/archive", "/archive/articles", "/archive/articles/1", "/archive/facts/1",
    "/archive/stations/1", "/question/money_by_year", "/archive/-/query?sql=select+1", "/place/望潭区", "/feed/facts.atom", "/feed/search.atom?q=党员",
    "/robots.txt", "/sitemap.xml", "/llms.txt", "/archive.db", "/-/login", "/archive/articles.json", "/archive/facts.csv",
]  # fmt: skip
EDITORS = ["/desk", "/review", "/review/stations", "/review/reports", "/review/history", "/alerts"]
ADMINS = ["/takedowns"]
FORBIDDEN = ["/-/permissions", "/-/create-token", "/archive/-/create", "/archive/facts/-/insert", "/archive/facts/1/-/delete", "/archive/-/execute-write"]  # fmt: skip


@pytest.fixture(scope="module")
def folder(demo: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("editors") / "data"
    shutil.copytree(demo[0], copy)
    return with_accounts(copy)


@pytest.fixture
def ds(folder: Path) -> Datasette:
    return open_site(folder)


@pytest.mark.parametrize("name", ["", "reader-one", "editor-one", "admin-one"])
async def test_who_may_see_what(ds: Datasette, name: str) -> None:
    person = Person(ds, name)
    for path in PUBLIC:
        moved = path.rpartition("/")[2] == "1"  # a number leads to the key
        assert (await person.get(path, follow_redirects=False)).status_code == (301 if moved else 200), path
        assert (await person.get(path, follow_redirects=True)).status_code == 200, path
    for paths, allowed in ((EDITORS, ("editor-one", "admin-one")), (ADMINS, ("admin-one",))):
        for path in paths:
            expected = 200 if name in allowed else 302 if not name else 403
            answer = await person.get(path, follow_redirects=False)
            assert answer.status_code == expected, (path, name)
            sent = await person.send(path, of="/review", decision="confirm", id=1, fact=1)
            assert sent.status_code in ((303, 400, 403) if name in allowed else (302, 403)), (path, name)
    for path in FORBIDDEN:
        assert (await person.get(path)).status_code in (400, 403, 404, 405), path
        assert (await ds.client.post(path, json={"row": {}}, cookies=person._cookies)).status_code >= 400, path


async def test_nothing_was_decided_by_those_who_may_not(ds: Datasette, folder: Path) -> None:
    reviews = Reviews(folder / "reviews.db")
    before = len(reviews.history())
    for name in ("", "reader-one"):
        person = Person(ds, name)
        fact = await Person(ds, "editor-one").waiting()
        token = re.search(r'name="token" value="([^"]+)"', (await Person(ds, "editor-one").get("/review")).text)[1]
        answer = await ds.client.post(
            "/review", data={**fact, "decision": "confirm", "token": token}, cookies=person._cookies
        )
        assert answer.status_code in (302, 403)
    assert len(reviews.history()) == before
    reviews.close()


async def test_the_way_in(ds: Datasette) -> None:
    wrong = await ds.client.post("/-/login", data={"username": "editor-one", "password": "wrong"})
    assert wrong.status_code == 200 and "用户名或密码不对" in wrong.text
    assert "ds_actor" not in wrong.headers.get("set-cookie", "")
    right = await ds.client.post("/-/login", data={"username": "editor-one", "password": PASSWORD})
    assert right.status_code == 302 and "HttpOnly" in right.headers["set-cookie"]
    name, _, value = right.headers["set-cookie"].partition(";")[0].partition("=")
    assert (await ds.client.get("/desk", cookies={name: value})).status_code == 200


async def test_guessing_is_slowed_down(folder: Path) -> None:
    ds = open_site(folder)
    answers = [
        (await ds.client.post("/-/login", data={"username": "editor-one", "password": str(n)})).status_code
        for n in range(8)
    ]
    assert answers[:5] == [200] * 5 and answers[5:] == [429] * 3


async def test_a_password_in_a_header_is_not_looked_at(ds: Datasette) -> None:
    answer = await ds.client.get("/desk", headers={"authorization": "Basic ZWRpdG9yLW9uZTpjb3JyZWN0"})
    assert answer.status_code == 302
    assert (await ds.client.get("/", headers={"authorization": "Basic ÿÿ".encode("latin-1")})).status_code == 200


@pytest.mark.parametrize("forged", ["x", "eyJhIjp7ImlkIjoiZWRpdG9yLW9uZSJ9fQ.AAAA", "", "null", "a" * 5000])
async def test_forged_cookies_open_nothing(ds: Datasette, forged: str) -> None:
    for value in (forged, Datasette([]).sign({"a": {"id": "admin-one", "role": "admin"}}, "actor")):
        assert (await ds.client.get("/takedowns", cookies={"ds_actor": value})).status_code == 302


async def test_forms_of_others_are_refused(ds: Datasette, folder: Path) -> None:
    editor, other = Person(ds, "editor-one"), Person(ds, "editor-two")
    fact = await editor.waiting()
    token = re.search(r'name="token" value="([^"]+)"', (await other.get("/review")).text)[1]
    for bad in ("", "x", token, token[:-2] + "zz"):
        sent = await ds.client.post(
            "/review", data={**fact, "decision": "confirm", "token": bad}, cookies=editor._cookies
        )
        assert sent.status_code == 403, bad
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "http://evil.example"}):
        assert (await editor.send("/review", headers=headers, decision="confirm", **fact)).status_code == 403
    reviews = Reviews(folder / "reviews.db")
    assert fact["evidence"] not in reviews.standing()
    reviews.close()


async def test_a_fact_is_reviewed_and_taken_back(ds: Datasette, folder: Path) -> None:
    editor, other, admin = (Person(ds, name) for name in ("editor-one", "editor-two", "admin-one"))
    first = await editor.waiting()
    done = await editor.send("/review", decision="confirm", **first)
    assert done.status_code == 303 and re.fullmatch(r"/review\?done=\d+", done.headers["location"])
    number = done.headers["location"].split("=")[1]
    assert "已确认" in (await editor.get(done.headers["location"])).text
    second = await editor.waiting()
    assert second != first
    assert (await other.send("/review", decision="undo", id=number)).status_code == 400  # somebody else's
    assert (await editor.send("/review", decision="undo", id=number)).status_code == 303
    assert await editor.waiting() == first
    again = await editor.send("/review", decision="reject", **first)
    assert (
        await admin.send("/review/history", kind="fact", id=again.headers["location"].split("=")[1])
    ).status_code == 303
    assert await editor.waiting() == first
    skipped = await editor.send("/review", decision="skip", **first)
    assert skipped.status_code == 303 and await editor.waiting() == second
    assert await other.waiting() == first  # skipping is one's own
    history = (await editor.get("/review/history")).text
    assert "<del>已确认</del>" in history and "<del>已否定</del>" in history and "editor-one" in history


@pytest.mark.parametrize(
    "fields",
    [
        {"decision": "correct"},
        {"decision": "correct", "value": "many"},
        {"decision": "correct", "value": "1e99"},
        {"decision": "correct", "type": "nothing"},
        {"decision": "burn"},
        {"decision": "confirm", "fact": "1 or 1=1"},
        {"decision": "confirm", "evidence": "0" * 24},
    ],
    ids=str,
)
async def test_what_cannot_be_decided_is_reported(ds: Datasette, fields: dict[str, str]) -> None:
    editor = Person(ds, "editor-one")
    answer = await editor.send("/review", **(await editor.waiting() | fields))
    assert answer.status_code == 400 and 'role="alert"' in answer.text


async def test_takedowns_count_at_once_and_corrections_from_the_next_publication(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "data"
    shutil.copytree(folder, copy)
    ds = open_site(copy)
    editor, admin = Person(ds, "editor-one"), Person(ds, "admin-one")
    row = (await rows(ds, "/archive/facts.json?type=households&_size=1"))[0]
    fact = {"fact": row["id"], "evidence": row["evidence"]}
    assert (await editor.send("/review", decision="correct", value="77", note="算错", **fact)).status_code == 303
    one, two = (await rows(ds, "/archive/stations.json?_size=2&_sort=id"))[:2]
    merged = await editor.send(
        "/review/stations",
        of=f"/review/stations?station={one['key']}&other={two['key']}",
        decision="same",
        one=one["key"],
        other=two["key"],
        reason="同一处",
    )
    assert merged.status_code == 303
    articles = await rows(ds, "/archive/articles.json?_size=max&_sort=id")
    # Which fact waits depends on the order of the crawl; it stays. Of what goes there are copies, so its station stays.
    copied = ("白鹭汀社区党群服务中心搬新家", "柳溪社区党群服务中心：八百平方米里的一天")
    gone = next(one for one in articles if one["title"] in copied and one["id"] != row["article_id"])
    name = next(name for name in ("望江苑", "喆园") if name not in row["subject"])
    for kind, value in (("article", gone["url"]), ("name", name)):
        sent = await admin.send("/takedowns", kind=kind, value=value, reason="当事人要求", decision="add")
        assert sent.status_code == 303
    assert (await admin.send("/takedowns", kind="article", value="http://no.example/", reason="x")).status_code == 400
    refused = await admin.get(f"/capture/{gone['capture_id']}.warc.gz")
    assert refused.status_code == 404
    await _is_gone(ds, copy, gone, name)
    assert (await rows(ds, f"/archive/facts.json?id={fact['fact']}"))[0]["review"] == ""
    with open_for_writing(copy) as archive:
        publish(archive)
    after = open_site(copy)
    corrected = (await rows(after, f"/archive/facts.json?id={fact['fact']}"))[0]
    assert (corrected["review"], corrected["reviewed_value"]) == ("correct", 77)
    stations = await rows(after, "/archive/stations.json?_size=max")
    assert len(stations) in (9, 10)  # two are one; of a third, whose name may be the one, nothing is left
    await _is_gone(after, copy, gone, name)
    with sqlite3.connect(copy / "reviews.db") as decided:
        assert decided.execute("select count(*) from takedowns").fetchone() == (2,)  # the list is kept


async def _is_gone(ds: Datasette, folder: Path, gone: dict, name: str) -> None:
    """Nothing that is published holds an article, or a name."""
    own = (await ds.client.get("/search?q=无此名")).text.count("无此名")  # how often a page has the reader's own words
    for path in (
        "/", f"/search?q={name}", f"/search.json?kind=facts&q={name}", "/archive/articles?_size=max", "/archive/stations?_size=max", "/archive/revisions?_size=max",
        "/feed/facts.atom", "/archive/facts.csv?_stream=on", "/archive/captures.json?_size=max", "/archive/donations", "/sitemap.xml", "/llms.txt",
    ):  # fmt: skip
        text = (await ds.client.get(path)).text
        allowed = own if path.startswith("/search?") else 0
        assert text.count(name) <= allowed and gone["url"] not in text, path
    taken = await ds.client.get(f"/archive/articles/{gone['id']}", follow_redirects=True)
    assert taken.status_code == 410 and "已撤下" in taken.text
    with zipfile.ZipFile(folder / "published" / "tables" / "tables.zip") as package:
        for entry in package.namelist():
            content = package.read(entry)
            assert name.encode() not in content and gone["url"].encode() not in content, entry
    content = (folder / "published" / "archive.db").read_bytes()
    assert name.encode() not in content and gone["url"].encode() not in content


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
async def test_the_pages_are_in_one_language(folder: Path, tmp_path: Path, language: str) -> None:
    folder = shutil.copytree(folder, tmp_path / "data")
    ds = open_site(folder)
    admin = Person(ds, "admin-one")
    fact = (await rows(ds, "/archive/facts.json?type=households&_size=1"))[0]
    one, two = (await rows(ds, "/archive/stations.json?_size=2&_sort=id"))[:2]
    outlet = (await rows(ds, "/archive/outlets.json?_size=1"))[0]
    await admin.send("/review", decision="correct", value=7, **await admin.waiting())
    await admin.send("/alerts", kind="facts", type="households", channel="webhook", target="https://a.example/x")
    await admin.send("/takedowns", kind="name", value="不存在的人", reason="test", decision="add")
    with closing(Reports(folder / "reviews.db")) as reports:
        reports.add("fact", fact["evidence"], "date", f"no {language}")
        reports.add("fact", fact["evidence"], "date", f"closed {language}")
        reports.decide(reports.open()[-1]["id"], "known", "admin-one")
    paths = [
        *EDITORS, *ADMINS, "/desk?since=2020-01-01", "/desk?since=2020-01-01&outlet=云泽新闻网", f"/review?fact={fact['evidence']}",
        f"/review?station={one['key']}", f"/review?outlet={outlet['key']}", "/review?article=x", f"/review/stations?station={one['key']}",
        f"/review/stations?station={one['key']}&q=小区", f"/review/stations?station={one['key']}&other={two['key']}",
        f"/alerts?of=station/{one['key']}", "/alerts?q=党员&min=30&since=2020", f"/takedowns?fact={fact['evidence']}",
        f"/report?of=fact/{fact['evidence']}", "/report?of=fact/x", "/-/login", "/-/logout",
    ]  # fmt: skip
    for path in paths:
        page = (await admin.get(path, headers={"accept-language": language})).text
        assert f'<html lang="{language}">' in page and foreign_words(page, language) == [], path
    refused = await admin.send("/review", decision="correct", value="x", **await admin.waiting())
    assert refused.status_code == 400 and foreign_words(refused.text, "zh-Hans") == []


@pytest.mark.parametrize("name", ["", "reader-one", "editor-one", "admin-one"])
async def test_what_an_editor_can_do_is_on_the_page_itself(ds: Datasette, name: str) -> None:
    links = {
        "station": ["/review?station=k", "/review/stations?station=k", "/alerts?of=station/k"],
        "outlet": ["/review?outlet=k", "/alerts?of=outlet/k"],
        "place": ["/review?place=k", "/alerts?of=place/k"],
        "article": ["/review?article=k", "/takedowns?article=k"],
        "fact": ["/review?fact=k", "/takedowns?fact=k"],
    }
    role = name.partition("-")[0]
    await ds.invoke_startup()
    for kind, wanted in links.items():
        context = {"kind": kind, "key": "k", "actor": {"id": name, "role": role} if name else None, "urls": ds.urls}
        html = await ds.get_jinja_environment().get_template("_actions.html").render_async(context)
        hidden = {"admin": (), "editor": ("/takedowns",)}.get(role, ("/",))
        assert re.findall(r'href="([^"]+)"', html) == [one for one in wanted if not one.startswith(hidden or "-")]


async def test_a_fact_is_reviewed_from_its_own_page(ds: Datasette, folder: Path) -> None:
    editor = Person(ds, "editor-one")
    row = (await rows(ds, "/archive/facts.json?type=households&current=1&_size=1&_sort_desc=id"))[0]
    path, fact = f"/review?fact={row['evidence']}", {"fact": row["id"], "evidence": row["evidence"]}
    sent = await editor.send(path, decision="correct", value="1,077", qualifier="计划", note="数错", **fact)
    assert sent.status_code == 303 and sent.headers["location"].startswith(f"{path}&done=")
    page = (await editor.get(sent.headers["location"])).text
    shown, read = (page.index(f">{value:,}户") for value in (1077, int(row["value"])))
    assert shown < read and "程序读数" in page and "已更正" in page  # the reviewed value goes first
    own = f"/fact/{row['evidence']}?lang=en"
    pending = "shown to readers from the next publication on"
    shown = (await editor.get(own)).text
    assert pending in shown and "1,077" in shown and "editor-one" in shown and "数错" in shown
    assert pending not in (await ds.client.get(own)).text
    assert 'class="confirm"' in page and 'class="reject"' in page and 'data-key="c"' in page
    with closing(Reviews(folder / "reviews.db")) as reviews:
        assert reviews.standing()[row["evidence"]].corrected == {"value": 1077, "qualifier": "planned"}
    undo = re.search(r'name="id" value="(\d+)"', page)[1]
    assert (await editor.send(path, decision="undo", id=undo)).headers["location"] == path
    assert pending not in (await editor.get(own)).text  # what is published is what was decided
    assert "1,077" not in (await editor.get(path)).text
    (of,) = await rows(ds, f"/archive/articles.json?id={row['article_id']}")
    article = f"/review?article={of['key']}"
    seen = set()
    while waiting := re.search(
        r'name="fact" value="(\d+)">.*name="evidence" value="(\w+)"', (await editor.get(article)).text
    ):
        assert waiting[1] not in seen
        seen.add(waiting[1])
        await editor.send(article, decision="confirm", fact=waiting[1], evidence=waiting[2])
    assert str(row["id"]) in seen and "没有待复核的内容" in (await editor.get(article)).text


async def test_stations_are_merged_by_search_and_put_back(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "data")
    ds = open_site(copy)
    editor, other = Person(ds, "editor-one"), Person(ds, "editor-two")
    one, two = [
        (await rows(ds, f"/archive/stations.json?name__contains={name}"))[0] for name in ("喆园小区", "堃和社区")
    ]
    found = (await editor.get(f"/review/stations?station={one['key']}&q=堃和社區")).text  # in any script
    path = f"/review/stations?station={one['key']}&amp;other={two['key']}"
    assert path.partition("?")[2] in found and one["name"] in found and two["name"] in found
    page = (await editor.get(path.replace("&amp;", "&"))).text
    first, second = re.findall(r'name="(?:one|other)" value="(\w+)"', page)
    assert {first, second} == {one["key"], two["key"]} and f"/station/{second}</code> → <code" in page
    moved = {row["key"]: row["facts"] for row in (one, two)}[second]
    assert f"{moved}条事实连同报道一起归并" in page
    fields = {"of": path.replace("&amp;", "&"), "decision": "same", "one": first, "other": second}
    refused = await editor.send("/review/stations", **fields, reason=" ")
    assert refused.status_code == 400
    for keys in ({"one": first, "other": first}, {"one": "x", "other": second}):
        assert (await editor.send("/review/stations", **(fields | keys), reason="同一处")).status_code == 400
    sent = await editor.send("/review/stations", **fields, reason="同一处")
    assert sent.status_code == 303 and "同一站点" in (await editor.get(sent.headers["location"])).text
    with open_for_writing(copy) as archive:
        publish(archive)
    merged = open_site(copy)
    led = await merged.client.get(f"/station/{second}", follow_redirects=False)
    assert (led.status_code, led.headers["location"]) == (301, f"/station/{first}")
    number = sent.headers["location"].partition("=")[2]
    undo = {"of": "/review", "decision": "undo", "id": number}
    assert (await other.send("/review/stations", **undo)).status_code == 400  # somebody else's
    assert (await editor.send("/review/stations", **undo)).status_code == 303
    with open_for_writing(copy) as archive:
        publish(archive)
    assert (await open_site(copy).client.get(f"/station/{second}", follow_redirects=False)).status_code == 200


async def test_an_article_is_taken_down_from_its_own_page(folder: Path, tmp_path: Path) -> None:
    ds = open_site(shutil.copytree(folder, tmp_path / "data"))
    admin = Person(ds, "admin-one")
    article = (await rows(ds, "/archive/articles.json?_size=1"))[0]
    path = f"/takedowns?article={article['key']}"
    page = (await admin.get(path)).text
    assert f'value="{article["url"]}"' in page and article["title"] in page
    sent = await admin.send(path, decision="add", kind="article", value=article["url"], reason="")
    assert sent.status_code == 400 and 'id="reason-error"' in sent.text
    sent = await admin.send(path, decision="add", kind="article", value=article["url"], reason="当事人要求")
    assert sent.status_code == 303
    assert (await ds.client.get(f"/article/{article['key']}")).status_code == 410


async def test_what_is_new_is_counted_by_links_to_its_list(ds: Datasette) -> None:
    editor = Person(ds, "editor-two")
    html = (await editor.get("/desk?since=2020-01-01")).text
    tiles = dict(re.findall(r'<li><a href="([^"]+)"><strong>([\d,]+)</strong>', html))
    assert {"#new", "/review", "/review/reports", "#contradictions", "/review/stations", "/health"} == set(tiles)
    counted = re.findall(r'<li><a href="(\?since=[^"]+outlet=[^"]+)">[^<]+</a> <strong>(\d+)</strong>', html)
    assert sum(int(count) for _, count in counted) == 33
    for link, count in counted:
        listed = (await editor.get("/desk" + unescape(link).partition("#")[0])).text
        new = listed[listed.index('<section id="new">') :].partition("</section>")[0]
        assert new.count('href="/article/') == int(count), link


async def test_a_newer_snapshot_is_served_without_a_restart(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "data"
    shutil.copytree(folder, copy)
    ds = open_site(copy)
    assert (await rows(ds, "/archive/articles.json?_size=1"))[0]
    with open_for_writing(copy) as archive:
        archive.reviews.take_down("article", "http://no.example/x", "甲", "试")
        archive.connection.execute("update articles set title = '新标题' where id = 1")
        publish(archive, fall=1)
    assert (await rows(ds, "/archive/articles.json?id=1"))[0]["title"] == "新标题"
    with closing(sqlite3.connect(copy / "published" / "archive.db")) as snapshot:
        snapshot.execute("pragma application_id = 1")  # as another version of the program publishes it
    page = await ds.client.get("/", headers={"accept-language": "zh"})
    assert page.status_code == 503 and "“dangqun publish”" in page.text and "暂时无法显示" in page.text
    assert (await ds.client.get("/search.json")).json()["ok"] is False
    assert (await ds.client.get("/static/site.css")).status_code == 200
    with open_for_writing(copy) as archive:
        publish(archive, fall=1)
    assert (await ds.client.get("/")).status_code == 200


async def test_the_desk_lists_what_came_in(ds: Datasette) -> None:
    editor = Person(ds, "editor-two")
    html = (await editor.get("/desk")).text
    assert '<a href="#new"><strong>33</strong> 新报道</a>' in html and "发表后改动" in html
    assert "第2版，抓取于" in html
    later = (await editor.get("/desk?since=2999-01-01T00:00:00Z")).text
    assert '<a href="#new"><strong>0</strong> 新报道</a>' in later


def test_a_visit_counts_from_the_one_before(tmp_path: Path) -> None:
    reviews = Reviews(tmp_path / "reviews.db")
    assert reviews.visit("甲", "2026-01-01T08:00:00+00:00") == ""
    assert reviews.visit("甲", "2026-01-01T08:10:00+00:00") == ""
    assert reviews.visit("甲", "2026-01-02T08:00:00+00:00") == "2026-01-01T08:10:00+00:00"
    assert reviews.visit("甲", "2026-01-02T08:05:00+00:00") == "2026-01-01T08:10:00+00:00"
    reviews.close()


def test_accounts_are_made_and_removed(tmp_path: Path) -> None:
    folder = str(tmp_path / "data")
    short = dangqun("--archive", folder, "accounts", "add", "amy", input="short\n")
    assert short.returncode == 1 and "at least 10" in short.stderr
    assert (
        dangqun("--archive", folder, "accounts", "add", "amy", "--role", "admin", input=PASSWORD + "\n").returncode == 0
    )
    kept = tmp_path / "data" / "accounts.json"
    assert kept.stat().st_mode & 0o777 == 0o600 and PASSWORD not in kept.read_text()
    assert "admin" in dangqun("--archive", folder, "accounts", "list").stderr
    assert dangqun("--archive", folder, "accounts", "remove", "amy").returncode == 0
    assert dangqun("--archive", folder, "accounts", "remove", "amy").returncode == 1
