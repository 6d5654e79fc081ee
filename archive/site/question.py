"""A question's page: its answer as a table and as a chart."""

import sqlite3
from typing import TypedDict

from archive.publishing.questions import Question, questions
from archive.site.shared import Chart
from archive.sql.rows import Row, count, rows

_MAX_ROWS = 100  # rows of the answer that the page shows; the downloads have all
_DRAWN = 30  # rows that a chart draws


class QuestionPage(TypedDict):
    """The answer to a question, as a table and as a chart."""

    question: Question
    columns: list[str]
    rows: list[Row]
    total: int  # rows of the whole answer
    chart: Chart


def question(connection: sqlite3.Connection, name: str) -> QuestionPage | None:
    """Returns the page of a question, None if there is no such question."""
    declared = questions().get(name)
    if declared is None:
        return None
    whole = f"select * from {declared.table}"
    columns = [name for _, name, *_ in connection.execute(f"pragma table_info({declared.table})")]
    drawn = connection.execute(f"select * from ({declared.chart['sql']}) limit {_DRAWN}").fetchall()
    return {
        "question": declared,
        "columns": columns,
        "rows": rows(connection, f"{whole} limit {_MAX_ROWS}"),
        "total": count(connection, whole),
        "chart": {
            "kind": declared.chart["kind"],
            "of": count(connection, declared.chart["sql"]),
            "labels": [row[0] for row in drawn],
            "series": [
                {"label": label, "values": [row[number] for row in drawn]}
                for number, label in enumerate(declared.chart["series"], 1)
            ],
        },
    }
