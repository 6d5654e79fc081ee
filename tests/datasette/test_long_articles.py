"""A text of any length is read in parts: nothing of it is lost, each fact leads to its words, and no visit costs the whole."""

import importlib
import re
import shutil
import sqlite3
import time
from html import unescape
from pathlib import Path

import pytest
from datasette.app import Datasette
from serving import site

_LONG = 900_000  # characters
_TIP = re.compile(r'<span class="tip".*?</span></mark>', re.DOTALL)


def _text(html: str) -> str:
    """The text of an article as a page shows it, without blanks and what explains its quotes."""
    shown = html[html.index('<div class="text">') : html.index('<section class="facts"')]
    shown = re.sub(r"<nav.*?</nav>", "", shown, flags=re.DOTALL)
    return re.sub(r"\s", "", unescape(re.sub(r"<[^>]*>", "", _TIP.sub("", shown))))


@pytest.fixture
def parts_of_200(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts so short that ordinary articles have several."""
    module = importlib.import_module("archive.site.article")
    monkeypatch.setattr(module, "_PART", 200)
    monkeypatch.setattr(module, "_MIN_PART", 100)


async def test_the_parts_hold_everything_once(demo_site: Datasette, parts_of_200: None) -> None:
    database, seen = demo_site.get_database("archive"), 0
    for key, text, facts in await database.execute(
        "select key, text, (select group_concat(evidence) from facts where article_id = articles.id and current)"
        " from articles where length(text) > 200 limit 12"
    ):
        first = (await demo_site.client.get(f"/article/{key}")).text
        links = dict.fromkeys(re.findall(rf"/article/{key}\?part=\d+", first))
        pages = [first, *[(await demo_site.client.get(link)).text for link in links if not link.endswith("=1")]]
        assert len(pages) > 1 and 'rel="next"' in first and 'rel="prev"' in pages[1]
        assert "".join(map(_text, pages)) == re.sub(r"\s", "", text)
        listed = [one for page in pages for one in re.findall(r'<li id="fact-(\w+)"', page)]
        assert sorted(listed) == sorted((facts or "").split(",") if facts else [])
        seen += len(listed)
    assert seen > 20


async def test_every_link_to_a_fact_leads_to_its_part(demo_site: Datasette, parts_of_200: None) -> None:
    database, later = demo_site.get_database("archive"), 0
    pages = ["/", "/search?kind=facts", "/search?kind=facts&q=党员"]
    pages += [f"/station/{key}" for (key,) in await database.execute("select key from stations limit 2")]
    pages += [f"/fact/{key}" for (key,) in await database.execute("select evidence from facts where current limit 6")]
    for page in pages:
        html = (await demo_site.client.get(page)).text
        for path, evidence in re.findall(r'href="(/article/[^"#]+)#fact-(\w+)"', html)[:4]:
            article = (await demo_site.client.get(path)).text
            assert f'<li id="fact-{evidence}">' in article, (page, path)
            later += "?fact=" in path
    assert later > 2


async def test_a_quote_across_the_end_of_a_part_is_shown_whole(demo_site: Datasette, parts_of_200: None) -> None:
    pages = importlib.import_module("archive.site.article")
    row = {"start": 5, "end": 9, "evidence": "x"}
    (line,) = pages.paragraphs("0123456789", [row], 0, 9)
    assert [(piece["text"], len(piece["facts"])) for piece in line] == [("01234", 0), ("5678", 1)]
    begins = pages._begins("啊" * 1000)
    assert begins == [0, 200, 400, 600, 800]  # without an end of a sentence


@pytest.mark.parametrize(
    "query", ["part=0", "part=9999", "part=-1", "part=x", "part=1.5", "part=%EF%BC%91", "part=9" + "9" * 40]
)
async def test_a_part_that_is_not_there_is_not_found(demo_site: Datasette, query: str) -> None:
    (key,) = (await demo_site.get_database("archive").execute("select key from articles limit 1")).first()
    assert (await demo_site.client.get(f"/article/{key}?{query}")).status_code == 404


async def test_a_fact_of_another_article_shows_the_beginning(demo_site: Datasette) -> None:
    (key,) = (await demo_site.get_database("archive").execute("select key from articles limit 1")).first()
    for fact in ("0" * 24, "'", "%F0%9F%98%80"):
        assert (await demo_site.client.get(f"/article/{key}?fact={fact}")).status_code == 200


@pytest.fixture
def long(demo: tuple[Path, str], tmp_path: Path) -> tuple[Datasette, str]:
    """The site with an article of a book's length, each of its sentences a fact; and its key."""
    snapshot = shutil.copytree(demo[0] / "published", tmp_path / "published") / "archive.db"
    with sqlite3.connect(snapshot) as connection:
        connection.row_factory = sqlite3.Row
        fact = dict(connection.execute("select * from facts where current order by id limit 1").fetchone())
        sentence = fact["quote"] + "，" + "大家都说这里办事方便" * 11 + "。"
        text = sentence * (_LONG // len(sentence))
        connection.execute("update articles set text = ? where id = ?", [text, fact["article_id"]])
        last = connection.execute("select max(id) from facts").fetchone()[0]
        for number in range(_LONG // len(sentence)):
            start = number * len(sentence)
            new = fact | {"id": last + 1 + number, "evidence": f"{number:024x}", "start": start}
            new["end"] = start + len(fact["quote"])
            connection.execute(f"insert into facts values ({', '.join('?' * len(new))})", list(new.values()))
        (key,) = connection.execute("select key from articles where id = ?", [fact["article_id"]]).fetchone()
    return site(snapshot), key


@pytest.mark.parametrize("repeated", ["好。", "好。坏。", "啊"])
def test_versions_that_repeat_themselves_are_compared_soon(repeated: str) -> None:
    pages = importlib.import_module("archive.site.article")
    before, after = repeated * (6000 // len(repeated)), repeated * 700 + "中" + repeated * 700
    began = time.monotonic()
    found = pages.difference(before, after)
    assert time.monotonic() - began < 6
    assert "".join(one["text"] for one in found if one["kind"] == "del").startswith(repeated)


async def test_a_visit_to_a_very_long_article_costs_one_part(long: tuple[Datasette, str]) -> None:
    reader, key = long
    await reader.client.get("/robots.txt")  # what is done at the first request
    last = f"{_LONG // 200:024x}"
    for path in (f"/article/{key}", f"/article/{key}?part=20", f"/article/{key}?fact={last}"):
        began = time.monotonic()
        answer = await reader.client.get(path)
        assert answer.status_code == 200 and len(answer.content) < 1_000_000
        assert time.monotonic() - began < 15
    assert f'<li id="fact-{last}">' in answer.text
