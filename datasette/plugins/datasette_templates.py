"""Datasette's own pages in Chinese and English, with names for the fields of their forms and links to whole downloads."""

from datasette import hookimpl
from jinja2 import Environment

from server.compat import DatasetteTemplates


@hookimpl
def prepare_jinja2_environment(env: Environment) -> None:
    env.add_extension(DatasetteTemplates)
