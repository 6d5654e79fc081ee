"""What readers report is kept as they typed it, for a year, and changes nothing."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive.decisions.reports import LONGEST, Reports, checked, forget_old_reports
from archive.decisions.reviews import ReviewError

KEY = "0" * 24


@pytest.fixture
def reports(tmp_path: Path) -> Iterator[Reports]:
    with closing(Reports(tmp_path / "reviews.db")) as opened:
        yield opened


def test_a_report_is_kept_as_typed_and_once(reports: Reports) -> None:
    for _ in range(3):
        reports.add("fact", KEY, "number", " 应为268\r\n见<b>第二段</b> ")
    reports.add("fact", KEY, "date", "应为2021年")
    assert [(one["wrong"], one["words"]) for one in reports.open()] == [
        ("number", "应为268\n见<b>第二段</b>"),
        ("date", "应为2021年"),
    ]
    assert reports.count_open() == 2 and reports.open_about("article", [KEY]) == []


def test_no_column_could_hold_who_sent_it(reports: Reports, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "reviews.db")) as connection:
        columns = {row[1] for row in connection.execute("pragma table_info(reports)")}
    assert columns == {"id", "kind", "key", "wrong", "words", "at", "outcome", "closed_by", "closed_at"}


@pytest.mark.parametrize(
    ("wrong", "words", "field"),
    [
        ("", "x", "wrong"), ("all", "x", "wrong"), ("number", "", "words"), ("number", " \n\t\u200b", "words"),
        ("number", "党" * (LONGEST + 1), "words"),
    ],
)  # fmt: skip
def test_what_is_no_report(reports: Reports, wrong: str, words: str, field: str) -> None:
    with pytest.raises(ReviewError) as refused:
        reports.add("fact", KEY, wrong, words)
    assert refused.value.field == field and reports.open() == []


def test_what_does_not_print_is_left_out() -> None:
    assert checked("other", "a\x00b\x1b[31m\u202ec\ufeff\ud800d") == "a b [31m c  d"
    assert len(checked("other", "党" * LONGEST)) == LONGEST


def test_too_many_are_refused(reports: Reports, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archive.decisions.reports._MAX_OF_ONE", 2)
    monkeypatch.setattr("archive.decisions.reports._MAX_OPEN", 3)
    for key, words in ((KEY, "一"), (KEY, "二"), ("1" * 24, "一")):
        reports.add("fact", key, "other", words)
    for key in (KEY, "2" * 24):
        with pytest.raises(ReviewError, match="太多"):
            reports.add("fact", key, "other", "三")
    reports.decide(1, "known", "甲")
    reports.add("fact", KEY, "other", "三")


def test_an_editor_closes_one_and_opens_it_again(reports: Reports) -> None:
    reports.add("article", KEY, "other", "标题有错字")
    reports.decide(1, "accepted", "甲")
    (closed,) = reports.closed(10)
    assert (closed["outcome"], closed["closed_by"]) == ("accepted", "甲") and reports.open() == []
    reports.decide(1, "", "乙")
    assert reports.count_open() == 1 and reports.closed(10) == []
    for number, outcome in ((2, "known"), (1, "burn")):
        with pytest.raises(ReviewError):
            reports.decide(number, outcome, "甲")


def test_reports_are_deleted_after_a_year(tmp_path: Path) -> None:
    path = tmp_path / "reviews.db"
    forget_old_reports(path)
    assert not path.exists()  # it is nobody's task to make it
    with closing(Reports(path)) as reports:
        reports.add("fact", KEY, "other", "秘密的话")
        reports.add("fact", KEY, "number", "昨天的话")
        now = datetime.now(UTC)
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(
                "update reports set at = ?, outcome = 'known' where id = 1", [(now - timedelta(days=366)).isoformat()]
            )
        reports.decide(2, "known", "甲")
    forget_old_reports(path)
    with closing(Reports(path)) as reports:
        assert [one["words"] for one in reports.closed(10)] == ["昨天的话"]
    assert "秘密的话".encode() not in path.read_bytes()
