"""The questions that are answered in every snapshot; declared in questions.toml."""

import dataclasses
import json
import sqlite3
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NotRequired, TypedDict

from archive import plugins
from archive.sql.rows import count, rows

DRAWN = 30  # rows that a chart draws


class Words(TypedDict):
    """Words in both languages."""

    zh: str
    en: str


class SeriesWords(Words):
    """The name of a series of a chart."""

    planned: NotRequired[bool]


class Drawing(TypedDict):
    """How an answer is drawn (see questions.toml)."""

    title: Words
    kind: str
    sql: str
    series: list[SeriesWords]
    along: str
    note: NotRequired[Words]
    unit: NotRequired[str]
    word: NotRequired[Words]
    behind: NotRequired[Words]
    stacked: NotRequired[bool]
    source: NotRequired[bool]


class Sentence(Words):
    """One sentence about an answer: SQL for what it says, and its template."""

    sql: str


@dataclass(frozen=True)
class Question:
    """One question: its words, its SQL over a snapshot, how its answer is drawn, and what can be seen in it."""

    name: str
    zh: str
    en: str
    note_zh: str
    note_en: str
    chart: Drawing
    finding: Sentence
    sql: str

    @property
    def title(self) -> Words:
        """The question."""
        return {"zh": self.zh, "en": self.en}

    @property
    def note(self) -> Words:
        """What is counted, and what is not."""
        return {"zh": self.note_zh, "en": self.note_en}

    @property
    def table(self) -> str:
        """The table of the snapshot that holds the answer."""
        return f"answer_{self.name}"


class Answer(TypedDict):
    """What is kept of an answer for its pages."""

    question: str
    total: int  # rows of the answer
    drawn: list[dict[str, Any]]  # rows of the chart, and
    drawn_of: int  # of how many they are the first
    found: dict[str, Any] | None  # what the finding says; None: there is nothing to say


@cache
def questions() -> dict[str, Question]:
    """Name -> question, in the order in which they are shown."""
    return plugins.tables(Path(__file__).with_name("questions.toml"), _checked)


def _checked(name: str, fields: dict[str, Any]) -> Question:
    wanted = {field.name for field in dataclasses.fields(Question)} - {"name"}
    if lacking := sorted(wanted - fields.keys()) or sorted(fields.keys() - wanted):
        raise plugins.DeclarationError(
            f"[{name}] needs {', '.join(sorted(wanted))}, and no more; see {', '.join(lacking)}."
        )
    return Question(name, **fields)


def answer(connection: sqlite3.Connection) -> None:
    """Answer every question, each into its table of a snapshot, and keep what their pages draw and say. Raises DeclarationError where
    the SQL of one fails."""
    connection.execute(
        "create table answers (question text primary key, total integer not null, drawn text not null,"
        " drawn_of integer not null, found text not null) without rowid"
    )
    for question in questions().values():
        try:
            _answer(connection, question)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:  # no room, say
                raise
            raise plugins.DeclarationError(f"questions.toml: the SQL of [{question.name}] failed: {error}.") from error


def _answer(connection: sqlite3.Connection, question: Question) -> None:
    connection.execute(f"create table {question.table} as {question.sql.strip()}")
    connection.execute(f"create temp table drawn as select * from ({question.chart['sql']}) limit {DRAWN}")
    found = rows(connection, question.finding["sql"])
    connection.execute(
        "insert into answers values (?, ?, ?, ?, ?)",
        [
            question.name,
            count(connection, f"select 1 from {question.table}"),
            json.dumps(rows(connection, "select * from drawn"), ensure_ascii=False),
            count(connection, question.chart["sql"]),
            json.dumps(found[0] if found else None, ensure_ascii=False),
        ],
    )
    connection.execute("drop table temp.drawn")


def answers(connection: sqlite3.Connection) -> dict[str, Answer]:
    """What was kept of the answers of a snapshot, by question, in their order. One that was published before a question was declared
    has no answer to it."""
    kept = {row["question"]: row for row in rows(connection, "select * from answers")}
    return {
        name: {
            "question": name,
            "total": kept[name]["total"],
            "drawn": json.loads(kept[name]["drawn"]),
            "drawn_of": kept[name]["drawn_of"],
            "found": json.loads(kept[name]["found"]),
        }
        for name in questions()
        if name in kept
    }
