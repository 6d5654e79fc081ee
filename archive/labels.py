"""The words that readers see for the codes in the database, and how numbers and dates are written, in the language of the request."""

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

from babel.dates import format_date, format_skeleton

from archive.decisions.records import Decision
from archive.facts import fact_types
from archive.language import LANGUAGE, Language, Words, chosen
from archive.model import DateSource, Origin, SubjectKind

BEIJING = timezone(timedelta(hours=8))
_LOCALES = {Language.ZH: "zh_Hans_CN", Language.EN: "en_GB"}
_DATE = re.compile(r"(\d{4}|-)?-?(?:(\d\d)(?:-(\d\d))?)?")  # ISO 8601 to the year, month or day; --06-30 without a year
APPROX = {
    "exact": ("", ""),
    "about": ("约", "about"),
    "more_than": ("超过", "more than"),
    "less_than": ("不足", "less than"),
    "nearly": ("近", "nearly"),
}
UNITS = {
    "CNY": ("元", "yuan"),
    "person": ("人", "people"),
    "household": ("户", "households"),
    "building": ("栋", "buildings"),
    "m2": ("平方米", "m²"),
    "item": ("件", "items"),
    "count": ("个", ""),
    "person_time": ("人次", "visits"),
    "date": ("", ""),
    "text": ("", ""),
}
_MEASURED = ("item", "count")  # units whose measure word says more: 册, 箱, 支; 21名 are 21 people
QUALIFIERS = {
    "registered": ("在册", "registered"),
    "non_registered": ("非在册", "not registered here"),
    "planned": ("计划", "planned"),
    "each": ("每个", "each"),
    "per day": ("每日", "per day"),
    "per month": ("每月", "per month"),
    "per year": ("每年", "per year"),
}
_QUALIFIERS = re.compile(rf"(?<!\S)(?:{'|'.join(QUALIFIERS)})(?!\S)")
REVIEWS: dict[str, Words] = {
    Decision.CONFIRM: ("已确认", "confirmed"),
    Decision.CORRECT: ("已更正", "corrected"),
    Decision.REJECT: ("已否定", "rejected"),
}
PROVENANCE: dict[str, Words] = {
    Origin.ORIGINAL: ("原发", "original"),
    Origin.REPRINT: ("转载", "reprint"),
    Origin.MIRROR: ("镜像", "mirror copy"),
    Origin.UNKNOWN: ("不明", "unknown"),
}
PLACES: dict[str, Words] = {
    DateSource.LAYOUT: ("版面规则", "site layout"),
    DateSource.HEADER: ("标题下", "header line"),
    DateSource.META: ("页面元数据", "meta tag"),
    DateSource.DATA: ("页面数据", "page data"),
    DateSource.ENDING: ("文末", "end of the text"),
    DateSource.URL: ("仅据网址", "only the address"),
}

PLACE_KINDS: dict[str, Words] = {
    SubjectKind.PROVINCE: ("省级", "province"),
    SubjectKind.CITY: ("地级", "city"),
    SubjectKind.DISTRICT: ("区县级", "district"),
    SubjectKind.TOWN: ("街道、乡镇", "town or subdistrict"),
    SubjectKind.COMMUNITY: ("社区、村", "community or village"),
}
CHANGES = {"appeared": ("新增", "appeared"), "vanished": ("删去", "vanished")}

# What a run was expected to do, and did not; the codes are those of crawler/monitoring/monitors.py.
CAUSES: dict[str, Words] = {
    "answer": ("网站没有回应", "The site did not answer"),
    "challenge": (
        "网站出示验证页，次日前不再采集",
        "The site sent a challenge; the crawler leaves it alone until the next day",
    ),
    "wait": ("网站要求等候", "The site demanded a wait"),
    "robots": ("robots.txt 取不到，或要求的间隔太长", "robots.txt cannot be read, or demands waits that are too long"),
    "outcome": ("采集提前结束", "The run ended early"),
    "failures": ("许多请求失败", "Many requests failed"),
    "cut_off": ("有回应中途断开", "Responses were cut off"),
    "undecodable": ("有回应无法解压", "Responses could not be unpacked"),
    "unreadable": ("有网页读不出来", "Pages could not be read"),
    "scope_trap": ("有像陷阱的网址", "Addresses look like a trap"),
    "scope_offsite": ("有请求被引向别的网站", "Requests led to other hosts"),
    "scope_private": ("有请求被引向内网", "Requests led to private addresses"),
    "scope_address": ("有无效的网址", "Requests led to invalid addresses"),
    "scope_credentials": ("有带用户名或密码的网址", "Addresses contain a user name or password"),
    "scope_too_long": ("有过长的网址", "Addresses are too long"),
    "list_unreadable": ("有列表读不出来", "Lists could not be read"),
    "list_pages": ("没有读到任何列表页", "No list page could be read"),
    "list_links": ("列表页上的报道链接少了或没有了", "List pages link to fewer articles, or none"),
    "list_empty": ("有列表页上没有报道链接", "List pages link to no article"),
    "page_challenge": ("验证页多了", "More pages are challenges"),
    "page_login": ("要登录的网页多了", "More pages ask to log in"),
    "page_shell": ("需要脚本才有内容的网页多了", "More pages are empty until a script runs"),
    "page_error": ("出错的网页多了", "More pages are error pages"),
    "page_untitled": ("没有标题的网页多了", "More pages have no title"),
    "page_notice": ("通知类网页多了", "More pages are notices"),
    "page_several": ("一页多篇的网页多了", "More pages hold several articles"),
    "page_undecodable": ("无法解码的网页多了", "More pages cannot be decoded"),
    "page_empty": ("空白的网页多了", "More pages are empty"),
    "page_gone": ("消失的网页多了", "More pages are gone"),
    "page_list": ("没有正文的网页多了", "More pages hold no article text"),
    "page_other": ("不是网页的回应多了", "More responses are not web pages"),
    "page_feed": ("订阅源多了", "More pages are feeds"),
    "page_redirect": ("转到别处的网页多了", "More pages lead elsewhere"),
    "page_too_large": ("过大的网页多了", "More pages are too large"),
    "page_truncated": ("不完整的网页多了", "More pages are cut off"),
    "layout": ("版面规则适用的报道少了", "The layouts fit fewer articles"),
    "method": ("正文的查找方式变了", "The way in which texts are found changed"),
    "dated_by": ("时间写在了别处", "Pages state the date in another place"),
    "encoding": ("网页编码变了", "The encoding of pages changed"),
    "declared": ("网页声明的编码变了", "The declared encoding of pages changed"),
    "provenance": ("原发与转载的比例变了", "The share of originals and reprints changed"),
    "fill_minute": ("写明时刻的报道少了", "Fewer articles state a time of day"),
    "fill_dated": ("写明日期的报道少了", "Fewer articles state a date"),
    "fill_credited": ("写明作者或编辑的报道少了", "Fewer articles name an author or editor"),
    "title_again": ("标题重复的报道多了", "More articles have the title of another"),
    "in_the_future": ("日期在将来的报道多了", "More articles are dated in the future"),
    "repaired": ("有坏字的报道多了", "More articles have characters that cannot be repaired"),
    "characters": ("报道的长短变了", "The length of articles changed"),
    "paragraphs": ("报道的段数变了", "The number of paragraphs in articles changed"),
    "facts": ("每篇读出的事实少了", "Fewer facts are read from an article"),
    "day_differs": ("日期与列表不符的报道多了", "More articles state a different day from their list"),
    "silence": ("很久没有新报道", "No article for a long time"),
}

COLUMNS = {
    "place": ("地方", "place"),
    "year": ("年", "year"),
    "month": ("月", "month"),
    "stations": ("站点", "stations"),
    "members": ("党员", "members"),
    "amounts": ("笔数", "amounts"),
    "invested": ("投入（元）", "invested (yuan)"),
    "planned": ("计划（元）", "planned (yuan)"),
    "planned_stations": ("有计划的站点", "stations with plans"),
    "donor": ("捐赠方", "donor"),
    "recipient": ("受赠方", "recipient"),
    "subject": ("主体", "subject"),
    "goods": ("物资", "goods"),
    "value": ("数值", "value"),
    "approx": ("约数", "how exact"),
    "unit": ("单位", "unit"),
    "measure": ("量词", "measure word"),
    "as_of": ("截至", "as of"),
    "reported_on": ("报道于", "reported on"),
    "reported_in": ("其中按报道年份", "of them, reported in"),
    "date": ("日期", "date"),
    "quote": ("原文", "quote"),
    "article_key": ("报道", "article"),
    "fact_key": ("事实", "fact"),
    "outlet": ("媒体", "outlet"),
    "articles": ("报道", "articles"),
    "reprints": ("转载", "reprints"),
    "facts": ("事实", "facts"),
    "statements": ("事实", "facts"),
    "sources": ("来源数", "sources"),
    "latest": ("最近", "latest"),
    "title": ("标题", "title"),
    "revision": ("版本", "version"),
    "change": ("变动", "change"),
    "type": ("类型", "type"),
}


def type_label(type_id: str) -> str:
    """The name of a fact type: 党员数, or Party members."""
    known = fact_types().get(type_id)
    return chosen((known.zh, known.en)) if known else type_id


def word_label(code: str, column: str) -> str:
    """件, or items: a code of the columns `approx`, `unit` and `change`."""
    words = {"approx": APPROX, "unit": UNITS, "change": CHANGES}[column]
    return chosen(words.get(code, ("", ""))) or code


def qualifier_label(qualifier: str) -> str:
    """在册, or registered; goods of a donation are shown as the text has them."""
    return _QUALIFIERS.sub(lambda code: chosen(QUALIFIERS[code[0]]), qualifier)


def value_label(value: float | None, value_high: float | None, approx: str, unit: str, measure: str = "") -> str:
    """A number in words: 约1,200平方米 or about 1,200 m²; 300件（册） with the measure word as written; empty without a number."""
    if value is None:
        return ""
    number = number_label(value) if value_high is None else f"{number_label(value)}–{number_label(value_high)}"
    word = chosen(UNITS.get(unit, (unit, unit)))
    if measure and unit in _MEASURED and measure != UNITS[unit][0]:
        word += chosen(
            (f"（{measure}）", f" ({measure})" if word else "")
        )  # 39 events, but 300 items (册): of goods it says which
    parts = (chosen(APPROX.get(approx, ("", ""))), number, word.strip())
    return chosen(("", " ")).join(part for part in parts if part)


def number_label(value: float) -> str:
    """A number as readers of the language write it: 1,204; in Chinese 98,000 is 9.8万 where two decimals hold all of it."""
    if LANGUAGE.get() == Language.ZH:
        for size, word in ((100_000_000, "亿"), (10_000, "万")):
            if abs(value) >= size and round(value / size, 2) * size == value:
                return f"{value / size:,.2f}".rstrip("0").rstrip(".") + word
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}".rstrip("0")


def short_label(number: int) -> str:
    """A count where there is little room: 1.2万, or 12k, from ten thousand on."""
    if number < 10_000:
        return f"{number:,}"
    return chosen((f"{number / 10_000:.3g}万", f"{number / 1000:.3g}k"))


def date_label(iso: str | None) -> str:
    """A date as readers of the language write it: 2020年6月30日 or 30 June 2020. A date may be known to its month or year only, and
    `--06-30` has no year. Anything else is returned as it is."""
    return _written_date(iso, LANGUAGE.get()) if iso else ""


@lru_cache(maxsize=20_000)  # a page has hundreds of dates, and CLDR's patterns take their time
def _written_date(iso: str, language: Language) -> str:
    parts = _DATE.fullmatch(iso[:10])
    if not parts:
        return iso
    year, month, day = parts.groups()
    if not month:
        return chosen((f"{iso}年", iso))
    try:
        date = datetime(2000 if year == "-" else int(year), int(month), int(day or 1), tzinfo=BEIJING)
    except ValueError:
        return iso
    locale = _LOCALES[language]
    if year != "-" and day:
        return format_date(date, "long", locale=locale)
    return format_skeleton("MMMMd" if day else "yMMMM", date, locale=locale)


def moment_label(iso: str | None, *, seconds: bool = False) -> str:
    """A moment in Beijing time, labelled as such: 2020年6月30日 09:12（北京时间）, or to the second. A date alone is written as a date."""
    try:
        at = datetime.fromisoformat(iso or "")
    except ValueError:
        return date_label(iso)
    if len(iso or "") <= 10:
        return date_label(iso)
    if at.tzinfo:
        at = at.astimezone(BEIJING)
    day = date_label(at.date().isoformat())
    time = f"{at:%H:%M:%S}" if seconds else f"{at:%H:%M}"
    return chosen((f"{day} {time}（北京时间）", f"{day}, {time} Beijing time"))


def review_note(fact: Mapping[str, Any]) -> str:
    """What a person decided about a fact, with what the program reads where that is something else."""
    if not fact["review"]:
        return ""
    words, read = chosen(REVIEWS.get(fact["review"], ("", ""))), program_read(fact)
    return chosen((f"{words}；程序读作：{read}", f"{words}; the program reads: {read}")) if read else words


def program_read(fact: Mapping[str, Any]) -> str:
    """What the program reads of a fact (its `extracted`, with the columns of its number) where a person decided otherwise."""
    extracted = json.loads(fact["extracted"])
    differing = [
        type_label(extracted["type"]) if "type" in extracted else "",
        str(extracted.get("subject", "")),
        _extracted_value(fact, extracted) if extracted.keys() & {"value", "value_high"} else "",
        qualifier_label(str(extracted.get("qualifier", ""))),
        date_label(str(extracted.get("date", ""))),
    ]
    return chosen(("、", ", ")).join(filter(None, differing))


def _extracted_value(fact: Mapping[str, Any], extracted: Mapping[str, Any]) -> str:
    named = ("value", "value_high", "approx", "unit", "measure")
    return value_label(*(extracted[name] if name in extracted else fact[name] for name in named))


def cause_label(code: str) -> str:
    """What was not as usual in a run; a code of `findings.expectation`."""
    return chosen(CAUSES.get(code, (code, code)))
