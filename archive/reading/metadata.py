"""Title, time, outlet, authors, editor: from the places where Chinese sites put them.

Each question is answered by the most trustworthy place that answers it: the header between title and body,
then the meta tags, then the lines at the end of the body. A date that is not stated stays None.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

from archive.reading.page import Page, is_hidden, squeeze, visible_text
from archive.text import clean, fold

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")

_TITLE_META = ("articletitle", "og:title", "twitter:title", "title", "headline")
_TIME_META = (
    *("pubdate", "publishdate", "article:published_time", "og:release_date", "datepublished"),
    *("weibo: article:create_at", "apub:time", "publish_time", "date", "dc.date"),
)
_OUTLET_META = ("contentsource", "source", "article:author_source", "mediaid")
_SITE_META = ("og:site_name", "sitename", "application-name")
_AUTHOR_META = ("author", "article:author")
_EDITOR_META = ("editor", "responsibleeditor")

_CUT_TITLE = re.compile(r"\s*(?:_|\||丨|—{1,2}|--?| - |–)\s*")
_STAMP = re.compile(
    r"(?P<y>(?:19|20)\d\d)\s*[-年/.]\s*(?P<m>1[0-2]|0?[1-9])\s*[-月/.]\s*(?P<d>3[01]|[12]\d|0?[1-9])(?!\d)\s*日?"
    r"(?:[\sT,(星期一二三四五六日)]{0,8}"
    r"(?P<H>[01]?\d|2[0-3])\s*[::时]\s*(?P<M>[0-5]\d)(?:\s*[::分]\s*(?P<S>[0-5]\d))?(?P<z>Z|[+-]\d\d:?\d\d)?)?"
)
# A labelled value ends at a wide gap, a separator, or the next label.
_NEXT_LABEL = r"来源|作者|编辑|责编|责任编辑|记者|通讯员|时间|发布时间|发布日期|发表|浏览|点击|字号|字体|分享|打印|审核|日期|阅读|\d{4}[-年/]"
_LABEL_END = rf"(?=\s{{2,}}|[|丨/,;\[\]()【】<>]|\s*(?:{_NEXT_LABEL})|$)"
_OUTLET = re.compile(
    r"(?:(?:文章来源|稿件来源|信息来源|新闻来源|来源|稿源)\s*[::]|本文来源于|来源于)\s*"
    rf"(?P<v>[^\s|丨/,;\[\]()【】<>。][^|丨/;\[\]()【】<>。]{{0,28}}?){_LABEL_END}"
)
_OUTLET_NAME = re.compile(
    r"[一-鿿A-Za-z0-9·]{1,12}(?:网|报|社|台|新闻|发布|媒体|客户端|广播|电视|在线|杂志|周刊|报道|政府|委|局)"
)
_NAMES = r"[一-鿿·]{2,4}(?:[ 、,和][一-鿿·]{2,4}){0,5}"
_AUTHOR = re.compile(
    rf"(?:(?:作者|撰文|撰稿|文)\s*[::/]\s*|文/图\s*|(?:记者|通讯员)(?:\s*[::]\s*|\s+))(?P<v>{_NAMES}){_LABEL_END}"
)
_EDITOR = re.compile(
    rf"(?:责任编辑|责编|本文编辑|编辑|编审|选稿)\s*[::]\s*(?P<v>[一-鿿·A-Za-z0-9_]{{2,12}}){_LABEL_END}"
)
_HAS_HAN = re.compile(r"[一-鿿]")
_NOT_A_NAME = re.compile(r"来源|编辑|记者|作者|佚名|未知|本站|发布|日期|时间|责任|admin", re.IGNORECASE)


@dataclass(frozen=True)
class Metadata:
    """What a page says about its article."""

    title: str
    published: datetime | date | None
    outlet: str
    authors: tuple[str, ...]
    editor: str


def read_metadata(page: Page, body: HtmlElement | None) -> Metadata:
    """Read all fields; `body` is the node that holds the article."""
    title, heading = _title(page)
    header = _header(page, heading, body)
    ending = _ending(body) if body is not None else ""
    places = (header, ending)
    return Metadata(
        title,
        _published(page, fold(header), fold(ending)),
        _labelled(_OUTLET, places) or _first(page, _OUTLET_META) or _beside_time(header) or _first(page, _SITE_META),
        _authors(places) or _names(_first(page, _AUTHOR_META)),
        _labelled(_EDITOR, places) or _person(_first(page, _EDITOR_META)),
    )


def _title(page: Page) -> tuple[str, HtmlElement | None]:
    """The headline, and the node that shows it where there is one."""
    tag = page.title_tag
    headings = [
        (node, visible_text(node))
        for node in page.select("//h1|//h2|//*[contains(@class,'title') or contains(@id,'title')]")[:200]
    ]
    headings = [(node, text) for node, text in headings if 4 <= len(text) <= 120]
    shown = [(node, text) for node, text in headings if _same(text, tag, whole=False)]
    if shown:
        node, text = max(shown, key=lambda pair: len(pair[1]))
        return _SITE_END.sub("", text), node
    for name in _TITLE_META:
        value = page.meta.get(name, "")
        if len(value) >= 4:
            value = _without_site(value, page)
            return value, next((node for node, text in headings if _same(text, value, whole=True)), None)
    first = next(((node, text) for node, text in headings if node.tag == "h1"), None)
    if first and not tag:
        return first[1], first[0]
    return _without_site(tag, page), None


_SITE_END = re.compile(r"\s*[-_|丨—–]{1,2}\s*[^-_|丨—–]{1,8}(?:网|在线|日报|晚报|新闻|频道|客户端|发布)$")


def _same(text: str, other: str, *, whole: bool) -> bool:
    a, b = re.sub(r"\s", "", fold(text)), re.sub(r"\s", "", fold(other))
    return a == b if whole else len(a) >= 4 and b.startswith(a)


def _without_site(title: str, page: Page) -> str:
    """The first part of 标题_频道_站名, unless the separator belongs to the headline."""
    site = page.meta.get("og:site_name", "") or page.meta.get("sitename", "")
    parts = _CUT_TITLE.split(title)
    if len(parts) < 2:
        return title
    if site and fold(parts[-1]) == fold(site):
        return title[: title.rfind(parts[-1])].rstrip(" _|丨-—–")
    return max(parts[:2], key=len) if len(parts[0]) < 6 else parts[0]


def _header(page: Page, heading: HtmlElement | None, body: HtmlElement | None) -> str:
    """The visible text between headline and body, and the first words of the body, where header lines often
    stand. Where no time is stated there, what stands before the body (the headline found may be a breadcrumb)."""
    if page.root is None:
        return ""
    between: list[str] = []
    before: list[str] = []
    started = heading is None
    around = heading is not None and body is not None and body in heading.iterancestors()  # body found too wide
    for node, text in _texts(page.root):
        if node is body and not around:
            break
        if node is heading:
            started = True
        elif text:
            before.append(text)
            if started:
                between.append(text)
    opening = "  " + "  ".join(squeeze(t) for t in islice(body.itertext(), 12))[:300] if body is not None else ""
    header = "  ".join(between)
    header = (header[: 400 if around else 2000] if heading is not None else header[-2000:]) + opening
    return header if _STAMP.search(fold(header)) else header + "  " + "  ".join(before)[-1500:]


def _texts(root: HtmlElement) -> Iterator[tuple[HtmlElement | None, str]]:
    """(node, its first text) and (None, a text behind a node), in reading order; what is hidden is passed over."""
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, node in walk:
        if event == "end":
            yield None, squeeze(node.tail)
        elif is_hidden(node) or node.tag == "title":
            walk.skip_subtree()
        else:
            yield node, squeeze(node.text)


def _ending(body: HtmlElement) -> str:
    """The last words of the body and what stands right behind it, where editors' lines are."""
    following, node = "", body
    while node is not None and len(following) < 200:
        sibling = node.getnext()
        if sibling is None:
            node = node.getparent()
            if node is None or node.tag == "body":
                break
            continue
        following += "  " + visible_text(sibling)[:300]
        node = sibling
    return visible_text(body)[-300:] + "  " + following[:300]


def _published(page: Page, header: str, ending: str) -> datetime | date | None:
    stated = [_stamp(m) for m in _STAMP.finditer(header)][:6]
    tagged = [_stamp(m) for name in _TIME_META for m in _STAMP.finditer(page.meta.get(name, ""))]
    scripted = [_stamp(m) for m in _STAMP.finditer(" ".join(_json_dates(page)))]
    behind = [_stamp(m) for m in _STAMP.finditer(ending)] if re.search(r"时间|日期", ending) else []
    times = [t for t in (*stated, *tagged, *scripted, *behind) if t is not None]
    return next((t for t in times if isinstance(t, datetime)), times[0] if times else None)


def _json_dates(page: Page) -> list[str]:
    scripts = page.select("//script[@type='application/ld+json']/text()")[:5]
    return [m[1] for s in scripts for m in re.finditer(r'"(?:datePublished|pubDate)"\s*:\s*"([^"]{8,40})"', s[:20_000])]


def _stamp(match: re.Match[str]) -> datetime | date | None:
    try:
        day = date(int(match["y"]), int(match["m"]), int(match["d"]))
    except ValueError:
        return None
    if match["H"] is None:
        return day
    second = int(match["S"] or 0)
    time = datetime(day.year, day.month, day.day, int(match["H"]), int(match["M"]), second, tzinfo=CHINA)
    if match["z"]:
        zone = datetime.strptime(match["z"].replace("Z", "+0000").replace(":", ""), "%z").tzinfo
        time = time.replace(tzinfo=zone).astimezone(CHINA)
    return time


def _labelled(pattern: re.Pattern[str], places: tuple[str, ...]) -> str:
    for place in places:
        for match in pattern.finditer(fold(place)):
            value = clean(place[match.start("v") : match.end("v")]).text.strip(" :：-")  # as published
            if value and not _NOT_A_NAME.fullmatch(value):
                return value
    return ""


def _beside_time(header: str) -> str:
    """An outlet that stands unlabelled right beside the time: 2024-05-18 16:56  环球时报新媒体."""
    stamp = _STAMP.search(fold(header))
    if stamp is None:
        return ""
    behind = re.split(r"\s{2,}", header[stamp.end() :].strip(" |·/"))[0]
    ahead = re.split(r"\s{2,}", header[: stamp.start()].strip(" |·/"))[-1]
    return next((name for name in (behind, ahead) if _OUTLET_NAME.fullmatch(fold(name))), "")


def _authors(places: tuple[str, ...]) -> tuple[str, ...]:
    for place in places:
        found: list[str] = []
        for match in _AUTHOR.finditer(fold(place)):
            found.extend(_names(place[match.start("v") : match.end("v")]))
        if found:
            return tuple(dict.fromkeys(found))
    return ()


def _names(value: str) -> tuple[str, ...]:
    names = [_person(name) for name in re.split(r"[\s、,;和]+", value)]
    return tuple(name for name in names if name)


def _person(value: str) -> str:
    value = squeeze(value)
    return value if 2 <= len(value) <= 12 and _HAS_HAN.search(value) and not _NOT_A_NAME.search(fold(value)) else ""


def _first(page: Page, names: tuple[str, ...]) -> str:
    return next((value for name in names if 1 < len(value := page.meta.get(name, "")) <= 40), "")
