"""Options that several commands share."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from archive.configuration import configuration, site_address


def web_address(url: str) -> str:
    """The address of a page that somebody gave. Raises UsageError where it cannot be one."""
    try:
        parts = urlsplit(url)
        complete = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        complete = False
    if not complete:
        raise click.UsageError(f"{url!r} is not the address of a page, such as https://news.example/list/.")
    return url


def own_address(folder: Path, given: str) -> str:
    """The address of the archive's site: `given` by an option, else by dangqun.toml; '' if neither names one.
    Raises ConfigurationError."""
    return site_address(given) if given else configuration(folder).site


site = click.option(
    "--site",
    default="",
    metavar="ADDRESS",
    help="The address that readers use, as https://archive.example: links in feeds, the sitemap, citations and mails begin with"
    " it.  [default: the entry `site` in dangqun.toml]",
)
NUMBER = click.IntRange(0, 2**63 - 1)  # what SQLite can hold
publishing = click.option(
    "--publish/--no-publish",
    "publishing",
    default=True,
    show_default=True,
    help="Publish a new snapshot afterwards.",
)
processes = click.option(
    "--processes",
    type=click.IntRange(1, 256),
    default=os.cpu_count() or 1,
    show_default="all cores",
    help="How many processes read.",
)


@dataclass(frozen=True)
class Cluster:
    """Where work is done: the address of a Ray cluster, and the storage that its nodes see ('' for the archive's folder)."""

    address: str
    storage: str


def engine(command: Callable[..., Any]) -> Callable[..., Any]:
    """Where the work is done; the command gets `cluster`: a Cluster, or None for this machine's processes."""

    @wraps(command)
    def with_cluster(*args: Any, engine: str, address: str, storage: str, **given: Any) -> Any:
        if engine != "ray" and (address or storage):
            raise click.UsageError("--address and --storage go with --engine ray.")
        if address and address != "local" and not storage:
            raise click.UsageError("--address needs --storage: a folder or an s3:// address that all nodes see.")
        return command(*args, cluster=Cluster(address, storage) if engine == "ray" else None, **given)

    for option in (
        click.option(
            "--storage", default="", metavar="FOLDER|s3://…", show_default="the archive's folder",
            help="For ray: what all nodes see (?endpoint_override=host:port&scheme=http for stores of your own).",
        ),
        click.option(
            "--address", default="", metavar="HOST:PORT|auto", show_default="a cluster on this machine",
            help="For ray: the head node of a cluster.",
        ),
        click.option(
            "--engine", type=click.Choice(["pool", "ray"]), default="pool", show_default=True,
            help="Processes of this machine, or a Ray cluster.",
        ),
    ):  # fmt: skip
        with_cluster = option(with_cluster)
    return with_cluster


def crawling(command: Callable[..., Any]) -> Callable[..., Any]:
    """What bounds a crawl."""
    for option in (
        click.option(
            "--longest", type=click.FloatRange(0), default=0, show_default="no bound; for `refresh` and `schedule` 7200",
            help="Stop a run after this many seconds; the next run continues it.",
        ),
        click.option(
            "--hours", default="", metavar="22-6", help="Send requests only between these hours, in China's time.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command
