"""`dangqun export`: the archive in formats of other tools."""

from pathlib import Path

import click

from archive.publishing.snapshot import published
from archive.publishing.wacz import export as export_wacz
from archive.storage.store import open_for_reading
from crawler.cli.console import message, table


@click.group()
def export() -> None:
    """Export the archive in formats of other tools."""


@export.command()
@click.argument("target", type=click.Path(file_okay=False, path_type=Path), default=Path("export"))
@click.pass_obj
def tables(folder: Path, target: Path) -> None:
    """Write the published snapshot as CSV, JSON lines and Parquet.

    TARGET is a folder, by default export/. It also gets datapackage.json (Frictionless) and codebook.md, which explains
    every column and fact type.
    """
    from archive.publishing.tables import export_tables  # imports pyarrow

    counts = export_tables(published(folder), target)
    table(f"Written to {target}", ("table", "rows"), counts.items())


@export.command()
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path), default=Path("archive.wacz"))
@click.pass_obj
def wacz(folder: Path, target: Path) -> None:
    """Write all captures into one WACZ file, for pywb, ReplayWeb.page and other tools.

    TARGET is the file, by default archive.wacz.
    """
    with open_for_reading(folder) as archive:
        export_wacz(archive, target)
    message(f"Wrote {target} ({target.stat().st_size / 1e6:.1f} MB).", file=target)
