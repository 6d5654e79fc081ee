"""What readers report as wrong, in the database of decisions.

A report is a row for an editor to look at; it changes no fact. It holds what was typed and nothing about who typed it, and is
deleted a year after it came.
"""

from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TypedDict, cast

from archive.decisions.corrections import ReviewError
from archive.model import AddressKind
from archive.sql.migrations import open_reviews
from archive.sql.rows import rows

LONGEST = 1000  # characters of a report
KINDS = (AddressKind.FACT, AddressKind.ARTICLE)  # what can be reported
KEPT = timedelta(days=365)
_MAX_OPEN = 2000  # reports that wait; more are refused, whatever addresses they come from
_MAX_OF_ONE = 50  # open reports about one fact or article


class Wrong(StrEnum):
    """What a reader says is wrong."""

    NUMBER = "number"
    SUBJECT = "subject"
    DATE = "date"
    OTHER = "other"


class Outcome(StrEnum):
    """What an editor found: it is wrong, it is not, or it was known already."""

    ACCEPTED = "accepted"
    NOT_SO = "not_so"
    KNOWN = "known"


class TooManyReports(ReviewError):
    """The sender has sent as many reports as an hour allows."""


class Report(TypedDict):
    """A report about the fact or article with a key. `outcome` is empty while it is open. Times are UTC, ISO 8601."""

    id: int
    kind: str
    key: str
    wrong: str
    words: str
    at: str
    outcome: str
    closed_by: str | None
    closed_at: str | None


class Reports:
    """The reports of one archive. Raises ArchiveError where a newer version wrote the file."""

    def __init__(self, path: Path) -> None:
        self._connection = open_reviews(path)

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    def add(
        self, kind: str, key: str, wrong: str, words: str, sender: Callable[[str], str] | None = None, most: int = 5
    ) -> None:
        """Keep a report; one that is open already is kept once.

        Args:
            kind: an AddressKind, of those that can be reported.
            key: the key of a fact or article that is published.
            wrong: a Wrong.
            words: what it should be.
            sender: returns what identifies the sender within an hour (UTC, such as 2024-05-06T07); None: senders are not counted.
            most: reports an hour that one sender may send.

        Raises:
            TooManyReports: the sender has to wait for the next hour.
            ReviewError: a field is wrong, or too many reports are open.
        """
        words = checked(wrong, words)
        report = [kind, key, wrong, words]
        if self._count("kind = ? and key = ? and wrong = ? and words = ?", report):
            return
        if self._count() >= _MAX_OPEN or self._count("kind = ? and key = ?", report[:2]) >= _MAX_OF_ONE:
            raise ReviewError(
                "等待处理的报告太多，请过几天再来。", "Too many reports are waiting. Come back in a few days."
            )
        if sender:
            self._count_sender(sender, most)
        self._connection.execute(
            "insert into reports (kind, key, wrong, words, at) values (?, ?, ?, ?, ?)", [*report, _now()]
        )

    def open(self, limit: int = _MAX_OPEN) -> list[Report]:
        """Returns the reports that wait for an editor, the oldest first."""
        found = rows(self._connection, "select * from reports where outcome = '' order by id limit ?", limit)
        return cast(list[Report], found)

    def open_about(self, kind: str, keys: Iterable[str]) -> list[Report]:
        """Returns the open reports about what has one of these keys, the oldest first."""
        wanted = set(keys)
        return [report for report in self.open() if report["kind"] == kind and report["key"] in wanted]

    def closed(self, limit: int) -> list[Report]:
        """Returns the reports that were closed last, the newest first."""
        found = rows(
            self._connection,
            "select * from reports where outcome != '' order by closed_at desc, id desc limit ?",
            limit,
        )
        return cast(list[Report], found)

    def count_open(self) -> int:
        """Returns how many reports wait for an editor."""
        return self._count()

    def decide(self, number: int, outcome: str, by: str) -> None:
        """Close a report with an Outcome, or open it again (`outcome` is empty). Raises ReviewError if there is no such report,
        or no such outcome."""
        if outcome not in ["", *Outcome]:
            raise ReviewError(f"没有{outcome!r}这种结论。", f"There is no outcome {outcome!r}.")
        closed = [by, _now()] if outcome else [None, None]
        cursor = self._connection.execute(
            "update reports set outcome = ?, closed_by = ?, closed_at = ? where id = ?", [outcome, *closed, number]
        )
        if cursor.rowcount == 0:
            raise ReviewError(f"没有第{number}号报告。", f"There is no report {number}.")

    def forget(self, now: datetime) -> int:
        """Delete, with what their bytes were, the reports that came more than a year before now; returns how many."""
        self._connection.execute("pragma secure_delete = on")
        before = (now - KEPT).strftime("%Y-%m-%dT%H:%M:%SZ")
        self._connection.execute("delete from report_counts where hour != ?", [f"{now:%Y-%m-%dT%H}"])
        return self._connection.execute("delete from reports where at < ?", [before]).rowcount

    def _count_sender(self, sender: Callable[[str], str], most: int) -> None:
        """Count a report of this hour. Raises TooManyReports. All processes of a site count here."""
        hour = _now()[:13]
        one = sender(hour)
        before = "select 1 from report_counts where hour = ? and sender = ? and reports >= ?"
        add = "insert into report_counts values (?, ?, 1) on conflict do update set reports = reports + 1 where reports < ?"
        # Who is refused writes nothing, and so waits for nobody and stops nobody.
        refused = self._connection.execute(before, [hour, one, most]).fetchone()
        if refused or not self._connection.execute(add, [hour, one, most]).rowcount:
            raise TooManyReports(
                f"每小时最多{most}份报告，请下个小时再发。",
                f"At most {most} reports an hour. Send this one in the next hour.",
            )
        self._connection.execute("delete from report_counts where hour != ?", [hour])

    def _count(self, where: str = "1", given: Iterable[str] = ()) -> int:
        """How many open reports fulfil a condition."""
        sql = f"select count(*) from reports where outcome = '' and {where}"
        return int(self._connection.execute(sql, list(given)).fetchone()[0])


def checked(wrong: str, words: str) -> str:
    """The words of a report as they are kept: without what does not print, such as controls and marks that turn the direction.
    Raises ReviewError where a field is missing or too long."""
    if wrong not in [*Wrong]:
        raise ReviewError("请选择哪里不对。", "Choose what is wrong.", "wrong")
    lines = words.replace("\r\n", "\n").split("\n")
    written = "\n".join("".join(c if c.isprintable() else " " for c in line).strip() for line in lines).strip()
    if not written:
        raise ReviewError("请写明应当是什么。", "Say what it should be.", "words")
    if len(written) > LONGEST:
        raise ReviewError(
            f"最多{LONGEST}字，现有{len(written)}字。",
            f"At most {LONGEST:,} characters; there are {len(written):,}.",
            "words",
        )
    return written


def forget_old_reports(reviews: Path) -> None:
    """Delete the reports that are more than a year old, in a file of decisions; where there is no file, nothing."""
    if reviews.exists():
        with closing(Reports(reviews)) as reports:
            reports.forget(datetime.now(UTC))


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
