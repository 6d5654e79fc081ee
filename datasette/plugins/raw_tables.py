"""The raw tables are described: in the language of the page, and in English for programs (see server.raw_tables)."""

from collections.abc import Awaitable, Callable

from datasette import hookimpl
from datasette.app import Datasette
from jinja2 import Environment, pass_context
from jinja2.runtime import Context

from server import raw_tables


@hookimpl
def startup(datasette: Datasette) -> Callable[[], Awaitable[None]]:
    return lambda: raw_tables.describe(datasette)


@hookimpl
def prepare_jinja2_environment(env: Environment) -> None:
    @pass_context
    def table_words(_context: Context, name: str) -> raw_tables.TableWords:
        return raw_tables.table_words(name)

    env.globals["table_words"] = table_words
