"""Every private part of Datasette and of its plugins that this site relies on: names with an underscore, modules and attributes that
are not documented, strings of their templates and texts, and changes that no setting offers.

Plugins and the other modules of `server` import these from here (`from server import compat`; see server/__init__.py for how that is
found in a checkout and in the wheel), and touch nothing else that is private. tests/datasette/test_contract.py checks each of them against
the pinned versions, and that there are no others. For a new version of Datasette, this file is what has to be read.
"""

import re
import sqlite3
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import datasette_mcp
from datasette import Request, handle_exception
from datasette import database as database_module
from datasette.app import Datasette
from datasette.database import Database
from datasette.views import table as table_views
from datasette.views.base import DatasetteError
from datasette_auth_passwords.utils import verify_password
from datasette_llms_txt import generate

__all__ = [
    "DatasetteError",
    "verify_password",
]  # imported here for others; the rest is defined below

# ---- Databases

_PAGE_LIMIT = re.compile(r" limit \d+(?: offset \d+)?\Z")  # the end of the SQL of a table's page


def replace_database(datasette: Datasette, name: str, path: Path) -> Database:
    """Serve the file at a path under a name that is served already. Returns the database before, which is still open."""
    opened = Database(datasette, path=str(path), is_mutable=False)
    opened.name = opened.route = name
    before: Database = datasette.databases[name]
    datasette.databases = {**datasette.databases, name: opened}
    return before


def replace_row_counts(datasette: Datasette, inspected: dict[str, Any] | None) -> None:
    """Let Datasette use other counts of rows and hashes, or none, as if `--inspect-file` named them."""
    datasette.inspect_data = inspected


def replace_executor(datasette: Datasette, executor: Executor) -> None:
    """Let Datasette run its queries in the threads of `executor`."""
    datasette.executor.shutdown(wait=False)
    datasette.executor = executor


def replace_time_limit(limit: Callable[[sqlite3.Connection, int], AbstractContextManager[None]]) -> None:
    """Let Datasette limit the time of its queries by `limit(connection, milliseconds)`."""
    vars(database_module)["sqlite_timelimit"] = limit


def limit_row_counts(rows: int) -> None:
    """Let Datasette count no more than so many rows of a filtered table."""
    Database.count_limit = rows


def without_page_limit(sql: str) -> str:
    """The SQL of a table's page, for all rows. Raises ValueError if Datasette builds it in another way."""
    whole, limits = _PAGE_LIMIT.subn("", sql)
    if limits != 1:
        raise ValueError("Datasette builds the SQL of its tables in another way")
    return whole


def sort_by_key_last() -> None:
    """Let the pages of a sorted table hold every row once.

    Datasette finds the next page behind the last row by its key, also among rows that are equal in the column sorted by. But it
    sorts the first page by that column alone, so that SQLite returns equal rows in any order and some were never shown.
    """
    original: Any = table_views._sort_order
    if getattr(original, "sorts_by_key", False):  # replaced by another application in this process
        return

    async def with_key(
        table_metadata: dict[str, Any], sortable_columns: set[str], request: Request, order_by: str
    ) -> tuple[str | None, str | None, str]:
        sort, sort_desc, sorted_by = await original(table_metadata, sortable_columns, request, order_by)
        by_key = (sort or sort_desc) and order_by
        return sort, sort_desc, f"{sorted_by}, {order_by}" if by_key else sorted_by

    vars(with_key)["sorts_by_key"] = True
    table_views._sort_order = with_key


# ---- Settings


def deny_sql(datasette: Datasette) -> None:
    """Let nobody run SQL of their own. (The command line's `-s` would replace the settings in datasette.yaml.)"""
    datasette._settings["default_allow_sql"] = False


def plugin_settings(datasette: Datasette, plugin: str) -> dict[str, Any]:
    """The settings of a plugin in datasette.yaml, to be changed before it reads them."""
    settings: dict[str, Any] = datasette.config["plugins"][plugin]
    return settings


def hide_table(datasette: Datasette, table: str) -> None:
    """List a table of the archive with the hidden ones, as `hidden: true` in datasette.yaml does."""
    datasette.config["databases"]["archive"]["tables"][table] = {"hidden": True}


def answer_errors_without_rich() -> None:
    """Keep Datasette from printing errors with rich, where that is installed: that fails for a page that is not found, because no
    exception is being handled, and the 404 becomes a broken answer."""
    vars(handle_exception)["rich"] = None


# ---- Other plugins

_LLMS_ADVICE = "To download a whole table cleanly, stream it as CSV with `?_stream=on` (no row limit)."
_OUR_ADVICE = "The `.csv` of a table or query has all its rows."


def correct_llms_txt() -> None:
    """Let /llms.txt explain how to download a whole table here: every CSV has all rows, and `_stream` is turned off."""
    generate.QUERY_HELP = generate.QUERY_HELP.replace(_LLMS_ADVICE, _OUR_ADVICE)


def make_mcp_stateless(datasette: Datasette) -> None:
    """Let MCP keep no sessions; datasette-mcp has no setting for it."""
    datasette_mcp._get_state(datasette).server.session_manager.stateless = True


# ---- Templates

# Files of ours that replace a template of Datasette's of the same name, and the first 16 digits of the SHA-256 of the original that
# each was made for. For a new version, compare what changed.
REPLACED_TEMPLATES = {
    "_crumbs.html": "882c9d69e13363b4",
    "_facet_results.html": "28651b60c0fbcc1f",
    "_query_results.html": "a347a6dfdd41ae39",
    "_sql_parameters.html": "a44800a2d0939ae2",
    "_table.html": "ba194cfc778b28a7",
    "base.html": "7e1e829ab2a2f268",
    "csrf_error.html": "aae7def8129a7467",
    "database.html": "8b5f3eb361f8a794",
    "error.html": "c2115d1fdbff1a48",
    "index.html": "224e0e5405dd9989",
    "logout.html": "0d8cf48cb6846610",
    "query.html": "9d077cb9583eb377",
    "query_list.html": "b39f7fe036800708",
    "row.html": "a12997cc1001b096",
    "schema.html": "d95a2288202bce5e",
    "table.html": "75bf1c50fc476cf5",
}
