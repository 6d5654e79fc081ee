"""Who is an author, an editor, an outlet; and who is nobody: buttons, what somebody did, photographers, papers."""

import pytest
from support import article

from archive.model import Article

PROSE = (
    "<p>一到傍晚，墨溪社区党群服务站的灯就亮起来，孩子们在里屋写作业，家长坐在外间聊天，等着社区医生量血压。</p>"
    "<p>站长说，墨溪社区有党员58名、志愿者95人，1280户人家住在这里，谁家水管坏了，站里都有人接电话。</p>"
    "<p>栗川街道办事处介绍，站点的空调、书架都是居民凑的，街道只出了粉刷的工钱，用得久、管得好，靠的是大家上心。</p>"
)
SOURCE = '<div class="info">2023-05-06 09:30 来源：栗川在线</div>'
SONG, XU = "宋知远", "许闻道"


def _read(above: str = SOURCE, behind: str = "", head: str = "") -> Article:
    title = "墨溪社区党群服务站开张 家门口就能量血压"
    return article(
        f'<html><head><meta charset="utf-8"><title>{title}_栗川在线</title>{head}</head><body><h1>{title}</h1>{above}'
        f'<div class="article-content">{PROSE}{behind}</div></body></html>'
    )


def _line(words: str) -> str:
    return f'<div class="info">2023-05-06 09:30 {words}</div>'


@pytest.mark.parametrize(
    "line",
    ["责任编辑：宋知远", "编辑：宋知远", "（责编：宋知远）", "[责任编辑：宋知远]", "值班编辑 宋知远", "编辑｜宋知远"],
)
@pytest.mark.parametrize("name", ["author", "Author", "article:author"])
def test_an_editor_in_the_author_tag_is_no_author(line: str, name: str) -> None:
    found = _read(behind=f"<p>{line}</p>", head=f'<meta name="{name}" content="{SONG}">')
    assert (found.authors, found.editor) == ((), SONG)


def test_whom_a_label_calls_an_author_is_one() -> None:
    found = _read(_line("来源：栗川在线 作者：宋知远 编辑：宋知远"))
    assert (found.authors, found.editor) == ((SONG,), SONG)


@pytest.mark.parametrize(
    "above",
    [
        f'<div class="author"><span>{SONG}</span><a>+关注</a></div>{SOURCE}',
        f'<div class="author-info"><a class="name">{SONG}</a><button>订阅</button></div>{SOURCE}',
        f'<div class="author">{SONG} 关注</div>{SOURCE}',
        f'<div class="author"><span>{SONG}</span><span>已关注</span><span>私信</span></div>{SOURCE}',
        f'<div class="writer"><b>{SONG}</b><i>取消关注</i></div>{SOURCE}',
        _line("作者：宋知远 关注 来源：栗川在线 分享"),
        _line("来源：栗川在线 作者：宋知远 原创"),
    ],
)
def test_buttons_and_marks_are_nobody(above: str) -> None:
    found = _read(above)
    assert (found.authors, found.outlet) == ((SONG,), "栗川在线")


@pytest.mark.parametrize("deed", ["整合", "整理", "综合", "编译", "采写", "文/图", "摄影报道"])
@pytest.mark.parametrize("role", ["记者 ", "记者", "本报记者 "])
def test_what_somebody_did_is_no_person(role: str, deed: str) -> None:
    assert _read(behind=f"<p>（{role}{SONG} {deed}）</p>").authors == (SONG,)
    assert _read(behind=f"<p>（{role}{SONG}、{XU} {deed}）</p>").authors == (SONG, XU)
    assert _read(behind=f"<p>（{role}{SONG} 通讯员 {XU} {deed}）</p>").authors == (SONG, XU)


@pytest.mark.parametrize(
    "line",
    [
        "居民在站里看书。宋知远 摄",
        "居民在站里看书。（宋知远 摄）",
        "居民在站里看书。记者 宋知远 摄",
        "居民在站里看书。本报记者宋知远摄",
        "（方敏摄）",
        "摄影：宋知远",
        "图片：记者 宋知远",
        "图为站内一角。记者 宋知远 供图",
    ],
)
def test_photographers_are_no_authors(line: str) -> None:
    assert _read(behind=f"<p>{line}</p>").authors == ()


@pytest.mark.parametrize(
    "line",
    [
        "（记者 宋知远 文 许闻道 摄）",
        "文：宋知远 摄影：许闻道",
        "文/宋知远 图/许闻道",
        "（宋知远 文/图）",
        "作者：宋知远 摄影：许闻道",
    ],
)
def test_who_wrote_beside_a_photographer_is_the_author(line: str) -> None:
    assert _read(behind=f"<p>{line}</p>").authors == (SONG,)


def test_a_label_of_another_role_within_a_node_for_authors() -> None:
    for role in ("摄影：", "责任编辑："):
        assert _read(f'<div class="author"><span>{role}</span><span>{SONG}</span></div>{SOURCE}').authors == ()


@pytest.mark.parametrize(
    "name",
    [
        "栗川都市报",
        "栗川时报",
        "栗川融媒",
        "栗川县融媒体中心",
        "栗川发布",
        "栗川电视台",
        "栗川青年网",
        "栗川在线",
    ],
)
def test_an_outlet_is_no_author(name: str) -> None:
    found = _read(_line(f"作者：{name} 来源：栗川在线"))
    assert (found.authors, found.outlet) == ((), "栗川在线")
    assert _read(_line(f"作者：{name} {SONG} 来源：栗川在线")).authors == (SONG,)


WECHAT = '<span class="rich_media_meta rich_media_meta_nickname"><a id="js_name">墨溪小站</a></span>'


@pytest.mark.parametrize(
    ("above", "head", "authors"),
    [
        (f'<span id="copyright_logo">原创</span><span class="rich_media_meta_text">{SONG}</span>{WECHAT}', "", (SONG,)),
        (f"{WECHAT}<em>2023-05-06 09:30</em>", '<meta name="author" content="墨溪小站">', ()),
        (
            f'<span class="rich_media_meta_text">{SONG}</span>{WECHAT}',
            f'<meta name="author" content="{SONG}">',
            (SONG,),
        ),
        ('<em></em><script>var nickname = htmlDecode("墨溪小站");</script>', "", ()),
        ('<span class="original">原创</span> <span>墨溪小站</span> <span>2023-05-06 09:30</span>', "", ()),
        ('<a class="account-name">墨溪小站</a><span>2023-05-06 09:30</span><span>关注</span>', "", ()),
    ],
)
def test_an_account_is_the_outlet(above: str, head: str, authors: tuple[str, ...]) -> None:
    site = '<meta property="og:site_name" content="微信公众平台">'
    found = _read(f'<div id="meta_content">{above}</div>', head=head + site)
    assert (found.outlet, found.authors) == ("墨溪小站", authors)


@pytest.mark.parametrize(
    "above",
    [
        _line("来源：栗川在线 订阅"),
        _line("来源：<a>栗川在线</a><a>关注</a>"),
        _line("来源 | 栗川在线"),
        _line("来源丨栗川在线"),
        _line("转自：栗川在线"),
        _line("来源：栗川在线 记者 宋知远"),
        _line("来源：栗川在线 摄影：宋知远"),
        _line("发布机构：栗川县民政局 来源：栗川在线"),
        "<table><tr><td>来源</td><td>栗川在线</td><td>发布时间</td><td>2023-05-06</td></tr></table>",
    ],
)
def test_forms_of_the_source_line(above: str) -> None:
    assert _read(above).outlet == "栗川在线"


def test_who_publishes_is_the_outlet_where_no_source_is_named() -> None:
    assert _read(_line("发布机构：栗川县民政局")).outlet == "栗川县民政局"


@pytest.mark.parametrize("nobody", ["整合", "原创", "本站", "网络", "转载", "", "作者：宋知远"])
def test_a_source_line_that_names_nobody(nobody: str) -> None:
    assert _read(_line(f"来源：{nobody}"), head='<meta name="ContentSource" content="栗川在线">').outlet == "栗川在线"
