"""Dates in running text, resolved only as far as the text or the publication date justifies.

A year is taken from the words themselves (2020年6月30日), from a relative word beside the publication date
(去年6月, 昨日), from the publication date (6月30日), or from an anniversary in the text (中国共产党成立99周年
is 2020). Without any of these the year stays open: ``--06-30``. The clock is never read.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import takewhile

from archive.facts.propose import numerals

_FOUNDED = {
    "中国共产党": 1921,
    "建党": 1921,
    "党": 1921,
    "新中国": 1949,
    "中华人民共和国": 1949,
    "建国": 1949,
    "建军": 1927,
}
_ANNIVERSARY = re.compile(
    r"(?P<what>中国共产党|建党|新中国|中华人民共和国|建国|建军|(?<=庆祝)党|(?<=迎接)党)的?(?:成立|诞辰|建立)?"
    r"(?P<years>\d{2,3}|[一二三四五六七八九十百零]{2,5})周年"
)
_DIGIT = "零〇○一二三四五六七八九"
_HAN = "[二三]?十[一二三四五六七八九]?|[一二三四五六七八九]"  # 今年三月五日
_MONTH = (
    rf"(?:1[0-2]|0?[1-9]|十[一二]?|[二三四五六七八九]|(?<=[年到至—-])一|一(?=月(?:份|{_HAN}[日号]))"
    rf"|(?<=年)元|元(?=月(?:{_HAN}|[0-9]{{1,2}})[日号]))"  # 2015年元月, 元月3日; no 3万元月租
)
_DAY = rf"(?:3[01]|[12][0-9]|0?[1-9]|{_HAN})"
# Behind 号: what has a number, and is no day (3号楼, 二号院, 1号线).
_NUMBERED = "(?![楼院线栋幢桥点门馆厂店库井机仓台船车]|地块|窗口|小区|公馆|大院)"
_PLAIN_DIGITS = str.maketrans(_DIGIT, "000123456789")
_LAST_MINGUO = 130
_LATEST = 2040  # a year of two digits is not later, where nothing is known of the text's own time
_TO = r"(?:至|到|[-~–—]{1,2})"
# No day follows, neither one that is none (5月32日) nor one of the lunar calendar (八月十五, 三月三).
_NO_DAY = rf"(?!\s*[0-9]{{1,2}}\s*[日号]|初[一二三四五六七八九十]|廿|十五|(?<=[二三四五六七八九十]月)(?:{_HAN})(?![个名家户位批次场项些直起]))"
_DATE_PATTERN = (
    # Fails fast: most characters that can begin a date begin something else.
    rf"(?=[0-9]|[{_DIGIT}十][{_DIGIT}十年月]|[今去前明当同次翌来本上这][年天日早晨晚夜一]|昨|大前|民国|第二[年天]|全年|年[底末内]|元月|国庆|[(\['’‘][0-9])(?:"
    # The year, in the forms that papers write it in ...
    rf"(?:(?P<stated>(?<![0-9])(?P<year>(?:19|20)[0-9]{{2}}|[一二][零〇○九][{_DIGIT}]{{2}})\s*年(?!代(?![表理办]))[)\]]?"
    r"|[(\[](?P<bracketed>(?:19|20)[0-9]{2})[)\]](?=\s*[0-9]{1,2}\s*月)"
    rf"|民国\s*(?P<minguo>[0-9]{{1,3}}|[{_DIGIT}十百]{{1,5}}|元)\s*年"
    rf"|(?<![0-9{_DIGIT}])['’‘]?(?P<short>[0-9]{{2}}|[{_DIGIT}]{{2}})年(?=\s*(?:{_MONTH})\s*月)"
    r"|(?P<relative>今年|本年(?!级)|去年|上年(?!纪)|大前年|前年|明年|(?<!年)来年|当年|同年(?!级|龄)|次年|翌年|第二年|这一?年(?![级轻味近糕头代龄度多来])))\s*"
    r"|(?<![0-9第.一二三四五六七八九十-])(?=[0-9一二三四五六七八九十元国]))"
    # ... the month, or months from one to the other, and the day, or days from one to the other ...
    rf"(?:(?:(?P<first>{_MONTH})\s*月?\s*{_TO}\s*)?(?P<month>{_MONTH})\s*月"
    rf"(?:份|\s*(?P<day>{_DAY})\s*(?:(?:[日号]\s*{_TO}|[至–—-])\s*(?P<last>{_DAY})\s*)?[日号]{_NUMBERED}|(?P<month_end>[底末])|{_NO_DAY})"
    # ... or a day that has a name.
    r"|(?(stated)(?<!\n)(?:(?P<festival>元旦|“(?:[五六七八]一|十一|国庆|清明)”|(?:国庆|清明)节|(?:国庆|清明|[五六七八]一|十一)(?=[前后,。;]|期间|假期|当天))节?"
    r"|(?P<year_end>年?[底末])?(?!\s*[0-9]{1,2}\s*月))|(?<![、和及])(?P<national_day>国庆节)(?![、等])))"
    r"|(?<![0-9])(?P<iso>(?:19|20)[0-9]{2}[-/.](?:1[0-2]|0?[1-9])[-/.](?:3[01]|[12][0-9]|0?[1-9]))(?![0-9])"
    r"|(?P<near>(?<!年)(?<!年的)(?<!前的)今[天日](?!头条)|今[早晨]|昨(?:\([0-9]{1,2}\))?[天日晚夜]|大前天|(?<!目)前[天日](?![气均前])|当[天日](?!均)|当[晚夜]|同日|同一天(?!地)|这一天|[次翌]日|第二天(?![气然]))"
    # The rest of the year, beside one that is named or the publication.
    r"|(?<![0-9零一二两三四五六七八九十百几数多近每半全周今去明前来当本同翌上])年(?P<within>[底末内](?!部))|(?P<whole>全年)(?![级龄无开免不])"
    # A day without its month; no span of days (历时3日, 到3日).
    r"|(?:(?<![0-9第月至到连满近每止-])|(?<=[至到止])(?=[0-9]{1,2}日(?:[0-9]{1,2}[时点]|[上下中]午|[早晚凌夜傍])))"
    r"(?P<only_day>3[01]|[12][0-9]|[1-9])日(?=[,上下早中晚凌夜清傍]|一早|[0-9]{1,2}[时点]|起[,至]|在))"
)
_DATE = re.compile(_DATE_PATTERN.replace(r"\s*", r"\s{0,3}"))  # bounded, or a page of blanks would take minutes
_PERIOD = re.compile(
    # Fails fast, as above.
    r"(?=[0-9]|[今去前头上下本这第一二两三四五六七八九十])(?:"
    r"(?:(?P<year>(?:19|20)[0-9]{2})年|(?P<relative>今年|去年|前年|上年))?(?P<months>[上下]半年|第?[一二三四]季度|前三个?季度|[前头](?P<first>1[01]|[1-9]|十一?|[一二三四五六七八九])个月)"
    rf"|(?P<month>[上本下]个?|这个)月(?:(?P<day>{_DAY})[日号]{_NUMBERED}|(?P<end>[底末])?(?![0-9度均]))"
    r"|(?P<week>[上本]个?|这个?)(?:周|星期|礼拜)(?P<weekday>[一二三四五六](?![个名位家批次支场户十百千万共起些直项条期])|[日天](?![间常用报本照津然气]))"
    r"|(?<![0-9零一二两三四五六七八九十百千万几多])(?P<ago>[1-9][0-9]?|[一两二三四五六七八九]|[一二三四五六七八九]?十[一二三四五六七八九]?)年(?:以)?前)"
)
_LAST_MONTH = {"上半年": 6, "下半年": 12, "前三季度": 9, "一季度": 3, "二季度": 6, "三季度": 9, "四季度": 12}
_LUNAR = re.compile(r"(?:农历|阴历|旧历|夏历)[^,。;:!?\n]{0,6}$")
_OTHER_YEAR = re.compile(rf"[0-9{_DIGIT}十百元]年[)\]]?\s*$")  # 二0二一年, 1899年: one that is not read
_EVERY = re.compile(r"(?:每年|历年|每逢|逢)的?$")
_UNTIL = re.compile(r"(?:截至|截止(?:到|至)?|[到至])\s?$")
_SENTENCE_ENDS = re.compile(r"[。!?;\n]")
_PLANNED = re.compile(r"将|拟|计划|预计|前$|之前")
_AHEAD = re.compile(r"将(?!军)|拟|计划|预计|争取|力争|确保|有望")
_COMPARED = re.compile(r"(?:比|较|自|从|于|同比)\s?$")
_BESIDE = 40  # characters before a date in which an anniversary gives its year
_RECENT = 8  # months back to a day without a stated year
_DATELINE = re.compile(r"(1[0-2]|0?[1-9])月(3[01]|[12]\d|0?[1-9])日(?:[^,。;\n]{0,12}?[讯电])")
_NEXT_DAY = ("次日", "翌日", "第二天")
_MONTHS_AWAY = {"上": -1, "本": 0, "这": 0, "下": 1}
_WEEKDAYS = "一二三四五六日"
_FESTIVALS = {
    "元旦": (1, 1), "清明": (4, None), "五一": (5, 1), "六一": (6, 1), "七一": (7, 1), "八一": (8, 1), "十一": (10, 1), "国庆": (10, 1),
}  # fmt: skip
_NEAR = {"今": 0, "昨": 1, "前": 2, "大": 3}
_RELATIVE = {"今年": 0, "本年": 0, "去年": -1, "上年": -1, "前年": -2, "大前年": -3, "明年": 1, "来年": 1}
_TO_ANOTHER = {"次年": 1, "翌年": 1, "第二年": 1}  # years beside the year named before
_NEAR_DAYS = 62  # between a day and the publication, for a day without its month to be near the publication as well
_GOVERNS = 200  # characters behind a year in which it can be that of a day without a stated year
_BYLINE = 30  # characters beside the date of a line with the source and the day
_ISSUE_LINE = 45  # characters of a line with the issue
# A report that begins with its source and day: (某某日报 2021-06-24)昨天……, 某某社2021年6月24日电.
_CHINESE_DAY = r"(?:19|20)\d\d年\d{1,2}月\d{1,2}日"
_HEADED = re.compile(
    rf"[(\[【][^()\[\]【】,。;!?]{{4,40}}[)\]】]|[^,。;!?\s]{{2,12}}\s?{_CHINESE_DAY}[电讯]"
    rf"|[^,。;!?\s]{{1,15}}[报网社线台]{_CHINESE_DAY}消息|[^,。;!?\s]{{1,15}}(?:讯|[日晚早晨商时]报)\s?\({_CHINESE_DAY}\)"
    rf"|[^,。;!?\s]{{1,15}}讯\s{_CHINESE_DAY}(?=\s)"
)
_OUTLET = re.compile(r"(?:报|网|网站|在线|新闻|融媒|发布|电视台)\s+$")
_FIRST_YEAR = 1990  # of news in digital form
_WRITTEN_OUT = re.compile(
    rf"(?:民国\s?([0-9]{{1,3}}|[{_DIGIT}]{{3}}|[{_DIGIT}十百]{{1,5}})|([一二][零〇○九][{_DIGIT}]{{2}}))年(1[0-2]|[1-9]|十[一二]?|[元{_DIGIT}])月(3[01]|[12]\d|[1-9]|{_HAN})日"
)
# The year of an issue stands apart: (滨州月刊 2021年第4期), 青禾区委组织部 2021年4月.
_ISSUE_YEAR = rf"((?:19|20)\d\d|[一二][零〇○九][{_DIGIT}]{{2}})年"
_CLOSING_ISSUE = re.compile(
    rf"\((?:[^()。]{{0,24}}[\s,》·:])?{_ISSUE_YEAR}(?:(1[0-2]|[1-9])月|第\d{{1,3}}期|[春夏秋冬]季?[号刊])?(?:[印编]|\s[^()。\d]{{1,10}})?\)$"
)
_ISSUE = re.compile(
    rf"(?:[^,。;!?]*[\s》】(·])?{_ISSUE_YEAR}(?:(1[0-2]|[1-9])月|第\d{{1,3}}期|[春夏秋冬]季?[号刊])(?:[\s)·][^,。;!?]*)?"
)
_WRITER = re.compile(r"记者|通讯员|文/|供稿|发自|摘自")
_HAPPENED = re.compile(r"[于自在至从到]\s*$")
_CLAUSE_MARKS = re.compile(r"[,。;!?，；！？]")
_BEFORE, _BEHIND = re.compile(r"[\s)\]》·|:]$"), re.compile(r"[\s(\[《·|]|[A-Z]?\d{1,2}版")
_HEADER_DATE = re.compile(r"((?:19|20)\d\d)[-年/.](1[0-2]|0?[1-9])[-月/.](3[01]|[12]\d|0?[1-9])日?")


@dataclass(frozen=True)
class Anchor:
    """What justifies a year: the publication date, the year that an anniversary or the text itself names, the day of a dateline."""

    published: date | None = None
    year: int | None = None
    today: date | None = None  # the day of its dateline (本报7月2日讯), where the text has one
    month: int | None = None  # of the year: that in which the text was published, where it states no day

    @property
    def day(self) -> date | None:
        """The day on which 昨日 and 今天 were written."""
        return self.today or self.published


@dataclass(frozen=True)
class DateMention:
    """A date in folded text. `iso` is a day, a month, a year, or one with the year open (``--06-30``)."""

    start: int
    end: int
    iso: str
    year_stated: bool = False  # the words give the year (2020年, 去年, 同年); else a guess justifies it, or it is open
    closing: str = ""  # the last day, where the words mean the end of a period: 6月底, 去年底

    @property
    def counted_on(self) -> str:
        """The day on which a number was counted: at the end of a period, its last day."""
        return self.closing or self.iso

    @property
    def has_day(self) -> bool:
        """Whether the mention has a day."""
        return len(self.iso) == (7 if self.iso.startswith("--") else 10)


def anniversary_year(text: str) -> int | None:
    """The year that the first anniversary in folded text gives."""
    for match in _ANNIVERSARY.finditer(text):
        years = numerals.parse(match["years"])
        if years:
            return _FOUNDED[match["what"]] + int(years)
    return None


def issue(text: str) -> tuple[int | None, int | None]:
    """The year, and the month, that a text states of itself without a day: in brackets at its end (《某某月刊》2022年第4期), or in a
    short line below its title with the month or the number of the issue (某某区委组织部 2021年4月)."""
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    below = (_ISSUE.fullmatch(line) for line in lines[1:4] if len(line) <= _ISSUE_LINE)
    match = _CLOSING_ISSUE.search(lines[-1] if lines else "") or next(filter(None, below), None)
    return (int(_in_digits(match[1])), _number(match[2]) if match[2] else None) if match else (None, None)


def dateline(text: str, published: date | None) -> date | None:
    """The day at the head of a report (本报7月2日讯), where it is in the days before the publication."""
    match = _DATELINE.search(text, 0, 300) if published else None
    if match is None or published is None:
        return None
    for year in (published.year, published.year - 1):
        day = _day(year, int(match[1]), int(match[2]))
        if day and timedelta(0) <= published - day <= timedelta(days=10):
            return day
    return None


def header_date(text: str) -> date | None:
    """The publication date that a text states of itself: a short first or last line that is a date, one that begins or
    ends with it beside its source, or the source and day at the head of the report."""
    lines = [_numeric(line.strip()) for line in text.strip().splitlines() if line.strip()]
    for number, line in enumerate([*lines[:4], *lines[-2:]]):
        match = _HEADER_DATE.search(line)
        if not match or int(match[1]) < _FIRST_YEAR:
            continue
        dateline = _HEADED.match(line)
        if dateline and match.end() <= dateline.end():
            return _day(int(match[1]), int(match[2]), int(match[3]))
        rest = line[: match.start()] + line[match.end() :]
        alone = len(rest.strip(" ()[]:-")) <= 8
        stated = re.search(r"来源|发布时间|发稿时间|编辑|本报讯|日讯", rest)
        closing = line is lines[-1] and re.search(
            rf"\((?:[^()]{{0,{_BYLINE}}}[\s,》·:])?{re.escape(match[0])}\)$", line
        )
        is_clause = _CLAUSE_MARKS.search(rest) or _HAPPENED.search(line[: match.start()])
        byline = (number > 0 or _OUTLET.search(line[: match.start()])) and len(rest) <= _BYLINE and not is_clause
        beside = byline and (_stands_apart(line, match) or _WRITER.search(rest))
        if alone or (stated and len(rest) < 60) or closing or beside:
            return _day(int(match[1]), int(match[2]), int(match[3]))
    return None


def _numeric(line: str) -> str:
    """A line with the years, months and days that are written out (二〇二三年十二月二十日, 民国112年3月25日) in digits."""

    def digits(match: re.Match[str]) -> str:
        minguo, year, month, day = match.groups()
        stated = int(_in_digits(year)) if year else 1911 + _minguo(minguo)
        return f"{stated}年{_month(month)}月{_number(day)}日"

    return _WRITTEN_OUT.sub(digits, line)


def _minguo(written: str) -> int:
    """The number of a year of the Republic; 0 where that is none."""
    digits = _in_digits(written)
    number = 1 if written == "元" else int(digits) if digits.isascii() and digits.isdigit() else _number(written)
    return number if number <= _LAST_MINGUO else 0


def _in_digits(year: str) -> str:
    return year.translate(_PLAIN_DIGITS)


def _stands_apart(line: str, match: re.Match[str]) -> bool:
    """Whether a date begins or ends a line, brackets aside, or is between blanks and brackets."""
    before, behind = line[: match.start()].rstrip(" (["), line[match.end() :].lstrip(" )]")
    return (
        not before
        or not behind.strip("讯电")
        or bool(_BEFORE.search(line, 0, match.start()) and _BEHIND.match(line, match.end()))
    )


def find(text: str, anchor: Anchor) -> list[DateMention]:
    """All dates of folded text, in order of appearance. Lunar days and days of every year are none."""
    found: list[DateMention] = []
    periods = list(_PERIOD.finditer(text))
    for match in sorted([*_DATE.finditer(text), *periods], key=lambda m: (m.start(), -m.end())):
        if found and match.start() < found[-1].end:
            continue
        if match.re is _PERIOD:
            found += filter(None, [_period(match, anchor, text)])
            continue
        ahead = text[max(0, match.start() - 10) : match.start()]
        if _LUNAR.search(ahead) or (match["stated"] is None and _EVERY.search(ahead)):
            continue
        mention = _resolve(match, anchor, text, found)
        if mention:
            found.append(mention)
    return found


def _period(match: re.Match[str], anchor: Anchor, text: str) -> DateMention | None:
    """上半年, 上个月, 上周六, 三年前: what they mean beside the publication; None where that is not known."""
    if match["months"]:
        return _months(match, anchor, text)
    (start, end), published = match.span(), anchor.published
    if published is None:
        return None
    if match["ago"]:
        return DateMention(start, end, f"{published.year - _number(match['ago'])}", year_stated=True)
    if match["week"]:
        day = anchor.day or published
        ago = day.weekday() - _WEEKDAYS.index(match["weekday"].replace("天", "日")) + 7 * (match["week"][0] == "上")
        named = _days_before(day, ago)
        return DateMention(start, end, named.isoformat(), year_stated=True) if named else None
    now = anchor.day or published
    year, month = divmod(12 * now.year + now.month - 1 + _MONTHS_AWAY[match["month"][0]], 12)
    iso = _iso(year, month + 1, _number(match["day"]) if match["day"] else None) if year else None
    closing = f"{iso}-{monthrange(year, month + 1)[1]}" if match["end"] else ""
    return DateMention(start, end, iso, year_stated=True, closing=closing) if iso else None


def _months(match: re.Match[str], anchor: Anchor, text: str) -> DateMention | None:
    """上半年, 前三季度, 前5个月: of the year that is written, or that the publication justifies."""
    (start, end), published = match.span(), anchor.published
    month = _number(match["first"]) if match["first"] else _LAST_MONTH[re.sub("第|个", "", match["months"])]
    year = published.year if published else anchor.year
    if match["year"]:
        year = int(match["year"])
    elif year is None:
        return None
    elif match["relative"]:
        year += _RELATIVE[match["relative"]]
    elif published and published.month < month - 2 and not _PLANNED.search(text, max(0, start - 12), end + 12):
        year -= 1
    closing = f"{year}-{month:02}-{monthrange(year, month)[1]}"
    return DateMention(start, end, f"{year}", bool(match["year"] or match["relative"]), closing)


def _resolve(match: re.Match[str], anchor: Anchor, text: str, found: list[DateMention]) -> DateMention | None:
    """The date of a match, beside the dates `found` before it; None where that is no day."""
    start, end = match.span()
    if match["iso"]:
        iso = _iso(*(int(part) for part in re.split(r"[-/.]", match["iso"])))
        return DateMention(start, end, iso, year_stated=True) if iso else None
    if match["near"] or match["only_day"]:
        near = (
            _near(match["near"], anchor, text, start, found) if match["near"] else _of_month(match, anchor, text, found)
        )
        return DateMention(start, end, near) if near else None
    if match["within"] or match["whole"]:
        return _part_of_year(match, anchor, text, found)
    year, stated = _year(match, anchor, found), True
    until = _UNTIL.search(text, max(0, start - 5), start) is not None
    day_name = match["festival"] or match["national_day"]
    festival = _FESTIVALS[day_name.strip("“”")[:2]] if day_name else None
    if match["month"] is None and festival is None:
        if year is None:
            return None
        iso = f"{year}-12-31" if match["year_end"] and until else f"{year}"
        return DateMention(start, end, iso, year_stated=True, closing=f"{year}-12-31" if match["year_end"] else "")
    month, day = festival or (_month(match["month"]), _number(match["day"]) if match["day"] else None)
    if match["stated"] is None:
        year, stated = _implied_year(text, start, end, (month, day), anchor, found)
    if day is None and (match["first"] or (match["month_end"] and until)):
        day = monthrange(year or 2001, month)[1]  # 今年1至11月, 截至6月底: the last day
    iso = _iso(year, month, day) if year else _open(month, day)
    return DateMention(start, end, iso, stated, _closing(match, year, month, day)) if iso else None


def _closing(match: re.Match[str], year: int | None, month: int, day: int | None) -> str:
    """The last day of a month's end, or of days from one to the other; empty where a match has neither."""
    last = monthrange(year, month)[1] if year and match["month_end"] else None
    if match["last"] and day and _number(match["last"]) > day:
        last = _number(match["last"])
    return (_iso(year, month, last) if year else _open(month, last)) or "" if last else ""


def _part_of_year(match: re.Match[str], anchor: Anchor, text: str, found: list[DateMention]) -> DateMention | None:
    """年内, 年底, 全年: of the year that its sentence begins with, or of that of the publication where something is planned."""
    start, end = match.span()
    named = _named_before(start, found, text)
    opens = named and not _SENTENCE_ENDS.search(text, named.end, start) and _opens_sentence(named.start, text)
    year = int(named.iso[:4]) if named and opens and len(named.iso) == len("2020") else None
    around = text[max(0, start - 12) : end + 12]
    if match["within"] == "内" or (match["within"] and _AHEAD.search(around) and "已" not in around):
        now = anchor.published.year if anchor.published else None
        year = now if year in (None, now) else None
    if year is None:
        return None
    closing = f"{year}-12-31" if match["within"] in ("底", "末") else ""
    until = closing and _UNTIL.search(text, max(0, start - 5), start)
    return DateMention(start, end, closing if until else f"{year}", closing=closing)


def _opens_sentence(start: int, text: str) -> bool:
    ahead = text[max(0, start - 1) : start]
    return not ahead.strip(" “") or bool(_SENTENCE_ENDS.match(ahead))


def _named_before(start: int, found: list[DateMention], text: str) -> DateMention | None:
    """The mention before a position that states its year last, in the same sentence or the one before."""
    near = takewhile(lambda mention: start - mention.end <= _GOVERNS, reversed(found))
    named = next((mention for mention in near if mention.year_stated and not mention.iso.startswith("--")), None)
    return named if named and len(_SENTENCE_ENDS.findall(text, named.end, start)) <= 1 else None


def _year(match: re.Match[str], anchor: Anchor, found: list[DateMention]) -> int | None:
    """The year that a match states, None where it depends on something unknown."""
    written, minguo, short, relative = match.group("year", "minguo", "short", "relative")
    published = anchor.published.year if anchor.published else anchor.year
    if written or match["bracketed"]:
        return int(_in_digits(written or match["bracketed"]))
    if minguo:
        years = _minguo(minguo)
        return 1911 + years if years else None
    if short:  # 21年5月, 91年5月: of this century, unless that is in the future
        year = 2000 + int(_in_digits(short))
        return year if year <= (published or _LATEST) + 1 else year - 100
    if relative in _RELATIVE:
        return published + _RELATIVE[relative] if published else None
    if relative and relative.startswith("这"):
        last = _named_before(match.start(), found, match.string)
    else:
        last = found[-1] if relative and found and not found[-1].iso.startswith("--") else None
    return int(last.iso[:4]) + _TO_ANOTHER.get(relative, 0) if last else None


def _implied_year(
    text: str, start: int, end: int, day: tuple[int, int | None], anchor: Anchor, found: list[DateMention]
) -> tuple[int | None, bool]:
    """The year of a day that is written without it, and whether the text states it elsewhere. A year named in the sentence,
    or in the one before, is never overridden: where it is not that of the publication, the year is that one or open."""
    if _OTHER_YEAR.search(text, max(0, start - 6), start):
        return None, False
    guessed = _guess(text, start, end, day, anchor)
    named = _named_before(start, found, text)
    if named is None:
        return guessed, False
    year = int(named.iso[:4])
    if year == guessed:
        return guessed, False
    same_sentence = not _SENTENCE_ENDS.search(text, named.end, start)
    if (
        same_sentence
        and len(named.iso) > 4
        and (day[0], day[1] or 31) >= (int(named.iso[5:7]), int(named.iso[8:] or 0))
    ):
        return year, True  # 2019年3月开工,5月底启用
    return None, False


def _guess(text: str, start: int, end: int, day: tuple[int, int | None], anchor: Anchor) -> int | None:
    """The year that the publication date or an anniversary justifies for a day."""
    published = anchor.published
    if published is None:
        ahead = anchor.month and day[0] > anchor.month and not _PLANNED.search(text[max(0, start - 12) : end + 12])
        return anchor.year - 1 if anchor.year and ahead else anchor.year
    festive = anniversary_year(text[max(0, start - _BESIDE) : start])
    if festive and festive <= published.year:
        return festive  # 建党百年之际,7月1日: years later as well
    month = day[0]
    if (month, day[1] or 1) <= (published.month, published.day) or _PLANNED.search(text[max(0, start - 12) : end + 12]):
        return published.year
    # News reports the past, but writes 去年 for a day almost a year ago.
    return published.year - 1 if published.month + 12 - month <= _RECENT else None


def _near(word: str, anchor: Anchor, text: str, start: int, found: list[DateMention]) -> str | None:
    """昨日, beside the day of writing; 当天, beside the day named last in the sentence or the one before."""
    if word[0] in _NEAR:
        day = _days_before(anchor.day, _NEAR[word[0]]) if anchor.day else None
        return day.isoformat() if day else None
    last = found[-1] if found else None
    if last is None or start - last.end > _GOVERNS or len(_SENTENCE_ENDS.findall(text, last.end, start)) > 1:
        return None
    if word in _NEXT_DAY:
        day = date.fromisoformat(last.iso) if len(last.iso) == 10 else date.max
        return (day + timedelta(1)).isoformat() if day < date.max else None
    return last.iso if last.has_day else None


def _of_month(match: re.Match[str], anchor: Anchor, text: str, found: list[DateMention]) -> str | None:
    """22日: of the month of a day named before it, in the sentence or not long before the publication; else, and where something
    lasted until then, the last such day before the publication. None where another time is named before it."""
    day, start, now = int(match["only_day"]), match.start(), anchor.day
    last = found[-1] if found and start - found[-1].end <= _GOVERNS else None
    if last and not last.has_day and len(last.iso) > len("2020"):
        return None
    is_open = last is None or last.iso.startswith("--")
    is_near = is_open or now is None or _is_near(last.iso if last else "", now)
    in_sentence = last and not _SENTENCE_ENDS.search(text, last.end, start)
    until = _UNTIL.search(text, max(0, start - 5), start)
    if last and last.has_day and int(last.iso[-2:]) <= day and not until and (is_near or in_sentence):
        of = int(last.iso[-5:-3])
        return _open(of, day) if is_open else _iso(int(last.iso[:4]), of, day)
    if now is None or not is_near:
        return None
    month = now if day <= now.day else _days_before(now, now.day)
    return _iso(month.year, month.month, day) if month else None


def _is_near(iso: str, now: date) -> bool:
    """Whether a day is near another, or a year its own."""
    if len(iso) == len("2020"):
        return iso == f"{now.year}"
    return abs((now - date.fromisoformat(iso)).days) <= _NEAR_DAYS


def _days_before(day: date, days: int) -> date | None:
    """The day so many days before another; None before the first of the calendar."""
    return date.fromordinal(day.toordinal() - days) if day.toordinal() > days else None


def _month(written: str) -> int:
    return 1 if written == "元" else _number(written)


def _number(written: str) -> int:
    return int(numerals.parse(written) or 0)


def _iso(year: int, month: int, day: int | None) -> str | None:
    if day is None:
        return f"{year:04}-{month:02}"
    valid = _day(year, month, day)
    return valid.isoformat() if valid else None


def _open(month: int, day: int | None) -> str | None:
    if day is None:
        return f"--{month:02}"
    return f"--{month:02}-{day:02}" if _day(2000, month, day) else None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
