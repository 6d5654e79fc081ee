"""Headlines: what the page shows, not what its site or its column is called; whole, and without markup."""

import pytest
from support import article

H = "墨溪社区党群服务站开张 家门口就能量血压"
PROSE = (
    "<p>一到傍晚，墨溪社区党群服务站的灯就亮起来，孩子们在里屋写作业，家长坐在外间聊天，等着社区医生量血压。</p>"
    "<p>站长宋知远说，墨溪社区有党员58名、志愿者95人，1280户人家住在这里，谁家水管坏了，站里都有人接电话。</p>"
    "<p>栗川街道办事处介绍，站点的空调、书架都是居民凑的，街道只出了粉刷的工钱，用得久、管得好，靠的是大家上心。</p>"
)
INFO = '<div class="info">2023-05-06 09:30 来源：栗川日报</div>'
BODY = f'<div class="article-content">{PROSE}</div>'


def _title(head: str, shown: str, body: str = BODY) -> str:
    head = head if "<" in head else f"<title>{head}</title>"
    return article(f'<html><head><meta charset="utf-8">{head}</head><body>{shown}{body}</body></html>').title


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("欢迎访问栗川县人民政府门户网站", f"<h1>{H}</h1>{INFO}"),
        ("栗川新闻网", f"<h2>{H}</h2>{INFO}"),
        ("栗川新闻网", f'<div class="bt">{H}</div>{INFO}'),
        ("中共栗川县委组织部", f'<p class="headline">{H}</p>{INFO}'),
        ("墨溪社区党群服务站", f"<h1>{H}</h1>{INFO}"),
        ("部门动态 - 新闻动态 - 栗川县人民政府", f'<div class="con_title">{H}</div>{INFO}'),
        ("内容页", f"<h1>{H}</h1>{INFO}"),
        (" - 栗川新闻网", f"<h2>{H}</h2>{INFO}"),
        ("栗川新闻网_传播栗川声音 展示栗川形象_栗川新闻门户网站", f'<div class="bt">{H}</div>{INFO}'),
        ("Untitled Document", f'<div class="bt">{H}</div>{INFO}'),
        (f"栗川县人民政府 党建动态 {H}", f'<div class="bt">{H}</div>{INFO}'),
        (f"{H} > 党建动态 > 栗川网", INFO),
        ("栗川网", f'<h1>{H}<a class="share">分享</a></h1>{INFO}'),
        ("undefined-栗川融媒", f'<div class="bt">{H}</div>{INFO}'),
        ("", f"<h1>{H}</h1>{INFO}"),
        ("墨溪社区党群服务站开张 家门口…_栗川网", f'<div class="title">{H}</div>{INFO}'),
        (f"栗川新闻网-{H}", INFO),
        (f"栗川新闻网_{H}", f'<div class="bt">{H}</div>{INFO}'),
        (f"{H}--党建--栗川网", INFO),
        (f"{H} - 中共栗川县委组织部", f"{INFO}<p>主办：中共栗川县委组织部</p>"),
    ],
)
def test_the_name_of_a_site_or_column_is_no_headline(title: str, shown: str) -> None:
    assert _title(title, shown) == H


@pytest.mark.parametrize("sign", [" — ", "——", "_", " | ", "-"])
def test_the_column_that_a_meta_tag_names_is_cut_behind_any_sign(sign: str) -> None:
    head = f'<title>{H}_栗川记忆_栗川网</title><meta name="ColumnName" content="栗川记忆">'
    assert _title(head, f"<div>{H}{sign}栗川记忆</div><h2>{H}</h2>{INFO}") == H


@pytest.mark.parametrize("headline", [f"{H}|图", f"第三期 | {H}", f"{H} - 组图"])
@pytest.mark.parametrize("others", ["墨溪,社区", "墨溪|社区", "墨溪 社区"])
def test_a_headline_among_the_key_words_stays_whole(headline: str, others: str) -> None:
    head = f'<title>{headline}_社区_栗川网</title><meta name="keywords" content="{headline},{others}">'
    assert _title(head, f"<h1>{headline}</h1>{INFO}") == headline
    assert _title(head, INFO) == headline


def test_a_list_of_key_words_is_cut() -> None:
    head = f'<title>{H}-墨溪,社区,党建</title><meta name="keywords" content="党建,社区,墨溪,开张">'
    assert _title(head, INFO) == H


def test_a_logo_and_the_name_of_the_column_may_be_headings() -> None:
    shown = f'<h1 class="logo">栗川县人民政府</h1><h2>基层党建</h2><div class="tit">{H}</div>{INFO}'
    assert _title("基层党建-栗川县人民政府", shown) == H


@pytest.mark.parametrize("headline", ["一张长桌", "灯火可亲", "春风化雨润心田"])
def test_a_short_headline_of_which_the_body_says_nothing(headline: str) -> None:
    assert _title("党建动态-栗川日报", f"<h1>{headline}</h1>{INFO}") == headline
    assert _title("党建动态-栗川日报", f"<h2>党建动态</h2><h1>{headline}</h1>{INFO}") == headline
    assert _title(f"{headline}_栗川日报", f'<h1>栗川日报</h1><div class="bt">{headline}</div>{INFO}') == headline


def test_a_table_cell_may_show_the_headline() -> None:
    shown = f'<table><tr><td><font size="5"><b>{H}</b></font></td></tr><tr><td>{INFO}</td></tr></table>'
    assert _title("栗川区政府信息公开", shown) == H


def test_teasers_above_the_headline_are_none() -> None:
    teasers = '<div class="hot"><h3>城东社区党群服务站迎来新书</h3><h3>北门小区党群服务站开夜校</h3></div>'
    assert _title("栗川新闻网", f"{teasers}<h1>{H}</h1>{INFO}") == H


@pytest.mark.parametrize("line", [f"<h1>{H}</h1>", f"<h2>{H}</h2>", f'<p align="center"><strong>{H}</strong></p>'])
def test_the_headline_may_stand_within_the_body(line: str) -> None:
    assert _title("栗川新闻网", "", f'<div class="article-content">{line}{INFO}{PROSE}</div>') == H


@pytest.mark.parametrize(
    "headline",
    [
        "红色引擎添动力——墨溪社区党群服务站见闻",
        "红色引擎—墨溪社区党群服务站见闻",
        "“小站点”服务“大民生”——墨溪社区见闻",
        "党旗飘扬丨墨溪社区党群服务站开张",
        "墨溪故事 | 老车棚变身党群服务站",
        "墨溪-栗川共建党群服务站",
        "2021-2025年墨溪社区党群服务站回顾",
        "2021—2025年墨溪社区党群服务站回顾",
        "5月6日-8日墨溪社区党群服务站停电通知",
    ],
)
@pytest.mark.parametrize("site", ["_栗川新闻网", "-栗川在线", " - 栗川日报", "|栗川日报", "-党建动态-栗川新闻网", ""])
@pytest.mark.parametrize("shown", ['<div class="bt">{}</div>', ""])
def test_a_separator_of_its_own_does_not_end_a_headline(headline: str, site: str, shown: str) -> None:
    assert _title(headline + site, shown.format(headline) + INFO) == headline


def test_what_is_shown_goes_before_a_shorter_title() -> None:
    shown = "红色引擎添动力——墨溪社区党群服务站见闻"
    assert _title("红色引擎添动力_栗川日报", f"<h1>{shown}</h1>{INFO}") == shown


@pytest.mark.parametrize(
    ("stated", "read"),
    [
        ("墨溪社区&lt;b&gt;党群服务站&lt;/b&gt;开张大吉", "墨溪社区党群服务站开张大吉"),
        ("墨溪社区党群服务站&lt;br/&gt;开张大吉", "墨溪社区党群服务站 开张大吉"),
        ("&lt;font color=red&gt;墨溪社区&lt;/font&gt;党群服务站开张", "墨溪社区党群服务站开张"),
        ("墨溪社区党群服务站&amp;ldquo;开张&amp;rdquo;&amp;nbsp;大家来", "墨溪社区党群服务站“开张” 大家来"),
    ],
)
def test_markup_within_a_title(stated: str, read: str) -> None:
    assert _title(f'<title>栗川网</title><meta name="ArticleTitle" content="{stated}">', INFO) == read
    assert _title(f"{stated}_栗川网", INFO) == read
    assert _title("栗川网", f"<h1>{stated}</h1>{INFO}") == read


def test_a_column_behind_a_bar_is_the_headlines_own_where_a_meta_tag_holds_it() -> None:
    headline = "老车棚变身党群服务站 | 图片故事"
    assert (
        _title(f'<title>{headline}-栗川日报</title><meta property="og:title" content="{headline}">', INFO) == headline
    )
    assert _title(f"{headline}_栗川日报", INFO) == headline


def test_markup_within_a_line_leaves_no_gap() -> None:
    assert _title("栗川网", f"<h1>墨溪社区<em>党群服务站</em>开张<br>大吉</h1>{INFO}") == "墨溪社区党群服务站开张 大吉"


def test_meta_tags_may_name_site_and_column_too() -> None:
    head = (
        '<title>基层动态</title><meta name="ColumnName" content="基层动态"><meta name="SiteName" content="栗川在线">'
        f'<meta property="og:title" content="栗川在线"><meta name="twitter:title" content="{H}">'
    )
    assert _title(head, INFO) == H


@pytest.mark.parametrize("title", ["墨-" * 50_000, "&lt;b" * 50_000, " " * 100_000 + "-", "—" * 100_000])
def test_a_hostile_title_takes_no_time(title: str) -> None:
    assert _title(title, f'<div class="title">{"<b>" * 200}</div><h1>{H}</h1>{INFO}') == H
