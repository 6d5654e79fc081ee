"""An article that its site shows in several pages is one article, in whatever order these were captured."""

import sqlite3
from contextlib import closing
from itertools import permutations
from pathlib import Path

import pytest
from support import exchange, page

from archive.pipeline import ingest as module
from archive.pipeline.ingest import catch_up, ingest
from archive.pipeline.rebuild import rebuild
from archive.pipeline.reread import outdated, reread
from archive.pipeline.verify import verify
from archive.publishing.public import record
from archive.publishing.purge import look, purge
from archive.publishing.snapshot import publish
from archive.site import article as article_page
from archive.site import fact as fact_page
from archive.site.fact import fact_by_evidence
from archive.storage.store import DATABASE, Archive, open_for_reading, open_for_writing

TITLE = "碧螺小区党群服务站的一年"
HOST = "http://www.news.example/2024/"
LEAD, SECOND, THIRD = URLS = tuple(f"{HOST}c_1234{end}.html" for end in ("", "_2", "_3"))
TEXTS = (
    "望潭区青萝街道碧螺小区党群服务站揭牌，投入资金14万元，站里设有议事厅、图书室、调解室，居民走进来就能坐下说话。",
    "碧螺小区党群服务站现有在册党员36名，志愿者轮流值班，谁家水管漏了，谁家老人要买药，打个电话就有人上门。",
    "一年来，碧螺小区党群服务站累计举办活动46场，孩子们放学后在里屋写作业，老人在门口的长椅上晒太阳，日子久了话也多了。",
)


def body(number: int, text: str = "", title: str = TITLE, pages: int = 3) -> str:
    """One page of the article, with a pager that leads to all others."""
    links = [
        f'<a href="c_1234{f"_{n}" if n > 1 else ""}.html">{n}</a>' if n != number else str(n)
        for n in range(1, pages + 1)
    ]
    suffix = f"（{number}）" if number > 1 else ""
    return page(title + suffix, text or TEXTS[number - 1]).replace(
        "</div></body>", f"<p>{' '.join(links)}</p></div></body>"
    )


def take(store: Archive, url: str, html: str, status: int = 200) -> str:
    """Fetch and read a page. Returns the kind that it turned out to be."""
    capture_id = store.save_capture(exchange(url, html, status, outlet="云泽新闻网"), None)
    assert capture_id is not None
    ingest(store, capture_id)
    return kinds(store)[capture_id]


def kinds(store: Archive) -> dict[int, str]:
    return dict(store.connection.execute("select id, kind from captures order by id").fetchall())


def articles(store: Archive) -> list[tuple[object, ...]]:
    return store.connection.execute("select url, title, text, revision from articles order by url").fetchall()


def stated(store: Archive) -> list[tuple[object, ...]]:
    return store.connection.execute(
        "select evidence, value, current from facts where value is not null order by value"
    ).fetchall()


def differences(store: Archive) -> list[str]:
    return [f"{found.where}: {found.what}" for found in verify(store)]


@pytest.mark.parametrize("order", [*permutations(range(3))])
def test_any_order_makes_one_article(store: Archive, order: tuple[int, ...]) -> None:
    for number in order:
        take(store, URLS[number], body(number + 1))
    assert articles(store) == [(LEAD, TITLE, "\n".join(TEXTS), 1)]
    assert [value for _, value, _ in stated(store)] == [36, 46, 140_000]
    assert sorted(kinds(store).values()) == ["article", "part", "part"]
    page_spans, missing_pages = store.connection.execute("select page_spans, missing_pages from articles").fetchone()
    captures = {url: number for number, url in store.connection.execute("select id, url from captures")}
    first, second = len(TEXTS[0]), len(TEXTS[0]) + 1 + len(TEXTS[1])
    ends = [(0, first), (first + 1, second), (second + 1, second + 1 + len(TEXTS[2]))]
    assert page_spans == str([[*end, captures[url]] for end, url in zip(ends, URLS, strict=True)]).replace(" ", "")
    assert missing_pages == "[]"
    assert store.unread() == [] and outdated(store) == []


def test_the_facts_do_not_depend_on_the_order(tmp_path: Path) -> None:
    found = []
    for at, order in enumerate(((0, 1, 2), (2, 1, 0))):
        with open_for_writing(tmp_path / str(at)) as store:
            for number in order:
                take(store, URLS[number], body(number + 1))
            rows = store.connection.execute("select type, subject, value, quote, start from facts order by start, type")
            found.append(rows.fetchall())
            assert differences(store) == []
    assert found[0] == found[1]


def test_a_page_that_changes_makes_a_version(store: Archive) -> None:
    for number, url in enumerate(URLS, 1):
        take(store, url, body(number))
    assert take(store, SECOND, body(2, TEXTS[1].replace("36", "63"))) == "part"
    assert [row[3] for row in articles(store)] == [2]
    assert [row[1:] for row in stated(store)] == [(36, 0), (46, 1), (63, 1), (140_000, 1)]
    assert store.connection.execute("select number, capture_id from revisions").fetchall() == [(1, 1), (2, 4)]
    assert store.connection.execute("select capture_id from articles").fetchone() == (1,)
    assert (
        take(store, LEAD, body(1, title="碧螺小区服务站的一年")) == "article"
    )  # its others have the old headline as yet
    assert [row[1:3] for row in articles(store)] == [
        ("碧螺小区服务站的一年", "\n".join((TEXTS[0], TEXTS[1].replace("36", "63"), TEXTS[2])))
    ]
    assert differences(store) == []


def test_a_page_that_is_gone_stays_in_the_article(store: Archive) -> None:
    for number, url in enumerate(URLS, 1):
        take(store, url, body(number))
    assert take(store, SECOND, "<html><body>404</body></html>", 404) == "gone"
    assert articles(store)[0][2:] == ("\n".join(TEXTS), 1)
    assert take(store, LEAD, "<html><body>404</body></html>", 404) == "gone"
    assert store.connection.execute("select gone_at is not null from articles").fetchall() == [(1,)]
    assert differences(store) == []


def test_a_page_that_is_not_there_is_named(store: Archive) -> None:
    take(store, LEAD, body(1))
    take(store, THIRD, body(3))
    assert articles(store) == [(LEAD, TITLE, f"{TEXTS[0]}\n{TEXTS[2]}", 1)]
    assert store.connection.execute("select missing_pages from articles").fetchone() == (f'["{SECOND}"]',)
    assert differences(store) == []


def test_pages_without_their_first_wait_for_it(store: Archive) -> None:
    assert take(store, SECOND, body(2)) == "part"
    assert take(store, THIRD, body(3)) == "part"
    assert articles(store) == [] and differences(store) == []
    assert reread(store, outdated(store, everything=True)) == 0
    take(store, LEAD, body(1))
    assert articles(store) == [(LEAD, TITLE, "\n".join(TEXTS), 1)]


def test_another_story_under_the_stem_stays_an_article_of_its_own(store: Archive) -> None:
    take(store, LEAD, body(1))
    assert take(store, SECOND, body(2, title="芷岸区松涛街道的另一件事")) == "article"
    assert [row[:1] + row[2:3] for row in articles(store)] == [(LEAD, TEXTS[0]), (SECOND, TEXTS[1])]
    assert [row[1] for row in stated(store)] == [36, 140_000]
    assert differences(store) == []


def test_a_page_without_a_pager_is_no_part(store: Archive) -> None:
    take(store, LEAD, body(1))
    assert take(store, SECOND, page(TITLE, TEXTS[1])) == "article"
    assert len(articles(store)) == 2 and differences(store) == []


def test_an_article_on_another_host_is_not_pulled_in(store: Archive) -> None:
    take(store, LEAD, body(1))
    assert take(store, "http://other.example/2024/c_1234_2.html", body(2)) == "part"
    assert articles(store) == [(LEAD, TITLE, TEXTS[0], 1)]


def test_an_article_off_topic_keeps_no_page(store: Archive) -> None:
    oil = "国内成品油价格今晚上调，加满一箱油多花八元，车主可以在晚上十二点前加油。" * 3
    assert take(store, LEAD, body(1, oil, "油价今晚调整")) == "off_topic"
    assert take(store, SECOND, body(2, oil.replace("八", "九"), "油价今晚调整")) == "off_topic"
    assert articles(store) == [] and differences(store) == []


def test_the_topic_may_stand_on_a_later_page(store: Archive) -> None:
    oil = "国内成品油价格今晚上调，加满一箱油多花八元，车主可以在晚上十二点前加油。" * 3
    assert take(store, LEAD, body(1, oil, "今晚的几件事", pages=2)) == "off_topic"
    take(store, SECOND, body(2, TEXTS[1], "今晚的几件事", pages=2))
    assert articles(store) == [(LEAD, "今晚的几件事", f"{oil}\n{TEXTS[1]}", 1)] and differences(store) == []


def test_a_later_version_may_bring_the_topic(store: Archive) -> None:
    oil = "国内成品油价格今晚上调，加满一箱油多花八元，车主可以在晚上十二点前加油。" * 3
    assert take(store, LEAD, body(1, oil, "今晚的几件事", pages=2)) == "off_topic"
    assert take(store, SECOND, body(2, oil.replace("八", "九"), "今晚的几件事", pages=2)) == "off_topic"
    assert take(store, SECOND, body(2, TEXTS[1], "今晚的几件事", pages=2)) == "part"
    assert articles(store) == [(LEAD, "今晚的几件事", f"{oil}\n{TEXTS[1]}", 1)] and differences(store) == []


def test_a_text_at_which_the_reader_fails_is_read_again(store: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    take(store, LEAD, body(1))

    def fails(_: object) -> None:
        raise ValueError("a fault of the reader")

    with monkeypatch.context() as patched:
        patched.setattr("archive.pipeline.deriving.bands_of", fails)
        take(store, SECOND, body(2))
        assert [row[0] for row in outdated(store)] == [LEAD]
    assert reread(store, outdated(store)) == 1
    assert articles(store) == [(LEAD, TITLE, "\n".join(TEXTS[:2]), 1)] and differences(store) == []


def test_an_article_that_becomes_one_page(store: Archive) -> None:
    for number, url in enumerate(URLS, 1):
        take(store, url, body(number))
    take(store, LEAD, page(TITLE, *TEXTS))
    assert articles(store)[0][2] == "\n".join(TEXTS) and sorted(kinds(store).values()) == [
        "article",
        "article",
        "part",
        "part",
    ]
    take(store, LEAD, page(TITLE, TEXTS[0], TEXTS[2]))
    assert articles(store) == [(LEAD, TITLE, f"{TEXTS[0]}\n{TEXTS[2]}", 2)]
    assert store.connection.execute("select page_spans from articles").fetchone() == ("[]",)
    assert differences(store) == []


def test_what_a_crash_left_unread(store: Archive) -> None:
    for number, url in enumerate(URLS, 1):
        store.save_capture(exchange(url, body(number), outlet="云泽新闻网"), None)
    assert catch_up(store) == 3
    assert articles(store) == [(LEAD, TITLE, "\n".join(TEXTS), 1)] and differences(store) == []


@pytest.mark.parametrize("phone_first", [True, False])
def test_copies_for_phones_are_no_articles(store: Archive, phone_first: bool) -> None:
    phones = [url.replace("www.", "m.") for url in URLS]
    for addresses in (phones, URLS) if phone_first else (URLS, phones):
        for number, url in enumerate(addresses, 1):
            take(store, url, body(number))
    assert articles(store) == [(LEAD, TITLE, "\n".join(TEXTS), 1)]
    assert sorted(kinds(store).values()) == ["article", "copy", *["part"] * 4]
    assert differences(store) == []


@pytest.mark.parametrize("step", ["_replace_article", "_keep_facts", "_remove_article"])
def test_what_fails_half_way_leaves_nothing_half(store: Archive, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    take(store, LEAD, body(1))
    store.save_capture(exchange(SECOND, body(2), outlet="云泽新闻网"), None)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(module, step, killed)
        catch_up(store)
    assert articles(store) == [(LEAD, TITLE, TEXTS[0], 1)] and store.unread() == [2]
    assert catch_up(store) == 1
    assert articles(store) == [(LEAD, TITLE, "\n".join(TEXTS[:2]), 1)] and differences(store) == []


def test_pages_that_were_articles_of_their_own(store: Archive) -> None:
    take(store, LEAD, page(TITLE, TEXTS[0]))
    take(store, SECOND, page(TITLE, TEXTS[1]))
    key = next(key for key, value, _ in stated(store) if value == 36)
    take(store, LEAD, body(1, pages=2))
    take(store, SECOND, body(2, pages=2))
    assert articles(store) == [(LEAD, TITLE, "\n".join(TEXTS[:2]), 2)]
    successor = store.connection.execute("select successor from former_facts where key = ?", [key]).fetchone()
    assert successor == store.connection.execute("select evidence from facts where value = 36").fetchone()
    assert differences(store) == []


BARE = page(TITLE, TEXTS[0])
GONE = "<html><body>404</body></html>"
BACK = page(f"{TITLE}（2）", TEXTS[1]).replace("</div></body>", '<p><a href="c_1234.html">上一页</a></p></div></body>')


@pytest.mark.parametrize("lead", [BARE, GONE])
@pytest.mark.parametrize("lead_first", [True, False])
def test_a_page_whose_first_page_is_none(store: Archive, lead: str, lead_first: bool) -> None:
    """The address of the first page holds nothing, or an article that does not go on: the page is not kept back."""
    taken = [(LEAD, lead, 404 if lead == GONE else 200), (SECOND, BACK, 200)]
    for url, html, status in taken if lead_first else reversed(taken):
        take(store, url, html, status)
    assert (SECOND, f"{TITLE}（2）", TEXTS[1], 1) in articles(store)
    assert differences(store) == []
    take(store, LEAD, body(1, pages=2))
    assert [(url, text) for url, _, text, _ in articles(store)] == [(LEAD, "\n".join(TEXTS[:2]))]
    assert differences(store) == []


def test_an_erased_first_page_keeps_its_others_back(store: Archive) -> None:
    take(store, LEAD, BARE)
    take(store, SECOND, BACK)
    purge(store, [LEAD], "asked for")
    assert articles(store) == [] and differences(store) == []


def test_a_page_that_loses_its_pager_stays(store: Archive) -> None:
    for number, url in enumerate(URLS, 1):
        take(store, url, body(number))
    assert take(store, SECOND, page(TITLE, TEXTS[1].replace("36", "63"))) == "part"
    assert articles(store) == [(LEAD, TITLE, "\n".join((TEXTS[0], TEXTS[1].replace("36", "63"), TEXTS[2])), 2)]
    assert differences(store) == []


@pytest.mark.parametrize("later", [page("石桥村的另一件事", TEXTS[2]), body(2, TEXTS[2], "石桥村的另一件事", pages=2)])
def test_the_address_of_a_page_may_hold_another_article_later(store: Archive, later: str) -> None:
    take(store, LEAD, body(1, pages=2))
    take(store, SECOND, body(2, pages=2))
    assert take(store, SECOND, later) == "article"
    assert [(url, text) for url, _, text, _ in articles(store)] == [(LEAD, "\n".join(TEXTS[:2])), (SECOND, TEXTS[2])]
    assert store.connection.execute("select missing_pages from articles").fetchall() == [("[]",), ("[]",)]
    numbers = store.connection.execute("select id from articles order by id").fetchall()
    assert reread(store, outdated(store, everything=True)) == 2
    assert store.connection.execute("select id from articles order by id").fetchall() == numbers
    assert differences(store) == []


def test_parts_of_a_series_have_their_days(store: Archive) -> None:
    for number, url in enumerate(URLS, 1):
        take(store, url, body(number).replace("2021-06-28", f"2021-06-{20 + number}"))
    assert [(url, text) for url, _, text, _ in articles(store)] == list(zip(URLS, TEXTS, strict=True))
    assert store.connection.execute("select distinct missing_pages from articles").fetchall() == [("[]",)]
    assert differences(store) == []


def test_a_date_that_is_mended_takes_nothing_apart(store: Archive) -> None:
    for number, url in enumerate(URLS, 1):
        take(store, url, body(number))
    for number, url in enumerate(URLS[:2], 1):
        take(store, url, body(number).replace("2021-06-28", "2021-06-29"))
        assert [text for _, _, text, _ in articles(store)] == ["\n".join(TEXTS)]
    assert differences(store) == []


def _filled(folder: Path) -> None:
    with open_for_writing(folder) as store:
        take(
            store,
            f"{HOST}other_1.html",
            page(
                "石桥村的党群服务站",
                "云泽县红枫镇石桥村把旧粮站改成了党群服务站，村里现有党员52名，每月逢五开放，谁家有难处说一声就有人来帮忙。",
            ),
        )
        for number in (2, 3, 1):
            take(store, URLS[number - 1], body(number))
        take(store, THIRD, body(3, TEXTS[2].replace("46", "64")))


def _rows(folder: Path) -> list[list[tuple[object, ...]]]:
    with open_for_reading(folder) as store:
        return [
            store.connection.execute(sql).fetchall()
            for sql in (
                "select id, kind, page_key, stem from captures order by id",
                "select id, url, text, page_spans, missing_pages, revision, capture_id from articles order by id",
                "select number, capture_id, text, page_spans from revisions order by article_id, number",
                "select evidence, value, current, start from facts order by evidence",
            )
        ]


def test_reading_again_and_a_rebuild_come_to_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    _filled(folder)
    before = _rows(folder)
    with open_for_writing(folder) as store:
        assert reread(store, outdated(store, everything=True)) == 2
    assert _rows(folder) == before
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        connection.execute("pragma user_version = 1")
    rebuild(folder)
    assert _rows(folder) == before
    (folder / DATABASE).unlink()
    with open_for_writing(folder) as store:
        reread(store, outdated(store))
        assert differences(store) == []
    assert [rows for at, rows in enumerate(_rows(folder)) if at != 1] == [
        rows for at, rows in enumerate(before) if at != 1
    ]


def test_verify_finds_a_stretch_that_was_changed(tmp_path: Path) -> None:
    _filled(tmp_path / "data")
    with open_for_writing(tmp_path / "data") as store:
        store.connection.execute("update articles set page_spans = '[]', missing_pages = '[1]' where url = ?", [LEAD])
        assert any("page_spans" in one and "missing_pages" in one for one in differences(store))


def test_the_site_leads_to_the_page_that_says_it(tmp_path: Path) -> None:
    _filled(tmp_path / "data")
    with open_for_writing(tmp_path / "data") as store, closing(sqlite3.connect(publish(store))) as snapshot:
        snapshot.row_factory = None
        (fact_id,) = snapshot.execute("select id from facts where value = 36").fetchone()
        shown = fact_page(snapshot, fact_id)
        assert shown and shown["capture"]["url"] == SECOND
        found = record(store.folder, snapshot, shown["capture"]["id"])
        assert found and found[0] == f"capture-{shown['capture']['id']}.warc.gz"
        (article_id,) = snapshot.execute("select id from articles where url = ?", [LEAD]).fetchone()
        story = article_page(snapshot, article_id)
        assert story and [one["url"] for one in story["pages"]["there"]] == list(URLS)
        assert story["pages"]["missing"] == []


def test_a_citation_dates_the_page_that_says_it(tmp_path: Path) -> None:
    """Of words that stand on a page, or stood there once, the day on which that page was fetched."""
    _filled(tmp_path / "data")
    with open_for_writing(tmp_path / "data") as store:
        store.connection.execute("update captures set fetched_at = format('2024-01-%02dT00:00:00Z', id)")
        with closing(sqlite3.connect(publish(store))) as snapshot:
            for value in (36, 46, 64):
                fact_id, key = snapshot.execute("select id, evidence from facts where value = ?", [value]).fetchone()
                cited, shown = fact_by_evidence(snapshot, key), fact_page(snapshot, fact_id)
                assert cited and shown and cited["fetched_at"] == shown["capture"]["fetched_at"]
                assert shown["capture"]["url"] == (SECOND if value == 36 else THIRD)


def test_a_takedown_takes_all_pages(tmp_path: Path) -> None:
    _filled(tmp_path / "data")
    with open_for_writing(tmp_path / "data") as store:
        store.reviews.take_down("article", LEAD, "沈知远", "asked for")
        with closing(sqlite3.connect(publish(store, fall=1))) as snapshot:
            assert snapshot.execute("select url from captures where url != '' order by url").fetchall() == [
                (f"{HOST}other_1.html",)
            ]
            assert record(store.folder, snapshot, 2) is None


@pytest.mark.parametrize("given", URLS)
def test_a_purge_erases_all_pages(tmp_path: Path, given: str) -> None:
    folder = tmp_path / "data"
    _filled(folder)
    with open_for_writing(folder) as store:
        found = look(store, given)
        assert set(found.addresses) == set(URLS) and found.captures == 4
        purge(store, found.addresses, "asked for")
        assert [url for url, *_ in articles(store)] == [f"{HOST}other_1.html"]
        assert store.save_capture(exchange(SECOND, body(2)), None) is None
        assert differences(store) == []


def test_the_first_page_comes_back_after_a_further_one_has_changed(store: Archive) -> None:
    """Without its first page, the second is an article of its own, with a version for each of its captures."""
    take(store, LEAD, "<html><body>页面不存在</body></html>", 404)
    take(store, SECOND, body(2))
    take(store, SECOND, body(2, TEXTS[1].replace("36", "37")))
    assert [url for url, *_ in articles(store)] == [SECOND]
    take(store, LEAD, body(1))
    [(url, _, text, revision)] = articles(store)
    assert (url, revision) == (LEAD, 2) and text == "\n".join((TEXTS[0], TEXTS[1].replace("36", "37")))
    assert differences(store) == []
