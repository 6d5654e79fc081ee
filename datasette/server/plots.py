"""The pictures of charts: bars and dots over two axes, as SVG.

Positions along a picture are shares of its width, and heights are pixels: it is as wide as there is room while its words keep their
size. Colours are classes (static/site.css), so pictures follow dark mode and print.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from archive.labels import date_label, number_label
from archive.language import LANGUAGE, Language, chosen
from archive.site.chart import Chart, Kind, Mark, Series
from server.language import gettext as _
from server.scales import Amounts, Days, Span, amounts, axis_of_days, days, periods, written

Numbered = Sequence[tuple[int, Series]]  # series with the numbers of their colours and shapes, from 1
HEIGHT, LOW = 176, 96  # pixels of a picture between its axes
_TOP, _BELOW, _BELOW_COUNTED = 26, 22, 38  # pixels above and below that
_LEAST_SLOTS = 4  # a bar takes no more of the width than if there were so many
_BAR = 0.76  # of its slot
_APART = 731  # days between two dots that a line joins
_LONG = 31  # days of a date that are drawn as a bar
_FEW = 14  # bars or dots whose values are written beside them; half as many on a phone
_ABOVE, _ABOVE_ARROW = 12, 21  # pixels from a dot to its value
_SHAPES = (
    "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0z",
    "M-4.5 -4.5h9v9h-9z",
    "M0 -6l6 10.5h-12z",
    "M0 -6.5l6.5 6.5l-6.5 6.5l-6.5 -6.5z",
    "M-2 -6h4v4h4v4h-4v4h-4v-4h-4v-4h4z",
    "M-6 -3.5l2.5 -2.5l3.5 3.5l3.5 -3.5l2.5 2.5l-3.5 3.5l3.5 3.5l-2.5 2.5l-3.5 -3.5l-3.5 3.5l-2.5 -2.5l3.5 -3.5z",
)
_RING = "M-8.5 0a8.5 8.5 0 1 0 17 0a8.5 8.5 0 1 0 -17 0z"
_SIGNS = {
    "more_than": "M0 -8v-9m-4 4l4 -4l4 4",
    "less_than": "M0 8v9m-4 -4l4 4l4 -4",
    "about": _RING,
    "nearly": _RING,
}


def add(parent: Element, tag: str, words: str = "", /, **attributes: Any) -> Element:
    """Add an element. A `_` in a name of an attribute stands for `-`, one at its end for nothing; attributes that are None are left
    out."""
    named = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items() if value is not None}
    element = SubElement(parent, tag, {name: _written(value) for name, value in named.items()})
    element.text = words or None
    return element


def _written(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def percent(share: float) -> str:
    """A share of the width."""
    return _written(100.0 * share) + "%"


def shape(parent: Element, x: str, y: float, number: int, hollow: bool = False, approx: str = "") -> Element:
    """Add a dot of a series, in its shape, with an arrow or a ring for an approximation."""
    dot = add(parent, "svg", x=x, y=y, class_=f"mark s{number}{' hollow' if hollow else ''}")
    add(dot, "path", d=_SHAPES[(number - 1) % len(_SHAPES)])
    if approx in _SIGNS:
        add(dot, "path", d=_SIGNS[approx], class_="sign")
    return dot


def foreign(spec: Chart, of: str) -> str | None:
    """The language of names (`source`) or labels (`source_labels`) that are words of articles, where the page has another."""
    return Language.ZH if spec.get(of) and LANGUAGE.get() != Language.ZH else None


def sums(spec: Chart) -> dict[str, float]:
    """The heights of bars that stand on each other, by what stands along the axis."""
    heights: dict[str, float] = {}
    for series in spec["series"]:
        for mark in series["marks"]:
            heights[mark["at"]] = heights.get(mark["at"], 0) + (mark["value"] or 0)
    return heights


def values(spec: Chart) -> list[float]:
    """What an axis of amounts has to reach."""
    if spec.get("stacked"):
        return list(sums(spec).values())
    marks = [mark for series in spec["series"] for mark in series["marks"]]
    return [value for mark in marks for value in (mark["value"], mark.get("high")) if value is not None]


@dataclass(frozen=True)
class Drawing:
    """What the pictures of one chart have in common."""

    spec: Chart
    unit: str  # a word
    small: bool
    fill: Callable[[str], Mapping[str, str]]  # how bars of a series, by its number, or missing periods are filled
    tip: Callable[[Series, Mark], str]  # what a mark shows, in words
    path: Callable[[str], str]  # what makes an address of a path of this site

    @property
    def height(self) -> int:
        """Pixels between the axes."""
        return LOW if self.small else HEIGHT

    def picture(self, parent: Element, numbered: Numbered, title: str, description: str) -> None:
        """Add a picture of some of the series. All pictures of a chart have the same axes."""
        marks = [mark for _number, series in numbered for mark in series["marks"]]
        height = _TOP + self.height + (_BELOW_COUNTED if any("n" in mark for mark in marks) else _BELOW)
        # Nothing within an image can be focused: where bars are links, keyboards and readers of the screen have those of the table.
        role = {"aria_hidden": "true"} if any("page" in mark for mark in marks) else {"role": "img"}
        svg = add(add(parent, "div", class_="plot"), "svg", width="100%", height=height, **role)
        add(svg, "title", title)
        add(svg, "desc", description)
        names = [mark["at"] for series in self.spec["series"] for mark in series["marks"]]
        scale = amounts(values(self.spec), 3 if self.small else 4)
        if self.spec["kind"] == Kind.DOTS:
            spans = [span for name in names if (span := days(name))]
            if spans:
                _Dots(self, svg, scale, axis_of_days(spans)).draw(numbered)
        else:
            _Bars(self, svg, scale, periods(names + self.spec.get("missing", []))).draw(numbered)


class _Picture:
    """A picture while it is drawn."""

    def __init__(self, drawing: Drawing, svg: Element, scale: Amounts) -> None:
        self.drawing, self.svg, self.scale = drawing, svg, scale
        self.foot = _TOP + drawing.height

    def y(self, value: float) -> float:
        return _TOP + self.drawing.height * (1 - self.scale.share(value))

    def axes(self, along: Mapping[str, float]) -> None:
        """Lines at the ticks of amounts, the unit above them, and names at their places below."""
        for tick in self.scale.ticks:
            y = self.y(tick)
            add(self.svg, "line", x1="0", x2="100%", y1=y, y2=y, class_="tick" if tick else "zero")
            add(self.svg, "text", self.scale.label(tick), x=-8, y=y + 4, class_="amount")
        word, unit = self.scale.word, self.drawing.unit
        add(self.svg, "text", chosen((word + unit, f"{word} {unit}".strip())), x=-48, y=12)
        narrow, wide = written(list(along))
        for name in filter(wide.__contains__, along):
            kind = "at" if name in narrow else "roomy at"
            place = {"x": percent(along[name]), "y": self.foot + 17}
            add(self.svg, "text", name, class_=kind, lang=foreign(self.drawing.spec, "source"), **place)

    def value(self, mark: Mark, share: float, y: float, of: int) -> None:
        """The value of one of so many marks, where there is room."""
        if of <= _FEW and mark["value"] is not None and not self.drawing.small:
            add(self.svg, "text", number_label(mark["value"]), x=percent(share), y=y, class_=f"{_room(of)}number")

    def stations(self, mark: Mark, share: float, of: int) -> None:
        """How many stations are behind one of so many marks, where there is room."""
        if of <= _FEW and "n" in mark:
            place = {"x": percent(share), "y": self.foot + 33}
            add(self.svg, "text", f"n={behind(mark)}", class_=f"{_room(of)}n", **place)


def _room(of: int) -> str:
    """The class of words beside one of so many marks."""
    return "" if of <= _FEW // 2 else "roomy "


def behind(mark: Mark) -> str:
    """How many stations are behind a value, and of how many: 14/36."""
    return str(mark["n"]) + (f"/{mark['of']}" if "of" in mark else "") if "n" in mark else ""


class _Bars(_Picture):
    """Bars in slots, beside or on each other."""

    def __init__(self, drawing: Drawing, svg: Element, scale: Amounts, names: Sequence[str]) -> None:
        super().__init__(drawing, svg, scale)
        self.slot = 1 / max(len(names), _LEAST_SLOTS)
        self.middles = {name: (number + 0.5) * self.slot for number, name in enumerate(names)}
        self.reached: dict[str, float] = {}  # of stacked bars

    def draw(self, numbered: Numbered) -> None:
        for name in filter(self.middles.__contains__, self.drawing.spec.get("missing", [])):
            across = {"x": percent(self.middles[name] - self.slot / 2), "width": percent(self.slot)}
            ground = add(self.svg, "rect", y=_TOP, height=self.drawing.height, **across, **self.drawing.fill("missing"))
            add(ground, "title", _("%(period)s: nothing was collected", period=date_label(name)))
        self.axes(self.middles)
        counted = [mark for _number, series in numbered for mark in series["marks"] if "n" in mark]
        for name, mark in {mark["at"]: mark for mark in counted}.items():
            if name in self.middles:
                self.stations(mark, self.middles[name], len(self.middles))
        for place, (number, series) in enumerate(numbered):
            for mark in series["marks"]:
                if mark["value"] is not None and mark["at"] in self.middles:
                    self.bar(mark, mark["value"], self.drawing.tip(series, mark), number, place, len(numbered))

    def bar(self, mark: Mark, value: float, tip: str, number: int, place: int, of: int) -> None:
        """A bar: one of so many in its slot."""
        stacked = self.drawing.spec.get("stacked")
        base = self.reached.get(mark["at"], 0.0) if stacked else 0.0
        self.reached[mark["at"]] = base + value
        middle, width = self.middles[mark["at"]], self.slot * _BAR
        left = middle - width / 2 + (0 if stacked else place * width / of)
        across = {"x": percent(left), "width": percent(width if stacked else width / of)}
        top, foot = self.y(base + value), self.y(base)
        to = add(self.svg, "a", href=self.drawing.path(mark["page"]), tabindex=-1) if "page" in mark else self.svg
        bar = add(to, "rect", y=top, height=foot - top, **across, **self.drawing.fill(str(number)))
        add(bar, "title", tip)
        if of == 1:
            self.value(mark, middle, top - 6, len(self.middles))


Placed = tuple[Span, Mark]


class _Dots(_Picture):
    """Dots at their dates."""

    def __init__(self, drawing: Drawing, svg: Element, scale: Amounts, axis: Days) -> None:
        super().__init__(drawing, svg, scale)
        self.axis = axis

    def x(self, span: Span) -> float:
        """The middle of a date."""
        return self.axis.share(sum(span) / 2)

    def draw(self, numbered: Numbered) -> None:
        self.axes({name: self.axis.share(day) for name, day in self.axis.ticks.items()})
        for number, series in numbered:
            dated = ((days(mark["at"]), mark) for mark in series["marks"])
            placed = sorted(((span, mark) for span, mark in dated if span), key=lambda pair: pair[0])
            disputed = _disputed(placed)
            if self.drawing.spec.get("joined"):
                self.join([pair for pair in placed if pair[0] not in disputed], number)
            for span, (least, most) in disputed.items():
                x, ys = percent(self.x(span)), (self.y(least), self.y(most))
                add(self.svg, "line", x1=x, x2=x, y1=ys[0], y2=ys[1], class_="disagreement")
                add(self.svg, "text", "≠", x=x, dx=14, y=sum(ys) / 2 + 4, class_="number")
            for span, mark in placed:
                if mark["value"] is not None:
                    self.dot(span, mark, mark["value"], self.drawing.tip(series, mark), number)
                    if len(numbered) == 1 and (span not in disputed or mark["value"] == disputed[span][1]):
                        above = _ABOVE_ARROW if mark.get("approx") == "more_than" else _ABOVE
                        top = self.y(mark.get("high") or mark["value"]) - above
                        self.value(mark, self.x(span), top, len(placed))
                    if len(numbered) == 1:
                        self.stations(mark, self.x(span), len(placed))

    def join(self, placed: Sequence[Placed], number: int) -> None:
        """Lines between dots of known dates that are neighbours, with nothing unknown between them, and not far apart."""
        known = [pair for pair in placed if not pair[1].get("reported")]
        for (one, left), (other, right) in pairwise(known):
            if left["value"] is not None and right["value"] is not None and other[0] - one[1] <= _APART:
                ends = {"x1": percent(self.x(one)), "x2": percent(self.x(other))}
                ends |= {"y1": _written(self.y(left["value"])), "y2": _written(self.y(right["value"]))}
                add(self.svg, "line", class_=f"join s{number}", **ends)

    def dot(self, span: Span, mark: Mark, value: float, tip: str, number: int) -> None:
        """A dot. A date that is known to the year is drawn as a bar over it, a range as a whisker."""
        x, y = percent(self.x(span)), self.y(value)
        if span[1] - span[0] > _LONG:
            ends = {"x1": percent(self.axis.share(span[0])), "x2": percent(self.axis.share(span[1]))}
            add(self.svg, "line", y1=y, y2=y, class_=f"year s{number}", **ends)
        high = mark.get("high")
        if high is not None:
            add(self.svg, "line", x1=x, x2=x, y1=y, y2=self.y(high), class_=f"whisker s{number}")
        dot = shape(self.svg, x, y, number, bool(mark.get("reported")), mark.get("approx", ""))
        add(dot, "title", tip)


def _disputed(placed: Sequence[Placed]) -> dict[Span, tuple[float, float]]:
    """Dates as of which different values are stated, with the least and the most of these."""
    stated: dict[Span, list[float]] = {}
    for span, mark in placed:
        if mark["value"] is not None and not mark.get("reported"):
            stated.setdefault(span, []).append(mark["value"])
    return {span: (min(of), max(of)) for span, of in stated.items() if min(of) != max(of)}
