"""Which of a page's words are the article: kinds of pages, each with an invented story."""

import time

import pytest
from lxml import etree

from archive.model import Article, Capture, NotAnArticle
from archive.reading import read
from archive.reading.body import find_body

PARTS = (
    "入春以来，柳湾社区党群服务站每天早上七点开门，几位退休教师轮流坐班，替邻居们代写书信、代办证件。",
    "站长何映雪说，社区现有党员64名、志愿者121人，去年一共为1730户居民上门服务，电话从早响到晚。",
    "青萝街道表示，今年还要把二楼的旧仓库改成议事厅，请居民代表一起商量怎么用，钱从哪里来也一并公开。",
)
TITLE = "柳湾社区党群服务站：七点开门的地方"
HEAD = f"<h1>{TITLE}</h1><div class='info'>2023-05-06 09:30 来源：青萝时报</div>"
P = [f"<p>{part}</p>" for part in PARTS]
TEASERS = "".join(
    f'<li><a href="/t/{n}.html">{name}街道的渡口重新开航</a><p>{name}街道的渡口停了两年，码头重新铺了木板，早晚各有三班船，票价不变。</p></li>'
    for n, name in enumerate(("东桥", "西堤", "南浦", "北埠", "新渡", "横塘"))
)


def _read(body: str, head: str = "", title: str = TITLE) -> Article | NotAnArticle:
    html = f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{title}</title>{head}</head><body>{body}</body></html>"
    return read(Capture("http://news.example/c/7.html", html.encode()))


def _text(body: str, head: str = "") -> str:
    found = _read(body, head)
    assert isinstance(found, Article), found
    return found.text


@pytest.mark.parametrize(
    "body",
    [
        f"{HEAD}<div class='a'>{P[0]}{P[1]}</div><div class='b'>{P[2]}</div>",
        f"{HEAD}<div class='lead'>{P[0]}</div><div class='main'>{P[1]}{P[2]}</div>",
        f"{HEAD}<div>{''.join(f'<section><h2>小标题{n}</h2>{p}</section>' for n, p in enumerate(P))}</div>",
        f"{HEAD}<div class='TRS_Editor'>{P[0]}{P[1]}</div><div class='rest'>{P[2]}</div>",
        f"{HEAD}<div class='zw'>{P[0]}{P[1]}</div><div><a href='/ad'>春季家电大促销全场三折起</a></div><div class='zw'>{P[2]}</div>",
        f"{HEAD}<div class='col'><div>{P[0]}{P[1]}</div></div><div class='col'><div>{P[2]}</div></div>",
        f"<div class='hd'>{HEAD}</div><div><div>{P[0]}</div>{P[1]}{P[2]}</div>",
    ],
)
def test_parts_that_go_on_with_an_article_are_kept(body: str) -> None:
    assert _text(body) == "\n".join(PARTS) or all(part in _text(body) for part in PARTS)
    assert "促销" not in _text(body)


@pytest.mark.parametrize(
    "name",
    ["comment-wrap", "share-content", "weixin-article", "page-int-nav", "main hasSidebar", "js_share_area", "login-ok", "related", "footer-in"],
)  # fmt: skip
@pytest.mark.parametrize("tag", ["div", "section", "header"])
def test_a_suspicious_name_loses_no_article(name: str, tag: str) -> None:
    for body in (f"<{tag} class='{name}'>{HEAD}{''.join(P)}</{tag}>", f"{HEAD}<{tag} id='{name}'>{''.join(P)}</{tag}>"):
        assert _text(body) == "\n".join(PARTS)


@pytest.mark.parametrize("name", ["hidden-xs", "share-text", "statement", "comment", "prev", "adbox ad"])
def test_a_paragraph_is_kept_whatever_its_name(name: str) -> None:
    assert _text(f"{HEAD}<div class='zw'>{P[0]}<p class='{name}'>{PARTS[1]}</p>{P[2]}</div>") == "\n".join(PARTS)


COMMENTS = "".join(
    f"<div class='item'><b>读者{n}</b><p>我们那个社区有党员{n}00名，门口的路灯坏了半年没有人来修，大家说说看，这样的事情该找谁，电话打了好几次。</p></div>"
    for n in range(1, 25)
)


@pytest.mark.parametrize("name", ["comment-list", "pinglun", "user-reply"])
def test_many_comments_are_no_part_of_a_short_article(name: str) -> None:
    assert _text(
        f"<div class='page'>{HEAD}<div>{''.join(P)}</div><div class='{name}'>{COMMENTS}</div></div>"
    ) == "\n".join(PARTS)


@pytest.mark.parametrize(
    "body",
    [
        f"{HEAD}<div class='main'>{''.join(P)}</div><div class='stream'><ul>{TEASERS}</ul></div>",
        f"<div class='pics'><ul>{TEASERS}</ul></div>{HEAD}<div class='main'>{''.join(P)}</div>",
        f"<div class='page'><div class='l'>{HEAD}{''.join(P)}</div><div class='r'><ul>{TEASERS}</ul></div></div>",
        f"{HEAD}<div>{''.join(P)}</div><div><h3>网友评论</h3><p>柳湾网友：我们那里党员有900名，怎么没有人来写一写？大家说是不是。</p></div>",
        f"{HEAD}<div>{''.join(P)}</div><div class='foot'><p>版权所有：青萝时报社，未经书面授权，不得转载、摘编，违者追究责任。</p></div>",
    ],
)
def test_what_stands_beside_an_article_is_left_out(body: str) -> None:
    assert _text(body) == "\n".join(PARTS)


@pytest.mark.parametrize(
    "body",
    [
        f"<h1>{TITLE}</h1><p>2023-05-06 09:30 来源：青萝时报</p>{PARTS[0]}<br>{PARTS[1]}<br>{PARTS[2]}",
        HEAD + "<dl>" + "".join(f"<dt>{part}</dt>" for part in PARTS) + "</dl>",
        HEAD + "<div>" + "".join(f"<h4>{part}</h4>" for part in PARTS) + "</div>",
        HEAD + "<ul>" + "".join(f"<li>{part}</li>" for part in PARTS) + "</ul>",
        HEAD + "<table>" + "".join(f"<tr><td>{part}</td></tr>" for part in PARTS) + "</table>",
        f"{HEAD}</body></html><div class='zw'>{''.join(P)}</div>",
        f"<div>首页 新闻</div></body></html><html><head><title>{TITLE}</title></head><body>{HEAD}<div>{''.join(P)}</div>",
        f"{HEAD}<div id='c'></div><noscript><div>{''.join(P)}</div></noscript>",
        f"<div id='app'></div><noscript>{HEAD}{''.join(P)}</noscript>",
        f"{HEAD}<div class='zw'>{P[0]}<div style='display:none'>{P[1]}{P[2]}</div><a>展开全文</a></div>",
        f"{HEAD}<div class='zw'>{P[0]}<div hidden>{P[1]}{P[2]}</div><span>阅读全文</span></div>",
    ],
)
def test_all_of_the_article_wherever_it_stands(body: str) -> None:
    text = _text(body)
    assert all(part in text for part in PARTS) and "全文" not in text


@pytest.mark.parametrize(
    "hidden",
    [
        '<span style="display:none">5</span>', '<span style="visibility: hidden">5</span>', '<i style="font-size:0px">5</i>', "<del>5</del>", "<s>5</s>",
        '<span style="position:absolute;left:-9999px">5</span>', '<span style="opacity:0">5</span>', '<span class="x9">5</span>', "<strike>5</strike>",
        '<span style="text-decoration: line-through">5</span>', '<span id="y9">5</span>', "<sup>5</sup>", '<sup><a href="#n5">[5]</a></sup>', "\u200b", "&#8288;",
    ],
)  # fmt: skip
def test_what_no_reader_sees_is_no_text(hidden: str) -> None:
    body = f"{HEAD}<div class='zw'>{''.join(P)}</div>".replace("党员64名", f"党员64{hidden}名")
    assert "党员64名、志愿者121人" in _text(body, "<style>p{color:red} .x9,#y9 {display:none}</style>")


def test_powers_and_what_a_style_may_show_stay() -> None:
    area = "议事厅有<b style='font-size:0'><i style='font-size:14px'>86</i></b>m<sup>2</sup>，够坐四十个人。"
    assert "86m2" in _text(f"{HEAD}<div class='zw'>{''.join(P)}<p>{area}</p></div>").replace(" ", "")


@pytest.mark.parametrize(
    "heading",
    [
        "编辑一本街坊故事",
        "審核更快了",
        "作者手记",
        "来源更广",
        "分享一把钥匙",
        "扫一扫就办好",
        "打印材料不跑腿",
        "声明之后",
    ],
)
@pytest.mark.parametrize("tag", ["h3", "p"])
def test_a_heading_that_begins_like_furniture_ends_nothing(heading: str, tag: str) -> None:
    assert PARTS[2] in _text(f"{HEAD}<div class='zw'>{P[0]}{P[1]}<{tag}>{heading}</{tag}>{P[2]}</div>")


@pytest.mark.parametrize(
    "tail",
    [
        "<p>【1】【2】【3】</p>", "<p>[1] [2] 下一页</p>", "<div>第1页 共2页 <a href='7_2.html'>下一页</a></div>", "<p>展开全文</p>", "<div>首页 上一页 下一页 尾页</div>",
        "<div>图集</div><div>+1</div>", "<p>关键词：党群服务 社区</p>", "<p>责任编辑：何某</p>", "<p>编辑 何映</p>", "<p>扫一扫在手机打开当前页</p>", "<p>分享到：</p>",
        "<p>延伸阅读：</p><p>另一个社区有党员900名，住户8000户，大家都来看看。</p>", "<p>特别声明：以上内容为自媒体平台用户上传，本平台仅提供信息存储服务。</p>",
    ],
)  # fmt: skip
def test_what_stands_behind_the_text_is_cut(tail: str) -> None:
    assert _text(f"{HEAD}<div class='zw'>{''.join(P)}{tail}</div>") == "\n".join(PARTS)


@pytest.mark.parametrize(
    "body",
    [
        f"<h1>党建动态</h1><ul>{TEASERS}</ul><div>共12页 <a href='2.html'>下一页</a></div>",
        "<h1>党建动态</h1>" + TEASERS.replace("<li>", "<div class='card'>").replace("</li>", "</div>"),
        "".join(f'<a href="/{n}.html"><div class="card"><h3>渡口开航</h3>{P[0]}</div></a>' for n in range(6)),
        f'<div><h2><a href="/1.html">{TITLE}</a></h2><p>{PARTS[0]}<a href="/1.html">[阅读全文]</a></p></div><ul>'
        + "".join(f'<li><a href="/{n}.html">第{n}号渡口重新开航了</a></li>' for n in range(9))
        + "</ul>",
    ],
)
def test_a_list_with_summaries_is_no_article(body: str) -> None:
    assert isinstance(_read(body, title="党建动态_青萝时报"), NotAnArticle)


@pytest.mark.parametrize(
    ("title", "words"),
    [
        (
            "提示",
            "您访问的社区党群服务站页面去旅行了，请返回首页看看别的新闻，感谢您一直以来的关注与支持，祝您生活愉快。",
        ),
        ("青萝党建", "这条党群服务站的稿件已经过期，不再提供阅读，如有需要请与编辑部联系，给您带来不便，敬请谅解。"),
        ("青萝时报", "您要查看的党群服务站栏目正在改版，敬请期待，社区党员朋友可以先浏览其他栏目，感谢您的理解。"),
    ],
)
def test_a_notice_is_no_article(title: str, words: str) -> None:
    assert isinstance(_read(f"<h1>{title}</h1><p>{words}</p>", title=title), NotAnArticle)


@pytest.mark.parametrize("tag", ["article", "div", "section"])
def test_several_articles_on_a_page_are_not_read_as_one(tag: str) -> None:
    one = f"<{tag} class='story'><h2>{TITLE}</h2><p>2023-05-06 09:30 来源：青萝时报</p>{''.join(P)}</{tag}>"
    other = one.replace("柳湾", "石桥").replace("05-06", "05-07")
    found = _read(f"<div class='main'>{one}{other}</div>")
    assert isinstance(found, NotAnArticle) and found.kind == "several", found
    assert isinstance(_read(f"<div class='main'>{one}<{tag} class='story'><h2>相关</h2>{P[2]}</{tag}></div>"), Article)


def test_dates_at_the_head_of_sections_make_no_several_articles() -> None:
    days = "".join(
        f"<section><h2>2023年5月{n}日</h2><p>这一天，{part}</p></section>" for n, part in enumerate(PARTS, 1)
    )
    assert isinstance(_read(f"{HEAD}<div>{days}{days}</div>"), Article)


ROWS = "".join(f"<tr><td>第{n}社区</td></tr><tr><td>{n}</td></tr>" for n in range(301, 309))


@pytest.mark.parametrize(
    ("body", "figures"),
    [
        (f"{HEAD}<div class='zw'>{''.join(P)}<p>议事厅有86<span>m</span><sup>2</sup>，够坐四十个人。</p></div>", "86m2，"),
        (f"{HEAD}<div>{''.join(P)}<p>造价2×<b>10</b><sup>6</sup>元，两年付清。</p></div>", "106元"),
        (f"{HEAD}<div>{''.join(P)}<p>志愿者有<i class='num'>388</i>人。</p></div>", "388人"),
        (f"{HEAD}<div>{''.join(P)}<p><a href='/a'>柳湾社区党群服务站</a>和<a href='/b'>东桥社区党群服务站</a>各有88人。</p></div>", "各有88人"),
        (f"{HEAD}<div>{P[0]}<p>青萝街道提示：请带平台二维码到站里办理，共有12个窗口。</p>{P[1]}{P[2]}</div>", "12个窗口"),
        (f"{HEAD}<div>{''.join(P)}<table>{ROWS}</table></div>", "第307社区\n307"),
        (f"{HEAD}<div>{''.join(P)}{''.join(f'<p>第{n}社区</p><p>{n}</p>' for n in range(301, 309))}</div>", "第308社区\n308"),
    ],
)  # fmt: skip
def test_figures_of_an_article_stay(body: str, figures: str) -> None:
    text = _text(body, "<style>@media print {.a{color:red} .num{display:none}} .b{display:none}</style>")
    assert figures in text.replace(" ", "") and all(part in text for part in PARTS)


@pytest.mark.parametrize(
    "body",
    [
        f"<div class='l'><form name='_newscontent_fromname'>{HEAD}{''.join(P)}</form></div><div class='r'><ul>{TEASERS}</ul></div>",
        f"{HEAD}<a name='top'><div class='zw'>{''.join(P)}</div></a>",
        HEAD + "".join(f"<div class='s'>{p}<p><a href='/d'>柳湾社区服务站的办事清单</a></p></div>" for p in P),
    ],
)
def test_an_article_is_no_control_and_no_list(body: str) -> None:
    text = _text(body)
    assert all(part in text for part in PARTS) and "渡口" not in text


@pytest.mark.parametrize(
    "noise",
    [
        "<p>" + "字<sup>1</sup>" * 20_000, "<i hidden>x</i>y" * 20_000, f"<noscript>{PARTS[0] * 2}</noscript>" * 3_000, "<!--enpproperty " * 10_000,
        f"<div class='x'><b></b></div><div class='x'><p></p>{P[0] * 4_000}</div>", ("<span>" * 200 + PARTS[0] + "</span>" * 200) * 60,
        "<style>a{" + " width:0" * 20_000 + "}</style>", "<p style='" + " text-decoration:x" * 20_000 + "'>x</p>",
        "<style>a{border:none;opacity:" + " " * 30_000 + "x}</style>",
        "<style>" + "".join(f".x{n}{{display:none}}" for n in range(9_000)) + f"</style>{'x' * 300_000}",
    ],
    ids=("notes", "hidden", "noscripts", "properties", "item", "spans", "widths", "decorations", "blanks", "names"),
)  # fmt: skip
def test_a_hostile_page_costs_what_its_length_costs(noise: str) -> None:
    started = time.process_time()
    _read(f"{HEAD}{''.join(P)}<div>{noise}</div>")
    assert time.process_time() - started < 2


@pytest.mark.parametrize("tag", ["div class='name'", "h3", "p class='bt'"])
def test_a_long_headline_right_above_is_no_part_of_the_text(tag: str) -> None:
    headline = "柳湾社区党群服务站 联合 石桥小区党支部、青萝街道志愿服务队开展“七点开门、邻里同行”主题党日活动"
    info = "<div class='t'>时间：2023-05-06 09:30</div>"
    for body in (f"<div class='zw'>{''.join(P)}</div>", f"<div>{''.join(P)}</div>"):
        found = _read(
            f"<div class='l'><{tag}>{headline}</{tag.split(maxsplit=1)[0]}>{info}{body}</div>", title="青萝时报"
        )
        assert isinstance(found, Article) and found.text == "\n".join(PARTS)
        assert (found.title, str(found.published)[:16]) == (headline, "2023-05-06 09:30")


def test_text_outside_of_the_body_stops_nobody() -> None:
    root = etree.fromstring(
        f"<html>{'街道的党群服务站开了门，居民都来看。' * 5}<body><p>{'一句话，两句话。' * 20}</p></body></html>"
    )
    assert find_body(root).node is not None
