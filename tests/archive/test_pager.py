"""Which pages say that an article goes on elsewhere, and how its pages become one text."""

import gc
import tracemalloc
from time import process_time

import pytest

from archive.model import Article, Capture
from archive.reading import join, read
from archive.reading.joining import title_key

HOST = "http://www.news.example/n/"
P = (
    "望潭区青萝街道碧螺小区党群服务站揭牌，投入资金14万元，居民走进来就能坐下说话，遇到难事有人接、有人办、有人回。",
    "站里的志愿者轮流值班，谁家水管漏了，谁家老人要买药，打个电话就有人上门，日子久了，邻里之间的话也多了起来。",
)
TITLE = "碧螺小区党群服务站揭牌"


def html(pager: str, *, inside: bool = False, between: str = "", title: str = TITLE, text: tuple[str, ...] = P) -> str:
    body = "".join(f"<p>{one}</p>" for one in text)
    return (
        f'<html><head><meta charset="utf-8"><title>{title}_云泽新闻网</title></head><body><h1>{title}</h1>'
        f'<div class="info">2021-06-28 16:05 来源：云泽新闻网</div><div class="TRS_Editor">{body}{pager if inside else ""}</div>'
        f'{between}{"" if inside else pager}<div class="foot"><a href="/about.html">关于我们</a></div></body></html>'
    )


def article(url: str, page: str) -> Article:
    found = read(Capture(url, page.encode()))
    assert isinstance(found, Article), found
    return found


def named(url: str, page: str) -> list[str]:
    return [one.removeprefix(HOST) for one in article(url, page).parts]


def links(*pairs: tuple[str, str]) -> str:
    return " ".join(f'<a href="{href}">{words}</a>' if href else words for href, words in pairs)


TAKEN = {
    "numbers": ("c1.html", [("", "1"), ("c1_2.html", "2"), ("c1_3.html", "3"), ("c1_2.html", "下一页")], "c1.html c1_2.html c1_3.html"),
    "brackets": ("c1_2.html", [("c1.html", "【1】"), ("", "【2】"), ("c1_3.html", "【3】")], "c1.html c1_2.html c1_3.html"),
    "the next alone": ("c1.html", [("c1-2.html", "下一页")], "c1.html c1-2.html"),
    "the neighbours of a later page": ("c1234_3.html", [("c1234_2.html", "上一页"), ("c1234_4.html", "下一页")], "c1234_2.html c1234_3.html c1234_4.html"),
    "the last page": ("c1_3.html", [("c1.html", "首页"), ("c1_2.html", "上一页"), ("c1_3.html", "下一页")], "c1.html c1_2.html c1_3.html"),
    "counted from 0": ("t2021_41234_1.html", [("t2021_41234.html", "1"), ("t2021_41234_2.html", "3")], "t2021_41234.html t2021_41234_1.html t2021_41234_2.html"),
    "a parameter": ("show.php?id=5", [("show.php?id=5&page=2", "第2页"), ("?id=5&page=3", "第3页")], "show.php?id=5 show.php?id=5&page=2 show.php?id=5&page=3"),
    "a parameter p": ("a7.html?p=2", [("a7.html", "第一页"), ("a7.html?p=3", "下一页&gt;&gt;")], "a7.html a7.html?p=2 a7.html?p=3"),
    "a folder": ("c1/2.html", [("../c1.html", "[1]"), ("3.html", "[3]")], "c1.html c1/2.html c1/3.html"),
    "a folder with a slash": ("c1/", [("2/", "2")], "c1/ c1/2/"),
    "each page has a headline": ("c1.html", [("c1_2.html", "第2页：志愿者的一天"), ("c1_3.html", "第3页：新年的愿望")], "c1.html c1_2.html c1_3.html"),
    "the first has a number too": ("c1.html", [("c1_1.html", "1"), ("c1_2.html", "2")], "c1.html c1_2.html"),
    "the first has a number only": ("c1_1.html", [("c1_2.html", "2"), ("c1_2.html", "尾页")], "c1_1.html c1_2.html"),
    "another scheme": ("c1.html", [("https://www.news.example/n/c1_2.html", "2")], "c1.html c1_2.html"),
}  # fmt: skip
NOT_TAKEN = {
    "the next article": ("123456.html", [("123457.html", "下一页"), ("123455.html", "上一页")]),
    "the next article of a folder": ("57.html", [("58.html", "下一页"), ("56.html", "上一页")]),
    "the next article of a category": (
        "show-12-57.html",
        [("show-12-58.html", "下一页"), ("show-12-56.html", "上一页")],
    ),
    "the days of a month": ("2023/5/2.html", [("1.html", "1"), ("3.html", "3")]),
    "the days of a month in one name": (
        "2023-05-02.html",
        [("2023-05-01.html", "上一页"), ("2023-05-03.html", "下一页")],
    ),
    "the months of a year": ("2023/2.html", [("1.html", "1"), ("3.html", "3")]),
    "the next story": ("c1.html", [("c1_2.html", "下一篇")]),
    "the next sheet of a paper": ("c1.html", [("c1_2.html", "下一版")]),
    "another host": ("c1.html", [("http://other.example/n/c1_2.html", "2")]),
    "another stem": ("c1.html", [("c2_2.html", "2"), ("c3_3.html", "3")]),
    "a number that is no page's": ("c1.html", [("c1_2021.html", "下一页")]),
    "numbers that do not agree": ("c1.html", [("c1_5.html", "2"), ("c1_9.html", "3")]),
    "a list": ("index_1.html", [("index.html", "1"), ("index_2.html", "3")]),
    "a page of a site's home": ("?page=1", [("?page=2", "2")]),
    "steps that do not agree": ("c1_3.html", [("c1_9.html", "下一页")]),
    "a word": ("c1.html", [("c1_2.html", "2号楼的故事"), ("c1_3.html", "详情")]),
    "a post by its number": ("?p=57", [("?p=58", "下一页")]),
    "comments by their anchor": ("c1.html", [("c1.html?page=2#comments", "2")]),
}


@pytest.mark.parametrize("kind", TAKEN)
@pytest.mark.parametrize("inside", [True, False])
def test_a_pager_names_the_pages(kind: str, inside: bool) -> None:
    path, pager, pages = TAKEN[kind]
    found = article(HOST + path, html(f'<div class="page">{links(*pager)}</div>', inside=inside))
    assert [one.removeprefix(HOST) for one in found.parts] == pages.split()
    assert found.text == "\n".join(P)


@pytest.mark.parametrize("kind", NOT_TAKEN)
def test_what_only_looks_like_a_pager(kind: str) -> None:
    path, pager = NOT_TAKEN[kind]
    assert named(HOST + path, html(f"<p>{links(*pager)}</p>")) == []


def test_a_pager_stands_by_its_article() -> None:
    pager = f"<p>{links(('c1_2.html', '2'))}</p>"
    assert named(HOST + "c1.html", html(pager, between="<p>（责任编辑：林若）</p><p>分享到：微信 微博</p>"))
    assert not named(
        HOST + "c1.html",
        html(pager, between="<h3>相关阅读</h3>" + "<p><a href='/x'>一周社区故事精选之邻里夜话</a></p>" * 12),
    )
    assert not named(HOST + "c1.html", html(f'<div class="comments">{pager}</div>'))
    assert not named(HOST + "c1.html", html(f'<div id="pinglun"><p>网友：好。</p>{pager}</div>', inside=True))


def test_a_pager_that_a_script_draws() -> None:
    script = '<script>createPageHTML(3, 1, "t2021_41234", "html");</script>'
    pages = ["t2021_41234.html", "t2021_41234_1.html", "t2021_41234_2.html"]
    assert named(HOST + "t2021_41234_1.html", html(script)) == pages
    assert named(HOST + "t2021_99999.html", html(script)) == []
    assert named(HOST + "t2021_41234.html", html(script.replace("3", "1"))) == []
    assert named(HOST + "index.html", html(script.replace("t2021_41234", "index"))) == []


def test_a_page_names_at_most_fifty() -> None:
    many = links(*((f"c1_{number}.html", str(number)) for number in range(2, 90)))
    assert len(named(HOST + "c1.html", html(f"<p>{many}</p>"))) == 50


def test_a_later_page_needs_no_headline() -> None:
    page = html(f"<p>{links(('c1.html', '1'))}</p>").replace(TITLE, "")
    assert article(HOST + "c1_2.html", page.replace("_云泽新闻网", "")).title == ""


_HOSTILE = {
    "links in the article": "<p>" + '<a href="c1_2.html">2</a> ' * 3000 + "</p>",
    "links far down": "<div>" * 180 + '<a href="c1_2.html">2</a> ' * 150 + "</div>" * 180,
    "links before, numbers behind": "<p>" + "<i>3</i> " * 3000 + "</p>",
    "a script's name again and again": f"<script>{'createPageHTML' * 30000}</script>",
    "many stems": "<p>" + "".join(f'<a href="?a{at}=1&page=2">2</a>' for at in range(1500)) + "</p>",
    "many parameters": "<p>" + "".join(f'<a href="?{"page=2&" * 300}a={at}">2</a>' for at in range(300)) + "</p>",
}


@pytest.mark.parametrize("kind", _HOSTILE)
@pytest.mark.parametrize("inside", [True, False])
def test_a_hostile_pager_takes_no_longer(kind: str, inside: bool) -> None:
    page = html(_HOSTILE[kind], inside=inside)
    if kind == "links before, numbers behind":
        page = page.replace("<h1>", '<a href="c1_2.html">2</a> ' * 3000 + "<h1>")
    capture = Capture(HOST + "c1.html", page.encode())
    begun = process_time()
    read(capture)
    assert process_time() - begun < 3  # some tenths of a second; 13 and more where each link looks at all others


def test_a_huge_number_is_no_page() -> None:
    pager = links((f"show.php?id=5&page=0001{'9' * 5000}", "2"), ("show.php?id=5&page=0012345", "3"))
    assert named(HOST + "show.php?id=5", html(f"<p>{pager}</p>")) == []


@pytest.mark.parametrize("title", ["_" * 50_000, f"a{' ' * 50_000}b", f"a{'- ' * 20_000}b", "第1页" * 10_000])
def test_the_number_in_a_headline_is_found_in_linear_time(title: str) -> None:
    begun = process_time()
    title_key(title)
    assert process_time() - begun < 1


# Joining


def pages(
    count: int, text: dict[int, tuple[str, ...]] | None = None, title: dict[int, str] | None = None
) -> list[Article]:
    """The pages of an article, each with a pager that names all."""
    paths = [f"c1{f'_{number}' if number > 1 else ''}.html" for number in range(1, count + 1)]
    found = []
    for number, path in enumerate(paths, 1):
        pager = links(*((other if other != path else "", str(at)) for at, other in enumerate(paths, 1)))
        paragraphs = (text or {}).get(number, (f"第{number}页里说，{P[0]}", f"{P[1]}这是第{number}页。"))
        found.append(
            article(HOST + path, html(f"<p>{pager}</p>", text=paragraphs, title=(title or {}).get(number, TITLE)))
        )
    return found


def test_pages_become_one_text() -> None:
    three = pages(
        3,
        {
            2: (
                '<a href="/x.html">站里的志愿者</a>轮流值班，谁家水管漏了，打个电话就有人上门，大家都说好得很呢。<img src="/i.jpg">',
                P[1],
            )
        },
    )
    joined = join([three[0], three[2], three[1]])
    whole = joined.article
    assert whole.text == "\n".join(one.text for one in three)
    assert (whole.url, whole.title, whole.published) == (three[0].url, TITLE, three[0].published)
    assert [(url, whole.text[start:end]) for start, end, url in joined.page_spans] == [
        (one.url, one.text) for one in three
    ]
    assert [whole.text[block.start : block.end] for block in whole.blocks] == whole.text.split("\n")
    assert [whole.text[link.start : link.end] for link in whole.links] == ["站里的志愿者"]
    assert [image.at for image in whole.images] == [len(three[0].text) + 1 + image.at for image in three[1].images]
    assert joined.missing_pages == () and whole.parts == three[0].parts


def test_what_is_shown_again_is_there_once() -> None:
    note = "编者按：本报记者走进碧螺小区，把这一年的变化写成一组报道，今天起分三页刊出，请读者留意。"
    two = pages(
        2,
        {
            1: (note, *P),
            2: (
                TITLE,
                note,
                "一年来累计举办活动46场，孩子们放学后在里屋写作业，老人在门口的长椅上晒太阳，大家都说好。",
            ),
        },
    )
    joined = join(two)
    assert joined.article.text.count(note) == 1 and joined.article.text.count("46场") == 1
    assert [joined.article.text[start:end] for start, end, _ in joined.page_spans][1].startswith("一年来")


def test_a_page_that_repeats_all_is_left_out() -> None:
    joined = join(pages(2, {2: (f"第1页里说，{P[0]}", f"{P[1]}这是第1页。")}))
    assert len(joined.page_spans) == 1 and joined.missing_pages == ()


def test_a_page_that_repeats_all_and_says_a_little_more() -> None:
    """As comments in pages do, that a site shows below the whole article."""
    whole = tuple(f"第{at}件事是这样的，{P[0]}" for at in range(9))
    more = "居民林若说，自从有了服务站，家门口的事情在家门口就能办好，孩子老人都高兴，大家心里也踏实多了。"
    joined = join(pages(2, {1: whole, 2: (*whole, more)}))
    assert joined.article.text == "\n".join((*whole, more))


@pytest.mark.parametrize("title", [f"{TITLE}（2）", f"{TITLE}(第2页)", f"{TITLE} 第2页", f"{TITLE}_2", f"{TITLE}【2】"])
def test_a_headline_may_say_which_page_it_is(title: str) -> None:
    assert len(join(pages(2, title={2: title})).page_spans) == 2


def test_another_headline_is_another_article() -> None:
    joined = join(pages(3, title={2: "松涛街道的另一件事"}))
    assert [url.removeprefix(HOST) for _, _, url in joined.page_spans] == ["c1.html", "c1_3.html"]
    assert [url.removeprefix(HOST) for url in joined.missing_pages] == ["c1_2.html"]


def test_pages_that_are_not_there_are_named() -> None:
    first, _, third, _ = pages(4)
    joined = join([first, third])
    assert [url.removeprefix(HOST) for url in joined.missing_pages] == ["c1_2.html", "c1_4.html"]


def test_neighbours_make_a_chain() -> None:
    found = []
    for number in range(1, 5):
        pair = [
            (f"c123_{at}.html" if at > 1 else "c123.html", words)
            for at, words in ((number - 1, "上一页"), (number + 1, "下一页"))
            if 0 < at < 5
        ]
        paragraphs = (f"第{number}页里说，{P[0]}", P[1])
        found.append(
            article(
                f"{HOST}c123{f'_{number}' if number > 1 else ''}.html", html(f"<p>{links(*pair)}</p>", text=paragraphs)
            )
        )
    joined = join(found)
    assert len(joined.page_spans) == 4 and joined.missing_pages == ()
    without_second = join([found[0], *found[2:]])
    assert len(without_second.page_spans) == 3 and [url.removeprefix(HOST) for url in without_second.missing_pages] == [
        "c123_2.html"
    ]
    assert len(join([found[0], found[3]]).page_spans) == 1  # nothing says that they belong together


def test_an_article_without_a_pager_stays_as_it_is() -> None:
    one = article(HOST + "c1.html", html(""))
    assert join([one]).article == one and join([one]).page_spans == () and join([one]).missing_pages == ()


def test_long_links_are_not_kept_in_memory() -> None:
    long = "x" * 300_000
    links = (
        f'<a href="c2.html?page=2&{long}">2</a><img src="data:image/png;base64,{long}"><iframe src="{long}"></iframe>'
    )
    pages = [
        html(f'<link rel="canonical" href="/{number}{long}"><base href="/{number}{long}">{links}', inside=True)
        for number in range(3)
    ]
    article(f"{HOST}c0.html", html(""))  # what is made at first use
    tracemalloc.start()
    try:
        for number, page in enumerate(pages):
            article(f"{HOST}c{number}.html", page)
        gc.collect()
        assert tracemalloc.get_traced_memory()[0] < 500_000
    finally:
        tracemalloc.stop()
