"""`dangqun demo`: the sample site is served on loopback, crawled and published."""

import subprocess
import sys
from pathlib import Path

import click

from archive.configuration import mark_as_demo
from archive.facts import check_model
from archive.publishing.server import serve_snapshot
from archive.publishing.snapshot import totals
from archive.storage.store import open_for_reading
from crawler import sample
from crawler.cli import options
from crawler.cli.console import message, table
from crawler.cli.opening import open_archive
from crawler.run import EXIT_UNUSUAL
from crawler.sample.editions import SITES, correction_time
from crawler.sample.server import SampleSite, serve


@click.command()
@click.option(
    "--serve/--no-serve",
    "serving",
    default=True,
    show_default=True,
    help="Serve the result, or only print the numbers.",
)
@click.option("--port", default=8001, show_default=True, help="The port to serve on.")
@click.pass_obj
def demo(folder: Path, serving: bool, port: int) -> None:
    """Crawl the sample site and serve the result.

    The sample site comes with the project. The command serves its three invented outlets on loopback meanwhile (ports
    8101 to 8103; DANGQUN_SAMPLE_PORT changes the first). The first time, the site publishes its second edition after the
    crawl, and the command crawls it again: one article is corrected, one is new. A further run adds nothing. The site
    says on every page that a demonstration is invented (demo = true in dangqun.toml).
    """
    check_model()
    try:
        with serve() as site:
            open_archive(folder).close()  # created if it is new
            before = _totals(folder)
            if not before["articles"]:
                mark_as_demo(folder)
            _crawl(folder, site)
            _report(before, _totals(folder))
            if serving:
                message(f"\nServing on http://127.0.0.1:{port}/ - open it in a browser; Ctrl+C ends it.")
                raise SystemExit(serve_snapshot(folder / "published" / "archive.db", "127.0.0.1", port))
    except OSError as error:
        last = sample.FIRST_PORT + len(sample.NAMES) - 1
        raise click.ClickException(
            f"The sample site cannot be served on ports {sample.FIRST_PORT} to {last}: {error.strerror}."
            " Set DANGQUN_SAMPLE_PORT to the first of three free ports."
        ) from None


def _crawl(folder: Path, site: SampleSite) -> None:
    """Crawl both editions, or the second one again if the archive has both."""
    corrected = correction_time(folder)
    if corrected:
        site.print_edition(2, corrected)
        _dangqun_crawl("Crawling the sample site again")
    else:
        _dangqun_crawl("Crawling the sample site")
        site.print_edition(2, correction_time(folder) or "")
        _dangqun_crawl("The site has a new edition: crawling what changed")


def _dangqun_crawl(title: str) -> None:
    message(title)
    # A process of its own: the network reactor can start only once in a process.
    command = [sys.executable, "-P", "-m", "crawler.cli", *options.of_this_command(), "crawl", *SITES]
    if subprocess.run(command, check=False).returncode not in (0, EXIT_UNUSUAL):  # the sample has had no news for long
        raise click.ClickException("The crawl of the sample site failed, see above.")


def _totals(folder: Path) -> dict[str, int]:
    with open_for_reading(folder) as archive:
        return totals(archive)


def _report(before: dict[str, int], after: dict[str, int]) -> None:
    rows = [(name, count, f"+{count - before[name]}") for name, count in after.items()]
    table("The archive", ("rows", "total", "added"), rows)
    if before == after:
        message("Nothing was added: the archive has all of it already.")
    click.echo(", ".join(f"{name}: {after[name]}" for name in ("articles", "stations", "facts", "reprints")))
