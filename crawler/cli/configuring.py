"""`dangqun config`: what the operator decides, in dangqun.toml and the environment."""

from pathlib import Path

import click

from archive import plugins
from archive.configuration import FILE, with_sources, write_commented
from archive.entries import ENTRIES
from crawler.cli.console import message


@click.group()
def config() -> None:
    """Show, check and write what the operator decides.

    dangqun.toml in the archive's folder overrides the defaults. The environment overrides the file, and the options of a
    command override both.
    """


@config.command()
@click.pass_obj
def show(folder: Path) -> None:
    """Print every entry with its value, and where the value comes from.

    The lines can be copied into dangqun.toml.
    """
    table = ""
    for name, (value, source) in with_sources(folder).items():
        entry = ENTRIES[name]
        if entry.table != table:
            table = entry.table
            click.echo(f"[{table}]")
        click.echo(f"{entry.written(value)}  # {source}")


@config.command()
@click.pass_obj
def check(folder: Path) -> None:
    """Check dangqun.toml, the environment, the fact types of plug-ins, and whether the enabled sites exist.

    Every wrong entry is a line on standard error, with exit code 1.
    """
    plugins.use(folder)
    from archive.facts import fact_types  # behind the plug-ins
    from crawler.scheduler import enabled_sites

    fact_types()
    enabled_sites(folder)
    message(f"{folder / FILE} and the environment are right.", wrap=False)


@config.command()
@click.pass_obj
def init(folder: Path) -> None:
    """Write a dangqun.toml that explains every entry and sets none. An existing file stays as it is."""
    message(f"Wrote {write_commented(folder)}.", wrap=False)
