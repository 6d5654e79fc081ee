"""Every page can show what the operator decided: whom to write to, and whether the archive is a demonstration."""

from datasette import hookimpl
from datasette.app import Datasette

from archive.configuration import Configuration
from server.operator import decided


@hookimpl
def extra_template_vars(datasette: Datasette) -> dict[str, Configuration]:
    return {"operator": decided(datasette)}
