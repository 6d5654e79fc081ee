"""What the commands print with: progress and tables for people on standard error, data on standard output."""

from collections.abc import Iterable

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

console = Console(stderr=True, highlight=False, markup=False)  # `[/x]` in an address is no markup


def progress() -> Progress:
    """A progress bar for each of several tasks; shows articles where a task counts them."""
    return Progress(
        TextColumn("{task.description:<18}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[articles]} articles"),
        TimeElapsedColumn(),
        console=console,
    )


def table(title: str, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Print a small table for people."""
    shown = Table(title=title, title_justify="left")
    for column in columns:
        shown.add_column(column, overflow="fold")  # a name cut short names nothing
    for row in rows:
        shown.add_row(*(str(cell) for cell in row))
    console.print(shown)
