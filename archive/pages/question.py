"""A question's page: its answer as a table and as a chart."""

import sqlite3

from archive.pages.shared import Row
from archive.publishing.questions import questions
from archive.rows import rows

_MOST = 100  # rows of the answer that the page shows; the downloads have all
_DRAWN = 30  # rows that a chart draws


def question(connection: sqlite3.Connection, name: str) -> Row | None:
    """The answer to a question, with its chart: {kind, labels, series: [{label, values}]}."""
    asked = questions().get(name)
    if asked is None:
        return None
    answer = rows(connection, f"select * from {asked.table} limit {_MOST + 1}")
    columns = [name for _, name, *_ in connection.execute(f"pragma table_info({asked.table})")]
    drawn = connection.execute(f"select * from ({asked.chart['sql']}) limit {_DRAWN}").fetchall()
    return {
        "question": asked,
        "columns": columns,
        "rows": answer[:_MOST],
        "more": len(answer) > _MOST,
        "chart": {
            "kind": asked.chart["kind"],
            "labels": [row[0] for row in drawn],
            "series": [
                {"label": label, "values": [row[number] for row in drawn]}
                for number, label in enumerate(asked.chart["series"], 1)
            ],
        },
    }
