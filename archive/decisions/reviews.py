"""Reviews: what people decide about facts and stations, in a database of their own.

Its tables are those of archive/sql/migrations/reviews. Each decision is a row that is never changed: a later one counts
instead, one that is undone says when. A review is keyed to the evidence (address, type, subject, quote, value), so that it
survives a re-reading; where the evidence is no longer there, the fact is put up for review again with the fact as it was before.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import cast

from archive.decisions.corrections import ReviewError, check
from archive.decisions.records import (
    Accuracy,
    Attached,
    Decision,
    PublishedName,
    Review,
    ReviewedFact,
    StationDecision,
    StationDecisionRow,
    Takedown,
    TakedownKind,
    TakedownRow,
    TakenDownKey,
)
from archive.sql.migrations import open_reviews
from archive.sql.rows import rows
from archive.stations.evidence import Statement, matched
from archive.stations.identity import Decisions


class Reviews:
    """The database of decisions of one archive. Raises ArchiveError where a newer version wrote it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection = open_reviews(path)

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    def decide(
        self,
        archive: sqlite3.Connection,
        fact_id: int,
        decision: str,
        by: str,
        *,
        corrected: Mapping[str, object] | None = None,
        note: str = "",
    ) -> int:
        """Record a decision about a fact.

        Args:
            archive: the database of the archive.
            fact_id: the number of the fact.
            decision: a Decision.
            by: the name of who decides.
            corrected: the corrected fields, if the decision is to correct it.
            note: a note for people.

        Returns:
            The number of the review.

        Raises:
            ReviewError: there is no such fact, or the decision cannot be taken.
        """
        found = statement(archive, "facts", fact_id)
        if found is None:
            raise ReviewError(f"没有编号为{fact_id}的事实。", f"There is no fact {fact_id}.")
        return self.record(found, decision, by, corrected=corrected, note=note)

    def record(
        self,
        fact: Mapping[str, object],
        decision: str,
        by: str,
        *,
        corrected: Mapping[str, object] | None = None,
        note: str = "",
    ) -> int:
        """Record a decision about a fact or candidate: its row, with its evidence and the `url` of its article. As `decide`."""
        if decision not in [*Decision]:
            raise ReviewError(
                f"决定须为{'、'.join(Decision)}之一，不能是{decision!r}。",
                f"A decision is one of {', '.join(Decision)}, not {decision!r}.",
            )
        if not by.strip():
            raise ReviewError("决定须有决定人的名字。", "A decision needs the name of who takes it.")
        fixed = _checked(corrected or {}, decision, fact)
        words = _json({name: fact[name] for name in ReviewedFact.__annotations__})
        cursor = self._connection.execute(
            "insert into reviews (evidence, said, decision, corrected, note, by, at) values (?, ?, ?, ?, ?, ?, ?)",
            [fact["evidence"], words, decision, _json(fixed), note.strip(), by.strip(), _now()],
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def undo(self, review_id: int, by: str) -> None:
        """Take a decision back, in the name of `by`; the row stays. Raises ReviewError where there is none to take back."""
        self._undo("reviews", review_id, by)

    def history(self, evidence: str = "") -> list[Review]:
        """Returns all decisions, undone ones included, oldest first; about one fact, or about all (`evidence` is empty)."""
        where = "where evidence = ?" if evidence else ""
        return [
            _review(row)
            for row in self._connection.execute(
                f"select * from reviews {where} order by id", [evidence] if evidence else []
            )
        ]

    def standing(self) -> dict[str, Review]:
        """Returns the decisions that count, by the evidence of their facts: of each fact the last that is not undone and no
        mere note."""
        rows = self._connection.execute(
            "select * from reviews where undone_at is null and decision != 'note' order by id"
        )
        return {review.evidence: review for review in map(_review, rows)}

    def attached(self, archive: sqlite3.Connection) -> Attached:
        """Find what the decisions that count are about now.

        A decision goes with its evidence; with what took its place, where that says the same number; else with a
        statement of the same article, type and number whose quote overlaps.
        """
        attached: dict[str, Review] = {}
        is_open: list[Review] = []
        gone: list[Review] = []
        loose: dict[str, list[Review]] = {}
        for review in sorted(self.standing().values(), key=lambda review: review.id):
            found = _rows_of(archive, "evidence = ?", review.evidence)
            if found:
                attached[review.evidence] = review
            (is_open if found and not found[0]["current"] else [] if found else gone).append(review)
        for review in gone:
            found = [row for row in _in_place_of(archive, review) if row["evidence"] not in attached]
            if found:
                attached[str(found[0]["evidence"])] = review
            else:
                loose.setdefault(review.fact["url"], []).append(review)
        for url, reviews in loose.items():
            there = [
                Statement.of(row, key=row["evidence"])
                for row in _rows_of(archive, "current and article_id = (select id from articles where url = ?)", url)
                if row["evidence"] not in attached
            ]
            text = archive.execute("select text from articles where url = ?", [url]).fetchone()
            known = [Statement.of(review.fact, key=review.evidence) for review in reviews]
            kept = matched(there, known, {one.revision: text[0] for one in there})
            by_key = {review.evidence: review for review in reviews}
            for number, one in kept.items():
                attached[there[number].key] = by_key.pop(one.key)
            is_open += by_key.values()
        return Attached(attached, sorted(is_open, key=lambda review: review.id))

    def statements(self, url: str, known: set[str]) -> list[Statement]:
        """Returns the facts of an article as they were when people decided about them, without those whose keys are `known`.
        Decisions after the first call do not count."""
        return [one for one in self._reviewed_facts.get(url, ()) if one.key not in known]

    @cached_property
    def _reviewed_facts(self) -> dict[str, list[Statement]]:
        found: dict[str, dict[str, Statement]] = {}
        for review in self.history():
            one = Statement.of(review.fact, key=review.evidence)
            found.setdefault(review.fact["url"], {})[review.evidence] = one
        return {url: list(of_url.values()) for url, of_url in found.items()}

    def accuracy(self) -> dict[str, Accuracy]:
        """How often the extractor was right, by fact type."""
        counts: dict[str, Accuracy] = {}
        for review in self.standing().values():
            confirmed, reviewed = counts.get(review.fact["type"], (0, 0))
            counts[review.fact["type"]] = Accuracy(confirmed + (review.decision == Decision.CONFIRM), reviewed + 1)
        return counts

    def find(self, review_id: int) -> Review | None:
        """Returns a decision, undone or not; None if there is no such review."""
        row = self._connection.execute("select * from reviews where id = ?", [review_id]).fetchone()
        return _review(row) if row else None

    def latest(self, limit: int, by: str = "") -> list[Review]:
        """Returns the last decisions, the newest first; by one person, or by all (`by` is empty)."""
        where, given = ("where by = ?", [by]) if by else ("", [])
        return [
            _review(row)
            for row in self._connection.execute(
                f"select * from reviews {where} order by id desc limit ?", [*given, limit]
            )
        ]

    def skip(self, evidence: str, by: str) -> None:
        """Remember that somebody would rather look at this fact later."""
        self._connection.execute("insert or replace into skips values (?, ?, ?)", [evidence, by, _now()])

    def skipped(self, by: str) -> set[str]:
        """Returns the evidence of what somebody skipped."""
        return {key for (key,) in self._connection.execute("select evidence from skips where by = ?", [by])}

    def visit(self, by: str, at: str, pause: float = 1800) -> str:
        """Record that somebody looks at the desk now (UTC, ISO); returns when the visit before this one was, '' at the first.

        Looks less than `pause` seconds apart are one visit.
        """
        row = self._connection.execute("select at, before from visits where by = ?", [by]).fetchone()
        last, before = row or ("", "")
        if last and (datetime.fromisoformat(at) - datetime.fromisoformat(last)).total_seconds() >= pause:
            before = last
        self._connection.execute("insert or replace into visits values (?, ?, ?)", [by, at, before])
        return str(before)

    # Takedowns

    def take_down(self, kind: str, value: str, by: str, reason: str) -> int:
        """Add an entry to the list of takedowns.

        Args:
            kind: a TakedownKind.
            value: the address of the article, or the name.
            by: the name of who decides it.
            reason: the reason, for the list.

        Returns:
            The number of the entry.

        Raises:
            ReviewError: a field is wrong or missing.
        """
        if kind not in [*TakedownKind]:
            raise ReviewError(
                f"可以撤下的是报道或名字，不是{kind!r}。",
                f"An article or a name can be taken down, not {kind!r}.",
                "kind",
            )
        if not by.strip() or not reason.strip():
            raise ReviewError(
                "撤下须有理由和决定人的名字。", "A takedown needs a reason and the name of who decides it.", "reason"
            )
        if len(value.strip()) < 2:
            raise ReviewError(
                "一个字不是名字：半个档案都会被涂黑。",
                "One character names nothing: it would black out half the archive.",
                "value",
            )
        cursor = self._connection.execute(
            "insert into takedowns (kind, value, reason, by, at) values (?, ?, ?, ?, ?)",
            [kind, value.strip(), reason.strip(), by.strip(), _now()],
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def undo_takedown(self, number: int, by: str) -> None:
        """Take an entry back, in the name of `by`: at the next publication it is there again. Raises ReviewError if there is none
        to take back."""
        self._undo("takedowns", number, by)

    def takedowns(self) -> list[Takedown]:
        """Returns what is not to be published, longer names first."""
        found = self._connection.execute("select distinct kind, value from takedowns where undone_at is null")
        listed = [Takedown(TakedownKind(kind), value) for kind, value in found]
        return sorted(listed, key=lambda one: (one.kind, -len(one.value), one.value))

    def takedowns_in_force(self) -> set[int]:
        """Returns the numbers of the entries that are not taken back."""
        return {number for (number,) in self._connection.execute("select id from takedowns where undone_at is null")}

    def takedown_list(self) -> list[TakedownRow]:
        """Returns every entry, undone ones included, oldest first."""
        return cast(list[TakedownRow], rows(self._connection, "select * from takedowns order by id"))

    # Stations

    def decide_stations(self, kind: str, one_name: str, other_name: str, by: str, reason: str) -> int:
        """Record that two names are one station, or are not.

        Args:
            kind: a StationDecision.
            one_name: the key of a name.
            other_name: the key of another name.
            by: the name of who decides.
            reason: the reason.

        Returns:
            The number of the decision.

        Raises:
            ReviewError: a field is wrong or missing.
        """
        if kind not in [*StationDecision]:
            raise ReviewError(
                f"两个名称或是同一站点，或不是，不能是{kind!r}。", f"Names are the same or different, not {kind!r}."
            )
        if one_name == other_name:
            raise ReviewError("这是一个名称，不是两个。", "That is one name, not two.")
        if not by.strip() or not reason.strip():
            raise ReviewError(
                "关于站点的决定须有理由和决定人的名字。",
                "A decision about stations needs a reason and the name of who takes it.",
                "reason",
            )
        cursor = self._connection.execute(
            "insert into station_decisions (kind, one_name, other_name, reason, by, at) values (?, ?, ?, ?, ?, ?)",
            [kind, *sorted((one_name, other_name)), reason.strip(), by.strip(), _now()],
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def undo_stations(self, decision_id: int, by: str) -> None:
        """Take a decision about stations back, in the name of `by`. Raises ReviewError if there is none to take back."""
        self._undo("station_decisions", decision_id, by)

    def station_decision(self, number: int) -> StationDecisionRow | None:
        """Returns a decision about stations, undone or not; None if there is no such decision."""
        found = rows(self._connection, "select * from station_decisions where id = ?", number)
        return cast(StationDecisionRow, found[0]) if found else None

    def station_decision_list(self, limit: int = 200) -> list[StationDecisionRow]:
        """Returns the last decisions about stations, undone ones included, the newest first."""
        found = rows(self._connection, "select * from station_decisions order by id desc limit ?", limit)
        return cast(list[StationDecisionRow], found)

    def station_decisions(self) -> Decisions:
        """Returns the pairs that count: of two decisions about one pair, the later."""
        latest: dict[tuple[str, str], str] = {}
        for kind, one, other in self._connection.execute(
            "select kind, one_name, other_name from station_decisions where undone_at is null order by id"
        ):
            latest[one, other] = kind
        return Decisions(
            frozenset(pair for pair, kind in latest.items() if kind == StationDecision.SAME),
            frozenset(pair for pair, kind in latest.items() if kind == StationDecision.DIFFERENT),
        )

    def decided_names(self) -> set[str]:
        """Returns the keys of all names that any decision has been about, those taken back included."""
        rows = self._connection.execute("select one_name, other_name from station_decisions")
        return {key for pair in rows for key in pair}

    # Keys: see archive/publishing/keys.py

    def remember_station_names(self, published: Iterable[PublishedName]) -> None:
        """Keep the keys of the names that stations are published with."""
        self._write("insert or ignore into station_names values (?, ?)", published)

    def station_names(self) -> dict[str, list[str]]:
        """Returns the keys of all names that stations were ever published with, by the keys of the stations."""
        found: dict[str, list[str]] = {}
        for key, name in self._connection.execute("select key, name from station_names order by key, name"):
            found.setdefault(key, []).append(name)
        return found

    def remember_taken_down(self, gone: Iterable[TakenDownKey]) -> None:
        """Keep the keys of what was taken down, with the present moment where a key is new."""
        at = _now()
        self._write("insert or ignore into taken_down values (?, ?, ?)", ((kind, key, at) for kind, key in gone))

    def taken_down_keys(self) -> list[tuple[str, str, str]]:
        """Returns the keys of all that was ever taken down: kind, key, and when (UTC, ISO 8601; '' where an earlier version did it)."""
        return self._connection.execute("select kind, key, at from taken_down order by kind, key").fetchall()

    def forget_taken_down(self, back: Iterable[TakenDownKey]) -> None:
        """Forget the keys of what is published again."""
        self._write("delete from taken_down where kind = ? and key = ?", back)

    def _write(self, sql: str, rows: Iterable[tuple[str, ...]]) -> None:
        self._connection.execute("begin immediate")
        try:
            self._connection.executemany(sql, rows)
        except BaseException:
            self._connection.rollback()
            raise
        self._connection.commit()

    def _undo(self, table: str, number: int, by: str) -> None:
        if not by.strip():
            raise ReviewError("撤销须有撤销人的名字。", "An undo needs the name of who does it (--by).")
        cursor = self._connection.execute(
            f"update {table} set undone_at = ?, undone_by = ? where id = ? and undone_at is null",
            [_now(), by.strip(), number],
        )
        if cursor.rowcount == 0:
            raise ReviewError(f"没有可以撤销的第{number}号决定。", f"There is no decision {number} to take back.")


def statement(archive: sqlite3.Connection, table: str, number: int) -> dict[str, object] | None:
    """Returns a row of `facts` or `candidates` as it was read, with its article's address; None if there is no such row."""
    found = rows(
        archive,
        f"select {table}.*, url from {table} join articles on articles.id = article_id where {table}.id = ?",
        number,
    )
    return found[0] | json.loads(found[0].get("extracted") or "{}") if found else None


def _rows_of(archive: sqlite3.Connection, where: str, given: object) -> list[dict[str, object]]:
    return [
        row for table in ("facts", "candidates") for row in rows(archive, f"select * from {table} where {where}", given)
    ]


def _in_place_of(archive: sqlite3.Connection, review: Review) -> list[dict[str, object]]:
    """The fact that is read in place of the one that was reviewed, if it says the same number."""
    reviewed = Statement.of(review.fact)
    found = _rows_of(archive, "evidence = (select successor from former_facts where key = ?)", review.evidence)
    return [row for row in found if Statement.of(row).number() == reviewed.number()]


def _checked(corrected: Mapping[str, object], decision: str, fact: Mapping[str, object]) -> Mapping[str, object]:
    if (decision == Decision.CORRECT) != bool(corrected):
        raise ReviewError(
            "更正须至少填一项；其他决定不能带更正。",
            "Only a correction goes with corrected fields, and it needs at least one.",
        )
    check(corrected, fact)
    return corrected


def _review(row: tuple[object, ...]) -> Review:
    number, evidence, fact, decision, corrected, note, by, at, undone, undone_by = row
    return Review(
        int(str(number)), str(evidence), json.loads(str(fact)), Decision(str(decision)), json.loads(str(corrected)), str(note), str(by), str(at),
        None if undone is None else str(undone), None if undone_by is None else str(undone_by),
    )  # fmt: skip


def as_row(review: Review) -> dict[str, object]:
    """A review as plain data, for people to read."""
    return asdict(review)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
