"""Codes in table cells are shown with their Chinese and English words."""

from datasette import hookimpl

from archive import labels

_WORDS = {"approx": labels.APPROX, "unit": labels.UNITS}


@hookimpl
def render_cell(value, column, table, database):
    if database != "archive" or table != "facts" or not isinstance(value, str):
        return None
    if column == "qualifier":
        return labels.qualifier_label(value) or None
    words = _WORDS.get(column, {}).get(value)
    return " ".join(filter(None, words)) or value if words else None
