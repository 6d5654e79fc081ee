"""Which of a page's dates is that of publication; where it may be another's, none is."""

import pytest

from archive.model import Article, Capture
from archive.reading import read

DAY, MINUTE = "2023-05-06", "2023-05-06T09:30:00+08:00"
LABEL = "发布时间：2023-05-06 09:30"
TITLE = "青萝街道三个社区共用一间议事厅"
PROSE = (
    "<p>青萝街道把临街的旧粮店腾出来，三个社区轮流在这里议事，门口挂着一块写满名字的木牌。</p>"
    "<p>住在楼上的居民说，过去有事要跑两条街，如今下楼买菜的工夫就把话说完了，心里也踏实。</p>"
    "<p>值班的姚师傅每天清早烧好两壶水，把桌椅摆成一圈，谁先到谁先坐，散会时各人带走自己的杯子。</p>"
)
ADDRESS = "http://news.qingluo.example/p/7.html"
SOURCE = "来源：青萝时报"
SITE_CLOCK = "2026年11月26日 10:30 星期四"


def _page(
    header: str = "", *, head: str = "", above: str = "", opening: str = "", ending: str = "", below: str = ""
) -> str:
    return (
        f"<html><head><title>{TITLE}_青萝时报</title>{head}</head><body>{above}<h1>{TITLE}</h1>{header}"
        f'<div class="article-content">{opening}{PROSE}{ending}</div>{below}</body></html>'
    )


def _published(html: str, url: str = ADDRESS) -> str:
    found = read(Capture(url, html.encode()))
    assert isinstance(found, Article), found
    return found.published_iso


@pytest.mark.parametrize(
    ("header", "published"),
    [
        (f"<div>{LABEL} 更新时间：2023-08-20 16:00</div>", MINUTE),
        (f"<div>更新时间：2023-08-20 16:00 {LABEL}</div>", MINUTE),
        ("<ul><li>最后更新：2023-08-20 16:00</li><li>发布日期：2023-05-06</li></ul>", DAY),
        ("<div>2023-08-20 16:00更新 2023-05-06 09:30发布</div>", MINUTE),
        ("<p>发表于 2023-05-06 09:30 | 最后编辑于 2023-08-20 16:00</p>", MINUTE),
        ("<p>Updated: 2023-08-20 16:00 Published: 2023-05-06 09:30</p>", MINUTE),
        ("<table><tr><td>成文日期</td><td>2023-04-28</td><td>发布日期</td><td>2023-05-06</td></tr></table>", DAY),
        ("<table><tr><th>有效期至</th><td>2028-05-06</td><th>公开日期</th><td>2023-05-06</td></tr></table>", DAY),
        (f"<div>活动时间：2023-06-01 14:00 {LABEL}</div>", MINUTE),
        ("<div><span>發佈時間：</span><em>2023</em>年<em>05</em>月<em>06</em>日 <b>09:30</b></div>", MINUTE),
        ("<div><i>2023</i>-<i>05</i>-<i>06</i> 09:30:00</div>", MINUTE),
        (f"<div>2023-05-01 08:00 2023-05-06 09:30 {SOURCE}</div>", MINUTE),
        (f"<div><span>2022-01-03 08:00</span><p>{SOURCE} 2023-05-06 09:30</p></div>", MINUTE),
        ("<div>2023年05月06日09:30 来源：人民网</div>", MINUTE),
        (f"<div>{SOURCE}2023年5月6日09:30</div>", MINUTE),
        ("<div>青萝时报 2023年05月06日 星期六 第03版</div>", DAY),
        ("<div>时间：2023-05-06 09:30 浏览次数：2023</div>", MINUTE),
        ("<div>信息时间：2023-05-06 字号：大 中 小</div>", DAY),
        (f'<div><time datetime="2023-05-06T01:30:00Z">3小时前</time> {SOURCE}</div>', MINUTE),
        ('<div>发布时间：<abbr title="2023-05-06 09:30">前天</abbr></div>', MINUTE),
        ('<div><span data-time="1683336600">去年</span></div>', MINUTE),
        ("<div>9/17/2004 5:54:13 AM</div>", "2004-09-17T05:54:13+08:00"),
        ("<div>发布时间：2023-05-06 09:30 - 11:30</div>", MINUTE),
        ("<div>2023-05-06 09:30 — 青萝时报</div>", MINUTE),
        ("<div>来源：青萝发布 2023-05-06 09:30</div>", MINUTE),
        ("<div>今日青萝 2023-05-06 09:30</div>", MINUTE),
        (
            '<div><time class="updated" datetime="2023-08-20">8月20日</time><time datetime="2023-05-06">5月6日</time></div>',
            DAY,
        ),
        (
            '<div><time datetime="2023-08-20">更新于3天前</time> <time datetime="2023-05-06">发布于去年</time></div>',
            DAY,
        ),
        ('<div><a href="/u/7">2023-05-06 09:30 来自青萝</a></div>', MINUTE),
        ("<div>更 新 日 期：2023-08-20 发 布 日 期：2023-05-06</div>", DAY),
        ("<div>来源：青萝网 时 间：2023-05-06 09:30</div>", MINUTE),
        ("<div><i>2023-05-06</i> <b>打印本页</b></div>", DAY),
        ("<div><i>2023-05-06 09:30:00</i> <b>打印本页</b></div>", MINUTE),
        ("<div>青萝时报 2023-05-06 09:30 分享</div>", MINUTE),
        ("<div>上稿时间：2023-05-06 09:30</div>", MINUTE),
        # None of these is the article's own.
        ('<div><a href="/1">某某社区的新书房开门迎客了</a> <i>2022-01-03 08:00</i></div>', ""),
        (f"<div>{SOURCE}</div>", ""),
        ("<div>报名时间：2023-05-06 09:30</div>", ""),
        ("<div>截止日期：2023-05-06</div>", ""),
        ("<div>展期：2023-05-06 至 2023-06-06</div>", ""),
        ("<div>最后修改：2023-05-06 09:30</div>", ""),
        ("<p>2023年4月1日，三个社区把旧粮店租了下来。</p>", ""),
        ("<p>议事厅定于2023年4月1日9时30分启用</p>", ""),
        ("<p>图为2023年4月1日议事厅内景</p>", ""),
        # An update alone, in the place of the date.
        (f"<div>更新时间：2023-05-06 09:30 {SOURCE}</div>", MINUTE),
    ],
)
def test_header(header: str, published: str) -> None:
    assert _published(_page(header)) == published


@pytest.mark.parametrize("above", [
    f"<div>{SITE_CLOCK} 多云 12℃</div>",
    "<div>青萝发布 2026年11月26日</div>",
    "<div>今天是2026年11月26日 10:30:00</div>",
    '<div class="time">2026-11-26 10:30:22</div>',
    '<ul><li><a href="/1">某某社区的新书房开门迎客了</a> 2022-01-03 08:00</li></ul>',
    '<div><p><a href="/1">某某社区的新书房开门迎客了</a></p><p><em>发布时间：2022-01-03 08:00</em></p></div>',
    '<table><tr><td><a href="/1">某某社区的新书房开门迎客了</a></td><td>2022-01-03 08:00</td></tr></table>',
    '<ul><li><a href="/1">新书房开门了</a> 来源：青萝时报 2022-01-03</li></ul>',
    '<div><a href="/1">某某社区的新书房开门迎客了 来源：青萝时报 2022-01-03</a></div>',
])  # fmt: skip
def test_dates_above_the_headline(above: str) -> None:
    assert _published(_page(f"<div>{SOURCE}</div>", above=above)) == ""
    assert _published(_page(f"<div>{LABEL} {SOURCE}</div>", above=above)) == MINUTE


def test_the_line_of_the_date_above_the_headline() -> None:
    assert _published(_page(above=f"<div>{SOURCE} 2023-05-06 09:30</div>")) == MINUTE
    assert _published(_page(above=f"<div>{SITE_CLOCK}</div><div>{LABEL}</div>")) == MINUTE
    # A bare one is believed beside another that names the day.
    shown = "<div><b>2023</b> <i>05</i>/<i>06</i> <u>09:30:00</u></div>"
    assert _published(_page(f"<div>{SOURCE}</div>", above=shown)) == ""
    assert _published(_page(above=shown), "http://www.qingluo.example/20230506/8f3a/c.html") == MINUTE


@pytest.mark.parametrize("place", ["opening", "ending", "below"])
@pytest.mark.parametrize("text", [
    "<p>2019年6月，街道开始筹备；2021年7月1日，议事厅启用。</p>",
    "<p>本报讯 <b>2023年4月1日</b>，议事厅开门。</p>",
    "<p>本报讯 2023年4月1日上午9:30，议事厅开门。</p>",
    "<p>2023-04-01 09:30，议事厅开门。</p>",
    "<p>2023-04-01启用的议事厅，一年里开了三十场会。</p>",
    "<p>报名截止时间：2023年6月1日 17:00</p>",
    "<p>时间：2023年6月1日 17:00 地点：议事厅</p>",
    "<p>《办法》于2020年5月1日发布，沿用至今。</p>",
    "<p>《办法》发布于2020年5月1日，沿用至今。</p>",
    "<p>2020年5月1日发布的办法沿用至今。</p>",
    "<p>青萝街道办事处</p><p>2023年4月28日</p>",
    "<p>（2023年4月1日摄）</p>",
])  # fmt: skip
def test_days_of_the_story(text: str, place: str) -> None:
    assert _published(_page(f"<div>{SOURCE}</div>", **{place: text})) == ""
    assert _published(_page(f"<div>发布日期：2023-05-06 {SOURCE}</div>", **{place: text})) == DAY


@pytest.mark.parametrize("below", [
    "<div>Copyright 2008-2026 备案时间：2009-03-02</div>",
    "<div>© 2026-11-26 青萝时报 版权所有</div>",
    "<div>网站建立于2009-03-02</div>",
    '<ul><li><a href="/1">某某社区的新书房开门迎客了</a> 发布时间：2022-01-03 08:00</li></ul>',
    "<div><p>网友甲 发表于 2023-05-07 10:00</p><p>网友乙 发表于 2023-05-09 11:00</p></div>",
    '<div class="comments"><p>网友甲 发表于 2023-05-07 10:00</p></div>',
    "<div>页面更新时间：2026-11-26 10:30</div>",
])  # fmt: skip
def test_dates_below_the_article(below: str) -> None:
    assert _published(_page(f"<div>{SOURCE}</div>", below=below)) == ""


@pytest.mark.parametrize("ending", [
    "<p>发布时间：2023-05-06 09:30</p>",
    "<p>（来源：青萝时报 2023-05-06 09:30）</p>",
    "<p>本贴由青萝居民于2023年5月6日 09:30发表</p>",
    "<p>编辑：方小满 发布日期：2023年5月6日 09:30</p>",
    "<p>此文于2023年5月6日 09:30由admin发布</p>",
    "<p>青萝居民 于 2023/5/6 9:30:00 发表</p>",
    "<p>Posted by admin on 5/6/2023 9:30:00 AM</p>",
])  # fmt: skip
def test_the_date_at_the_end(ending: str) -> None:
    assert _published(_page(ending=ending)) == _published(_page(below=f"<div>{ending}</div>")) == MINUTE


WECHAT = '<div id="js_content"></div>'


@pytest.mark.parametrize(
    ("head", "published"),
    [
        ('<meta name="PubDate" content="20230506093000">', MINUTE),
        ('<meta name="publishdate" content="2023-05-06">', DAY),
        ('<meta property="article:published_time" content="2023-05-06T01:30:00.000Z">', MINUTE),
        ('<meta name="dc.date.issued" content="Sat, 06 May 2023 09:30:00 +0800">', MINUTE),
        ('<meta itemprop="datePublished" content="1683336600">', MINUTE),
        ('<meta name="date" content="2026-11-20 10:22"><meta name="pubdate" content="2023-05-06 09:30">', MINUTE),
        ('<meta property="article:modified_time" content="2023-08-20T16:00:00+08:00">', ""),
        ('<meta name="expiredate" content="2028-08-20">', ""),
        ('<script type="application/ld+json">{"datePublished": "2023-05-06T09:30:00+08:00"}</script>', MINUTE),
        (
            '<script type="application/ld+json">{"dateModified": "2023-08-20", "pubDate": "2023-05-06T09:30"}</script>',
            MINUTE,
        ),
        ('<input type="hidden" id="publishTime" value="2023-05-06 09:30:00">', MINUTE),
        ('<input type="hidden" name="releaseDate" value="Sat May 06 09:30:00 CST 2023">', MINUTE),
        ('<input type="hidden" name="endTime" value="2023-05-06 09:30:00">', ""),
        ('<script>var publish_time = "2023-05-06 09:30" || "";</script>', MINUTE),
        ("<script>window.PUB = {pubTime: '2023/05/06 09:30'}</script>", MINUTE),
        ('<meta name="og:time " content="2023-05-06 09:30:00">', MINUTE),
        ('<input name="date" value="2023-05-06">', ""),
        ('<script>var lastPublishTime = "2023-08-20 09:30"</script>', ""),
        ('<script>Sentry({release: "2023-05-06"})</script>', ""),
        (f"{WECHAT}<script>window.d = {{create_time: JsDecode('1683336600'), user_name: ''}}</script>", MINUTE),
        ("<script>var a = {publishTime: new Date(1683336600000)}</script>", MINUTE),
        ('<meta property="article:published" content="2023-05-06 09:30">', MINUTE),
        ('<script>var d = {\\"publishTime\\":1683336600000}</script>', MINUTE),
        ('<script>var a = [{"pubDate":"2023-05-06"}, {"pubDate":"2023-05-07"}]</script>', ""),  # of other stories
        ('<script>var a = [{"createTime":"2023-05-06 09:30"}]</script>', ""),  # of whatever
        ('<script>var serverTime = "2026-11-26 10:30", ct = "1683336600";</script>', ""),
        (f'{WECHAT}<script>var ct = "1683336600";</script>', MINUTE),
        (f"{WECHAT}<script>var oriCreateTime = '1683336600', svr_time = '1790000000';</script>", MINUTE),
        (f"{WECHAT}<script>window.ct='1683336600'; var createTime = '2023-05-06 09:30';</script>", MINUTE),
    ],
)
def test_values_for_programs(head: str, published: str) -> None:
    """None stands against a day that the page shows; the same day takes its time from them."""
    assert _published(_page(f"<div>{SOURCE}</div>", head=head)) == published
    assert _published(_page(f"<div>发布日期：2021-01-02 {SOURCE}</div>", head=head)) == "2021-01-02"
    assert _published(_page(f"<div>发布日期：2023-05-06 {SOURCE}</div>", head=head)) == (published or DAY)


def test_microdata() -> None:
    for html in (
        _page('<time datetime="2023-05-06T09:30:00+08:00"></time>'),
        _page('<span data-publish-time="1683336600"></span>'),
        _page('<div itemprop="datePublished" content="2023-05-06 09:30"></div>'),
        _page('<time datetime="2023-05-06 09:30"></time>', above='<li><time datetime="2022-01-03"></time></li>'),
    ):
        assert _published(html) == MINUTE
    assert _published(_page('<time itemprop="dateModified" datetime="2023-08-20"></time>')) == ""


@pytest.mark.parametrize("path", [
    "zt/20190601/c_12.html", "ztbd/20190601/c_12.html", "special/2021-07/01/djyl/c0712.html", "sy/ztzl/2021/07-01/xx/c12.html", "2021/0701/a/b/7.html",
])  # fmt: skip
def test_days_of_folders(path: str) -> None:
    url = f"http://news.qingluo.example/{path}"
    assert _published(_page(f"<div>{LABEL}</div>"), url) == MINUTE
    assert _published(_page("<div>2023-05-06 09:30</div>"), url) == MINUTE
    assert _published(_page(head='<meta name="pubdate" content="2023-05-06">'), url) == DAY
    assert _published(_page(), url) == ""


@pytest.mark.parametrize("path", [
    "html/2023-05/06/content_7.htm", "202305/t20230506_7.html", "n1/2023/0506/c7-1.html", "20230506/8f3a/c.html", "a/20230506/7.shtml",
])  # fmt: skip
def test_days_of_addresses(path: str) -> None:
    url = f"http://news.qingluo.example/{path}"
    assert _published(_page(), url) == DAY
    assert _published(_page("<div>2019-01-01 00:10 2023-05-06 09:30</div>"), url) == MINUTE  # of two the one near it
    assert _published(_page("<div>2009-01-01 08:00 版权所有</div>"), url) == DAY


def test_a_line_of_the_date_at_the_start_of_the_body() -> None:
    assert _published(_page(opening="<div>2023-05-06 09:30</div>")) == MINUTE
    assert _published(_page(opening=f"<div>{SOURCE}</div><div>{LABEL}</div>")) == MINUTE
    assert _published(_page(opening="<p>议事厅的日子</p><p>2023年4月1日</p>")) == ""


def test_days_without_their_year() -> None:
    """They are read where the page names the day in full elsewhere."""
    header = f"<div>{SOURCE} 05-06 09:30</div>"
    assert _published(_page(header), "http://news.qingluo.example/20230506/7.html") == MINUTE
    assert _published(_page(header), "http://news.qingluo.example/20230507/7.html") == "2023-05-07"
    assert _published(_page(header)) == ""
    labelled, changed = "<div>发布时间：5月6日 09:30</div>", '<meta itemprop="dateUpdate" content="2023-05-06 12:00">'
    assert _published(_page(labelled, head=changed)) == MINUTE
    assert _published(_page(header, head=changed)) == ""


@pytest.mark.parametrize(
    "header",
    [
        '<div class="col-1-1 fl">2023年05月06日09:30 | 来源：<a href="/s">青萝网－湖畔频道</a></div>',
        '<div><span>2023年05月06日09:30</span>&nbsp;&nbsp;<span>来源：<a href="/s">青萝网</a></span><em>手机看新闻</em></div>',
        '<div class="h-info"><span class="h-time"> 2023-05-06 09:30:00</span> 来源： <em id="source">青萝网</em></div>',
        "<table><tr><td>索 引 号：</td><td>0073/2023-00112</td></tr><tr><td>发 布 时 间：</td><td>2023年5月6日 09:30</td></tr></table>",
        "<p>发布时间：2023-05-06 09:30　　浏览次数：<span>112</span>次</p>",
        "<p>[ 发布时间：2023-05-06 09:30:00.0 ]【字体：大 中 小】</p>",
        "<p>作者：　　　2023年05月06日 09:30　　　点击：[<span>112</span>]</p>",
        '<div class="post_info">2023-05-06 09:30:00　来源: <a href="/s">青萝时报</a> 举报</div>',
        '<div><span class="time" data-val="1683336600000">2023-05-06 09:30</span> 来源:<a href="/s">青萝时报</a></div>',
        "<div><span>2023-05-06 09:30</span><span>·</span><span>青萝发布</span></div>",
        "<div><p>青萝时报记者 方小满</p><p>2023-05-06 09:30 <span>来源：青萝时报</span></p></div>",
        '<div class="info1">来源：<a href="/s">青萝网</a>| 2023年05月06日 09:30:00</div>',
        "<div>来源：青萝网 作者：方小满 编辑：苏禾 2023-05-06 09:30:00</div>",
        "<div>责任编辑：2023-05-06 09:30</div>",
        "<div>编辑苏禾 2023-05-06 09:30</div>",
        "<div>信息来源：青萝街道　更新日期：2023-08-20　发布日期：2023-05-06 09:30　【打印】</div>",
        "<ul><li>发布机构：青萝街道办事处</li><li>发布时间：2023-05-06 09:30</li><li>有效性：有效</li></ul>",
        "<div>2023年5月6日 上午9时30分</div>",
        "<div>(2023-05-06 09:30:00)</div>",
        "<div>日期：2023/5/6 9:30:00</div>",
        "<div>星期六 2023年05月06日 09:30</div>",
        "<div>中华民国112年5月6日 09:30 青萝时报</div>",
        "<div>第1123期 2023年05月06日09:30 第03版：社区</div>",
        "<div>Sat, 06 May 2023 09:30:00 +0800</div>",
        "<div>Posted on May 6, 2023 at 9:30 am by admin</div>",
    ],
)
def test_headers_of_many_systems(header: str) -> None:
    assert _published(_page(header)) == MINUTE
