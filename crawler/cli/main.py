"""The `dangqun` command: options that all subcommands share, and how it reports errors."""

import errno
import sqlite3
from pathlib import Path

import click

from archive.errors import DATABASE_ERRORS, WAY_BACK, ArchiveError, WrongRequest, is_damage
from archive.facts import fact_types
from archive.sql.soundness import damages
from crawler.cli.accounts import accounts
from crawler.cli.alerting import alerts
from crawler.cli.checking import extract, verify
from crawler.cli.crawl import crawl
from crawler.cli.demo import demo
from crawler.cli.exporting import export
from crawler.cli.importing import import_
from crawler.cli.purging import purge_takedown
from crawler.cli.reading import facts, read
from crawler.cli.reviewing import review, reviews, stations, takedown
from crawler.cli.scheduling import refresh, schedule, status
from crawler.cli.serving import publish, serve
from crawler.cli.sites import sites

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)


class _Group(click.Group):
    """A group that reports errors of the archive in one sentence, with exit code 1."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except WrongRequest as error:
            raise click.UsageError(str(error)) from None
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
                f"{error.strerror}. What was archived is kept; make room and run the command again."
            ) from None


def _sentence(folder: Path, error: Exception) -> str:
    """The message for an error of a database; empty for an error of the program."""
    if isinstance(error, sqlite3.OperationalError) and not is_damage(error):  # locked by somebody else, or no room
        return f"The archive's database refused: {error}. What was done is kept; try again."
    if found := " ".join(damages(folder)):
        return found
    if not isinstance(error, sqlite3.Error) or not is_damage(error):
        return ""
    ways = " ".join(f"{name}: {way}" for name, way in WAY_BACK.items())
    why = str(error).partition(" with text ")[0]
    return f"A database of the archive is damaged, or not of this archive: {why}. {ways}"


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "DANGQUN"})
@click.option(
    "--archive", "folder", type=click.Path(file_okay=False, path_type=Path), default=Path("data"), show_default=True,
    envvar="DANGQUN_ARCHIVE", show_envvar=True, help="The archive's folder.",
)  # fmt: skip
@click.version_option(package_name="dangqun-archive", prog_name="dangqun")
@click.pass_context
def main(ctx: click.Context, folder: Path) -> None:
    """Dangqun Archive: what Chinese local news says about community party-service stations (党群服务站).

    Pages are captured as they came, articles are read from them, facts are taken out with the words that
    say them, and the result is published with Datasette.

    \b
    First look:            dangqun demo
    Pages that you have:   dangqun import FOLDER && dangqun serve
    Without an archive:    dangqun read PAGE.html; dangqun facts TEXT.txt

    Exit codes: 0 done; 1 something failed, and standard error says what; 2 the command line is wrong; 3 done, and
    a crawl was not as usual.
    """
    fact_types()  # reports a wrong declaration before anything begins
    ctx.obj = folder


takedown.add_command(purge_takedown)
for _command in (
    *(crawl, refresh, schedule, status, sites, import_, extract, verify, review, reviews, stations, takedown),
    *(read, facts, publish, export, serve, accounts, alerts, demo),
):
    main.add_command(_command)
