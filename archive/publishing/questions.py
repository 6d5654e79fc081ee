"""The questions that are answered in every snapshot; declared in questions.toml."""

import sqlite3
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypedDict


class Drawing(TypedDict):
    """How an answer is drawn: SQL for the labels and the values of each series, and the names of the series."""

    kind: str
    sql: str
    series: list[str]


@dataclass(frozen=True)
class Question:
    """One question: its words, its SQL over a snapshot, and how its answer is drawn (see questions.toml)."""

    name: str
    zh: str
    en: str
    note_zh: str
    note_en: str
    chart: Drawing
    sql: str

    @property
    def table(self) -> str:
        """The table of the snapshot that holds the answer."""
        return f"answer_{self.name}"


@cache
def questions() -> dict[str, Question]:
    """Name -> question, in the order in which they are shown."""
    declared = tomllib.loads(Path(__file__).with_name("questions.toml").read_text("utf-8"))
    return {name: Question(name, **fields) for name, fields in declared.items()}


def answer(connection: sqlite3.Connection) -> None:
    """Answer every question, each into its table of a snapshot."""
    for question in questions().values():
        connection.execute(f"create table {question.table} as {question.sql.strip()}")
