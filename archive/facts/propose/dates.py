"""Dates in running text, resolved only as far as the text or the publication date justifies.

A year is taken from the words themselves (2020年6月30日), from a relative word beside the publication date
(去年6月, 昨日), from the publication date (6月30日), or from an anniversary in the text (中国共产党成立99周年
is 2020). Without any of these the year stays open: ``--06-30``. The clock is never asked.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

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
_HAN = "[二三]?十[一二三四五六七八九]?|[一二三四五六七八九]"  # 今年三月五日
_DATE = re.compile(
    r"(?=[\d今去前明当同昨])(?:"
    r"(?:(?P<year>(?:19|20)\d\d)年|(?P<relative>今年|去年|前年|明年|当年|同年))?"
    rf"(?P<month>1[0-2]|0?[1-9]|(?<=年)(?:{_HAN}))\s?月(?:份|\s?(?P<day>3[01]|[12]\d|0?[1-9]|{_HAN})\s?[日号])?(?!\d)"
    r"|(?P<iso>(?:19|20)\d\d[-/.](?:1[0-2]|0?[1-9])[-/.](?:3[01]|[12]\d|0?[1-9]))(?!\d)"
    r"|(?P<near>今天|今日|昨天|昨日|前天|前日)"
    r"|(?:(?P<only_year>(?:19|20)\d\d)年|(?P<only_relative>今年|去年|前年))(?!\d))"
)
_PLANNED = re.compile(r"将|拟|计划|预计|前$|之前")
_BESIDE = 40  # characters before a date in which an anniversary gives its year
_RECENT = 8  # months back to a day whose year is not said
_DATELINE = re.compile(r"(1[0-2]|0?[1-9])月(3[01]|[12]\d|0?[1-9])日(?:[^,。;\n]{0,12}?[讯电])")
_NEAR = {"今": 0, "昨": 1, "前": 2}
_RELATIVE = {"今年": 0, "去年": -1, "前年": -2, "明年": 1}
_HEADER_DATE = re.compile(r"((?:19|20)\d\d)[-年/.](1[0-2]|0?[1-9])[-月/.](3[01]|[12]\d|0?[1-9])日?")


@dataclass(frozen=True)
class Anchor:
    """What justifies a year: the publication date, a year that an anniversary gives, the day of a dateline."""

    published: date | None = None
    year: int | None = None
    today: date | None = None  # the day of its dateline (本报7月2日讯), where the text has one

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

    @property
    def has_month(self) -> bool:
        """Whether the mention says more than a year."""
        return self.iso.startswith("--") or len(self.iso) > 4


def anniversary_year(text: str) -> int | None:
    """The year that the first anniversary in folded text gives."""
    for match in _ANNIVERSARY.finditer(text):
        years = numerals.parse(match["years"])
        if years:
            return _FOUNDED[match["what"]] + int(years)
    return None


def closing_year(text: str) -> int | None:
    """The year that a text states of itself at its end: (2022年)."""
    match = re.search(r"\(((?:19|20)\d\d)年(?:\d{1,2}月)?\)\s*$", text)
    return int(match[1]) if match else None


def dateline(text: str, published: date | None) -> date | None:
    """The day at the head of a report (本报7月2日讯), where it lies in the days before the publication."""
    match = _DATELINE.search(text, 0, 300) if published else None
    if match is None or published is None:
        return None
    for year in (published.year, published.year - 1):
        day = _day(year, int(match[1]), int(match[2]))
        if day and timedelta(0) <= published - day <= timedelta(days=10):
            return day
    return None


def header_date(text: str) -> date | None:
    """The publication date that a text states of itself: a short first or last line that is a date, or
    begins with one beside its source."""
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    for line in [*lines[:4], *lines[-1:]]:
        match = _HEADER_DATE.search(line)
        if not match:
            continue
        rest = line[: match.start()] + line[match.end() :]
        alone = len(rest.strip(" ()[]:-")) <= 8
        stated = re.search(r"来源|发布时间|发稿时间|编辑|本报讯|日讯", rest)
        closing = line is lines[-1] and re.search(rf"\({re.escape(match[0])}\)$", line)
        if alone or (stated and len(rest) < 60) or closing:
            return _day(int(match[1]), int(match[2]), int(match[3]))
    return None


def find(text: str, anchor: Anchor) -> list[DateMention]:
    """All dates of folded text, in order of appearance."""
    found: list[DateMention] = []
    for match in _DATE.finditer(text):
        iso = _resolve(match, anchor, text)
        if match["relative"] in ("同年", "当年") and iso and found and not found[-1].iso.startswith("--"):
            iso = found[-1].iso[:4] + iso[1:]  # the year of the date before
        if iso:
            found.append(DateMention(match.start(), match.end(), iso))
    return found


def _resolve(match: re.Match[str], anchor: Anchor, text: str) -> str | None:
    published = anchor.published
    if match["iso"]:
        return _iso(*(int(part) for part in re.split(r"[-/.]", match["iso"])))
    if match["near"]:
        return (anchor.day - timedelta(days=_NEAR[match["near"][0]])).isoformat() if anchor.day else None
    if match["only_year"]:
        return match["only_year"]
    reference = published.year if published else anchor.year
    if match["only_relative"]:
        return str(reference + _RELATIVE[match["only_relative"]]) if reference else None
    month = _number(match["month"])
    day = _number(match["day"]) if match["day"] else None
    if not 1 <= month <= 12:
        return None
    if match["year"]:
        return _iso(int(match["year"]), month, day)
    if match["relative"] in _RELATIVE:
        return _iso(reference + _RELATIVE[match["relative"]], month, day) if reference else _open(month, day)
    if match["relative"]:  # 当年, 同年: the year of another date
        return _open(month, day)
    if published:
        festive = anniversary_year(text[max(0, match.start() - _BESIDE) : match.start()])
        if festive and festive <= published.year:
            return _iso(festive, month, day)  # 建党百年之际,7月1日: told years later too
        if (month, day or 1) <= (published.month, published.day) or _PLANNED.search(
            text[max(0, match.start() - 12) : match.end() + 12]
        ):
            return _iso(published.year, month, day)
        # News speaks of the past; but of a day almost a year ago it says 去年.
        months_ago = published.month + 12 - month
        return _iso(published.year - 1, month, day) if months_ago <= _RECENT else _open(month, day)
    return _iso(anchor.year, month, day) if anchor.year else _open(month, day)


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
