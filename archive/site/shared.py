"""What several pages are made of."""

from urllib.parse import urlsplit

from archive.labels import qualifier_label, review_note, type_label, value_label
from archive.sql.rows import Row

FACT = """
    select facts.*, articles.title, articles.published, articles.outlet_id, outlets.name as outlet,
        articles.key as article_key, stations.key as station_key, stations.name as station,
        coalesce(nullif(stations.division_name, ''), stations.place) as station_place, coalesce(statement_facts.statement, facts.id) as statement,
        statement_facts.station_id, statement_facts.story
    from facts
    join articles on articles.id = facts.article_id
    join outlets on outlets.id = articles.outlet_id
    left join statement_facts on statement_facts.fact_id = facts.id
    left join stations on stations.id = statement_facts.station_id
"""


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
