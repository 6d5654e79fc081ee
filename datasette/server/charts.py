"""Charts without a script: `{{ chart(spec, title) }}` in a template. What a `spec` holds: archive/site/chart.py.

Tried instead: leather (MIT) writes fixed colours and sizes, drops the points beside a gap, and has no ranges and no hollow dots; pygal is
LGPL; Chart.js needs its script, and its pictures neither print well nor follow dark mode.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from xml.etree.ElementTree import Element, tostring
from zlib import crc32

from markupsafe import Markup

from archive.labels import APPROX, UNITS, date_label, value_label
from archive.language import chosen
from archive.site.chart import Chart, Kind, Mark, Series
from server.language import gettext as _
from server.plots import Drawing, add, behind, foreign, percent, shape, sums, values
from server.scales import days

MAX_LINES = 6  # of one picture; of more series each has a small one
_FEW_ROWS = 5  # of lying bars that are small
_MAX_SERIES, _MAX_MARKS, _MAX_ROWS = 24, 400, 400  # of a chart, of a series, of a table


def chart(
    spec: Chart,
    title: str,
    finding: str = "",
    *,
    labels: Sequence[str] = (),
    unit: str = "",
    along: str = "",
    table: bool = True,
    behind: str = "",
    small: bool = False,
    path: Callable[[str], str] = str,
) -> Markup:
    """Draw a chart. All words are in the language of the request.

    Args:
        spec: What it shows.
        title: What is drawn.
        finding: What can be seen in it, for readers of the screen.
        labels: Names of the series, where the spec has none.
        unit: A word for the unit, where the spec has no code for it.
        along: What stands along the axis: the head of the first column of the table.
        table: Whether the numbers stand in a table below. Lying bars are a table already.
        behind: What is counted behind a value, where that is not stations.
        small: Whether it is low and without a table, for a page with several charts.
        path: What makes an address of a path of this site. (Templates leave it out.)

    Returns:
        A `<figure>`; nothing if there is nothing to draw.
    """
    series = _drawn(spec["series"], labels)
    if not series:
        return Markup("")
    figure = _Figure({**spec, "series": series}, title, finding, unit, small)
    figure.along, figure.behind, figure.path = along or _("Date"), behind or _("Stations"), path
    return figure.markup(table)


def _drawn(all_series: Iterable[Series], labels: Sequence[str]) -> list[Series]:
    """Series with their names, without those that have no value, and no more than a page can bear."""
    named: list[Series] = []
    for number, series in enumerate(all_series):
        if any(mark["value"] is not None for mark in series["marks"]):
            label = labels[number] if number < len(labels) else series["label"]
            named.append({**series, "label": label, "marks": series["marks"][:_MAX_MARKS]})
    return named[:_MAX_SERIES]


class _Figure:
    """A chart with its legend and its table."""

    along: str
    behind: str
    path: Callable[[str], str]

    def __init__(self, spec: Chart, title: str, finding: str, unit: str, small: bool) -> None:
        self.spec, self.series, self.title, self.finding = spec, spec["series"], title, finding
        self.unit = unit or chosen(UNITS.get(spec.get("unit", ""), ("", "")))
        self.small = small
        self.marks = [mark for series in self.series for mark in series["marks"]]
        self.counted = any("n" in mark for mark in self.marks)
        self.hatching = f"hatching-{crc32(repr((title, spec)).encode()):x}"  # other charts of the page have other names

    def markup(self, table: bool) -> Markup:
        """The whole figure."""
        figure = Element("figure", {"class": f"chart {self.spec['kind']}{' small' if self.small else ''}"})
        add(figure, "figcaption", self.title)
        self.patterns(figure)
        if self.spec["kind"] == Kind.LYING:
            if self.spec.get("stacked"):
                self.legend(figure)
            self.lying(figure)
        else:
            self.legend(figure)
            self.pictures(figure)
            if table and not self.small:
                self.table(figure)
        return Markup(tostring(figure, encoding="unicode", short_empty_elements=False))  # noqa: S704 (escaped there)

    def pictures(self, figure: Element) -> None:
        """One picture, or a small one for each of many series."""
        many = len(self.series) > MAX_LINES
        drawing = Drawing(self.spec, self.unit, self.small or many, self.fill, self.tip, self.path)
        if not many:
            drawing.picture(figure, list(enumerate(self.series, 1)), self.title, self.finding or self.title)
            return
        box = add(figure, "div", class_="multiples")
        for series in self.series:
            part = add(box, "div")
            add(part, "p", series["label"], class_="name", lang=foreign(self.spec, "source_labels"))
            drawing.picture(part, [(1, series)], series["label"], self.title)

    def patterns(self, figure: Element) -> None:
        """The hatching of the second and later series of bars, and the dots of the ground where nothing was collected."""
        names = [str(number) for number in range(2, min(len(self.series), MAX_LINES) + 1)]
        names = names * (self.spec["kind"] != Kind.DOTS) + ["missing"] * bool(self.spec.get("missing"))
        svg = add(figure, "svg", class_="patterns", width=0, height=0, aria_hidden="true") if names else figure
        for name in names:
            turned = {"patternUnits": "userSpaceOnUse", "patternTransform": f"rotate({-45 if name == '3' else 45})"}
            pattern = add(svg, "pattern", id=f"{self.hatching}-{name}", width=6, height=6, **turned)
            add(pattern, "rect", width=6, height=6, class_="ground")
            if name == "missing":
                add(pattern, "circle", cx=3, cy=3, r=1, class_="dot")
            else:
                add(pattern, "rect", width=3, height=6, class_=f"s{name}")

    def fill(self, name: str) -> Mapping[str, str]:
        """How bars of a series are filled: the first is plain, later ones are hatched, planned ones outlined."""
        if name.isdigit() and self.series[int(name) - 1].get("planned"):
            return {"class_": f"s{name} planned"}
        if name == "1":
            return {"class_": "s1"}
        kind = "hatched missing" if name == "missing" else f"s{name} hatched"
        return {"class_": kind, "fill": f"url(#{self.hatching}-{name})"}

    def legend(self, figure: Element) -> None:
        """The names of the series beside their marks, and what hollow dots and dotted ground mean."""
        legend = Element("ul", {"class": "legend"})
        if 1 < len(self.series) <= MAX_LINES:
            for number, series in enumerate(self.series, 1):
                lang = foreign(self.spec, "source_labels")
                add(self.entry(legend, number), "span", series["label"], lang=lang)
        if any(mark.get("reported") for mark in self.marks):
            words = _("Hollow: the text states no date; drawn at the day of the report")
            add(self.entry(legend, 1, hollow=True), "span", words)
        if self.spec.get("missing"):
            add(self.entry(legend, "missing"), "span", _("Dotted: nothing was collected"))
        if len(legend):
            figure.append(legend)

    def entry(self, legend: Element, of: int | str, hollow: bool = False) -> Element:
        """An entry of the legend, with the mark of a series or of missing periods."""
        item = add(legend, "li")
        svg = add(item, "svg", width=16, height=16, aria_hidden="true")
        if self.spec["kind"] == Kind.DOTS and isinstance(of, int):
            shape(svg, "50%", 8, of, hollow)
        else:
            add(svg, "rect", x=1, y=2, width=14, height=12, **self.fill(str(of)))
        return item

    def tip(self, series: Series, mark: Mark) -> str:
        """What a mark shows, in words."""
        code = self.spec.get("unit", "")
        value = value_label(mark["value"], mark.get("high"), mark.get("approx", ""), code)
        value += "" if code or not self.unit else chosen((self.unit, f" {self.unit}"))
        stations = f"n={behind(mark)}" if "n" in mark else ""
        label = series["label"] if len(self.series) > 1 else ""
        return " · ".join(filter(None, (_at(mark), label, value, stations)))

    def head(self, table: Element) -> Element:
        """The head of a table of all series. Returns its body."""
        row = add(add(table, "thead"), "tr")
        add(row, "th", self.along, scope="col")
        unit = chosen((f"（{self.unit}）", f" ({self.unit})")) if self.unit else ""
        for series in self.series:
            words = {"scope": "col", "class_": "number", "lang": foreign(self.spec, "source_labels")}
            add(row, "th", (series["label"] or self.title) + unit, **words)
        if self.counted:
            add(row, "th", self.behind, scope="col", class_="number")
        return add(table, "tbody")

    def cells(self, row: Element, marks: Sequence[Sequence[Mark]]) -> None:
        """The numbers of a row: of each series, and of the stations behind them."""
        for of_series in marks:
            add(row, "td", _figures(of_series), class_="number")
        if self.counted:
            counts = filter(None, (behind(mark) for of_series in marks for mark in of_series))
            add(row, "td", next(counts, "—"), class_="number")

    def rows(self) -> list[list[list[Mark]]]:
        """The marks of each series for what stands along the axis: dates in order, names as they come."""
        found: dict[str, list[list[Mark]]] = {}
        for number, series in enumerate(self.series):
            for mark in series["marks"]:
                found.setdefault(_at(mark), [[] for _series in self.series])[number].append(mark)
        rows = list(found.values())
        if all(days(_first(row)["at"]) for row in rows):
            rows.sort(key=lambda row: _first(row)["at"])
        return rows[:_MAX_ROWS]

    def table(self, figure: Element) -> None:
        """The numbers of the pictures, folded."""
        details = add(figure, "details")
        add(details, "summary", _("Numbers of this chart"))
        region = add(details, "div", class_="wide", tabindex=0, role="region", aria_label=self.title)
        body = self.head(add(region, "table"))
        for marks in self.rows():
            row = add(body, "tr")
            self.name(add(row, "th", scope="row"), _first(marks))
            self.cells(row, marks)

    def name(self, head: Element, mark: Mark) -> None:
        """The date or name of a row, which leads to its page."""
        link = {"href": self.path(mark["page"])} if "page" in mark else {}
        add(head, "a" if link else "span", _at(mark), lang=foreign(self.spec, "source"), **link)

    def lying(self, figure: Element) -> None:
        """A table with a bar in each row: of the first series, or of all where they add up."""
        stacked = self.spec.get("stacked")
        longest = max([*(sums(self.spec).values() if stacked else values(self.spec)), 1e-9])
        body = self.head(add(figure, "table"))
        for marks in self.rows()[: _FEW_ROWS if self.small else None]:
            row = add(body, "tr")
            head = add(row, "th", scope="row")
            self.name(head, _first(marks))
            bars = add(head, "svg", width="100%", height=10, aria_hidden="true")
            left = 0.0
            for number, of_series in enumerate(marks if stacked else marks[:1], 1):
                share = max((mark["value"] or 0 for mark in of_series), default=0) / longest
                across = {"x": percent(left), "width": percent(share)}
                add(bars, "rect", height=10, **across, **self.fill(str(number)))
                left += share
            self.cells(row, marks)


def _first(row: Sequence[Sequence[Mark]]) -> Mark:
    return next(mark for of_series in row for mark in of_series)


def _at(mark: Mark) -> str:
    """The date or name of a mark, in words."""
    words = date_label(mark["at"])
    return _("reported on %(day)s", day=words) if mark.get("reported") else words


def _figures(marks: Sequence[Mark]) -> str:
    """What a cell says: the value without its unit, or all different ones."""
    return " ≠ ".join(dict.fromkeys(_figure(mark) for mark in marks if mark["value"] is not None)) or "—"


def _figure(mark: Mark) -> str:
    figures = "–".join(f"{value:,.12g}" for value in (mark["value"], mark.get("high")) if value is not None)
    approx = chosen(APPROX.get(mark.get("approx", ""), ("", "")))
    return chosen((approx + figures, f"{approx} {figures}".strip()))
