"""The snapshot that is served, and the files beside it."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from datasette.app import Datasette

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


def archive_folder(datasette: Datasette) -> Path:
    """The folder of the archive whose snapshot is served."""
    return snapshot(datasette).parents[1]


def decisions(datasette: Datasette) -> Path:
    """The database of what people decided and reported."""
    return archive_folder(datasette) / "reviews.db"
