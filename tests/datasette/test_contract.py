"""The contract with Datasette and its plugins: every private part that the site relies on is as it was in the pinned versions.

One that a new version changes fails here, by name. datasette/server/compat.py is the one place that touches them.
"""

import ast
import hashlib
import inspect
import re
import tomllib
from pathlib import Path

import datasette as library
import datasette_mcp
import pytest
from datasette import app, database, filters, handle_exception
from datasette.app import Datasette
from datasette.utils import sqlite_timelimit
from datasette.views import table
from datasette_llms_txt import generate
from support import ROOT

from server import compat

OURS = [*(ROOT / "datasette").glob("plugins/*.py"), *(ROOT / "datasette").glob("server/*.py")]
# What Datasette documents; everything else comes from server.compat.
DOCUMENTED = {
    "datasette": {"Forbidden", "NotFound", "Request", "Response", "hookimpl"},
    "datasette.app": {"Datasette"},
    "datasette.database": {"Database", "QueryInterrupted"},
    "datasette.events": {"Event", "LogoutEvent"},
    "datasette.filters": {"FilterArguments"},
    "datasette.permissions": {"Action"},
    "datasette.plugins": {"pm"},
    "datasette.utils": {"await_me_maybe", "tilde_decode"},
}
TEMPLATES = Path(library.__file__).parent / "templates"
OUR_TEMPLATES = ROOT / "datasette" / "templates"


@pytest.mark.parametrize("path", [path for path in OURS if path.name != "compat.py"], ids=lambda path: path.stem)
def test_nothing_else_touches_private_parts(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("datasette"):
            assert {alias.name for alias in node.names} <= DOCUMENTED.get(node.module or "", set())
        elif isinstance(node, ast.Import):
            assert not [alias.name for alias in node.names if alias.name.startswith("datasette")]
        elif isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.startswith("__"):
            assert ast.unparse(node.value) == "self", (node.lineno, node.attr)


def test_datasette_is_pinned() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    assert f"datasette=={library.__version__}" in declared


@pytest.mark.parametrize(
    ("of", "name"),
    [
        (database, "sqlite_timelimit"),
        (database.Database, "count_limit"),
        (handle_exception, "rich"),
        (table, "_sort_order"),
        (generate, "QUERY_HELP"),
        (datasette_mcp, "_get_state"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_replaced_names_exist_and_are_used(of: object, name: str) -> None:
    assert hasattr(of, name)
    module = of if inspect.ismodule(of) else inspect.getmodule(of)
    assert module is not None and len(re.findall(rf"\b{name}\b", inspect.getsource(module))) > 1


def test_replaced_functions_have_their_parameters() -> None:
    assert list(inspect.signature(sqlite_timelimit).parameters) == ["conn", "ms"]
    assert list(inspect.signature(table._sort_order).parameters) == [
        "table_metadata", "sortable_columns", "request", "order_by",
    ]  # fmt: skip


async def test_attributes_of_datasette(demo_site: Datasette) -> None:
    for name in ("_settings", "config", "databases", "executor", "inspect_data"):
        assert name in vars(demo_site), name
    assert "default_allow_sql" in demo_site._settings
    source = inspect.getsource(database)
    assert "self.ds.executor" in source and "self.ds.inspect_data" in source
    served = demo_site.databases["archive"]
    assert {"name", "route"} <= vars(served).keys()
    compat.make_mcp_stateless(demo_site)
    assert datasette_mcp._get_state(demo_site).server.session_manager.stateless


def test_errors_carry_their_status_and_message() -> None:
    error = compat.DatasetteError("why", status=503)
    assert (error.message, error.status) == ("why", 503)


def test_passwords_are_checked_by_the_plugin() -> None:
    assert list(inspect.signature(compat.verify_password).parameters) == ["password", "password_hash"]


async def test_sql_of_a_tables_page(demo_site: Datasette) -> None:
    answer = await demo_site.client.get("/archive/articles.json?_size=1&_sort=title&_extra=query,count_sql")
    whole = compat.without_page_limit(answer.json()["query"]["sql"])
    assert whole.endswith("order by title, id") and answer.json()["count_sql"]
    with pytest.raises(ValueError, match="another way"):
        compat.without_page_limit("select 1")


async def test_texts_of_other_plugins(demo_site: Datasette) -> None:
    assert compat._LLMS_ADVICE in _constant(Path(generate.__file__), "QUERY_HELP")
    assert compat._OUR_ADVICE in (await demo_site.client.get("/llms.txt")).text


def _constant(path: Path, name: str) -> str:
    """A text that a module assigns, whatever a site in this process has replaced."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return str(ast.literal_eval(node.value))
    raise AssertionError(f"{path} assigns no {name}")


@pytest.mark.parametrize(("name", "digest"), compat.REPLACED_TEMPLATES.items())
def test_replaced_templates_are_those_that_ours_were_made_for(name: str, digest: str) -> None:
    """What a new version changed in one has to be looked at, and perhaps done in ours."""
    assert hashlib.sha256((TEMPLATES / name).read_bytes()).hexdigest()[:16] == digest
    assert (OUR_TEMPLATES / name).exists()


def test_every_template_of_datasettes_that_is_replaced_is_listed() -> None:
    ours = {path.name for path in OUR_TEMPLATES.glob("*.html")}
    assert {path.name for path in TEMPLATES.glob("*.html")} & ours == compat.REPLACED_TEMPLATES.keys()


def test_every_comparison_of_a_filter_has_words() -> None:
    source = (OUR_TEMPLATES / "_raw.html").read_text("utf-8")
    assert [key for key, _, _ in filters.Filters([]).lookups() if f'"{key}": ' not in source] == []


def test_connections_have_datasettes_row_factory() -> None:
    assert "conn.row_factory = sqlite3.Row" in inspect.getsource(app)
