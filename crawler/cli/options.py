"""Options that several commands share."""

import os
from collections.abc import Callable
from typing import Any

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


def crawling(command: Callable[..., Any]) -> Callable[..., Any]:
    """What bounds a crawl."""
    for option in (
        click.option(
            "--longest", type=click.FloatRange(0), default=0, show_default="no bound",
            help="Seconds after which a run ends; the next one goes on.",
        ),
        click.option(
            "--hours", default="", metavar="22-6", help="Ask only within these hours of the day in China.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command
