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
from crawler.cli import renamed


class _Number(click.ParamType):
    """The number of a row in a database."""

    name = "integer"
    _largest = 2**63 - 1  # that SQLite can hold

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number. Raises BadParameter if the value cannot be one."""
        try:
            number = int(value)
        except ValueError:
            number = -1
        if not 0 <= number <= self._largest:
            self.fail(f"{value!r} is not the number of a row: write digits only, such as 12.", param, ctx)
        return number


class _Hours(click.ParamType):
    """Hours of the day in China, as 22-6."""

    name = "hours"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The hours as written. Raises BadParameter if they are malformed."""
        from crawler.schedule import check_hours

        try:
            check_hours(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        return str(value)


NUMBER = _Number()


def web_address(url: str) -> str:
    """The address of a page, checked. Raises UsageError if it cannot be one."""
    try:
        parts = urlsplit(url)
        complete = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        complete = False
    if not complete:
        raise click.UsageError(f"{url!r} is not the address of a page, such as https://news.example/list/.")
    return url


def own_address(folder: Path, address: str) -> str:
    """The address of the archive's site: that of the option, or else that of dangqun.toml; empty if neither sets one.
    Raises ConfigurationError."""
    return site_address(address) if address else configuration(folder).site


def of_this_command() -> list[str]:
    """The options of `dangqun` itself with which this command was started, to start another one."""
    options = click.get_current_context().find_root().params
    verbose, json = ["--verbose"] * options["verbose"], ["--log-json"] * options["log_json"]
    return ["--archive", str(options["folder"]), *verbose, *json]


site = click.option(
    "--site",
    default="",
    metavar="ADDRESS",
    help="The address under which readers reach the site, such as https://archive.example. Links in feeds, the sitemap,"
    " citations and e-mails begin with it.  [default: the entry `site` in dangqun.toml]",
)
by = click.option(
    "--by", required=True, envvar="DANGQUN_REVIEWER", show_envvar=True, help="The person who makes the decision."
)
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
    show_default="one for each core",
    help="The number of processes that read pages.",
)


@dataclass(frozen=True)
class Cluster:
    """Where the work is done: the address of a Ray cluster, and the storage that all its nodes see (empty: the archive's
    folder)."""

    address: str
    storage: str


def engine(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options for the place where the work is done. The command gets `cluster`: a Cluster, or None for this machine."""

    @wraps(command)
    def with_cluster(*args: Any, engine: str, ray_address: str, storage: str, **others: Any) -> Any:
        if engine != "ray" and (ray_address or storage):
            raise click.UsageError("--ray-address and --storage need --engine ray.")
        if ray_address and ray_address != "local" and not storage:
            raise click.UsageError(
                "--ray-address needs --storage: a folder or an s3:// address that all nodes can read."
            )
        return command(*args, cluster=Cluster(ray_address, storage) if engine == "ray" else None, **others)

    for option in (
        click.option(
            "--storage", default="", metavar="FOLDER|s3://…", show_default="the archive's folder",
            help="With --engine ray: a storage that all nodes can read and write. For a store of your own, append"
            " ?endpoint_override=host:port&scheme=http.",
        ),
        renamed.option(
            "--ray-address", former="--address", default="", metavar="HOST:PORT|auto",
            show_default="a cluster on this machine", help="With --engine ray: the head node of the cluster.",
        ),
        click.option(
            "--engine", type=click.Choice(["pool", "ray"]), default="pool", show_default=True,
            help="pool: processes on this machine; ray: a Ray cluster.",
        ),
    ):  # fmt: skip
        with_cluster = option(with_cluster)
    return with_cluster


def hours(help: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The option for the hours of the day in which pages are fetched; empty: the hours of each site."""
    return click.option(
        "--hours", type=_Hours(), default="", metavar="22-6", envvar="DANGQUN_HOURS", show_envvar=True,
        show_default="the hours of each site", help=help,
    )  # fmt: skip


def crawling(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options that limit a crawl."""
    max_seconds = renamed.option(
        "--max-seconds", former="--longest", type=click.FloatRange(0), default=0,
        show_default="no limit; for `refresh` and `schedule` 7200",
        help="Stop a run after this many seconds. The next run continues it.",
    )  # fmt: skip
    return max_seconds(hours("Send requests only between these hours, in China's time.")(command))
