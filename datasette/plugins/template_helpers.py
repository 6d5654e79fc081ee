"""Filters and functions that templates use.

`{{ render(template, name=value, …) }}` draws a part of a page without Datasette's asynchronous templates, which take twice as long over a
table of hundreds of rows or a page of results.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from datasette import hookimpl
from jinja2 import Environment
from markupsafe import Markup

from archive import labels


@hookimpl
def prepare_jinja2_environment(env: Environment) -> None:
    synchronous = env.overlay(enable_async=False, cache_size=50)
    env.globals["render"] = lambda template, **context: Markup(  # noqa: S704 (our templates escape)
        synchronous.get_template(template).render(**context)
    )
    env.filters |= {
        "type_label": labels.type_label,
        "qualifier_label": labels.qualifier_label,
        "word_label": labels.word_label,
        "review_note": labels.review_note,
        "fact_value": _fact_value,
        "provenance_label": lambda kind: " ".join(labels.PROVENANCE.get(kind, (kind,))),
        "column_label": lambda name: labels.COLUMNS.get(name, (name, "")),
        "as_sent": lambda address: quote(address, safe="/?&=+,()*"),  # Chinese percent-encoded
        "moment": lambda iso: (iso or "").replace("T", " ").removesuffix("+08:00").removesuffix(":00"),
    }


def _fact_value(row: Mapping[str, Any]) -> str:
    return labels.value_label(row["value"], row["value_high"], row["approx"], row["unit"], row["measure"])
