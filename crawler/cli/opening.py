"""How commands that write open an archive: a database that another version made is rebuilt first."""

import os
from pathlib import Path

from rich.progress import TaskID

from archive.errors import some
from archive.pipeline.rebuild import rebuild
from archive.storage.store import Archive, is_outdated, open_for_writing
from crawler.cli.console import message, progress
from crawler.discovery.layouts import known_layouts
from crawler.discovery.sites import settings_for
from crawler.identity import contact_of


def open_archive(folder: Path) -> Archive:
    """The archive of a folder, open for writing, as `open_for_writing`; rebuilt first if another version made it."""
    bring_up_to_date(folder)
    archive = open_for_writing(folder, operator=contact_of(settings_for(folder)["USER_AGENT"]))
    if archive.damaged:
        message(
            f"These records are damaged and were skipped: {some(archive.damaged)}. All others are there."
            " If you have a backup, restore the files from it."
        )
    return archive


def bring_up_to_date(folder: Path, processes: int = os.cpu_count() or 1) -> None:
    """Rebuild a database of another version from the captures, with a progress bar. Raises as `rebuild`."""
    if not is_outdated(folder):
        return
    message(
        "Another version of dangqun made the database. It is rebuilt from the captures now. The old one stays until that is"
        " complete. After an interruption, the next command continues."
    )
    with progress() as bar:
        tasks: dict[str, TaskID] = {}
        articles = 0

        def rebuilt(what: str, more: int, total: int, found: int) -> None:
            nonlocal articles
            articles += found
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total, articles=0)
            bar.update(tasks[what], advance=more, articles=articles)

        rebuild(folder, known_layouts(), processes=processes, report=rebuilt)
