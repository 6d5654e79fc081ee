"""What several pages are made of."""

from enum import StrEnum
from typing import NotRequired, TypedDict
from urllib.parse import urlsplit

from archive.labels import qualifier_label, review_note, type_label, value_label
from archive.sql.rows import Row

FACT = """
    select facts.*, articles.title, articles.published, articles.outlet_id, outlets.name as outlet,
        articles.key as article_key, stations.key as station_key, stations.name as station,
        coalesce(nullif(stations.division_name, ''), stations.place) as station_place, coalesce(statement_facts.statement, facts.id) as statement
    from facts
    join articles on articles.id = facts.article_id
    join outlets on outlets.id = articles.outlet_id
    left join stations on stations.id = facts.station_id
    left join statement_facts on statement_facts.fact_id = facts.id
"""


class ChartKind(StrEnum):
    """How a chart is drawn."""

    LINE = "line"
    BAR = "bar"


class Series(TypedDict):
    """The values of one line, or of the bars of one colour; None where there is none."""

    label: str
    values: list[float | None]


class Chart(TypedDict):
    """A chart: `labels` stand below the values of each series, in their order."""

    kind: str  # a ChartKind
    label: NotRequired[str]  # its title, where several charts stand on one page
    of: NotRequired[int]  # how many values there are, where the chart draws only the first
    labels: list[str]
    series: list[Series]


def shown(fact: Row) -> Row:
    """A fact with its codes in words."""
    return fact | {
        "type_label": type_label(fact["type"]),
        "value_label": value_label(fact["value"], fact["value_high"], fact["approx"], fact["unit"], fact["measure"]),
        "qualifier_label": qualifier_label(fact["qualifier"]),
        "review_note": review_note(fact),
    }


def web_address(url: str) -> str:
    """The address if a browser may follow it, else nothing."""
    return url if urlsplit(url).scheme in ("http", "https") else ""
