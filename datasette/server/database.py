"""The snapshot that is served, and the files beside it."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from datasette.app import Datasette

from archive.publishing.snapshot import must_pack, tables_of

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


async def read(
    datasette: Datasette,
    function: Callable[Concatenate[sqlite3.Connection, Arguments], Result],
    /,
    *arguments: Arguments.args,
    **named: Arguments.kwargs,
) -> Result:
    """Call a function with a connection to the snapshot, in one of Datasette's threads for reading."""
    return await read_part(datasette, "archive", function, *arguments, **named)


async def read_part(
    datasette: Datasette,
    part: str,
    function: Callable[Concatenate[sqlite3.Connection, Arguments], Result],
    /,
    *arguments: Arguments.args,
    **named: Arguments.kwargs,
) -> Result:
    """Call a function with a connection to the snapshot of a part of the archive; `archive` is the first one."""
    database = datasette.get_database(part)
    return cast(Result, await database.execute_fn(lambda connection: function(connection, *arguments, **named)))


def snapshot(datasette: Datasette) -> Path:
    """The file that is served. Those that were published with it are beside it."""
    return Path(cast(Any, datasette.get_database("archive").path))


def table_file(datasette: Datasette, name: str) -> Path | None:
    """A file of the tables that were published with the snapshot (see archive.publishing.snapshot.tables_of). None if there is none of
    this name, or if the tables are being made again."""
    path = tables_of(snapshot(datasette)) / name
    return path if path.exists() and not must_pack(snapshot(datasette)) else None


def archive_folder(datasette: Datasette) -> Path:
    """The folder of the archive whose snapshot is served."""
    return snapshot(datasette).parents[1]


def decisions(datasette: Datasette) -> Path:
    """The database of what people decided and reported."""
    return archive_folder(datasette) / "reviews.db"
