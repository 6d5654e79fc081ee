"""Filters and functions that templates use.

`{{ render(template, name=value, …) }}` draws a part of a page without Datasette's asynchronous templates, which take twice as long over a
table of hundreds of rows or a page of results.
"""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

from datasette import hookimpl
from datasette.app import Datasette
from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from archive import labels
from archive.language import LANGUAGE, Language, chosen
from server.charts import chart
from server.reasons import reason

_CHINESE = re.compile("[\u3400-\u9fff]+")


def _localized(function: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that answers in the language of the request. Jinja would evaluate it only once for a constant, without the context."""

    @pass_context
    def localized(_context: Context, *arguments: Any, **named: Any) -> Any:
        return function(*arguments, **named)

    return localized


@hookimpl
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    synchronous = env.overlay(enable_async=False, cache_size=50)
    env.globals["render"] = lambda template, **context: Markup(  # noqa: S704 (our templates escape)
        synchronous.get_template(template).render(language=LANGUAGE.get(), **context)
    )
    env.globals["source"] = _localized(_source)
    env.filters["with_chinese"] = _localized(_with_chinese)
    env.globals["chart"] = partial(chart, path=datasette.urls.path)
    by_language: dict[str, Callable[..., Any]] = {
        "type_label": labels.type_label,
        "qualifier_label": labels.qualifier_label,
        "word_label": labels.word_label,
        "review_note": labels.review_note,
        "reason": reason,
        "cause_label": labels.cause_label,
        "fact_value": _fact_value,
        "provenance_label": lambda kind: chosen(labels.PROVENANCE.get(kind, (kind, kind))),
        "column_label": lambda name: chosen(labels.COLUMNS.get(name, (name, name))),
        "in_words": lambda words: chosen((words["zh"], words["en"]) if isinstance(words, Mapping) else words),
        "place_kind": lambda kind: chosen(labels.PLACE_KINDS.get(kind, ("", ""))),
        "number": labels.number_label,
        "short_count": labels.short_label,
        "amount": lambda value, unit: labels.value_label(value, None, "exact", unit),
        "day": labels.date_label,
        "moment": labels.moment_label,
    }
    env.filters |= {name: _localized(function) for name, function in by_language.items()}
    env.filters["digits"] = lambda value: f"{value:,.10g}"  # for columns of figures, alike in both languages
    env.filters["first_upper"] = lambda words: (
        words[:1].upper() + words[1:]
    )  # of a word that starts a cell or a sentence
    env.filters["with_code"] = _with_code
    env.filters["as_sent"] = lambda address: quote(address, safe="/?&=+,()*")  # Chinese percent-encoded


def _source(text: object) -> Markup:
    """A text from an article, marked as Chinese where the page is in another language."""
    if LANGUAGE.get() == Language.ZH or not text:
        return escape(text or "")
    return Markup('<span lang="zh-Hans">{}</span>').format(text)


def _with_chinese(words: str) -> Markup:
    """Words of ours, with what is Chinese in them (measure words, names) marked where the page is in another language."""
    if LANGUAGE.get() == Language.ZH:
        return escape(words)
    return Markup(_CHINESE.sub(r'<span lang="zh-Hans">\g<0></span>', str(escape(words))))  # noqa: S704 (escaped before)


def _with_code(text: str) -> Markup:
    """A text whose parts between backticks are code."""
    parts = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if number % 2 else escape(part) for number, part in enumerate(parts)
    )


def _fact_value(row: Mapping[str, Any]) -> str:
    return labels.value_label(row["value"], row["value_high"], row["approx"], row["unit"], row["measure"])
