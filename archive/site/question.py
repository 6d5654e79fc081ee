"""The pages of questions: their answers as a sentence, a chart and a table."""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypedDict

from archive.labels import date_label, number_label, type_label
from archive.language import chosen
from archive.publishing.questions import Answer, Question, answers, questions
from archive.site.chart import Chart, Mark
from archive.sql.rows import Row, rows

ROWS = 100  # of the answer on one page
MAX_PAGES = 100  # that are shown; the downloads have all rows
_OF_A_MARK = ("at", "n", "of", "page")  # columns of a chart that are no series
_PLACE = re.compile(r"\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}")
_DATE = re.compile(r"\d{4}(-\d\d){0,2}")


class Part(NamedTuple):
    """A part of a sentence."""

    text: str
    source: bool  # words of articles


class QuestionCard(TypedDict):
    """A question with its sentence and its chart."""

    question: Question
    finding: list[Part]  # empty: there is nothing to say yet
    chart: Chart
    drawn_of: int  # the chart draws the first of so many
    total: int  # rows of the answer


class QuestionPage(QuestionCard):
    """The page of a question: some rows of the answer, in an order."""

    columns: list[str]
    rows: list[Row]
    sort: str  # a column, with a `-` before it: from the largest on; empty: as the answer was made
    number: int  # of the page of rows, from 1 on
    pages: int
    fetched: str | None  # when the last article was fetched


def question_cards(connection: sqlite3.Connection) -> list[QuestionCard]:
    """Returns the questions that have an answer with what was found, in the language of the request."""
    return [_card(kept) for kept in answers(connection).values() if kept["total"]]


def question(connection: sqlite3.Connection, name: str, sort: str = "", number: int = 1) -> QuestionPage | None:
    """Returns the page of a question, None if there is no such question or it has no such page.

    Args:
        connection: a snapshot.
        name: of the question.
        sort: by which column, with a `-` before it from the largest on.
        number: of the page of rows, from 1 on.

    A column that there is not sorts nothing.
    """
    kept = answers(connection).get(name)
    if kept is None:
        return None
    table = questions()[name].table
    columns = [column for _, column, *_ in connection.execute(f"pragma table_info({table})")]
    pages = min(max(-(-kept["total"] // ROWS), 1), MAX_PAGES)
    sort = sort if sort.removeprefix("-") in columns else ""
    if not 1 <= number <= pages:
        return None
    return {
        **_card(kept),
        "columns": columns,
        "rows": rows(connection, f"select * from {table} {_order(sort)} limit {ROWS} offset {(number - 1) * ROWS}"),
        "sort": sort,
        "number": number,
        "pages": pages,
        "fetched": connection.execute("select max(last_fetched_at) from outlets").fetchone()[0],
    }


def _order(sort: str) -> str:
    """How rows are sorted by a column: empty ones last, and those that are alike as they were."""
    column = f'"{sort.removeprefix("-")}"'
    return f"order by {column} is null, {column} {'desc' if sort.startswith('-') else 'asc'}, rowid" if sort else ""


def _card(kept: Answer) -> QuestionCard:
    asked = questions()[kept["question"]]
    return {
        "question": asked,
        "finding": list(sentence(chosen((asked.finding["zh"], asked.finding["en"])), kept["found"])),
        "chart": _chart(asked, kept),
        "drawn_of": kept["drawn_of"],
        "total": kept["total"],
    }


def sentence(template: str, found: Mapping[str, Any] | None) -> Iterator[Part]:
    """The parts of a sentence: the words of a template, with what was found in its places. Nothing if nothing was found."""
    if found is None:
        return
    end = 0
    for place in _PLACE.finditer(template):
        yield Part(template[end : place.start()], source=False)
        value = found[place[1]]
        if isinstance(value, int | float):
            word = place[2] if value == 1 else place[3]
            yield Part(f"{number_label(value)} {word}" if word else number_label(value), source=False)
        else:
            is_date = bool(_DATE.fullmatch(str(value)))
            yield Part(date_label(value) if is_date else str(value), source=not is_date)
        end = place.end()
    yield Part(template[end:], source=False)


def _chart(asked: Question, kept: Answer) -> Chart:
    """The chart of an answer. Its columns, but for those of a mark, are the series in their order."""
    drawing = asked.chart
    names = [name for name in (kept["drawn"] or [{}])[0] if name not in _OF_A_MARK]
    chart: Chart = {
        "kind": drawing["kind"],
        "series": [
            {
                "label": chosen((words["zh"], words["en"])),
                "planned": words.get("planned", False),
                "marks": [_mark(row, name, drawing["along"], words.get("planned", False)) for row in kept["drawn"]],
            }
            for name, words in zip(names, drawing["series"], strict=False)
        ],
        "unit": drawing.get("unit", ""),
        "stacked": drawing.get("stacked", False),
        "source": drawing.get("source", False),
    }
    return chart


def _mark(row: Row, name: str, along: str, planned: bool) -> Mark:
    kept = ("page",) if planned else ("n", "of", "page")
    extra = {of: row[of] for of in kept if row.get(of) is not None}
    return {"at": type_label(row["at"]) if along == "type" else row["at"], "value": row[name], **extra}  # type: ignore[typeddict-item]
