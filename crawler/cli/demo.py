"""`dangqun demo`: the whole path on the sample site, over loopback."""

import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import click

from archive.facts import check_model
from archive.publishing.snapshot import totals
from archive.storage.store import open_for_reading
from crawler import sample
from crawler.cli.console import console, table
from crawler.cli.crawl import OUT_OF_LINE
from crawler.cli.opening import open_archive
from crawler.cli.serving import datasette
from crawler.sample.server import SampleSite, serve

SITES = ("sample-city", "sample-district", "sample-mirror")


@click.command()
@click.option(
    "--serve/--no-serve",
    "serving",
    default=True,
    show_default=True,
    help="Serve the result, or only print what was found.",
)
@click.option("--port", default=8001, show_default=True, help="Port to serve on.")
@click.pass_obj
def demo(folder: Path, serving: bool, port: int) -> None:
    """Crawl the sample site that ships with the project, and serve what it says.

    Three invented outlets are served on loopback meanwhile (ports 8101 to 8103; DANGQUN_SAMPLE_PORT moves
    them). The first time, the site brings out its second edition after the crawl and is crawled again: one
    article is corrected, one is new. Run again, nothing is added.
    """
    check_model()
    try:
        with serve() as site:
            open_archive(folder).close()  # made where it is new
            before = _totals(folder)
            _crawl(folder, site)
            _tell(before, _totals(folder))
            if serving:
                console.print(f"\nServing on http://127.0.0.1:{port}/ - open it in a browser; Ctrl+C ends it.")
                raise SystemExit(datasette(folder / "published" / "archive.db", "127.0.0.1", port))
    except OSError as error:
        last = sample.FIRST_PORT + len(sample.NAMES) - 1
        raise click.ClickException(
            f"The sample site cannot be served on ports {sample.FIRST_PORT} to {last}: {error.strerror}."
            " Set DANGQUN_SAMPLE_PORT to the first of three free ones."
        ) from None


def _crawl(folder: Path, site: SampleSite) -> None:
    """Crawl what the archive does not have yet: both editions, or the second once more."""
    corrected = _correction_time(folder)
    if corrected:
        site.print_edition(2, corrected)
        _dangqun_crawl(folder, "Crawling the sample site again")
    else:
        _dangqun_crawl(folder, "Crawling the sample site")
        site.print_edition(2, _correction_time(folder) or "")
        _dangqun_crawl(folder, "A new edition came out: crawling what changed")


def _dangqun_crawl(folder: Path, what: str) -> None:
    # A process of its own: the network reactor starts only once in one.
    console.print(what, style="bold")
    command = [sys.executable, "-P", "-m", "crawler.cli", "--archive", str(folder), "crawl", *SITES]
    if subprocess.run(command, check=False).returncode not in (0, OUT_OF_LINE):  # the sample is silent for long
        raise click.ClickException("The crawl of the sample site failed, see above.")


def _correction_time(folder: Path) -> str | None:
    """When the second edition dates its correction: just after the first crawl ended, None before that."""
    with open_for_reading(folder) as archive:
        row = archive.connection.execute(
            "select finished from runs where site = ? and finished is not null order by id limit 1",
            [SITES[0]],
        ).fetchone()
    return (datetime.fromisoformat(row[0]) + timedelta(seconds=1)).isoformat() if row else None


def _totals(folder: Path) -> dict[str, int]:
    with open_for_reading(folder) as archive:
        return totals(archive)


def _tell(before: dict[str, int], after: dict[str, int]) -> None:
    table(
        "The archive",
        ("", "total", "added"),
        [(name, count, f"+{count - before[name]}") for name, count in after.items()],
    )
    if before == after:
        console.print("Nothing was added: the archive has all of it already.")
    click.echo(", ".join(f"{name}: {after[name]}" for name in ("articles", "stations", "facts", "reprints")))
