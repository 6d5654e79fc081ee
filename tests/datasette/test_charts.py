"""Charts: where marks lie, what is written beside them, and that words of articles are escaped."""

from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from archive.language import LANGUAGE, Language
from archive.site.chart import Chart, Mark, Series
from server.charts import chart
from server.scales import amounts, days, periods, written


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    token = LANGUAGE.set(Language.EN)
    yield
    LANGUAGE.reset(token)


def mark(at: str, value: float | None, **more: Any) -> Mark:
    return {"at": at, "value": value, **more}  # type: ignore[typeddict-item]


def of(kind: str, *marks: Mark, **more: Any) -> Chart:
    return {"kind": kind, "series": [{"label": "", "marks": list(marks)}], **more}  # type: ignore[typeddict-item]


def drawn(spec: Chart, **named: Any) -> ET.Element:
    return ET.fromstring(f"<x>{chart(spec, 'Members', **named)}</x>")


def classed(root: ET.Element, name: str) -> list[ET.Element]:
    return [one for one in root.iter() if name in one.get("class", "").split()]


def texts(root: ET.Element, name: str) -> list[str | None]:
    return [one.text for one in classed(root, name)]


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([1], [0, 1]),
        ([3], [0, 1, 2, 3]),
        ([286], [0, 100, 200, 300]),
        ([0.5], [0, 0.2, 0.4, 0.6]),
        ([0], [0, 1]),
        ([], [0, 1]),
        ([26_000_000], [0, 10_000_000, 20_000_000, 30_000_000]),
    ],
)
def test_ticks_are_whole_where_the_values_are(values: list[float], ticks: list[float]) -> None:
    assert amounts(values).ticks == pytest.approx(ticks)


@pytest.mark.parametrize(
    ("language", "words"), [(Language.ZH, ["0", "1,000", "2,000", "3,000"]), (Language.EN, ["0", "10", "20", "30"])]
)
def test_large_amounts_are_written_in_one_size(language: Language, words: list[str]) -> None:
    LANGUAGE.set(language)
    axis = amounts([26_000_000])
    assert [axis.label(tick) for tick in axis.ticks] == words
    assert axis.word == {Language.ZH: "万", Language.EN: "million"}[language]


def test_periods_between_are_kept_and_names_stay_as_they_come() -> None:
    assert periods(["2020-11", "2021-02"]) == ["2020-11", "2020-12", "2021-01", "2021-02"]
    assert periods(["2019", "2017"]) == ["2017", "2018", "2019"]
    assert periods(["b", "2019", "a", "b"]) == ["b", "2019", "a"]
    assert len(periods(["0001-01", "9999-12"])) == 120


@pytest.mark.parametrize("at", ["2021-02-30", "--06-30", "0000", "2021-13", "x", ""])
def test_what_is_no_date(at: str) -> None:
    assert days(at) is None


@pytest.mark.parametrize("count", [1, 7, 12, 36, 120])
def test_names_of_a_phone_are_written_on_wide_screens_too(count: int) -> None:
    narrow, wide = written([f"{2000 + number // 12}-{number % 12 + 1:02}" for number in range(count)])
    assert narrow <= wide
    assert 0 < len(narrow) <= 5


def test_missing_months_have_no_bar_and_dotted_ground() -> None:
    root = drawn(of("bars", mark("2020-01", 2), mark("2020-04", 1), missing=["2020-02"]))
    bars = [one for one in root.iter("rect") if one.get("class") == "s1"]
    assert len(bars) == 2
    [ground] = [one for one in root.iter("rect") if "missing" in one.get("class", "") and one.find("title") is not None]
    assert ground.findtext("title") == "February 2020: nothing was collected"
    [dotted] = [one for one in root.iter("pattern") if f"url(#{one.get('id')})" == ground.get("fill")]
    assert dotted.find("circle") is not None  # later series are hatched


def test_bars_that_add_up_stand_on_each_other() -> None:
    both: list[Series] = [{"label": "a", "marks": [mark("2020", 3)]}, {"label": "b", "marks": [mark("2020", 1)]}]
    bars = [
        one
        for one in drawn({"kind": "bars", "series": both, "stacked": True}).iter("rect")
        if one.find("title") is not None
    ]
    assert [float(bar.get("height", "")) for bar in bars] == [132, 44]
    assert float(bars[1].get("y", "")) + 44 == float(bars[0].get("y", ""))


def test_lying_bars_that_add_up_have_a_legend() -> None:
    both: list[Series] = [{"label": "a", "marks": [mark("x", 3)]}, {"label": "b", "marks": [mark("x", 1)]}]
    (legend,) = classed(drawn({"kind": "lying", "series": both, "stacked": True}), "legend")
    assert [one.text for one in legend.iter("span")] == ["a", "b"]
    assert not classed(drawn({"kind": "lying", "series": both}), "legend")  # only the first is drawn


def test_a_line_joins_only_known_neighbours_that_are_close() -> None:
    def joined(*marks: Mark) -> int:
        return len(classed(drawn(of("dots", *marks, joined=True)), "join"))

    assert joined(mark("2020-01-01", 1), mark("2021-06-01", 2)) == 1
    assert joined(mark("2020-01-01", 1), mark("2022-06-01", 2)) == 0  # too far apart
    assert joined(mark("2020-01-01", 1), mark("2020-06-01", None), mark("2021-01-01", 2)) == 0
    assert joined(mark("2020-01-01", 1), mark("2021-01-01", 2, reported=True)) == 0
    assert joined(mark("2020-01-01", 1), mark("2021-01-01", 2), mark("2021-01-01", 3)) == 0  # which of the two?


def test_time_is_to_scale() -> None:
    marks = (mark("2020-01-01", 1), mark("2021-01-01", 2), mark("2023-01-02", 3))
    places = [float(one.get("x", "").removesuffix("%")) for one in classed(drawn(of("dots", *marks)), "mark")]
    assert (places[2] - places[1]) / (places[1] - places[0]) == pytest.approx(2, abs=0.01)


def test_dots_are_hollow_where_the_date_is_that_of_the_report() -> None:
    root = drawn(of("dots", mark("2020-01-01", 1), mark("2021-01-01", 2, reported=True)))
    [hollow] = [one for one in classed(root, "hollow") if one.find("title") is not None]
    assert hollow.findtext("title") == "reported on 1 January 2021 · 2"
    assert len(classed(drawn(of("dots", mark("2020-01-01", 1))), "hollow")) == 0


def test_different_values_of_one_date() -> None:
    root = drawn(of("dots", mark("2020-01-01", 286), mark("2020-01-01", 268)))
    assert len(classed(root, "disagreement")) == 1
    assert "286 ≠ 268" in texts(root, "number")


def test_ranges_and_approximations() -> None:
    root = drawn(of("dots", mark("2020", 10, high=20), mark("2021-01-01", 5, approx="more_than"), unit="person"))
    assert len(classed(root, "whisker")) == len(classed(root, "year")) == len(classed(root, "sign")) == 1
    assert [one.findtext("title") for one in classed(root, "mark")] == [
        "2020 · 10–20 people",
        "1 January 2021 · more than 5 people",
    ]


def test_the_stations_behind_each_point_are_counted() -> None:
    root = drawn(of("bars", mark("2020", 5, n=3, of=9), mark("2022", 6, n=4, of=9)))
    assert texts(root, "n") == ["n=3/9", "n=4/9"]
    assert [one.text for one in root.iter("td")] == ["5", "3/9", "6", "4/9"]


def test_more_than_six_lines_become_small_charts_on_one_axis() -> None:
    lines: list[Series] = [
        {"label": f"s{n}", "marks": [mark("2020-01-01", n), mark("2021-01-01", 9)]} for n in range(7)
    ]
    root = drawn({"kind": "dots", "series": lines})
    assert texts(root, "name") == [f"s{n}" for n in range(7)]
    pictures = [texts(one, "amount") for one in classed(root, "plot")]
    assert pictures == [pictures[0]] * 7
    assert len(classed(drawn({"kind": "dots", "series": lines[:6]}), "plot")) == 1


def test_lying_bars_are_a_table() -> None:
    root = drawn(
        of("lying", mark("岳塘区", 430, page="/place/1"), mark("雨湖区", 215), unit="person", source=True),
        along="Place",
        path="/base{}".format,
    )
    assert [one.get("width") for one in root.iter("rect")] == ["100%", "50%"]
    assert [one.text for one in root.iter("th")][:2] == ["Place", "Members (people)"]
    [link] = root.iter("a")
    assert (link.text, link.get("href"), link.get("lang")) == ("岳塘区", "/base/place/1", "zh-Hans")


def test_pictures_have_words_for_those_who_do_not_see_them() -> None:
    [svg] = [one for one in drawn(of("bars", mark("2020", 1)), finding="One.").iter("svg") if one.get("role") == "img"]
    assert (svg.findtext("title"), svg.findtext("desc")) == ("Members", "One.")


def test_bars_lead_to_what_they_count() -> None:
    spec = of("bars", mark("2020", 1, page="/articles?since=2020&until=2020"), mark("2021", 2))
    root = drawn(spec, path="/base{}".format)
    [bar, row] = root.iter("a")
    assert bar.get("href") == row.get("href") == "/base/articles?since=2020&until=2020"
    assert (bar.get("tabindex"), row.text) == ("-1", "2020")  # the picture is hidden from keyboards
    assert not [one for one in root.iter("svg") if one.get("role") == "img"]


def test_hostile_words_are_escaped_and_colours_are_classes() -> None:
    hostile = "</svg><script>alert(1)</script>\"'&"
    for kind in ("bars", "lying", "dots"):
        spec: Chart = {"kind": kind, "series": [{"label": hostile, "marks": [mark("2020", 1), mark(hostile, 2)]}] * 2}
        html = chart(spec, hostile, finding=hostile)
        assert "<script" not in html
        assert "style=" not in html


def test_nothing_to_draw() -> None:
    assert chart(of("dots"), "Members") == ""
    assert chart(of("bars", mark("2020", None)), "Members") == ""
    assert 'class="plot"' in chart(of("dots", mark("--06-30", 1)), "Members")  # the table still has it


def test_many_marks_are_bounded() -> None:
    marks = [mark(f"name {number}", 1) for number in range(5000)]
    assert len(chart(of("lying", *marks), "Members")) < 200_000
