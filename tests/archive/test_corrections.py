"""What can be a correction: numbers as people write them, dates of the calendar, ranges that go upwards."""

import pytest

from archive.decisions.corrections import ReviewError, check, written_number

SAID = {"type": "party_members", "value": 30, "value_high": None}


@pytest.mark.parametrize(
    ("written", "value"),
    [("36", 36), (" 1,860 ", 1860), ("３６", 36), ("1，860．5", 1860.5), ("+7", 7), ("0", 0), ("-5", -5)],
)
def test_numbers_as_people_write_them(written: str, value: float) -> None:
    assert written_number(written) == value


@pytest.mark.parametrize(
    "written", ["", "abc", "nan", "inf", "1e400", "1_000", "0x10", "3000万", "36人", "1,00", "٣٦", "三十六", "1.", "²"]
)
def test_what_is_no_number(written: str) -> None:
    with pytest.raises(ReviewError, match="请只填数字"):
        written_number(written)


@pytest.mark.parametrize("value", [-1, float("nan"), float("inf"), 1e15])
def test_numbers_that_no_fact_has(value: float) -> None:
    for name in ("value", "value_high"):
        with pytest.raises(ReviewError, match="超出范围"):
            check({name: value}, SAID)


@pytest.mark.parametrize("date", ["2021-06-30", "2021-06", "2021", "--06-30", "--06", "2024-02-29", "--02-29"])
def test_dates(date: str) -> None:
    check({"date": date}, SAID)


@pytest.mark.parametrize(
    "date",
    [
        "zzz",
        "2021-13",
        "2021-02-29",
        "2021-06-31",
        "--",
        "-",
        "-06-30",
        "21-06-30",
        "2021/06/30",
        "2021-00",
        "2021-6-3",
    ],
)
def test_what_is_no_date(date: str) -> None:
    with pytest.raises(ReviewError, match="不是日期"):
        check({"date": date}, SAID)


def test_ranges_go_upwards() -> None:
    check({"value_high": 40}, SAID)
    check({"value": 40, "value_high": 40}, SAID)
    for corrected, message in (
        ({"value_high": 20}, SAID),
        ({"value": 50}, SAID | {"value_high": 40}),
        ({"value_high": 2}, SAID | {"value": None}),
    ):
        with pytest.raises(ReviewError, match="上限"):
            check(corrected, message)


def test_a_type_that_has_a_date_has_no_number() -> None:
    with pytest.raises(ReviewError, match="只有日期"):
        check({"value": 2021}, {"type": "opened_on", "value": None, "value_high": None})
    with pytest.raises(ReviewError, match="只有日期"):
        check({"value": 2021, "type": "opened_on"}, SAID)
    with pytest.raises(ReviewError, match="没有“zzz”"):
        check({"type": "zzz"}, SAID)
