"""Printing the sample outlets: the same stories in three layouts, three encodings, two editions."""

import tomllib
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

from crawler.sample import address
from crawler.sample.mirror import distort

_PER_LIST = 6


@dataclass(frozen=True)
class Story:
    """One story of stories.toml."""

    key: str
    site: str
    title: str
    published: str
    author: str
    editor: str
    body: str
    mirror: bool = False
    edition: int = 1
    pages: int = 1
    revised: str = ""

    def paragraphs(self, edition: int) -> list[str]:
        """The paragraphs printed in an edition."""
        text = self.revised if edition > 1 and self.revised else self.body
        return text.strip().split("\n")


@dataclass(frozen=True)
class Printed:
    """A response: status, headers, bytes."""

    status: int
    headers: dict[str, str]
    body: bytes


@cache
def stories() -> tuple[Story, ...]:
    """All stories, newest first."""
    rows = tomllib.loads(Path(__file__).with_name("stories.toml").read_text("utf-8"))["story"]
    return tuple(sorted((Story(**row) for row in rows), key=lambda story: story.published, reverse=True))


def pages(name: str, edition: int, corrected: str = "") -> dict[str, Printed]:
    """Every path that an outlet answers; what is not here is a 404. `corrected` is the time (ISO) that the
    sitemap states for stories that an edition corrects."""
    if name == "city":
        return _city(edition, corrected)
    return _district(edition) if name == "district" else _mirror(edition)


def _of(site: str, edition: int) -> list[Story]:
    return [story for story in stories() if story.site == site and story.edition <= edition]


def _number(story: Story) -> int:
    return 41000 + sum(map(ord, story.key)) % 9000


def _utf8(html: str) -> Printed:
    return Printed(200, {"Content-Type": "text/html; charset=utf-8"}, html.encode())


def _robots() -> Printed:
    return Printed(200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /admin/\n")


# 云泽新闻网: UTF-8, dated paths, list pages with a pager, a sitemap.


def _city(edition: int, corrected: str) -> dict[str, Printed]:
    printed = _of("city", edition)
    found = {"/robots.txt": _robots()}
    paths = {story.key: f"/content/{story.published[:10].replace('-', '/')}/{_number(story)}.html" for story in printed}
    for story in printed:
        for number in range(1, story.pages + 1):
            found[_page_path(paths[story.key], number)] = _utf8(_city_article(story, edition, paths[story.key], number))
    links = [(paths[s.key], s.title, s.published[:10]) for s in printed]
    # What every crawl meets: an address that moved, one that is gone.
    moved, gone = "/2020/jinfan.html", "/content/2019/12/30/40001.html"
    jinfan = next(story for story in printed if story.key == "jinfan-center")
    found[moved] = Printed(301, {"Location": paths[jinfan.key]}, b"")
    links.insert(3, (moved, "专题：老厂房里的服务中心", "2020-06-24"))
    links.append((gone, "年终盘点（已下线）", "2019-12-30"))
    lists = [links[i : i + _PER_LIST] for i in range(0, len(links), _PER_LIST)]
    for number, entries in enumerate(lists, 1):
        found[f"/list/{number}.html"] = _utf8(_city_list(number, len(lists), entries))
    found["/"] = found["/list/1.html"]
    urls = "".join(
        f"<url><loc>{address('city')}{paths[s.key]}</loc><lastmod>{_last_change(s, edition, corrected)}</lastmod></url>"
        for s in printed
    )
    sitemap = f'<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'
    found["/sitemap.xml"] = Printed(200, {"Content-Type": "application/xml"}, sitemap.encode())
    return found


def _last_change(story: Story, edition: int, corrected: str) -> str:
    return corrected if edition > 1 and story.revised else story.published[:10]


def _page_path(path: str, number: int) -> str:
    """The path of one of the pages of a story."""
    return path.replace(".html", f"_{number}.html") if number > 1 else path


def _city_article(story: Story, edition: int, path: str, number: int) -> str:
    paragraphs = story.paragraphs(edition)
    size = -(-len(paragraphs) // story.pages)
    body = "".join(f"<p>　　{escape(p)}</p>" for p in paragraphs[size * (number - 1) : size * number])
    pager = " ".join(
        f'<a href="{_page_path(path, other)}">{other}</a>' if other != number else str(other)
        for other in range(1, story.pages + 1)
    )
    pager = f'<div class="pages">{pager}</div>' if story.pages > 1 else ""
    author = f" | 作者：{story.author}" if story.author else ""
    if story.published < "2020":  # printed before the site was made over, and never since
        return f"""<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>{escape(story.title)}_云泽新闻网</title></head>
<body><div class="top"><a href="/">首页</a> <a href="/list/1.html">党建</a></div>
<div class="headline"><h2>{escape(story.title)}</h2>{story.published} 来源：云泽新闻网 | 编辑：{story.editor}{escape(author)}</div>
<div class="text">{body}<p>责编：{story.editor}</p></div><div class="footer">云泽新闻网 版权所有</div></body></html>"""
    return f"""<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>{escape(story.title)}_云泽新闻网</title>
<meta name="description" content="{escape(story.paragraphs(edition)[0][:60])}"><script>var page=1;</script></head><body>
<div class="top-nav"><a href="/">首页</a> <a href="/list/1.html">党建</a> <a href="/list/2.html">社区</a></div>
<div class="wrap"><h1 class="detail-title">{escape(story.title)}</h1>
<div class="info">{story.published} 来源：云泽新闻网 | 编辑：{story.editor}{escape(author)}</div>
<div class="detail-content">{body}<p>责编：{story.editor}</p><p>来源：云泽新闻网</p></div>{pager}
<div class="related"><h3>相关阅读</h3><ul><li><a href="/list/2.html">今日云泽要闻汇总</a></li><li><a href="/list/3.html">一周社区故事精选</a></li></ul></div></div>
<div class="footer">Copyright © 云泽新闻网 版权所有</div></body></html>"""


def _city_list(number: int, count: int, entries: list[tuple[str, str, str]]) -> str:
    rows = "".join(f'<li><a href="{path}">{escape(title)}</a><span>{day}</span></li>' for path, title, day in entries)
    following = f'<a class="next" href="/list/{number + 1}.html">下一页</a>' if number < count else ""
    return f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>社区党建_云泽新闻网</title></head><body><ul class="list">{rows}</ul><div class="pager">{following}</div></body></html>'


# 望潭发布: GBK bytes under a gb2312 declaration, TRS layout, no charset header.


def _district(edition: int) -> dict[str, Printed]:
    printed = _of("district", edition)
    found = {"/robots.txt": _robots()}
    paths = {
        s.key: f"/xw/{s.published[:7].replace('-', '')}/t{s.published[:10].replace('-', '')}_{_number(s)}.html"
        for s in printed
    }
    for story in printed:
        found[paths[story.key]] = _gbk(_district_article(story, edition))
    half = (len(printed) + 1) // 2
    for path, part, following in (
        ("/xw/index.html", printed[:half], "index_1.html"),
        ("/xw/index_1.html", printed[half:], ""),
    ):
        rows = "".join(
            f'<tr><td><a href="{paths[s.key]}">{escape(s.title)}</a></td><td>{s.published[:10]}</td></tr>' for s in part
        )
        pager = f'<a href="{following}">下一页</a>' if following else ""
        found[path] = _gbk(
            f"<html><head>{_GB_META}<title>新闻_望潭发布</title></head><body><table>{rows}</table>{pager}</body></html>"
        )
    found["/"] = Printed(302, {"Location": "/xw/index.html"}, b"")
    return found


_GB_META = '<meta http-equiv="Content-Type" content="text/html; charset=gb2312">'


def _gbk(html: str) -> Printed:
    return Printed(200, {"Content-Type": "text/html"}, html.encode("gbk"))


def _district_article(story: Story, edition: int) -> str:
    body = "".join(f'<p style="text-indent:2em">{escape(p)}</p>' for p in story.paragraphs(edition))
    return f"""<html><head>{_GB_META}<title>{escape(story.title)}--望潭发布</title>
<meta name="ArticleTitle" content="{escape(story.title)}"><meta name="PubDate" content="{story.published}">
<meta name="ContentSource" content="望潭发布"></head><body><table><tr><td>您现在的位置：首页 &gt; 新闻</td></tr></table>
<div class="title">{escape(story.title)}</div>
<div class="xx">发布时间：{story.published} 来源：望潭发布 作者：{escape(story.author)} 字号：大 中 小</div>
<div class="TRS_Editor">{body}</div><div class="bj">（责任编辑：{story.editor}）</div>
<div class="share">分享到：微信 微博</div></body></html>"""


# 環球頭條匯: a mirror. Traditional characters, pinyin notes, damage, advertising in the head.


def _mirror(edition: int) -> dict[str, Printed]:
    printed = [story for story in stories() if story.mirror and story.edition <= edition]
    found = {"/robots.txt": _robots()}
    rows = []
    for story in printed:
        path = f"/content/{_number(story)}"
        found[path] = _utf8(_mirror_article(story, edition))
        rows.append(f'<div><a href="{path}">{escape(distort(story.title, ""))}</a></div>')
    found["/"] = _utf8(
        f'<html><head><meta charset="utf-8"><title>環球頭條匯</title></head><body>{"".join(rows)}</body></html>'
    )
    return found


def _mirror_article(story: Story, edition: int) -> str:
    outlet = {"city": "云泽新闻网", "district": "望潭发布"}[story.site]
    body = "".join(f"<p>{escape(distort(p, story.key))}</p>" for p in story.paragraphs(edition))
    return f"""<html><head><meta charset="utf-8"><title>{escape(distort(story.title, ""))}-環球頭條匯</title></head><body>
<div class="ad">點擊下載APP領取新人紅包 棋牌娛樂 24小時在線</div>
<h1>{escape(distort(story.title, ""))}</h1><div class="meta">{story.published} 來源:{distort(outlet, "")}</div>
<div class="text"><p>加微信領取內部資料，名額有限</p>{body}<p>責編：{distort(story.editor, "")}</p><p>下載APP</p><p>分享到</p></div></body></html>"""
