"""When an article was published, and which part of the page states it: one of the dates that stand around it, or none of them.

A page states many dates: its own, those of an update, an enrolment, its registration, other stories, the events that it
reports. What a date is follows from the words beside it and from where it stands; one that may be another's is not taken.
"""

import re
from bisect import bisect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum
from functools import partial
from itertools import accumulate, islice
from typing import NamedTuple

from lxml.etree import _Element as Element

from archive.model import DateSource
from archive.reading.page import Page, Piece
from archive.reading.stamps import day_in, day_of, first_stamp, has_stamp, is_near, matches, stamps, written
from archive.text import fold

Stamp = datetime | date
Pieces = Sequence[Piece]

_NEAR = 30  # characters between a date and the name of a source beside it
_PUBLISH = "发布|发表|刊发|刊登|刊载|登载|发稿|播发|推送|公布|首发|见报|出版|发刊|上网|张贴|发贴|发帖|[Pp]ublished|[Pp]osted|[Rr]eleased"
_WHEN = r"\s?(?:时间|日期|时|于|在|[Oo]n|[Aa]t|[Dd]ate|[Tt]ime)"
# A word alone may end the name of an outlet: 青萝发布.
_BEFORE_PUBLISHED = re.compile(
    rf"(?:(?:{_PUBLISH})(?:{_WHEN}|日?\s*[:|])|(?<![一-鿿])(?:{_PUBLISH})|[Bb]y \S{{1,16}}(?: on| at)?)\s*[:|,]?\s*$"
)
_BEHIND_PUBLISHED = re.compile(rf"\s?(?:由\s?\S{{1,12}}?\s?)?(?:{_PUBLISH})(?![一-鿿:,。;])")
_BEFORE_UPDATED = re.compile(rf"(?:更新|[Uu]pdated?)(?:{_WHEN})?\s*[:|]?\s*$")
_BEHIND_UPDATED = re.compile(r"\s?(?:更新|修改|修订|编辑|[Uu]pdated)(?![一-鿿:])")
# 时间 alone, or the making of the article: what else has a time of its own is not the article.
_OWN = "文章|新闻|稿件|信息|资讯|录入|添加|加入|创建|生成|成文|发文|上稿|撰稿|上传|提交|入库|编发|采编|公开|印发|制作|转载|播出|报道"
_BEFORE_OWN = re.compile(rf"(?:^|[^一-鿿])(?:{_OWN})?\s?(?:时间|日期|[Dd]ate|[Tt]ime)\s*[:|]?\s*$")
_BEFORE_OTHER = re.compile(
    r"[一-鿿]\s?(?:时间|日期|期限|时限|之日|于)\s*[:|]?\s*$"
    r"|(?:截止|截至|修改|修订|最后编辑|有效期|备案|[Mm]odified|[Ee]dited)[一-鿿]{0,2}\s*[:|]?\s*$"
    r"|(?:[至到]|^\s*[-~—–]+)\s*$|(?:©|版权所有|[Cc]opyright)[^\n]{0,12}$"
)
_BEHIND_OTHER = re.compile(r"\s*(?:[至到]|[-~—–]+\s?\d|起|止|前)|[^\n]{0,3}(?:©|版权所有|[Cc]opyright)")
_SPREAD = re.compile(r"(?<![一-鿿])[一-鿿](?: [一-鿿]){1,5}(?![一-鿿])")  # 日 期, 发 布 时 间
_CREDIT = re.compile(r"来源|稿源|出处|作者|记者|通讯员|责任编辑|责编|编辑|供稿|[Ss]ource|[Aa]uthor")
_OUTLET = r"[一-鿿]{0,8}(?:网|报|社|台|新闻|传媒|融媒|在线|客户端|发布)"
_BEFORE_PROSE = re.compile(r"[一-鿿,]$")
_BEHIND_OUTLET = re.compile(rf"(?:{_OUTLET})$")
_BESIDE_DATES = "来源|稿源|出处|作者|编辑|责|记者|通讯员|浏览|点击|阅读|字|星期|周|第|我要|分享|评论"
_BEHIND_COMMA = re.compile(r"\s*[,。;、](?!\s*(?:来源|稿源|作者|记者|编辑))")
_BEHIND_WORDS = re.compile(rf"(?!{_OUTLET}(?:\s|$)|{_BESIDE_DATES})[一-鿿]")
_WITHOUT_YEAR = re.compile(
    r"(?<![\d年/.-])(?P<m>1[0-2]|0?[1-9])[-月/](?P<d>3[01]|[12]\d|0?[1-9])(?![\d/.-])日?(?:\s+(?P<clock>[012]?\d:[0-5]\d(?::[0-5]\d)?)(?!\d))?"
)
# Chinese characters of a link that is the headline of another story; a row of a list that is no source's name.
_LINKED, _LINKED_IN_ROW = 10, 6
_MAX_LINKS = 30  # looked at in a row
_ROWS = frozenset(["li", "tr", "dl", "dd", "dt"])
_COMMENT = re.compile(r"comment|reply|pinglun", re.IGNORECASE)
_HAN = re.compile(r"[一-鿿]")
_MAX_STAMPS = 12  # of one region

# Names that programs give the time of publication: of meta tags, inputs, variables; letters alone, in lower case.
_LETTERS = re.compile(r"[^a-z]")
_NAMED = re.compile(
    r"^(?!.*(?:unpub|comment|reply|build|version|next|prev|last))(?:.*(?:pub|publish|published|publication|release|released|issue|issued)"
    r"(?:time|date|datetime|day|at|on|timestamp)(?:str)?|.*published|ogtime|ptime|weiboarticlecreateat|dc(?:terms)?(?:date)?(?:issued|created))$"
)
_NAMED_LOOSELY = re.compile(r"^(?:date|dcdate|ct|(?:ori|article|news)?creat(?:e|ed|ion)(?:time|date|at|timestamp))$")
_NAMED_UPDATED = re.compile(r"(?:modified|updated?|lastmod)(?:time|date|at)?$")
_SCRIPT_DATE = re.compile(r'"(?:datePublished|pubDate)"\s*:\s*"?([^"]{8,40})')
# Each begins with plain letters: the search for those is quick.
_STEMS = (re.compile(r"ub(?:lish|_?[TtDd](?:ime|ate))"), re.compile(r"elease"), re.compile(r"reate_?[Tt]ime"))
_OF_WECHAT = re.compile(r"ct ?=")
_MAX_NAMED = 60  # positions of one stem, elements that state a date
_LONGEST = 24  # characters of a name before its stem
_VARIABLE = re.compile(
    r"(?P<name>[A-Za-z_][\w-]{1,30})\\?[\"']?\s?(?P<sign>[:=])\s?(?:new )?(?:[A-Za-z.]{1,12}\()?\\?[\"']?"
    r"(?P<value>1\d{9}(?:\d{3})?(?!\d)|(?:19|20)\d\d[-/.年]?\d[^\"'\\<>;]{0,28})"
)
_AT = re.compile(r"title$|(?!.*(?:up|mod|end|start)).*(?:time|date)")  # attributes that may hold a moment
_LABEL = re.compile(r"\D*?(?:[于::]|时间|日期)|")  # before 3小时前
_ASIDE = frozenset(["a", "li", "aside", "nav", "footer"])
# The day is that of the page's own address, not of a folder above it, nor of one for a topic.
_OWN_ADDRESS = re.compile(r"(?<!\d)20\d\d[-/]?\d\d[-/]?\d\d(?!\d)[^/]*(?:/[^/]*)?(?:/[^/.]+\.[a-z]+)?$")
_TOPIC = re.compile(r"/(?:zt|ztzl|zhuanti|special|topic|subject|feature)s?[^/]{0,30}/", re.IGNORECASE)


class Role(IntEnum):
    """What the words beside a date make of it; the lower, the surer it is the article's own."""

    PUBLISHED = 0
    CREDITED = 1  # beside the source or the author
    BARE = 2
    UPDATED = 3
    OTHER = 4


@dataclass(frozen=True)
class Stated:
    """A date that a page states: its role, its distance in characters (to the source beside it, else to the start of
    its region), its element."""

    stamp: Stamp
    region: DateSource
    role: Role
    distance: int = 0
    node: Element | None = None


@dataclass(frozen=True)
class DateRegions:
    """The texts around an article where dates stand: between headline and body, above both (looked at only where it is
    needed), at the start of the body, at its end and behind it (where it is needed, too)."""

    header: Pieces
    above: Callable[[], Pieces]
    opening: str
    ending: Callable[[], Pieces]


class Published(NamedTuple):
    """The time of publication, None where none is stated, and the part of the page that states it."""

    stamp: Stamp | None
    region: DateSource


def find_published(page: Page, regions: DateRegions, bounds: frozenset[Element], url: str) -> Published:
    """Find the time of publication. The day is that of the surest region; its time may come from any region that
    states the same day.

    Args:
        page: the page.
        regions: the texts around its article where dates stand.
        bounds: the elements that hold the headline or the body.
        url: the address of the page.

    Returns:
        The time, and the part of the page that states it.
    """
    own = _own_day(url)
    header = [
        one
        for one in _stated(regions.header, DateSource.HEADER)
        if one.role is not Role.BARE or not _is_others(one.node, bounds)
    ]
    chosen = _best(header, own)
    if chosen and chosen.role is not Role.UPDATED and isinstance(chosen.stamp, datetime):
        return Published(chosen.stamp, chosen.region)
    above = [one for one in _stated(regions.above(), DateSource.HEADER) if not _is_others(one.node, bounds)]
    opening = list(_stated([Piece(None, regions.opening)], DateSource.HEADER))
    ending = [one for one in _stated(regions.ending(), DateSource.ENDING) if not _is_others(one.node, bounds)]
    machine = list(_by_machine(page))
    ways = (
        [chosen] if chosen and chosen.role is not Role.UPDATED else [],
        [one for one in (*above, *opening) if one.role is Role.PUBLISHED],
        [one for one in machine if one.role is Role.PUBLISHED],
        _agreed([one for one in ending if one.role is Role.PUBLISHED]),
        [one for one in (*above[::-1], *opening, *ending) if one.role is Role.CREDITED],
        [one for one in opening if one.role is Role.BARE and _is_alone(regions.opening)],
        [one for one in machine if one.role is Role.CREDITED],
        [chosen] if chosen and own in (None, day_of(chosen.stamp)) else [],
        [Stated(own, DateSource.URL, Role.BARE)] if own else [],
    )
    best = next((_best(way, own) for way in ways if way), None)
    if best is None:
        changed = {day_of(one.stamp) for one in machine if one.role is Role.UPDATED}
        labelled = next((one for one in map(partial(_without_year, regions.header), changed) if one), None)
        return Published(labelled, DateSource.HEADER if labelled else DateSource.NONE)
    if isinstance(best.stamp, datetime):
        return Published(best.stamp, best.region)
    stated = [one for one in (*header, *above, *opening, *machine, *ending) if one.role < Role.UPDATED]
    timed = next((one for one in stated if isinstance(one.stamp, datetime) and day_of(one.stamp) == best.stamp), None)
    if timed:
        return Published(timed.stamp, timed.region)
    in_full = _without_year(regions.header, best.stamp, labelled=False)
    is_timed = isinstance(in_full, datetime)
    return Published(in_full, DateSource.HEADER) if is_timed else Published(best.stamp, best.region)


def _stated(pieces: Pieces, region: DateSource) -> Iterator[Stated]:
    """The dates of a region that are not another's, in reading order."""
    shown = [_shown(node, text) for node, text in pieces]
    starts = list(accumulate((len(text) + 2 for text in shown), initial=0))
    text = fold("  ".join(shown))
    since = 0
    for number, (match, stamp) in enumerate(matches(text)):
        if number == _MAX_STAMPS:
            return
        role, distance = _role(text, match, since)
        node = pieces[bisect(starts, match.start()) - 1][0]
        if node is not None and node.tag == "time" and _is_of_update(node):
            role = Role.UPDATED
        if role is not Role.OTHER:
            yield Stated(stamp, region, role, distance, node)
        behind = _BEHIND_PUBLISHED.match(text, match.end()) or _BEHIND_UPDATED.match(text, match.end())
        since = (behind or match).end()


def _is_alone(opening: str) -> bool:
    """Whether a body begins with a date in a piece of its own."""
    text = fold(opening)
    first = first_stamp(text)
    return (
        first is not None
        and not text[: first.start()].strip(" [(")
        and not text[first.end() :].lstrip("])")[:2].strip()
    )


def _without_year(header: Pieces, known: date, *, labelled: bool = True) -> Stamp | None:
    """A day that the page names in full elsewhere, where a header states it without its year (发布时间：05-06 09:30)."""
    text = fold("  ".join(text for _, text in header))
    for match in _WITHOUT_YEAR.finditer(text):
        if (known.month, known.day) == (int(match["m"]), int(match["d"])) and (
            not labelled or _BEFORE_PUBLISHED.search(text, max(0, match.start() - 20), match.start())
        ):
            return next(stamps(f"{known} {match['clock'] or ''}"), None)
    return None


def _shown(node: Element | None, text: str) -> str:
    """A piece of text; where it states no date itself (3小时前), with the one in an attribute instead."""
    if node is None or not node.attrib or len(text) > 20 or node.tag == "a":
        return text
    for name, value in node.attrib.items():
        stamp = written(str(value)) if len(value) < 40 and _AT.match(str(name)) and not has_stamp(fold(text)) else None
        label = _LABEL.match(text) if stamp else None
        if label:
            moment = f"{stamp:%Y-%m-%d %H:%M:%S}" if isinstance(stamp, datetime) else f"{stamp:%Y-%m-%d}"
            return label[0] + moment + ("更新" if text.endswith("更新") else "")
    return text


def _is_of_update(node: Element) -> bool:
    return "modified" in (node.get("itemprop") or "").lower() or (node.get("class") or "").split() == ["updated"]


def _role(text: str, match: re.Match[str], since: int) -> tuple[Role, int]:
    """What the words beside a date make of it; `since` is where the date before it ends."""
    start, end = match.span()
    before = _SPREAD.sub(lambda label: label[0].replace(" ", ""), text[max(since, start - 20) : start])
    behind = text[end : end + 14]
    for found, role in (
        (_BEFORE_PUBLISHED.search(before), Role.PUBLISHED),
        (_BEFORE_UPDATED.search(before), Role.UPDATED),
    ):
        if found and (":" in found[0] or not _is_prose(match, before[: found.start()] + found[0], behind)):
            return role, 0
    if _BEHIND_PUBLISHED.match(behind):
        return Role.PUBLISHED, 0
    if _BEHIND_UPDATED.match(behind):
        return Role.UPDATED, 0
    own = _BEFORE_OWN.search(before)
    if (not own and (_BEFORE_OTHER.search(before) or _is_prose(match, before, behind))) or _BEHIND_OTHER.match(behind):
        return Role.OTHER, 0
    beside = [text[credit.end() : start] for credit in _CREDIT.finditer(text, max(0, start - _NEAR), start)]
    beside += [text[end : credit.start()] for credit in _CREDIT.finditer(text, end, end + _NEAR)]
    return (Role.CREDITED, min(map(_distance, beside))) if beside else (Role.BARE, start)


def _distance(between: str) -> int:
    """How far two words are apart; another piece of text is farther."""
    return len(between) + _NEAR * between.count("  ")


def _is_prose(match: re.Match[str], before: str, behind: str) -> bool:
    """Whether a date is part of a sentence: it goes on at once, or behind a comma."""
    comma = _BEHIND_COMMA.match(behind)
    if _BEHIND_WORDS.match(behind) or (comma and _HAN.match(behind[comma.end() :].lstrip())):
        return True
    if "月" not in match[0]:
        return False
    if comma:
        return True
    return bool(_BEFORE_PROSE.search(before)) and not _BEHIND_OUTLET.search(before) and not _CREDIT.search(before)


def _best(found: Sequence[Stated], own: date | None) -> Stated | None:
    """The surest of some dates; of equals one near the page's own day in its address, then the least distant."""
    return min(
        found,
        key=lambda one: (one.role, not (own and is_near(one.stamp, own)), one.distance),
        default=None,
    )


def _agreed(found: list[Stated]) -> list[Stated]:
    """Dates that name one day; none of them where they differ."""
    return found if len({day_of(one.stamp) for one in found}) == 1 else []


def _is_others(node: Element | None, bounds: frozenset[Element]) -> bool:
    """Whether a date is that of a comment or of another story: the smallest row with a link holds a long one."""
    for _ in range(4):
        if node is None or node in bounds:
            return False
        if _COMMENT.search(f"{node.get('class') or ''} {node.get('id') or ''}"):
            return True
        links = [len(_HAN.findall("".join(link.itertext()))) for link in islice(node.iter("a"), _MAX_LINKS)]
        if links:
            return max(links) >= (_LINKED_IN_ROW if node.tag in _ROWS else _LINKED)
        node = node.getparent()
    return False


def _by_machine(page: Page) -> Iterator[Stated]:
    """The dates that the page states for programs."""
    for name, value in page.meta.items():
        role = _role_of_name(name)
        if role is not None:
            yield from _valued(value, DateSource.META, role)
    for script in page.data:
        for match in _SCRIPT_DATE.finditer(script):
            yield from _valued(match[1], DateSource.DATA, Role.PUBLISHED)
    for node in page.root.iter("input") if page.root is not None else ():
        if _role_of_name(node.get("id") or node.get("name") or "") is Role.PUBLISHED:
            yield from _valued(node.get("value") or "", DateSource.DATA, Role.PUBLISHED)
    yield from _agreed([*_microdata(page)])
    yield from _by_script(page.text)


def _valued(value: str, region: DateSource, role: Role) -> Iterator[Stated]:
    stamp = written(fold(value[:60]))
    if stamp is not None:
        yield Stated(stamp, region, role)


def _role_of_name(name: str) -> Role | None:
    letters = _LETTERS.sub("", name.lower())
    if _NAMED.search(letters):
        return Role.PUBLISHED
    if _NAMED_UPDATED.search(letters):
        return Role.UPDATED
    return Role.CREDITED if _NAMED_LOOSELY.search(letters) else None


def _microdata(page: Page) -> Iterator[Stated]:
    """<time datetime> and itemprop=datePublished, where they are not beside another story."""
    if page.root is None or not ("<time" in page.text or "datePublished" in page.text):
        return
    stating = (
        node
        for node in page.root.iter("time", "span", "div", "abbr", "p")
        if node.get("itemprop") == "datePublished" or (node.tag == "time" and not _is_of_update(node))
    )
    for node in islice(stating, _MAX_NAMED):
        if not any(above.tag in _ASIDE for above in node.iterancestors()):
            yield from _valued(node.get("datetime") or node.get("content") or "", DateSource.DATA, Role.PUBLISHED)


def _by_script(text: str) -> Iterator[Stated]:
    """Variables and keys named for the time of publication; where they differ, those of other stories are among them."""
    keys: list[Stated] = []
    given: list[Stated] = []
    is_wechat = "js_content" in text
    for stem in (*_STEMS, _OF_WECHAT) if is_wechat else _STEMS:
        for at in islice(_positions_of(stem, text), _MAX_NAMED):
            match = _VARIABLE.match(text, at)
            role = _role_of_name(match["name"]) if match else None
            is_given = match is not None and match["sign"] == "="
            if match and (role is Role.PUBLISHED or (role is Role.CREDITED and (is_given or is_wechat))):
                (given if is_given else keys).extend(_valued(match["value"], DateSource.DATA, role))
    yield from _agreed(given) or _agreed(keys)


def _positions_of(stem: re.Pattern[str], text: str) -> Iterator[int]:
    """Where the names begin that hold a stem."""
    for match in stem.finditer(text):
        start = match.start()
        while start > match.start() - _LONGEST and text[start - 1 : start].isidentifier():
            start -= 1
        yield start


def _own_day(url: str) -> date | None:
    """The day that an address names for the page itself."""
    path = "/" + url.partition("?")[0].partition("//")[2]
    return day_in(url) if _OWN_ADDRESS.search(path) and not _TOPIC.search(path) else None
