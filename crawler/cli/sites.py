"""`dangqun sites`."""

from pathlib import Path

import click

from crawler.sites import known_sites, settings_for


@click.group(invoke_without_command=True)
@click.pass_context
def sites(ctx: click.Context) -> None:
    """List the sites that can be crawled: name, outlet, address, rhythm; `sites new URL` describes another."""
    if ctx.invoked_subcommand is None:
        folder: Path = ctx.obj
        for name, site in known_sites(settings_for(folder)).items():
            hours = site.every.total_seconds() / 3600
            click.echo("\t".join((name, site.outlet, site.home, f"{hours:g} h")))
