"""Dates and times as pages write them. Asia/Shanghai; what is no day of the calendar, or can be read as two days, is none.

Two sorts of text hold them: words that a reader sees, and values that a program wrote (meta tags, scripts, attributes).
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ENGLISH = rf"(?:{'|'.join(name.capitalize() for name in _MONTHS)})"
_ORDINAL = "(?:st|nd|rd|th)?"
_M, _D = "1[0-2]|0?[1-9]", "3[01]|[12]\\d|0?[1-9]"
_DIGIT = "一二三四五六七八九"
_ZERO = "〇零○◯Oo0"
_HAN_NUMBER = rf"[{_DIGIT}十廿卅]{{1,3}}"
# A year of two digits, and digits without separators, are a date behind a label only.
_LABELLED = r"(?:(?<=[:间期])|(?<=[:间期]\s)|(?<=[:间期]\s\s))"
_HALF = "上午|下午|晚上|傍晚|中午|凌晨|早上|早晨|[AaPp]\\.?[Mm]\\b"
_ZONE = r"(?:0\d|1[0-4]):?[0-5]\d"
_CLOCK_TIME = (
    rf"(?:[\sT,(星期周一二三四五六日)|]{{0,8}}(?:at )?(?P<half>{_HALF})?\s*"
    r"(?P<H>[01]?\d|2[0-3])\s*[::时点]\s*(?P<M>[0-5]\d)(?!\d)(?:\s*[::分]\s*(?P<S>[0-5]\d)(?:\s*秒)?|分(?!享))?(?:\.\d+)?"
    rf"(?:\s*(?P<after>[AaPp]\.?[Mm]\b))?"
    # A minus is a zone behind seconds only: 09:30-10:30 is a span.
    rf"(?P<z>Z|\s?(?:GMT|UTC)(?:[+-]{_ZONE})?|\s?\+{_ZONE}|(?(S)-{_ZONE}|(?!)))?)?"
)
_STAMP = re.compile(
    # Fails fast: most characters begin no date.
    rf"(?=[0-9一二中民A-S])(?:(?<!\d)(?:(?P<y>(?:19|20)\d\d|{_LABELLED}\d\d(?=-))\s*(?:[-年/.]|\s(?=\s*\d\d\s*/))\s*(?P<m>{_M})\s*[-月/.]\s*(?P<d>{_D})(?!\d)(?:\s*日)?"
    rf"|{_LABELLED}(?P<cy>(?:19|20)\d\d)(?P<cm>0[1-9]|1[0-2])(?P<cd>0[1-9]|[12]\d|3[01])(?!\d)"
    rf"|(?P<a>\d{{1,2}})/(?P<b>\d{{1,2}})/(?P<uy>(?:19|20)\d\d)(?!\d)"
    rf"|(?:(?P<ed>{_D}){_ORDINAL}\s)?(?P<mon>\b{_ENGLISH})[a-z]{{0,6}}\.?,?\s(?:(?P<de>{_D}){_ORDINAL},?\s)?\s*(?P<ey>(?:19|20)\d\d)(?!\d))"
    rf"|(?P<hy>[一二][{_DIGIT}{_ZERO}]{{3}}|(?:中华)?民国\s?(?:\d{{2,3}}|[{_DIGIT}{_ZERO}十百]{{1,5}}))\s?年\s?"
    rf"(?P<hm>{_M}|{_HAN_NUMBER})\s?月\s?(?P<hd>{_D}|{_HAN_NUMBER})\s?日)"
    rf"{_CLOCK_TIME}"
)
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)(?:[\sT]?(\d\d):?(\d\d)(?::?(\d\d))?)?(?:\.\d+)?")
_EPOCH = re.compile(r"(1\d{9})(?:\d{3})?(?:\.\d+)?")  # seconds or milliseconds since 1970
_OF_JAVA = re.compile(r"([A-Z][a-z]{2} \d\d) (\d\d:\d\d:\d\d) (?:CST|GMT\+08:00) (\d{4})")
# What a site's own clock is announced by.
_OWN_CLOCK = re.compile(r"(?:今天|今日|现在|当前|北京)(?:是|时间|日期|为)?\s*[:,]?\s*$")
_FAR = timedelta(days=31)  # no story is dated so far from its address: one of the two is about something else
# t20210304_…, /2021/0304/, /2021-03/04/, /202103/04/, /20210304/
_IN_PATH = re.compile(r"(?<!\d)(?P<y>20\d\d)[-/]?(?P<m>0[1-9]|1[0-2])[-/]?(?P<d>0[1-9]|[12]\d|3[01])(?!\d)")


def has_stamp(folded: str) -> bool:
    """Whether a folded text states a full date."""
    return _STAMP.search(folded) is not None


def first_stamp(folded: str) -> re.Match[str] | None:
    """The first full date of a folded text."""
    return _STAMP.search(folded)


def matches(folded: str) -> Iterator[tuple[re.Match[str], datetime | date]]:
    """The full dates of a folded text and where each stands; a site's own clock is none."""
    for match in _STAMP.finditer(folded):
        stamp = _read(match)
        if stamp is not None and not _OWN_CLOCK.search(folded, max(0, match.start() - 12), match.start()):
            yield match, stamp


def stamps(folded: str) -> Iterator[datetime | date]:
    """The full dates of a folded text, with their time where it is stated."""
    return (stamp for _, stamp in matches(folded))


def written(value: str) -> datetime | date | None:
    """The date that a program wrote: any form of `stamps`, 20230506093000, seconds or milliseconds since 1970."""
    value = value.strip()
    since_1970 = _EPOCH.fullmatch(value)
    if since_1970:
        return _or_day(datetime.fromtimestamp(int(since_1970[1]), CHINA))
    compact = _COMPACT.fullmatch(value)
    if compact:
        year, month, day, *clock = compact.groups()
        return _moment(int(year), int(month), int(day), [int(part) if part else None for part in clock])
    return next(stamps(_OF_JAVA.sub(r"\1 \3 \2", value)), None)


def day_in(url: str) -> date | None:
    """The day that an address names."""
    in_path = _IN_PATH.search(url.partition("?")[0].partition("//")[2].partition("/")[2])
    return _day(int(in_path["y"]), int(in_path["m"]), int(in_path["d"])) if in_path else None


def day_of(stamp: datetime | date) -> date:
    """The day of a stamp."""
    return stamp.date() if isinstance(stamp, datetime) else stamp


def is_near(stamp: datetime | date, named: date) -> bool:
    """Whether a stated time can be that of a page whose address names a day."""
    return abs(day_of(stamp) - named) <= _FAR


def _read(match: re.Match[str]) -> datetime | date | None:
    half = (match["half"] or match["after"] or "").replace(".", "").upper()
    day = _written_day(match, half)
    if day is None or match["H"] is None:
        return day
    hour, minute, second = int(match["H"]), int(match["M"]), int(match["S"]) if match["S"] else None
    if (half in ("下午", "晚上", "傍晚", "PM") and hour < 12) or (half == "中午" and hour < 6):
        hour += 12
    elif half in ("上午", "凌晨", "AM") and hour == 12:
        hour = 0
    stamp = _moment(day.year, day.month, day.day, [hour, minute, second])
    if match["z"] and isinstance(stamp, datetime):
        offset = re.sub(r"[\s:A-Z]", "", match["z"])
        zone = datetime.strptime(offset or "+0000", "%z").tzinfo
        return _or_day(stamp.replace(tzinfo=zone).astimezone(CHINA), second)
    return stamp


def _written_day(match: re.Match[str], half: str) -> date | None:
    found = match.groupdict()
    if found["y"]:
        year = int(found["y"])
        return _day(year if year > 99 else 2000 + year, int(found["m"]), int(found["d"]))
    if found["cy"]:
        return _day(int(found["cy"]), int(found["cm"]), int(found["cd"]))
    if found["hy"]:
        return _day(_year(found["hy"]), _number(found["hm"]), _number(found["hd"]))
    if found["mon"]:
        day = found["ed"] or found["de"]
        return _day(int(found["ey"]), _MONTHS.index(found["mon"].lower()) + 1, int(day)) if day else None
    return _day_of_slashes(int(found["a"]), int(found["b"]), int(found["uy"]), american=half in ("AM", "PM"))


def _day_of_slashes(first: int, second: int, year: int, *, american: bool) -> date | None:
    """The day of 9/17/2004; of 5/6/2023 only beside AM or PM, which the month-first form goes with."""
    if first > 12:
        return _day(year, second, first)
    return _day(year, first, second) if second > 12 or american or first == second else None


def _year(words: str) -> int:
    """二〇二三 or 民国112."""
    if "民国" in words:
        return 1911 + _number(words.partition("民国")[2].strip())
    return int("".join("0" if sign in _ZERO else str(_DIGIT.index(sign) + 1) for sign in words))


def _number(words: str) -> int:
    """The number below 1000 of 十二, 廿一, 一百一十二, 一一二 or 12."""
    if words.isdecimal():
        return int(words)
    words = words.replace("廿", "二十").replace("卅", "三十")
    if not re.search("[十百]", words):
        return int("".join("0" if sign in _ZERO else str(_DIGIT.index(sign) + 1) for sign in words))
    total, digit = 0, 0
    for sign in words:
        if sign in "十百":
            total, digit = total + (digit or 1) * (10 if sign == "十" else 100), 0
        else:
            digit = 0 if sign in _ZERO else _DIGIT.index(sign) + 1
    return total + digit


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _moment(year: int, month: int, day: int, clock: list[int | None]) -> datetime | date | None:
    """A day, with its time where one is stated."""
    hour, minute, second = clock
    try:
        if hour is None:
            return date(year, month, day)
        return _or_day(datetime(year, month, day, hour, minute or 0, second or 0, tzinfo=CHINA), second)
    except ValueError:
        return None


def _or_day(moment: datetime, second: int | None = 0) -> datetime | date:
    """A moment; midnight to the second is a day that a system printed."""
    return moment.date() if (moment.hour, moment.minute, second) == (0, 0, 0) else moment
