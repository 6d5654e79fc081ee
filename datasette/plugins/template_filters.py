"""Filters that templates use to show values."""

from urllib.parse import quote

from datasette import hookimpl

from archive import labels


@hookimpl
def prepare_jinja2_environment(env):
    env.filters["type_label"] = labels.type_label
    env.filters["qualifier_label"] = labels.qualifier_label
    env.filters["word_label"] = labels.word_label
    env.filters["fact_value"] = lambda row: labels.value_label(
        row["value"], row["value_high"], row["approx"], row["unit"], row["measure"]
    )
    env.filters["provenance_label"] = lambda kind: " ".join(labels.PROVENANCE.get(kind, (kind,)))
    env.filters["review_note"] = labels.review_note
    env.filters["column_label"] = lambda name: labels.COLUMNS.get(name, (name, ""))
    env.filters["as_sent"] = lambda address: quote(address, safe="/?&=+,()*")  # Chinese percent-encoded
    env.filters["moment"] = lambda iso: (iso or "").replace("T", " ").removesuffix("+08:00").removesuffix(":00")
