"""Who publishes, wrote and edited an article: labelled words first, then what stands where such words stand."""

import re
from dataclasses import dataclass

from lxml.etree import _Element as Element

from archive.reading.page import Page, Piece, squeeze
from archive.reading.stamps import first_stamp, has_stamp
from archive.text import clean, fold
from archive.text.persons import PERSON, close_names, is_person

_OUTLET_META = ("contentsource", "source", "article:author_source", "mediaid")
_SITE_META = ("og:site_name", "sitename", "application-name")
_AUTHOR_META = ("author", "article:author")
_EDITOR_META = ("editor", "responsibleeditor")

# A labelled value ends at a wide gap, a separator, or the next label. A line feed parts the regions of a page:
# a label at the end of the header does not take its value from the body.
_NEXT_LABEL = r"来源|作者|编辑|责编|责任编辑|记者|通讯员|时间|发布时间|发布日期|发表|浏览|点击|字号|字体|分享|打印|审核|日期|阅读|校对|\d{4}[-年/]"
_END = rf"(?=\s{{2,}}|\n|[|丨/,;\[\]()【】<>]|\s*(?:{_NEXT_LABEL})|[^\S\n][一-鿿]{{1,4}}[^\S\n]?[:/]|$)"
_OUTLET_VALUE = rf"[^\S\n]*(?P<v>[^\s|丨/,;\[\]()【】<>。][^|丨;\[\]()【】<>。\n]{{0,28}}?){_END}"
_OUTLET = re.compile(
    r"(?:(?<![一-鿿])(?:文章来源|稿件来源|信息来源|新闻来源|来源|稿源|转自|转载自)(?:[^\S\n]*[:|丨]|(?=[^\S\n]{2}))|本文来源于|来源于)"
    + _OUTLET_VALUE
)
_PUBLISHER = re.compile(r"(?<![一-鿿])发布(?:机构|单位|部门)[^\S\n]*:" + _OUTLET_VALUE)
_OUTLET_NAME = re.compile(
    r"[一-鿿A-Za-z0-9·]{1,12}(?:网|报|社|台|新闻|发布|媒体|客户端|广播|电视|在线|杂志|周刊|报道|政府|委|局|财经|科技|娱乐|体育)"
)
_NOT_AN_OUTLET = re.compile(
    r"(?:时政|国内|国际|社会|财经|体育|娱乐|民生|本地|图片|最新|滚动|要闻)新闻$|网络|互联网|网上|本站整理|综合|.*(?:勿|版权|作品|侵)|[\W\d]+$"
    r"|(?:原创|转载|整理|整合|编译|投稿|本站|未知|不详|佚名|作者|微信公众平台|微信公众号)$"
)
_NEXT_NAME = rf"(?:{PERSON}|[一-鿿]{{2,3}})"  # beside a name the rarest surname is believed
_AUTHOR = re.compile(
    r"(?:作者|撰文|撰稿|执笔|(?<![一-鿿])文)(?:[^\S\n]*[::/丨|]|(?<=\W作者)(?=[^\S\n]{2}))[^\S\n]*(?:[^\s,。::]{0,10}(?:评论员|记者|通讯员)[^\S\n]+)?"
    rf"(?P<v>[^\s|丨/,;::\[\]()【】<>。\n][^|丨;::\[\]()【】<>。\n]{{0,30}}?){_END}"
)
# Behind a mere blank may stand what somebody did (冯远 整合): only the shape of a name makes it one.
_AND_NAME = rf"(?:[^\S\n]?[、,&和][^\S\n]?{_NEXT_NAME}|[^\S\n]{{1,2}}{PERSON}(?![一-鿿]))"
_REPORTER = re.compile(
    rf"(?:记者|通讯员|评论员|文/图|图/文|图文/)[^\S\n]*[::]?[^\S\n]*(?P<v>{PERSON}{_AND_NAME}{{0,5}})(?![一-鿿])"
)
_SIGNED = re.compile(
    rf"[(](?:(?:本报|本网)?(?:记者|通讯员|文/图|图文|文图|作者)[\s::]*(?P<v>{PERSON}{_AND_NAME}{{0,4}})(?:[\s/][^()\n]{{0,20}})?"
    rf"|\s*(?P<w>{PERSON}{_AND_NAME}{{0,4}})(?:\s*(?:文/图|摄影报道|报道)|\s+文(?:\s[^()\n]{{1,14}})?)?)[)]\s*$",
    re.MULTILINE,
)
# Behind the name of who took a picture, and before a name or its label.
_PICTURES = re.compile(r"\s*(?:摄影|摄(?!影)|供图|制图|绘图|图)(?!报道|[一-鿿]|[^\S\n]?[:/])")
_OF_PICTURES = re.compile(r"(?:摄影|摄像|图片|视频|制图|漫画|(?<![文/])图)[^\S\n]*[:/]?[^\S\n]*$")
_EDITOR = re.compile(
    rf"(?:责任编辑|责编|本文编辑|编辑|编审|选稿)[^\S\n]*(?:[:/|丨][^\S\n]*|[^\S\n](?={PERSON}(?:\s|$)))"
    rf"(?P<v>[一-鿿·A-Za-z0-9_]{{2,12}}?(?:、[一-鿿·]{{2,4}}){{0,3}})(?=[^一-鿿\w·、]|$|{_NEXT_LABEL})"
)
_ROLE = re.compile(
    r"来源|编辑|记者|作者|佚名|未知|本站|发布|日期|时间|责任|admin|校对|本文|摄影|实习|网络|整理|原标题|报道|返回",
    re.IGNORECASE,
)
_PRESS = re.compile(
    r"专栏|新闻|[日晚早时周]报|都市报|电视台|客户端|..网"
    r"|..(?:报|报社|杂志社?|融媒|融媒体(?:中心)?|传媒|发布|编辑部|记者站|频道|电台|在线|公众号)$"
)
_AUTHOR_NODE = re.compile(r"author|writer|zuozhe|reporter", re.IGNORECASE)
_OUTLET_NODE = re.compile(r"js_name|nickname|source|(?<!rich_)media|laiyuan|origin|account", re.IGNORECASE)
_BUTTON = re.compile(
    r"来自|下载|关注|订阅|播报|举报|收藏|打印|评论|登录|点赞|阅读|字号|私信|主页|粉丝|原创|转载|展开|更多"
)
_LABEL_END = re.compile(r"(?P<label>[一-鿿]{1,6})\s*[:/|]\s*$")
_AUTHOR_LABEL = re.compile(r"作者|记者|通讯员|撰|文$|执笔")
_ACCOUNT_SCRIPT = re.compile(r"var nickname\s*=\s*(?:htmlDecode\()?[\"']([^\"'<>\\]{2,30})[\"']")
_NAME_AND_OUTLET = re.compile(r"(?P<who>.{2,12})/(?P<outlet>.{2,12})")


@dataclass(frozen=True)
class Surroundings:
    """What stands around a body: `header` above it, its first and last words, what follows."""

    header: tuple[Piece, ...]
    opening: str
    ending: str

    @property
    def header_text(self) -> str:
        """The header as one line, pieces two blanks apart."""
        return "  ".join(text for _, text in self.header)


def find_outlet(page: Page, around: Surroundings) -> str:
    """The outlet that the page names as its source; empty where it names none."""
    header = around.header_text
    return (
        _labelled(_OUTLET, header + "\n" + around.opening)
        or _named(page, _OUTLET_META)
        or _labelled(_PUBLISHER, header)
        or _beside_time(around.header)
        or _labelled(_OUTLET, around.ending)
        or _account_in_script(page)
        or _named(page, _SITE_META)
    )


def find_authors(page: Page, around: Surroundings, title: str, outlet: str, editor: str) -> tuple[str, ...]:
    """The authors that the page names, in order. Whom no label calls an author is none where he is the editor."""
    header = around.header_text
    return (
        _authors(_AUTHOR, header + "\n" + around.opening)
        or _authors(_REPORTER, header)
        or _without(f"{editor}、{outlet}", _by_node(around.header))
        or _columnist(around.header, title)
        or _authors(_REPORTER, around.opening)
        or _authors(_AUTHOR, around.ending)
        or _authors(_REPORTER, around.ending[:400])
        or _authors(_SIGNED, around.ending)
        or _without(editor, _meta_authors(page, outlet))
    )


def _without(others: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """The names that are not among the others."""
    folded = re.split(r"[、\s]", fold(others))
    return tuple(name for name in names if fold(name) not in folded)


def find_editor(page: Page, around: Surroundings) -> str:
    """The editor that the page names."""
    regions = around.header_text + "\n" + around.opening + "\n" + around.ending
    return _labelled(_EDITOR, regions) or _editor(_first(page, _EDITOR_META))


def _labelled(pattern: re.Pattern[str], region: str) -> str:
    for match in pattern.finditer(fold(region)):
        value = clean(region[match.start("v") : match.end("v")]).text.strip(" :：-·")  # as published
        first, _, rest = value.partition(" ")
        if rest and (_BUTTON.match(fold(rest)) or _OUTLET_NAME.fullmatch(fold(first))):
            value = first  # a button or another field stands beside it
        folded = fold(value)
        if ":" in folded or any(other.fullmatch(folded) for other in (_ROLE, _BUTTON)) or _NOT_AN_OUTLET.match(folded):
            continue  # the label was left empty, or names nobody
        if len(value) > 1:
            return value
    return ""


def _beside_time(header: tuple[Piece, ...]) -> str:
    """An outlet that stands unlabelled beside the time: 2024-05-18 16:56  环球时报新媒体."""
    at = next((number for number, (_, text) in enumerate(header) if has_stamp(fold(text))), None)
    if at is None:
        return next((text for node, text in header if _is_account(node, fold(text))), "")
    stamp = first_stamp(fold(header[at][1]))
    assert stamp is not None
    text = header[at][1]
    near = [Piece(None, text[stamp.end() :]), Piece(None, text[: stamp.start()])]
    for distance in (1, 2, 3):
        near += [header[i] for i in (at + distance, at - distance) if 0 <= i < len(header)]
    before = [text.strip() for _, text in header[max(at - 2, 0) : at]]
    if len(before) == 2 and before[0] == "原创" and not is_person(fold(before[1])):
        return before[1]  # an account, marked as the origin of its article
    return next(filter(None, (_unlabelled(node, beside.strip(" |·/•")) for node, beside in near)), "")


def _unlabelled(node: Element | None, text: str) -> str:
    """The outlet that a text names, alone or behind its author; empty where it names none. `node` holds nothing else."""
    folded = fold(text)
    both = _NAME_AND_OUTLET.fullmatch(folded)
    if both and is_person(both["who"]) and _OUTLET_NAME.fullmatch(both["outlet"]):
        return text[both.start("outlet") :]
    if _BUTTON.search(folded) or _NOT_AN_OUTLET.match(folded):
        return ""
    if _OUTLET_NAME.fullmatch(folded.replace("-", "")) or (node is not None and _is_account(node, folded)):
        return text
    return ""


def _is_account(node: Element, folded: str) -> bool:
    """Whether a node is named for outlets or accounts and its text can be the name of one."""
    if not re.fullmatch(r"[\w·]{2,14}", folded) or _ROLE.search(folded) or _BUTTON.search(folded):
        return False
    names = _names_of(node)
    return bool(_OUTLET_NODE.search(names) or (_AUTHOR_NODE.search(names) and not is_person(folded)))


def _names_of(node: Element) -> str:
    parent = node.getparent()
    above = f"{parent.get('class') or ''} {parent.get('id') or ''}" if parent is not None and len(parent) < 4 else ""
    return f"{node.get('class') or ''} {node.get('id') or ''} {above}"


def _authors(pattern: re.Pattern[str], region: str) -> tuple[str, ...]:
    found: list[str] = []
    region = close_names(region)
    folded = fold(region)
    for match in pattern.finditer(folded):
        group = "v" if match["v"] else "w"
        start, end = match.span(group)
        pictures = _OF_PICTURES.search(folded, max(0, match.start() - 8), match.start())
        if not pictures and not _PICTURES.match(folded, end):
            found.extend(_split(region[start:end]))
    return tuple(dict.fromkeys(found))


def _split(value: str) -> list[str]:
    names: list[str] = []
    for name in re.split(r"[\s、,，;&和]+", clean(value).text):
        folded = fold(name)
        if _PRESS.search(folded) or folded.endswith("摄"):
            continue
        if _ROLE.search(folded) or _BUTTON.match(folded):
            break  # what follows is another role: 作者 张三 校对 李四
        if 2 <= len(name) <= 12 and re.search(r"[一-鿿]", name):
            names.append(name)
    return names


def _by_node(header: tuple[Piece, ...]) -> tuple[str, ...]:
    """Persons in a node that is named for authors, and whom the mark 原创 stands before."""
    found: list[str] = []
    before = ""  # the piece before: a label of another role, or the mark
    for node, text in header:
        folded = fold(text)
        both = _NAME_AND_OUTLET.fullmatch(folded)
        label = _LABEL_END.search(before)
        if both:
            found.append(text[: both.end("who")])
        elif label and not _AUTHOR_LABEL.search(label["label"]):
            pass
        elif before == "原创" or _AUTHOR_NODE.search(_names_of(node)):
            found.append(text)
        before = folded
    return tuple(dict.fromkeys(name for text in found for name in _split(text) if is_person(fold(name))))


def _columnist(header: tuple[Piece, ...], title: str) -> tuple[str, ...]:
    """A person whom the header names and whom the headline quotes: 王文：……"""
    speaker = re.match(r"(?P<v>[一-鿿·]{2,8})[::]", fold(title))
    named = speaker is not None and is_person(speaker["v"]) and any(fold(text) == speaker["v"] for _, text in header)
    return (title[: speaker.end("v")],) if speaker is not None and named else ()


def _meta_authors(page: Page, outlet: str) -> tuple[str, ...]:
    """The author tag, unless it names the site: many systems put that there."""
    names = _split(_first(page, _AUTHOR_META))
    site = fold(page.title_tag + outlet + page.meta.get("og:site_name", ""))
    return tuple(name for name in names if is_person(fold(name)) and fold(name) not in site)


def _account_in_script(page: Page) -> str:
    """The account that WeChat's own script names."""
    found = _ACCOUNT_SCRIPT.search(page.text) if "var nickname" in page.text else None
    return squeeze(found[1]) if found else ""


def _editor(value: str) -> str:
    value = squeeze(value)
    return value if 2 <= len(value) <= 12 and not _ROLE.search(fold(value)) else ""


def _named(page: Page, names: tuple[str, ...]) -> str:
    """The outlet that one of several meta tags names."""
    value = _first(page, names)
    return value if not _NOT_AN_OUTLET.match(fold(value)) else ""


def _first(page: Page, names: tuple[str, ...]) -> str:
    values = (page.meta.get(name, "") for name in names)
    return next((value for value in values if 1 < len(value) <= 40 and not value.isdecimal()), "")
