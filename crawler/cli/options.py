"""Options that several commands share."""

import os

import click

publishing = click.option(
    "--publish/--no-publish",
    "publishing",
    default=True,
    show_default=True,
    help="Bring out a new snapshot afterwards.",
)
processes = click.option(
    "--processes",
    type=click.IntRange(1, 256),
    default=os.cpu_count() or 1,
    show_default="all cores",
    help="How many processes read.",
)
