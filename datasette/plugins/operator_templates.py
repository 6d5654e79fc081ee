"""Templates of plug-ins replace ours of the same name."""

from datasette import hookimpl
from jinja2 import ChoiceLoader, Environment, FileSystemLoader

from archive.plugins import files


@hookimpl(tryfirst=True)  # before other plugins copy the environment
def prepare_jinja2_environment(env: Environment) -> None:
    if folders := files("templates"):
        assert env.loader is not None
        env.loader = ChoiceLoader([FileSystemLoader(folders), env.loader])
