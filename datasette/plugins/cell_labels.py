"""Codes in table cells are shown with their Chinese and English words."""

from datasette import hookimpl

from archive import labels


@hookimpl
def render_cell(value: object, column: str, table: str | None, database: str) -> str | None:
    if database != "archive" or table != "facts" or not isinstance(value, str):
        return None
    if column == "qualifier":
        return labels.qualifier_label(value) or None
    return labels.word_label(value, column) if column in ("approx", "unit") else None
