"""`dangqun export`: the archive to take away."""

from pathlib import Path

import click

from archive.publishing.snapshot import published
from archive.publishing.wacz import export as export_wacz
from archive.storage.store import open_for_reading
from crawler.cli.console import console, table


@click.group()
def export() -> None:
    """Write the archive in forms that other tools read."""


@export.command()
@click.argument("target", type=click.Path(file_okay=False, path_type=Path), default=Path("export"))
@click.pass_obj
def tables(folder: Path, target: Path) -> None:
    """The published snapshot as CSV, JSON lines and Parquet in the folder TARGET (default: export/).

    With datapackage.json (Frictionless) and codebook.md, which says what every column and fact type means.
    """
    from archive.publishing.tables import export_tables  # pyarrow takes a moment to load

    counts = export_tables(published(folder), target)
    table(f"Written to {target}", ("table", "rows"), counts.items())


@export.command()
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path), default=Path("archive.wacz"))
@click.pass_obj
def wacz(folder: Path, target: Path) -> None:
    """All captures as one WACZ file TARGET (default: archive.wacz), for pywb, ReplayWeb.page and the like."""
    with open_for_reading(folder) as archive:
        export_wacz(archive, target)
    console.print(f"Written {target} ({target.stat().st_size / 1e6:.1f} MB).")
