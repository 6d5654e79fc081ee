"""The pages of lists: what is asked comes back in words, with counts, and leads on."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from datasette.app import Datasette

_PATHS = [
    "/articles", "/facts", "/stations", "/outlets", "/search", "/search?q=党员&kind=facts", "/search?q=望潭&kind=places",
    "/search?q=望潭&kind=stations&sort=name", "/facts?type=party_members&min=30&max=100&place=望潭&since=2020&until=2023-05-01&by=reported_on&sort=value",
    "/facts?reviewed=1&sure=0.9&qualifier=registered&donor=公司", "/facts?reprints=1", "/articles?q=没有这个词", "/facts?since=21", "/search?kind=towns",
]  # fmt: skip


@pytest.mark.parametrize("path", _PATHS)
async def test_one_language(demo_site: Datasette, path: str) -> None:
    status = 400 if path in ("/facts?since=21", "/search?kind=towns") else 200
    chinese = await demo_site.client.get(path)
    english = await demo_site.client.get(path, headers={"accept-language": "en"})
    assert (chinese.status_code, english.status_code) == (status, status)
    for label in ("Filters", "Place", "Fact type", "Apply", "newest"):
        assert f">{label}<" not in chinese.text, label
    # What is Chinese in the English page is from articles, and marked.
    text = english.text.split("<main")[1].split("</main")[0]
    text = re.sub(r'<(option|span|a) [^>]*(lang="zh-Hans"|class="amount").*?</\1>|<[^>]*>', "", text, flags=re.DOTALL)
    text = re.sub(r"“.*?”|'.*?'", "", text)
    assert not re.findall(r"[一-鿿]+", text)


async def test_filters_in_words(demo_site: Datasette) -> None:
    path = "/facts?type=party_members&place=望潭&min=30&since=2020&until=2021-06"
    chinese = await demo_site.client.get(path)
    (finding,) = re.findall(r'<p class="finding" role="status">(.*?)<strong>', chinese.text)
    assert finding == "望潭区，党员数，2020年至2021年6月，30以上："
    english = await demo_site.client.get(path + "&lang=en")
    (finding,) = re.findall(r'<p class="finding" role="status">(.*?)<strong>', english.text)
    assert re.sub("<.*?>", "", finding) == "望潭区, Party members, 2020 to June 2021, at least 30: "
    (without,) = re.findall(r'href="([^"]*)" rel="nofollow">30以上', chinese.text)
    assert "min=" not in without and "since=2020" in without


async def test_a_count_is_what_the_link_leads_to(demo_site: Datasette) -> None:
    html = (await demo_site.client.get("/facts?since=2020")).text
    choices = re.findall(r'<li><a href="([^"]*)" rel="nofollow">.*?</a> <span class="number">(\d+)</span>', html)
    assert len(choices) > 15
    for link, count in choices[::4]:
        answer = await demo_site.client.get(link.replace("&amp;", "&").replace("/facts?", "/facts.json?"))
        assert answer.json()["total"] == int(count), link


async def test_all_pages_of_a_list(demo_site: Datasette) -> None:
    path, seen = "/facts?sort=-value", list[str]()
    while path:
        html = (await demo_site.client.get(path)).text
        seen += re.findall(r'<p class="(?:figure|quoted)">“?<a href="/fact/(\w+)"', html)
        following = re.search(r'rel="next" class="[^"]*" href="([^"]*)"', html)
        path = following[1].replace("&amp;", "&") if following else ""
    total = (await demo_site.client.get("/facts.json")).json()["total"]
    assert len(seen) == len(set(seen)) == total > 100


@pytest.mark.parametrize("path", ["/facts?type=address", "/search?kind=facts&type=address"])
@pytest.mark.parametrize("language", ["zh-Hans", "en"])
async def test_the_row_of_a_text_shows_its_quote_and_no_value(demo_site: Datasette, path: str, language: str) -> None:
    html = (await demo_site.client.get(f"{path}&lang={language}")).text
    rows = re.findall(r'<li class="fact">.*?</li>', html, re.DOTALL)
    assert rows
    for row in rows:
        assert '<p class="figure"></p>' in row and re.search(r'<p class="quoted">“<a href="/fact/\w+"', row)


@pytest.mark.parametrize("name", ["size", "_size", "limit", "page"])
@pytest.mark.parametrize("path", ["/facts.json", "/search.json"])
async def test_a_page_asked_for_in_another_way_is_refused(demo_site: Datasette, path: str, name: str) -> None:
    for language, words in (("zh-Hans", f"{name}：没有这个参数。"), ("en", f"{name}: there is no such parameter.")):
        answer = await demo_site.client.get(f"{path}?{name}=5&lang={language}")
        assert answer.status_code == 400
        assert answer.json()["error"].startswith(words) and "after" in answer.json()["error"]


@pytest.mark.parametrize("path", ["/search", "/facts", "/stations"])
async def test_words_to_leave_out_need_one_to_look_for(demo_site: Datasette, path: str) -> None:
    for language, words in (
        ("zh-Hans", "不要的词旁边，还要写一个要找的词。"),
        ("en", "A word to leave out needs a word to look for beside it."),
    ):
        assert words in (await demo_site.client.get(f"{path}?q=-党员&lang={language}")).text
        assert words not in (await demo_site.client.get(f"{path}?q=望潭+-没有这个词&lang={language}")).text


async def test_a_wrong_parameter_is_called_by_its_label(demo_site: Datasette) -> None:
    for language, words in (("zh-Hans", "最小数值（min）：&#39;abc&#39;不是数字。"), ("en", "Smallest value (min): ")):
        assert words in (await demo_site.client.get(f"/facts?min=abc&lang={language}")).text


async def test_the_search_has_tabs_with_counts(demo_site: Datasette) -> None:
    html = (await demo_site.client.get("/search?q=望潭")).text
    tabs = dict(re.findall(r'<a href="/search\?kind=(\w+)&[^"]*"[^>]*>\w+ <span class="count">(\d+)<', html))
    assert (
        list(tabs) == ["articles", "facts", "stations", "places", "outlets"]
        and tabs["outlets"] == tabs["places"] == "1"
    )
    for kind in ("facts", "stations"):
        assert (await demo_site.client.get(f"/search.json?q=望潭&kind={kind}")).json()["total"] == int(tabs[kind])


async def test_an_ambiguous_name_offers_the_choices(demo_site: Datasette) -> None:
    html = (await demo_site.client.get("/stations?place=街道")).text
    assert "可指以下" in html and 'class="chip" href="/stations?place=' in html
    unknown = await demo_site.client.get("/stations?place=望谭区")
    assert unknown.status_code == 400 and "相近的有：望潭区" in unknown.text


async def test_an_empty_list_says_what_to_leave_out(demo_site: Datasette) -> None:
    html = (await demo_site.client.get("/facts?type=party_members&since=2031&place=望潭")).text
    assert "没有同时符合" in html and re.search(r">去掉 2031年起</a>：\d+条事实", html)


@pytest.mark.parametrize(
    ("kind", "written", "name"),
    [("place", "澄浦", "澄浦街道"), ("outlet", "望潭", "望潭发布"), ("type", "party", "Party members")],
)
async def test_suggestions(demo_site: Datasette, kind: str, written: str, name: str) -> None:
    answer = await demo_site.client.get(f"/suggest.json?kind={kind}&q={written}&lang=en")
    first = answer.json()["rows"][0]
    assert first["name"] == name and first["count"] > 0 and "parent" in first
    listed = await demo_site.client.get(f"/facts?{kind}={first['key']}&lang=en")
    assert listed.status_code == 200 and 'class="chip"' in listed.text


async def test_the_address_of_a_form_has_what_was_filled_in(demo_site: Datasette) -> None:
    sent = await demo_site.client.get("/facts?place=望潭&type=&min=&sort=value&q=")
    assert sent.status_code == 302 and unquote(sent.headers["location"]) == "/facts?place=望潭&sort=value"


async def test_a_list_as_json_and_as_a_feed(demo_site: Datasette) -> None:
    of_list = (await demo_site.client.get("/articles.json?q=党员")).json()
    of_search = (await demo_site.client.get("/search.json?q=党员")).json()
    assert of_list["total"] + of_list["folded"] == of_search["total"]  # the search answers with reprints
    feed = await demo_site.client.get("/facts.atom?type=party_members")
    assert feed.status_code == 200 and feed.text.count("<entry>") > 5


def test_a_form_offers_what_the_list_reads() -> None:
    from dataclasses import fields

    from archive.search.wanted import Wanted

    templates = Path(__file__).parents[2] / "datasette" / "templates"
    text = (templates / "_narrowing.html").read_text("utf-8") + (templates / "_list.html").read_text("utf-8")
    for one in fields(Wanted):
        assert f'"{one.name}"' in text or f"{one.name}=" in text, one.name
