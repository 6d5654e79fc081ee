"""Parameters that cannot be read are answered with a sentence, and Datasette's pages for builders of sites are closed."""

from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import pytest
import requests
from serving import served

TABLES = ["/archive/articles.json", "/archive/facts", "/archive/captures.csv", "/archive/money_by_year.json"]
OTHERS = [
    "/", "/archive", "/archive.json", "/archive/statements", "/archive/captures/1", "/archive/captures/1.json", "/archive/captures/1.blob", "/archive/articles.xlsx",
    "/archive/money_by_year", "/archive/-/query", "/archive/-/query.json", "/search", "/search.json", "/feed/search.atom", "/feed/facts.atom", "/data", "/health",
    "/llms.txt", "/archive.md", "/archive/facts.md", "/-/login", "/-/jump.json", "/places", "/place/x", "/place/望潭区", "/compare", "/feed/place/望潭区.atom", "/article/{article_key}", "/article/{article_key}.json", "/fact/{evidence}",
    "/fact/{evidence}.bib", "/station/{station_key}", "/feed/station/{station_key}.atom",
]  # fmt: skip
BAD = [
    ("_facet", "nothing"), ("_facet", "{"), ("_facet", '{"simple":1}'), ("_facet", "[7]"), ("_facet", "8"), ("_facet", "null"),
    ("_facet_array", "title"), ("_facet_array", "nowhere"), ("_facet_array", '{"column":[]}'), ("_facet_date", "nowhere"), ("_facet_date", "[[1]]"),
    ("_facet_size", "many"), ("_facet_size", "-3"), ("_through", "{"), ("_through", "{}"), ("_through", "[1]"), ("_through", "5"),
    ("_through", '{"table":"facts"}'), ("_through", '{"table":"runs","column":"a","value":"b"}'), ("_through", '{"table":[],"column":{},"value":null}'),
    ("_timelimit", "-7"), ("_timelimit", "soon"), ("_timelimit", "2.5"), ("_timelimit", "9" * 30), ("_size", "-7"), ("_size", "all"),
    ("_next", ",,,"), ("_next", "~~"), ("_sort", "nowhere"), ("_sort_desc", "'"), ("_shape", "round"), ("_col", "nowhere"), ("_nocol", "id"),
    ("_search_nowhere", "x"), ("_searchmode", "raw"), ("_where", "("), ("_extra", "nowhere"), ("_json", "id"), ("_ttl", "soon"), ("_labels", "?"), ("_trace", "1"),
    ("id__in", "{"), ("id__in", "[[1],{}]"), ("title__arraycontains", "x"), ("title__date", "x"), ("id__gt", "9" * 40), ("nowhere__like", "x"),
    ("sql", "select"), ("_filter_column", "nowhere"), ("_fts_table", "nowhere"),
]  # fmt: skip
CLOSED = [
    "password-tool", "plugins", "plugins.json", "versions", "versions.json", "settings", "config.json", "threads", "tasks", "databases.json",
    "actor.json", "actions", "auth-token", "create-token", "api", "queries", "schema.json", "permissions", "allowed.json", "rules", "check",
    "messages", "allow-debug", "patterns", "debug/autocomplete", "ip-rate-limit-debug", "of-a-later-version", "loginx", "staticx/y",
]  # fmt: skip


@pytest.fixture(scope="module")
def running(demo: tuple[Path, str]) -> Iterator[str]:
    with served(demo[0], "--no-rate-limit") as address:
        yield address


@pytest.mark.parametrize("path", TABLES)
def test_no_parameter_breaks_a_page(running: str, path: str) -> None:
    refused = 0
    with requests.Session() as reader:
        for name, value in BAD:
            answer = reader.get(running + path, params={name: value}, timeout=60)
            assert answer.status_code in (200, 400, 403, 404), (path, name, value, answer.status_code)
            assert "Traceback" not in answer.text
            refused += answer.status_code == 400
        assert reader.get(running + path, timeout=60).status_code == 200
    assert refused > 1


def test_no_parameter_breaks_another_page(running: str) -> None:
    with requests.Session() as reader:
        found = reader.get(f"{running}/search.json?kind=facts&q=党员", timeout=60).json()["rows"]
        fact = next(row for row in found if row["station_key"])
        for (name, value), path in zip(BAD, cycle(OTHERS), strict=False):
            answer = reader.get(running + path.format(**fact), params={name: value}, timeout=60)
            assert answer.status_code in (200, 400, 403, 404), (path, name, value, answer.status_code)
            assert "Traceback" not in answer.text


def test_a_refusal_names_the_parameter(running: str) -> None:
    answer = requests.get(f"{running}/archive/articles.json", params={"_through": "{}"}, timeout=60)
    assert answer.status_code == 400 and "_through" in answer.text


@pytest.mark.parametrize("sql", ["select 1", "select", "drop table facts"])
def test_a_query_that_is_posted_is_no_error_of_ours(running: str, sql: str) -> None:
    answer = requests.post(f"{running}/archive/-/query", params={"sql": sql}, timeout=60)
    assert 400 <= answer.status_code < 500


def test_the_pages_for_builders_are_closed(running: str) -> None:
    for name in CLOSED:
        assert requests.get(f"{running}/-/{name}", timeout=60).status_code == 404, name
    posted = requests.post(f"{running}/-/password-tool", data={"password1": "a", "password2": "a"}, timeout=60)
    assert posted.status_code == 404


def test_what_the_site_needs_is_open(running: str) -> None:
    for name in ("", ".json", "login", "jump.json", "static/app.css"):
        assert requests.get(f"{running}/-/{name}", timeout=60).status_code == 200, name
