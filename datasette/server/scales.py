"""Where values and dates lie in a chart, and which of them are written at its axes."""

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from archive.language import LANGUAGE, Language

Span = tuple[int, int]  # the first and the last day of a date
MAX_PERIODS = 120  # years, months or days of an axis, the last ones
_PERIOD = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")
_YEAR, _MONTH, _DAY = len("2020"), len("2020-06"), len("2020-06-30")
_MOST = {_YEAR: 7, _MONTH: 5, _DAY: 3}  # that are written in the width of a phone
_LARGE = {
    Language.ZH: ((10**8, "亿"), (10**4, "万")),
    Language.EN: ((10**9, "billion"), (10**6, "million")),
}


@dataclass(frozen=True)
class Amounts:
    """An axis of amounts from zero, with a tick at each step. All ticks are written in one size: ones, or 万, or million."""

    step: float
    top: float
    size: int = 1
    word: str = ""

    @property
    def ticks(self) -> list[float]:
        """The amounts that are written, zero first."""
        return [number * self.step for number in range(round(self.top / self.step) + 1)]

    def label(self, tick: float) -> str:
        """A tick in the size of the axis."""
        return f"{tick / self.size:,.10g}"

    def share(self, value: float) -> float:
        """How far up a value lies, from 0 to 1."""
        return min(max(value / self.top, 0.0), 1.0)


def amounts(values: Iterable[float], steps: int = 4) -> Amounts:
    """Returns the axis for values, with so many steps at most. Its ticks are whole where all values are."""
    listed = list(values)
    whole = all(value == int(value) for value in listed)
    largest = max([*listed, 0.0]) or 1.0
    step = _step(largest / steps)
    step = max(step, 1.0) if whole else step
    top = step * -(-largest // step)
    size, word = next(((size, word) for size, word in _LARGE[LANGUAGE.get()] if step >= size), (1, ""))
    return Amounts(step, top, size, word)


def _step(least: float) -> float:
    """The least of 1, 2, 5, 10, 20 … and of their tenths that is not below `least`."""
    magnitude = 10.0 ** int(f"{least:e}".partition("e")[2])
    return next(factor * magnitude for factor in (1, 2, 5, 10) if factor * magnitude >= least * 0.9999)


def days(at: str) -> Span | None:
    """Returns the first and the last day of a date, month or year, as numbers. None for what is no date."""
    match = _PERIOD.fullmatch(at)
    if not match:
        return None
    year, month, day = int(match[1]), int(match[2] or 12), int(match[3] or 1)
    try:
        first = date(year, int(match[2] or 1), day)
    except ValueError:
        return None
    last = first if match[3] else date(year, month, calendar.monthrange(year, month)[1])
    return first.toordinal(), last.toordinal()


def periods(names: list[str]) -> list[str]:
    """What stands along an axis of bars. Years, months or days are put in order, together with those between them; other names stand as
    they come."""
    lengths = {len(name) for name in names}
    if all(days(name) for name in names) and lengths in ({_YEAR}, {_MONTH}, {_DAY}):
        return _between(min(names), max(names), MAX_PERIODS)
    return list(dict.fromkeys(names))


def _between(first: str, last: str, most: int) -> list[str]:
    """The years, months or days from the first to the last; of too many the last."""
    if len(first) == _DAY:
        start, end = (date.fromisoformat(day).toordinal() for day in (first, last))
        return [date.fromordinal(day).isoformat() for day in range(max(start, end - most + 1), end + 1)]
    if len(first) == _YEAR:
        return [f"{year:04}" for year in range(max(int(first), int(last) - most + 1), int(last) + 1)]
    start, end = (int(month[:4]) * 12 + int(month[5:7]) - 1 for month in (first, last))
    return [f"{month // 12:04}-{month % 12 + 1:02}" for month in range(max(start, end - most + 1), end + 1)]


def written(names: list[str]) -> tuple[set[str], set[str]]:
    """Which names are written along an axis: in the width of a phone, and where there is more room. The last one is in both."""
    longest = max(map(len, names), default=0)
    most = next((most for length, most in _MOST.items() if longest <= length), _MOST[_DAY])
    wide = -(-len(names) // (2 * most)) or 1
    narrow = wide * -(-len(names) // (wide * most)) or 1
    return set(names[::-1][::narrow]), set(names[::-1][::wide])


@dataclass(frozen=True)
class Days:
    """An axis of days, to scale."""

    first: int
    last: int

    def share(self, day: float) -> float:
        """How far along a day lies, from 0 to 1, with some room on both sides."""
        return 0.06 + 0.88 * (day - self.first) / (self.last - self.first) if self.last > self.first else 0.5

    @property
    def ticks(self) -> dict[str, int]:
        """What is written at which days: the beginnings of years, or of months in a shorter time, else the two ends."""
        ends = [date.fromordinal(day).isoformat() for day in (self.first, self.last)]
        for length in (_YEAR, _MONTH):
            begun = {
                name: (days(name) or (0, 0))[0] for name in _between(ends[0][:length], ends[1][:length], MAX_PERIODS)
            }
            within = {name: day for name, day in begun.items() if self.first <= day <= self.last}
            if len(within) > 1:
                return within
        return dict(zip(ends, (self.first, self.last), strict=True))


def axis_of_days(spans: Iterable[Span]) -> Days:
    """Returns the axis for spans of days."""
    listed = list(spans)
    return Days(min(first for first, _ in listed), max(last for _, last in listed))
