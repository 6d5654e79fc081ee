"""Options that several commands share."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any
from urllib.parse import urlsplit

import click

from archive.entries import ENTRIES, Entry
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


class _Text(click.ParamType):
    """A text that an entry of dangqun.toml can have."""

    name = "text"

    def __init__(self, entry: Entry) -> None:
        self.entry = entry

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The text in its normal form. Raises BadParameter if it is not allowed."""
        try:
            return self.entry.line(value) if value or isinstance(self.entry.default, list) else ""
        except ValueError:
            self.fail(f"{value[:200]!r} is not {self.entry.possible}.", param, ctx)


NUMBER = _Number()


def configured(entry: str, *flags: str, former: str = "", **attributes: Any) -> Callable[[Any], Any]:
    """The option of a command for an entry of dangqun.toml, which declares its default, bounds and help. The command line and
    the environment take precedence over the file.

    Args:
        entry: the name of the entry.
        flags: the names of the option; by default that of the entry.
        former: the name of the option in the version before.
        attributes: further arguments of `click.option`.
    """
    declared = ENTRIES[entry]
    words = declared.key.replace("_", "-")
    default = declared.default
    kinds: dict[type, Any] = {int: click.IntRange, float: click.FloatRange}
    if isinstance(default, bool):
        flags = flags or (f"--{words}/--no-{words}",)
    elif type(default) in kinds:
        attributes["type"] = kinds[type(default)](declared.least, declared.most)
    else:
        attributes |= {"type": _Text(declared), "multiple": isinstance(default, list)}
    attributes = {"help": declared.help, "show_default": default != "", "envvar": declared.environment} | attributes
    option = partial(renamed.option, former=former) if former else click.option
    result: Callable[[Any], Any] = option(*(flags or (f"--{words}",)), default=default, **attributes)
    return result


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


def of_this_command() -> list[str]:
    """The options of `dangqun` itself with which this command was started, to start another one."""
    options = click.get_current_context().find_root().params
    verbose, json = ["--verbose"] * options["verbose"], ["--log-json"] * options["log_json"]
    return ["--archive", str(options["folder"]), *verbose, *json]


site = configured("site", metavar="ADDRESS")
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
    return configured("crawl.hours", metavar="22-6", show_envvar=True, show_default="the hours of each site", help=help)


def crawling(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options that limit a crawl."""
    max_seconds = configured("crawl.max_seconds", former="--longest")
    return max_seconds(hours("Send requests only between these hours, in China's time.")(command))
