"""How commands that may write open an archive: one that another version made is brought up to date first."""

import os
from pathlib import Path

from rich.progress import TaskID

from archive.pipeline.rebuild import rebuild
from archive.storage.store import Archive, is_outdated, open_for_writing
from crawler.cli.console import console, progress
from crawler.discovery.layouts import known_layouts
from crawler.discovery.sites import settings_for
from crawler.identity import contact_of

_LISTED = 5  # damaged places


def open_archive(folder: Path) -> Archive:
    """The archive of a folder, open for writing, as `open_for_writing`; brought up to date where that is needed."""
    bring_up_to_date(folder)
    archive = open_for_writing(folder, operator=contact_of(settings_for(folder)["USER_AGENT"]))
    if archive.damaged:
        more = f" and {len(archive.damaged) - _LISTED} more" if len(archive.damaged) > _LISTED else ""
        console.print(
            f"Damaged records were passed over: {', '.join(archive.damaged[:_LISTED])}{more}. All others are there. Put the"
            " files back from a backup where you have one."
        )
    return archive


def bring_up_to_date(folder: Path, processes: int = os.cpu_count() or 1) -> None:
    """Rebuild a database of another version from the captures, and show how far that is. Raises as `rebuild`."""
    if not is_outdated(folder):
        return
    console.print(
        "The database was made by another version of dangqun. It is made again from the captures; until that is done, the"
        " old one stays as it is. Ended before, the next command goes on."
    )
    with progress() as bar:
        tasks: dict[str, TaskID] = {}
        articles = 0

        def report(what: str, more: int, total: int, found: int) -> None:
            nonlocal articles
            articles += found
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total, articles=0)
            bar.update(tasks[what], advance=more, articles=articles)

        rebuild(folder, known_layouts(), processes=processes, report=report)
