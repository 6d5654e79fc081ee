"""The `dangqun` command: options that all subcommands share, and how it reports errors."""

import errno
import logging
import sqlite3
import sys
from pathlib import Path

import click

from archive import plugins
from archive.configuration import defaults_of_commands
from archive.errors import DATABASE_ERRORS, WAY_BACK, ArchiveError, LocalizedError, WrongRequest, is_damage
from crawler.cli.lazy import Lazy, LazyGroup

logger = logging.getLogger(__name__)
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)
_WITHOUT_PLUGINS = (
    "backup",
    "config",
    "doctor",
    "restore",
)  # they show what is wrong with them, or read no declarations
COMMANDS = {
    "accounts": Lazy("crawler.cli.accounts:accounts", "Manage the accounts of editors."),
    "alerts": Lazy("crawler.cli.alerting:alerts", "Manage and send alerts about searches and stations."),
    "backup": Lazy("crawler.cli.backups:backup", "Back up what cannot be made again."),
    "config": Lazy("crawler.cli.configuring:config", "Show, check and write what the operator decides."),
    "crawl": Lazy("crawler.cli.crawl:crawl", "Fetch what is new on sites, read it, and publish."),
    "demo": Lazy("crawler.cli.demo:demo", "Crawl the sample site and serve the result."),
    "doctor": Lazy("crawler.cli.examining:doctor", "Look for what would keep the archive from working."),
    "export": Lazy("crawler.cli.exporting:export", "Export the archive in formats of other tools."),
    "extract": Lazy("crawler.cli.checking:extract", "Read the captures again, without fetching."),
    "facts": Lazy("crawler.cli.reading:facts", "Print the facts of texts or pages."),
    "import": Lazy("crawler.cli.importing:import_", "Import pages, WARC files and folders of them."),
    "publish": Lazy("crawler.cli.serving:publish", "Check the archive and publish a snapshot."),
    "read": Lazy("crawler.cli.reading:read", "Print the article of each page."),
    "refresh": Lazy("crawler.cli.scheduling:refresh", "Crawl the enabled sites that are due, and publish."),
    "restore": Lazy("crawler.cli.backups:restore", "Make an archive from a backup."),
    "review": Lazy("crawler.cli.reviewing:review", "Confirm, reject or correct a fact."),
    "reviews": Lazy("crawler.cli.reviewing:reviews", "Print the reviews, or undo one."),
    "schedule": Lazy("crawler.cli.scheduling:schedule", "Run `refresh` whenever a site is due."),
    "serve": Lazy("crawler.cli.serving:serve", "Serve the published snapshot."),
    "sites": Lazy("crawler.cli.sites:sites", "List, check, enable, disable and describe sites."),
    "stations": Lazy("crawler.cli.reviewing:stations", "Decide which names are one station."),
    "status": Lazy("crawler.cli.scheduling:status", "Show the last and the next run of each site."),
    "takedown": Lazy("crawler.cli.takedowns:takedown", "Remove articles or names from what is published."),
    "verify": Lazy("crawler.cli.checking:verify", "Check the database against its captures."),
}  # fmt: skip


class _Group(LazyGroup):
    """A group that reports errors of the archive in one sentence, with exit code 1."""

    lazy = COMMANDS

    def invoke(self, ctx: click.Context) -> object:
        if not ctx.params["log_json"]:
            return self._invoke(ctx)
        try:
            return self._invoke(ctx)
        except click.ClickException as error:
            logger.error(error.format_message())  # noqa: TRY400 (no traceback: the user's own)
            ctx.exit(error.exit_code)
        except (click.exceptions.Exit, click.Abort):
            raise
        except Exception:
            logger.critical("The command ended with an error of the program.", exc_info=True)
            ctx.exit(1)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Import the module of a command, for most behind the plug-ins and the configuration of the archive."""
        if args[0] not in _WITHOUT_PLUGINS and not ctx.resilient_parsing:
            plugins.use(ctx.params["folder"])
            ctx.default_map = defaults_of_commands(ctx.params["folder"])
        return super().resolve_command(ctx, args)

    def _invoke(self, ctx: click.Context) -> object:
        try:
            _refuse_windows()
            return super().invoke(ctx)
        except WrongRequest as error:
            raise click.UsageError(str(error)) from None
        except LocalizedError as error:
            raise click.ClickException(error.en) from None
        except ArchiveError as error:
            raise click.ClickException(str(error)) from None
        except DATABASE_ERRORS as error:
            if sentence := _sentence(ctx.params["folder"], error):
                raise click.ClickException(sentence) from None
            raise
        except OSError as error:
            if error.errno not in _NO_ROOM:
                raise
            raise click.ClickException(
                f"{error.strerror}. The archive keeps what it has. Free some space and run the command again."
            ) from None


def _sentence(folder: Path, error: Exception) -> str:
    """The message for an error of a database; empty for an error of the program."""
    from archive.sql.soundness import damages

    if isinstance(error, sqlite3.OperationalError) and not is_damage(error):  # locked by somebody else, or no room
        return f"The archive's database refused: {error}. The archive keeps what it has. Try again."
    if found := " ".join(damages(folder)):
        return found
    if not isinstance(error, sqlite3.Error) or not is_damage(error):
        return ""
    ways = " ".join(f"{name}: {way}" for name, way in WAY_BACK.items())
    why = str(error).partition(" with text ")[0]
    return f"A database of the archive is damaged, or does not belong to this archive: {why}. {ways}"


def _refuse_windows() -> None:
    """Raises ArchiveError on Windows, which has no fcntl: nothing would keep two processes out of one archive."""
    if sys.platform == "win32":
        raise ArchiveError("dangqun needs Linux or macOS. On Windows, run it in WSL or in a container.")


def _check_declarations() -> None:
    """Check the declarations of fact types. Only a command that reads facts has imported them by now."""
    if facts := sys.modules.get("archive.facts"):
        facts.fact_types()


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "DANGQUN"})
@click.option(
    "--archive", "folder", type=click.Path(file_okay=False, path_type=Path), default=Path("data"), show_default=True,
    envvar="DANGQUN_ARCHIVE", show_envvar=True, help="The folder of the archive.",
)  # fmt: skip
@click.option(
    "-v", "--verbose", count=True, help="Log what the program does; -vv logs everything, Scrapy's requests included."
)
@click.option("--log-json", is_flag=True, help="Write log and messages on standard error as JSON lines.")
@click.version_option(package_name="dangqun-archive", prog_name="dangqun")
@click.pass_context
def main(ctx: click.Context, folder: Path, verbose: int, log_json: bool) -> None:
    """Dangqun Archive: what Chinese local news says about community party-service stations (党群服务站).

    The crawler stores each page exactly as fetched. The reader finds the article in it, and the extractor finds the
    facts, each with the words that state it. Datasette serves the result.

    \b
    First look:            dangqun demo
    Pages that you have:   dangqun import FOLDER && dangqun serve
    Without an archive:    dangqun read PAGE.html; dangqun facts TEXT.txt

    Exit codes: 0 success; 1 an error, explained on standard error; 2 a wrong command line; 3 success, but a crawl
    had unusual results.
    """
    from crawler.cli import logs

    logs.configure(verbose, log_json)
    _check_declarations()
    ctx.obj = folder
