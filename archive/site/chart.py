"""What a chart shows, in codes, numbers and dates. `server/charts.py` of the site draws it and adds the words."""

from enum import StrEnum
from typing import NotRequired, TypedDict


class Kind(StrEnum):
    """How a chart is drawn."""

    BARS = "bars"  # standing, along years, months or a few short words
    LYING = "lying"  # a bar and its number in each row of a table, for names
    DOTS = "dots"  # at their dates, time to scale


class Mark(TypedDict):
    """One value of a chart."""

    at: str  # YYYY, YYYY-MM or YYYY-MM-DD; or a name
    value: float | None  # None: nothing is known there, so there is a gap
    high: NotRequired[float | None]  # the upper end of a range
    approx: NotRequired[str]  # exact, about, more_than, less_than, nearly
    reported: NotRequired[bool]  # the date is only that of the report
    n: NotRequired[int]  # stations behind the value
    of: NotRequired[int]  # and how many there are
    page: NotRequired[str]  # the path of a page about `at`, to which bars lead


class Series(TypedDict):
    """The values of one line, or of the bars of one colour."""

    label: str
    marks: list[Mark]
    planned: NotRequired[bool]  # bars are outlined, and never stacked on others


class Chart(TypedDict):
    """A chart of one or more series of one unit."""

    kind: str  # a Kind
    series: list[Series]
    unit: NotRequired[str]  # a code, as CNY; left out where things are counted
    joined: NotRequired[bool]  # dots of one thing: a line joins those of known dates within two years
    stacked: NotRequired[bool]  # bars of series that add up
    missing: NotRequired[list[str]]  # years or months in which nothing was collected
    source: NotRequired[bool]  # names along the axis are words of articles
    source_labels: NotRequired[bool]  # labels of the series are
