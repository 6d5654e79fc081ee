"""Output for people on standard error: messages, tables and progress bars. Data goes to standard output.

With --log-json, messages and table rows are JSON lines, and progress bars are shown on a terminal only.
"""

import logging
from collections.abc import Iterable

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

console = Console(stderr=True, highlight=False, markup=False, emoji=False)  # an address may hold `[/x]` or `:x:`
messages = logging.getLogger("dangqun")  # what --log-json writes in place of the text
_json = False


def use_json(json: bool) -> None:
    """Write messages and tables as log records from now on, or as text."""
    global _json  # noqa: PLW0603 (a command writes in one form)
    _json = json


def message(text: str, *, wrap: bool = True, **fields: object) -> None:
    """Print a message for people. `fields` go into its JSON line."""
    if _json:
        messages.info(text.strip(), extra=fields)
    else:
        console.print(text, soft_wrap=not wrap)


def table(title: str, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Print a small table for people; with --log-json a line for each row, with the column names as keys of `row`."""
    columns = list(columns)
    if _json:
        for row in rows:
            messages.info(title, extra={"row": dict(zip(columns, row, strict=True))})
        return
    shown = Table(title=title, title_justify="left")
    for column in columns:
        shown.add_column(column, overflow="fold")  # a truncated name is of no use
    for row in rows:
        shown.add_row(*(str(cell) for cell in row))
    console.print(shown)


def progress(*, in_bytes: bool = False) -> Progress:
    """A progress bar for each of several tasks; shows articles where a task counts them, or what is done in bytes."""
    articles = (MofNCompleteColumn(), TextColumn("{task.fields[articles]} articles"))
    return Progress(
        TextColumn("{task.description:<18}", markup=False),
        BarColumn(),
        *((DownloadColumn(),) if in_bytes else articles),
        TimeElapsedColumn(),
        console=console,
        disable=_json and not console.is_terminal,
    )
