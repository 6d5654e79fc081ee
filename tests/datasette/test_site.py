"""The pages: what they show, and that search understands Chinese."""

import json
import re
import urllib.error
import urllib.request
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest
from datasette.app import Datasette
from serving import served, site

from archive.facts.scores import LOCAL, scores
from archive.publishing.keys import key_of
from archive.publishing.snapshot import publish
from archive.storage.store import open_for_writing
from server.raw_tables import declared


async def _get(ds: Datasette, path: str) -> str:
    response = await ds.client.get(path)
    assert response.status_code == 200, (path, response.status_code)
    return response.text


async def _rows(ds: Datasette, path: str) -> list[dict]:
    response = await ds.client.get(path)
    assert response.status_code == 200, (path, response.text[:300])
    return response.json()["rows"]


async def test_start_page(demo_site: Datasette) -> None:
    html = await _get(demo_site, "/?lang=en")
    assert "each number leads back to the words that state it" in html and "about 93 of 100 numbers" in html
    for words in ("<strong>33</strong> articles", "<strong>11</strong> stations", "<strong>3</strong> outlets"):
        assert words in html
    newest = html[html.index('<ul class="cards newest">') :]
    facts = re.findall(r'<a class="figure" href="/fact/(\w+)">', newest[: newest.index("</ul>")])
    assert len(facts) == len({*facts}) == 8
    assert "Demonstration: everything here is invented." in html
    assert "width=device-width" in html


async def test_pages_count_facts_alike_and_in_one_word(demo_site: Datasette) -> None:
    (total,) = await _rows(demo_site, "/archive/totals.json?name=statements")
    assert f"<strong>{total['count']}</strong> facts" in await _get(demo_site, "/?lang=en")
    assert f"{total['count']} facts" in await _get(demo_site, "/facts?lang=en")
    (station, *_) = await _rows(demo_site, "/archive/stations.json?_sort_desc=statements")
    (place,) = await _rows(demo_site, "/archive/places.json?name=望潭区")
    (outlet, *_) = await _rows(demo_site, "/archive/outlets.json")
    of_one = f"/station/{station['key']}", f"/place/{place['key']}", f"/outlet/{outlet['key']}"
    for path in ("/", "/facts", "/stations", "/outlets", "/places", *of_one):
        for language, other in (("en", r"\b[Ss]tatements?\b"), ("zh-Hans", "条说法|全部说法")):
            text = re.sub(r"<[^>]+>", " ", await _get(demo_site, f"{path}?lang={language}"))
            assert not re.search(other, text), (path, language)


async def test_the_start_page_of_an_empty_archive_says_what_to_run(tmp_path: Path) -> None:
    with open_for_writing(tmp_path / "data") as archive:
        publish(archive)
    html = await _get(site(tmp_path / "data" / "published" / "archive.db"), "/?lang=en")
    assert "This archive has no articles yet." in html and "<code>dangqun demo</code>" in html
    assert 'class="newest' not in html and "Demonstration" not in html


async def test_about_shows_scores_and_coverage(demo_site: Datasette) -> None:
    html = await _get(demo_site, "/about?lang=en")
    members = scores(LOCAL).types["party_members"]
    row = html[html.index('type=party_members">') :]
    shown = re.findall(r'<td class="number">([^<]*)</td>', row[: row.index("</tr>")])
    assert shown[:2] == [str(members.facts), f"{100 * members.precision:.0f}%"]
    coverage = html[html.index('<table class="heat">') :]
    assert re.findall(r'<th scope="col" class="number">(\d+)</th>', coverage)[0] == "2019"
    described = json.loads(re.search(r'<script[^>]*type="application/ld\+json">(.*?)</script>', html)[1])
    assert described["@type"] == "Dataset" and described["temporalCoverage"] == "2019/2023"
    assert described["distribution"][0]["contentUrl"].endswith("/archive.db")


async def test_coverage_counts_articles_by_place_and_year(demo_site: Datasette) -> None:
    counted = await _rows(demo_site, "/archive/coverage.json?_size=max&_shape=objects")
    assert counted
    for row in counted:
        articles = await _rows(
            demo_site,
            f"/archive/article_places.json?place={row['place']}&published__startswith={row['year']}&_size=max&_shape=objects",
        )
        assert row["articles"] == len(articles)


async def test_article_page_marks_every_quote(demo_site: Datasette) -> None:
    (article,) = await _rows(demo_site, "/archive/articles.json?title__contains=红色客厅&_size=1")
    facts = await _rows(demo_site, f"/archive/facts.json?article_id={article['id']}&current=1")
    html = await _get(demo_site, f"/article/{article['key']}")
    marked = [
        unescape(re.sub(r"<span.*", "", m))
        for m in re.findall(r'<mark class="quote" tabindex="0"[^>]*>(.*?)</mark>', html, re.DOTALL)
    ]
    assert marked == [fact["quote"] for fact in sorted(facts, key=lambda fact: fact["start"])]
    assert len(marked) >= 6
    assert '投入资金</strong> <span class="amount">18万元</span>' in html
    (capture,) = await _rows(demo_site, f"/archive/captures.json?id={article['capture_id']}")
    assert capture["digest"] in html
    assert f'datetime="{capture["fetched_at"]}"' in html
    assert f'href="{article["url"]}" rel="noopener noreferrer nofollow"' in html
    assert "家門口多了個" in html  # the mirror's copy


async def test_an_article_in_two_pages_leads_to_the_capture_of_each(demo_site: Datasette) -> None:
    (article,) = await _rows(demo_site, "/archive/articles.json?page_spans__not=%5B%5D&_size=2")
    captures = [capture for *_, capture in json.loads(article["page_spans"])]
    html = await _get(demo_site, f"/article/{article['key']}")
    assert "原文共2页" in html and "不完整" not in html
    links = re.findall(r'/capture/(\d+)\.warc\.gz"[^>]*>第\d页', html)
    assert list(map(int, links)) == captures and len(set(captures)) == 2
    facts = await _rows(demo_site, f"/archive/facts.json?article_id={article['id']}&current=1&_size=max")
    second = json.loads(article["page_spans"])[1]
    fact = next(fact for fact in facts if fact["start"] >= second[0])
    assert f'/capture/{second[2]}.warc.gz"' in await _get(demo_site, f"/fact/{fact['evidence']}")
    taken = await demo_site.client.get(f"/capture/{second[2]}.warc.gz")
    assert taken.status_code == 200
    (part,) = await _rows(demo_site, f"/archive/captures.json?id={second[2]}")
    assert part["kind"] == "part" and article["url"] in part["reason"]
    moved = await demo_site.client.get(f"/article/{key_of('article', part['url'])}")
    assert (moved.status_code, moved.headers["location"]) == (301, f"/article/{article['key']}")


async def test_revised_article_shows_its_earlier_text(demo_site: Datasette) -> None:
    (article,) = await _rows(demo_site, "/archive/articles.json?revision=2")
    html = await _get(demo_site, f"/article/{article['key']}")
    assert "小区在册党员36名" in html
    assert re.search(r"<s>[^<]*64[^<]*小区在册党员64名", html)


async def test_station_page(demo_site: Datasette) -> None:
    (station,) = await _rows(demo_site, "/archive/stations.json?name=映月花园小区党群服务站")
    html = await _get(demo_site, f"/station/{station['key']}")
    assert (
        html.index('class="tiles"') < html.index('class="chart') < html.index('class="records statements"')
    )  # answers first
    tiles = [
        re.sub(r"<[^>]+>|\s+", " ", tile) for tile in re.findall(r"<li><a class=\"name\".*?</li>", html, re.DOTALL)
    ]
    assert len(tiles) == 6 and "73人" in tiles[0] and "报道于2023年7月1日" in tiles[0]  # the latest, not the largest
    assert "118人" not in tiles[0] and "较" not in tiles[0]  # no trend between dates of reports
    chart = html[html.index('class="chart') : html.index("</figure>")]
    assert [f"{n} 人" in chart or f"{n}人" in chart for n in (42, 58, 73)] == [True] * 3
    (row,) = [row for row in re.findall(r"<tr role=\"row\">(?:(?!</tr>).)*</tr>", html, re.DOTALL) if ">58人<" in row]
    assert "2021-06-28" in row and ">—<" in row and "云泽新闻网" in row
    assert "+1" in row and "環球頭條匯" in row  # the reprint is a source of the same statement
    for link in (f"/facts.csv?station={station['key']}", f"/compare?of={station['key']}", "/place/", "/feed/station/"):
        assert link in html, link
    assert "锦帆社区党群服务中心" in html  # its neighbour


async def test_a_raw_table_can_be_faceted_and_filtered(demo_site: Datasette) -> None:
    html = await _get(demo_site, "/archive/facts?current=1&_facet=type&lang=en")
    assert "These are raw tables" in html and 'href="/facts"' in html
    assert "<section><h2><code>type</code>" in html
    one = await _get(demo_site, "/archive/facts?type=party_members&current=1")
    assert "donation" not in re.sub(r"<[^>]*>", "", one[one.index("<tbody") : one.index("</tbody>")])
    assert "没有符合的行" in await _get(demo_site, "/archive/facts?id=0")


async def test_a_raw_table_sorts_by_its_headers_without_scripts(demo_site: Datasette) -> None:
    html = await _get(demo_site, "/archive/articles?_sort=title")
    assert re.findall(r'<th[^>]*aria-sort="ascending"><a [^>]*_sort_desc=title', html)
    assert re.findall(r"<script[^>]*src=\"([^\"]+)", html) == ["/static/site.js"]


async def test_a_row_is_shown_a_column_a_line(demo_site: Datasette) -> None:
    (capture,) = await _rows(demo_site, "/archive/captures.json?_size=1")
    html = await _get(demo_site, f"/archive/captures/{capture['id']}")
    assert '<th scope="row"><code>digest</code>' in html and capture["digest"] in html


async def test_rows_that_are_not_there(demo_site: Datasette) -> None:
    for path in (
        "/archive/articles/999999",
        "/archive/articles/abc",
        "/archive/stations/-1",
        "/archive/facts/99999999999999999999",
    ):
        assert (await demo_site.client.get(path)).status_code == 404, path


@pytest.mark.parametrize(
    ("simplified", "traditional"), [("党员", "黨員"), ("站", "站"), ("党群服务站", "黨群服務站"), ("书", "書")]
)
async def test_search_in_either_script(demo_site: Datasette, simplified: str, traditional: str) -> None:
    found = [
        {row["id"] for row in await _rows(demo_site, f"/archive/articles.json?_search={word}&_size=max")}
        for word in (simplified, traditional)
    ]
    assert found[0] == found[1] != set()
    everything = await _rows(demo_site, "/archive/articles.json?_size=max")
    holding = {row["id"] for row in everything if simplified in row["title"] + row["text"]}
    assert holding <= found[0]


async def test_facts_and_stations_are_searched_too(demo_site: Datasette) -> None:
    assert len(await _rows(demo_site, "/archive/facts.json?_search=捐赠")) >= 3
    assert [row["name"] for row in await _rows(demo_site, "/archive/stations.json?_search=望江苑")] == [
        "望江苑小区党群服务站"
    ]


def test_an_ended_command_leaves_no_server(demo: tuple[Path, str]) -> None:
    with served(demo[0]) as address:
        assert urllib.request.urlopen(address, timeout=60).status == 200
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(address, timeout=60)


async def test_every_table_opens(demo_site: Datasette) -> None:
    for table in (
        "articles",
        "facts",
        "stations",
        "outlets",
        "captures",
        "revisions",
        "reprints",
        "fact_types",
        "runs",
    ):
        await _get(demo_site, f"/archive/{table}")
        for row in (await _rows(demo_site, f"/archive/{table}.json?_size=1"))[:1]:
            row_page = f"/archive/{table}/{row.get('id') or row['article_id']}"
            assert (await demo_site.client.get(row_page, follow_redirects=True)).status_code == 200


async def test_fact_page_shows_the_passage_and_how_to_cite_it(demo_site: Datasette) -> None:
    facts = await _rows(demo_site, "/archive/facts.json?type=investment&value=180000&_shape=objects")
    fact = min(
        facts, key=lambda fact: any(sign in fact["quote"] for sign in "資萬")
    )  # of the two outlets that say it, the one in our script
    html = await _get(demo_site, f"/fact/{fact['evidence']}")
    assert f'<mark class="quote">{fact["quote"]}</mark>' in html
    assert "环球" in html or "環球" in html  # the mirror says it too
    moved = await demo_site.client.get(f"/archive/facts/{fact['id']}")
    assert (moved.status_code, moved.headers["location"]) == (301, f"/fact/{fact['evidence']}")
    assert 'class="large"' in html and "18万元" in html and f"/report?of=fact/{fact['evidence']}" in html
    for form in ("short", "full", "gbt7714", "bibtex", "csl"):
        (cited,) = re.findall(rf'id="cite-{form}"[^>]*>(.*?)</p>', html, re.DOTALL)
        for named in ("小区党群服务站", "望潭区 青萝街道", "2019", f"/fact/{fact['evidence']}"):
            assert named in cited, (form, named)
    entry = await _get(demo_site, f"/fact/{fact['evidence']}.bib")
    assert entry.startswith(f"@online{{dangqun-{fact['evidence']},") and fact["quote"] in entry
    (item,) = json.loads(await _get(demo_site, f"/fact/{fact['evidence']}.json"))
    assert item["issued"] == {"date-parts": [[2019, 7, 3]]} and item["container-title"] == "云泽新闻网"
    assert fact["quote"] in await _get(demo_site, f"/fact/{fact['evidence']}.txt")
    for path in ("/fact/" + "0" * 24, "/fact/" + "0" * 24 + ".bib"):
        assert (await demo_site.client.get(path)).status_code == 404


async def test_robots_txt(demo_site: Datasette) -> None:
    assert "Disallow: /*?" in await _get(demo_site, "/robots.txt")


async def test_feeds(demo_site: Datasette) -> None:
    atom = "{http://www.w3.org/2005/Atom}"
    (station,) = await _rows(demo_site, "/archive/stations.json?name=映月花园小区党群服务站&_shape=objects")
    (outlet,) = await _rows(demo_site, "/archive/outlets.json?id=1")
    for path, title in (
        ("/feed/facts.atom", ""),
        (f"/feed/station/{station['key']}.atom", station["name"]),
        (f"/feed/outlet/{outlet['key']}.atom", ""),
        ("/feed/search.atom?q=黨員", "黨員"),
    ):
        response = await demo_site.client.get(path)
        assert response.headers["content-type"].startswith("application/atom+xml"), path
        feed = ET.fromstring(response.content)
        entries = feed.findall(f"{atom}entry")
        assert 1 < len(entries) <= 50 and title in (feed.findtext(f"{atom}title") or "")
        link = entries[0].find(f"{atom}link")
        assert link is not None
        assert (await demo_site.client.get(urlsplit(link.attrib["href"]).path)).status_code == 200
        ids = [entry.findtext(f"{atom}id") for entry in entries]
        assert len(set(ids)) == len(ids)
    for path in ("/feed/station/99999.atom", "/feed/outlet/0.atom", "/feed/dogs.atom"):
        assert (await demo_site.client.get(path)).status_code == 404
    nothing = await demo_site.client.get('/feed/search.atom?q="')
    assert ET.fromstring(nothing.content).findall(f"{atom}entry") == []


async def test_health(demo_site: Datasette) -> None:
    html = await _get(demo_site, "/health?lang=en")
    assert "All is as usual." in html and "sample-city" in html
    assert "一切正常。" in await _get(demo_site, "/health")
    health = (await demo_site.client.get("/health.json")).json()
    assert health["ok"] is True
    assert {row["site"]: row["outcome"] for row in health["sites"]} == dict.fromkeys(
        ("sample-city", "sample-district", "sample-mirror"), "finished"
    )
    assert "fetch_schedule" not in (await demo_site.client.get("/archive.json?_extra=tables")).text


@pytest.mark.parametrize(
    ("language", "way"), [("en", "Data › Raw tables › articles"), ("zh", "数据 › 原始表 › articles")]
)
async def test_the_way_up_from_a_raw_table(demo_site: Datasette, language: str, way: str) -> None:
    html = await _get(demo_site, f"/archive/articles?lang={language}")
    crumbs = html[html.index('<nav class="crumbs"') :]
    assert re.sub(r"<[^>]+>", "", crumbs[: crumbs.index("</nav>")]) == way


async def test_a_query_that_cannot_be_run_stays_in_its_form(demo_site: Datasette) -> None:
    answer = await demo_site.client.get("/archive/-/query?sql=selec+type+from+facts&lang=en")
    assert answer.status_code == 400 and "Statement must be a SELECT" in answer.text
    assert re.search(r"<textarea[^>]*>selec type from facts</textarea>", answer.text)


async def test_an_address_without_a_page_is_searched_for(demo_site: Datasette) -> None:
    answer = await demo_site.client.get("/党员数?lang=en", follow_redirects=True, headers={"accept-language": "en"})
    assert answer.status_code == 404 and 'value="党员数"' in answer.text and "There is no page" in answer.text


async def test_a_filter_is_in_words(demo_site: Datasette) -> None:
    html = await _get(demo_site, "/archive/facts?type=party_members&value__gte=50&lang=en")
    (words,) = re.findall(r'<p class="count"[^>]*>(.*?)</p>', html)
    assert re.fullmatch(r"\d+ rows: type = party_members · value ≥ 50", re.sub(r"<[^>]+>", "", words).strip())


async def test_programs_read_about_tables_in_english(demo_site: Datasette) -> None:
    answer = await demo_site.client.get("/archive/facts.json?_size=0&_extra=metadata")
    metadata = answer.json()["metadata"]
    assert (
        metadata["title"] == "Facts" and metadata["columns"]["reported_on"] == "the day on which the article appeared"
    )


def test_tables_are_described_in_both_languages() -> None:
    for name, table in declared().items():
        assert all(table[key] for key in ("zh", "en", "note_zh", "note_en")), name
        assert all(words["zh"] and words["en"] for words in table.get("columns", {}).values()), name


async def test_what_a_district_spent_stands_once_and_is_added_to_no_station(demo_site: Datasette) -> None:
    places = await _rows(demo_site, "/archive/money_of_places.json?_shape=objects")
    assert [(row["subject"], row["value"], row["sources"]) for row in places if row["value"] > 1e6] == [
        ("望潭区", 26_000_000, 2)
    ]
    years = await _rows(demo_site, "/archive/money_by_year.json?_shape=objects")
    assert {row["year"]: row["invested"] for row in years} == {
        "2019": 2780000, "2020": 340000, "2022": 3240000, "2023": 163000,
    }  # fmt: skip
