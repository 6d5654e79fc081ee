"""Words about the raw tables: declared in tables.toml in both languages, shown in that of the request, and handed in English to what
programs read (JSON, llms.txt, MCP)."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, TypedDict

from datasette.app import Datasette

from archive.language import chosen
from server.operator import decided

_DECLARED = Path(__file__).parents[1] / "tables.toml"
_LICENCE = "Texts belong to their outlets; facts and code, Apache-2.0"


class TableWords(TypedDict):
    """The name of a table, what it holds, and what columns mean, by their names."""

    title: str
    note: str
    columns: dict[str, str]


@cache
def declared() -> dict[str, dict[str, Any]]:
    """What tables.toml declares, by the names of tables."""
    return tomllib.loads(_DECLARED.read_text("utf-8"))


def table_words(name: str) -> TableWords:
    """The words about a table; empty where none are declared."""
    table = declared().get(name, {})
    columns = table.get("columns", {})
    return {
        "title": chosen((table.get("zh", ""), table.get("en", ""))),
        "note": chosen((table.get("note_zh", ""), table.get("note_en", ""))),
        "columns": {column: chosen((words["zh"], words["en"])) for column, words in columns.items()},
    }


async def describe(datasette: Datasette) -> None:
    """Let Datasette describe the site and the tables of every archive in English."""
    await datasette.set_instance_metadata("title", decided(datasette)["pages.title_en"])
    await datasette.set_instance_metadata("license", _LICENCE)
    for database in datasette.databases:
        for name, table in declared().items():
            await datasette.set_resource_metadata(database, name, "title", table["en"])
            await datasette.set_resource_metadata(database, name, "description", table["note_en"])
            for column, words in table.get("columns", {}).items():
                await datasette.set_column_metadata(database, name, column, "description", words["en"])
