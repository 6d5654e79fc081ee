"""The pages of questions: a sentence, a chart and all rows, in one language; where their old addresses lead."""

import re
import shutil
import sqlite3
from contextlib import closing
from html import unescape
from pathlib import Path

import pytest
from datasette.app import Datasette
from serving import site

from archive.publishing.questions import questions

NAMES = list(questions())
_HAN = re.compile(r"[\u4e00-\u9fff]")


async def _get(ds: Datasette, path: str, status: int = 200) -> str:
    response = await ds.client.get(path)
    assert response.status_code == status, path
    return response.text


async def _answer(ds: Datasette, name: str) -> list[dict[str, object]]:
    answer = await ds.client.get(f"/archive/{name}.json?_shape=objects")
    rows: list[dict[str, object]] = answer.json()["rows"]
    return rows


def _table(html: str) -> list[list[str]]:
    """The cells of the table of all rows."""
    table = html[html.index('<table class="sortable') : html.rindex("</table>")]
    rows = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
    return [
        [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)]
        for row in rows[1:]
    ]


@pytest.mark.parametrize("name", NAMES)
async def test_a_question_shows_its_whole_answer(demo_site: Datasette, name: str) -> None:
    answer = await _answer(demo_site, name)
    html = await _get(demo_site, f"/question/{name}?lang=en")
    assert answer and len(_table(html)) == len(answer)
    assert unescape(re.findall(r"<pre[^>]*>(.*?)</pre>", html, re.DOTALL)[0]) == questions()[name].sql.strip()
    again = await demo_site.client.get(
        "/archive/-/query.json", params={"sql": questions()[name].sql, "_shape": "objects"}
    )
    assert again.json()["rows"] == answer
    for form, beginning in (("xlsx", b"PK"), ("csv", b"")):
        assert f'href="/archive/{name}.{form}"' in html
        assert (await demo_site.client.get(f"/archive/{name}.{form}")).content.startswith(beginning)


@pytest.mark.parametrize("path", ["/questions", *(f"/question/{name}" for name in NAMES)])
async def test_a_page_is_in_one_language(demo_site: Datasette, path: str) -> None:
    for language, foreign in (("en", _HAN), ("zh-Hans", re.compile(r"[A-Za-z]{3,}"))):
        html = await _get(demo_site, f"{path}?lang={language}")
        main = html[html.index("<main") : html.index("</main>")]
        ours = re.sub(r'<(\w+)[^>]* (?:lang="zh-Hans"|data-source)[^>]*>[^<]*</\1>', "", main)
        words = re.sub(r"<[^>]+>|https?://\S+|SQL|CSV|XLSX|JSON", " ", ours)
        assert not foreign.findall(words), (path, language, foreign.findall(words))


async def test_the_list_has_each_question_with_its_finding_and_its_chart(demo_site: Datasette) -> None:
    html = await _get(demo_site, "/questions?lang=en")
    assert [name for name in NAMES if f'href="/question/{name}"' not in html] == []
    assert html.count("<figure") >= 6
    assert "<script type" not in html and "<canvas" not in html


@pytest.mark.parametrize("name", NAMES)
async def test_old_addresses_redirect(demo_site: Datasette, name: str) -> None:
    answer = await demo_site.client.get(f"/archive/{name}", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (301, f"/question/{name}")


async def test_findings_say_what_the_answers_hold(demo_site: Datasette) -> None:
    money = await _answer(demo_site, "money_by_year")
    most = max(money, key=lambda row: float(str(row["invested"])))
    html = await _get(demo_site, "/question/money_by_year?lang=en")
    shown = (
        f"Articles report the most money for {most['year']}: {most['invested']:,} yuan, in {most['stations']} stations"
    )
    assert shown in html
    outlets = await _answer(demo_site, "coverage_by_outlet")
    articles, reprints = (sum(int(str(row[column])) for row in outlets) for column in ("articles", "reprints"))
    assert f"{len(outlets)}家媒体共有{articles}篇报道，其中{reprints}篇是转载；" in await _get(demo_site, "/questions")


async def test_stations_with_only_a_plan_are_behind_no_money(demo_site: Datasette) -> None:
    [both] = [row for row in await _answer(demo_site, "money_by_year") if row["invested"] and row["planned"]]
    assert (both["amounts"], both["stations"], both["planned_stations"]) == (3, 2, 1)
    html = await _get(demo_site, "/question/money_by_year?lang=en")
    assert f"{both['invested']:,} yuan, in 2 stations or subjects." in html
    figure = html[html.index("<figure") : html.index("</figure>")]
    assert re.findall(r">n=(\d+)</text>", figure) == ["2", "2", "2", "2"]
    assert re.search(rf"<title>{both['year']} · Planned · [^·]*</title>", figure)


async def test_donations_are_as_written_and_from_others(demo_site: Datasette) -> None:
    given = {(row["goods"], row["value"]): row for row in await _answer(demo_site, "donations")}
    books = given["图书", 430]
    assert (books["approx"], books["unit"], books["measure"]) == ("more_than", "item", "册")
    assert books["donor"] is None and books["recipient"] == "喆园小区党群服务站"
    assert (given["饮用水", 400]["approx"], given["饮用水", 400]["measure"]) == (None, "箱")
    assert "超过" in (page := await _get(demo_site, "/question/donations")) and ">册<" in page
    named = sum(row["donor"] is not None for row in given.values())
    assert f"the donor is named in {named}." in await _get(demo_site, "/question/donations?lang=en") and named


async def test_what_a_chart_leaves_out_stands_only_with_a_chart(demo: tuple[Path, str], tmp_path: Path) -> None:
    shutil.copytree(demo[0] / "published", tmp_path / "published")
    path = tmp_path / "published" / "archive.db"
    for drawn, there in (('[{"at": "甲公司", "given": 5, "n": 1}]', True), ("[]", False)):
        with closing(sqlite3.connect(path)) as snapshot, snapshot:
            snapshot.execute(
                "update answers set drawn = ?, drawn_of = ? where question = 'donations'", [drawn, int(there)]
            )
        html = await _get(site(path), "/question/donations?lang=en")
        assert ("The chart leaves out" in html) == there


async def test_members_are_counted_with_the_stations_behind_them(demo_site: Datasette) -> None:
    html = await _get(demo_site, "/question/members_by_city_and_year?lang=en")
    assert re.search(r'<td class="number">\d+/\d+</td>', html)


async def test_rows_are_sorted_by_their_headers(demo_site: Datasette) -> None:
    def numbers(html: str) -> list[int]:
        return [int(row[3].replace(",", "")) for row in _table(html)]

    down = await _get(demo_site, "/question/money_by_year?sort=-invested")
    up = await _get(demo_site, "/question/money_by_year?sort=invested")
    assert numbers(down) == sorted(numbers(down), reverse=True) == numbers(up)[::-1]
    assert 'aria-sort="descending"' in down and 'aria-sort="ascending"' in up
    for sort in ("nonsense", "-", "1;drop", '"'):
        assert _table(await _get(demo_site, f"/question/money_by_year?sort={sort}")) == _table(
            await _get(demo_site, "/question/money_by_year")
        )


@pytest.mark.parametrize("number", ["0", "2", "-1", "x", "9" * 30, "１"])
async def test_pages_that_there_are_not(demo_site: Datasette, number: str) -> None:
    await _get(demo_site, f"/question/money_by_year?page={number}", 404)
