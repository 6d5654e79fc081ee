"""What a reader asks of a list: one object, from which rows, counts, words, feeds and downloads derive."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from archive.errors import LocalizedError
from archive.facts import LASTING, fact_types

_LABELS = {  # of the fields of the form
    "type": ("事实类型", "Fact type"),
    "since": ("起始日期", "From date"),
    "until": ("截止日期", "To date"),
    "by": ("按哪个日期", "Which date"),
    "min": ("最小数值", "Smallest value"),
    "max": ("最大数值", "Largest value"),
    "sure": ("把握", "How sure"),
    "sort": ("排序", "Order"),
}
_LONGEST = 200  # characters of one parameter
_DATE = re.compile(r"[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?")


class SearchError(LocalizedError):
    """A search that cannot be made; the message says what to change."""


class UnknownError(SearchError):
    """A place or an outlet that this snapshot does not have; another part of the archive may."""


class ListKind(StrEnum):
    """What is listed."""

    ARTICLES = "articles"
    FACTS = "facts"
    STATIONS = "stations"
    OUTLETS = "outlets"


class Sort(StrEnum):
    """What comes first: the newest, the oldest, the largest, the smallest, the best, or by name."""

    DATE = "date"
    OLDEST = "-date"
    VALUE = "value"
    SMALLEST = "-value"
    RELEVANCE = "relevance"
    NAME = "name"


BY_VALUE = (Sort.VALUE, Sort.SMALLEST)
# The order of a list where none is asked for comes first. The best station or outlet is the one with most articles.
SORTS = {
    ListKind.ARTICLES: (Sort.DATE, Sort.OLDEST, Sort.RELEVANCE),
    ListKind.FACTS: (Sort.DATE, Sort.OLDEST, Sort.VALUE, Sort.SMALLEST, Sort.RELEVANCE),
    ListKind.STATIONS: (Sort.RELEVANCE, Sort.DATE, Sort.OLDEST, Sort.NAME, Sort.VALUE, Sort.SMALLEST),
    ListKind.OUTLETS: (Sort.RELEVANCE, Sort.DATE, Sort.OLDEST, Sort.NAME),
}
_NUMBERS = ("min", "max", "sure")
_FLAGS = ("latest", "reviewed", "reprints")


class By(StrEnum):
    """Which date of a fact is meant: the one that it states, or the day of the report. Neither: the first that is known."""

    AS_OF = "as_of"
    REPORTED_ON = "reported_on"


# What parameters of a type can be, as JSON Schema.
_SCHEMAS: dict[Any, dict[str, Any]] = {
    str: {"type": "string", "maxLength": _LONGEST},
    bool: {"type": "string", "enum": ["0", "1"]},
    float | None: {"type": "number"},
}


@dataclass(frozen=True)
class Wanted:
    """What a reader looks for. Empty fields ask for nothing. `since` and `until` are a year, a month or a day, both
    included; `latest` asks for the last fact of each station and type until then; `sure` is the least confidence; `reprints` asks
    for each reprint in a row of its own."""

    q: str = ""
    place: str = ""
    station: str = ""
    outlet: str = ""
    type: str = ""
    qualifier: str = ""
    since: str = ""
    until: str = ""
    by: str = ""
    latest: bool = False
    min: float | None = None
    max: float | None = None
    reviewed: bool = False
    donor: str = ""
    sure: float | None = None
    reprints: bool = False
    sort: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> "Wanted":
        """From the parameters of an address; those of no list are left aside. Raises SearchError, naming the one that is
        wrong."""
        values: dict[str, Any] = {one.name: str(given.get(one.name) or "").strip()[:_LONGEST] for one in fields(cls)}
        for name in ("since", "until"):
            if values[name] and not _DATE.fullmatch(values[name]):
                raise _wrong(
                    name,
                    f"日期写作年（四位数字）、年-月或年-月-日，{values[name]!r}不是。",
                    f"a date is a year of four digits, YYYY-MM or YYYY-MM-DD; {values[name]!r} is not.",
                )
        if values["type"] and values["type"] not in fact_types():
            raise _wrong("type", f"没有事实类型{values['type']!r}。", f"there is no fact type {values['type']!r}.")
        for name, known in (("by", [*By]), ("sort", [*Sort])):
            if values[name] and values[name] not in known:
                raise _wrong(
                    name,
                    f"须为{'、'.join(known)}之一，不能是{values[name]!r}。",
                    f"{', '.join(known[:-1])} or {known[-1]}, not {values[name]!r}.",
                )
        values |= {name: _number(name, values[name]) for name in _NUMBERS}
        values |= {name: values[name] not in ("", "0") for name in _FLAGS}
        return cls(**values)

    def parameters(self) -> dict[str, str]:
        """The parameters of the address of this search, without what is empty."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: _written(value) for name, value in values.items() if is_asked(value)}

    def order(self, kind: ListKind) -> Sort:
        """What comes first in a list: what is asked for, or else what is usual there."""
        sorts = self.sorts(kind)
        return Sort(self.sort) if self.sort in sorts else sorts[0]

    def sorts(self, kind: ListKind) -> tuple[Sort, ...]:
        """The orders that a list can have. Stations have a value to be sorted by where one type of number is asked for."""
        if kind == ListKind.STATIONS and self.type not in LASTING:
            return tuple(sort for sort in SORTS[kind] if sort not in BY_VALUE)
        return SORTS[kind]


def possible(kind: ListKind) -> dict[str, dict[str, Any]]:
    """What the parameters of a list can be, by their names, as JSON Schema."""
    words = {"type": [*fact_types()], "by": [*By], "sort": [*SORTS[kind]]}
    found = {one.name: dict[str, Any](_SCHEMAS[one.type]) for one in fields(Wanted)}
    for name, known in words.items():
        found[name]["enum"] = known
    for name in ("since", "until"):
        found[name]["pattern"] = f"^{_DATE.pattern}$"
    return found


def is_asked(value: object) -> bool:
    """Whether a parameter of a search has a value; 0 is one."""
    return value is not False and value not in ("", None)


def _wrong(name: str, zh: str, en: str) -> SearchError:
    """What is wrong with a parameter: readers know it by the label of its field, programs by its name."""
    label_zh, label_en = _LABELS[name]
    return SearchError(f"{label_zh}（{name}）：{zh}", f"{label_en} ({name}): {en}")


def _number(name: str, written: str) -> float | None:
    """A number as people write it, with commas too."""
    if not written:
        return None
    try:
        value = float(written.replace(",", "").replace("，", ""))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise _wrong(name, f"{written!r}不是数字。", f"{written!r} is no number.")
    return value


def _written(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.12g}"
    return "1" if value is True else str(value)
