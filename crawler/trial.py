"""A crawl into an archive that is deleted afterwards: what looks at a site before anything of it is kept."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from archive.configuration import FILE
from archive.storage.store import Archive, open_for_reading
from crawler import session
from crawler.discovery.sites import known_sites, settings_for
from crawler.jobs import SiteJob
from crawler.run import CrawlResult, Watcher, require_contact, run


@contextmanager
def trial(folder: Path, jobs: list[SiteJob], watcher: Watcher | None = None) -> Iterator[tuple[CrawlResult, Archive]]:
    """Crawl as the operator of an archive does, with the same limits, and store nothing there.

    Args:
        folder: the folder of that archive.
        jobs: the sites. A process can crawl once.
        watcher: receives the progress of the crawl.

    Yields:
        The result of the crawl, and an archive of what was fetched, for the length of the block.

    Raises:
        ArchiveError: as `run`.
    """
    settings = settings_for(folder)
    require_contact(settings, known_sites(settings), jobs)  # the message names the file of the operator
    with TemporaryDirectory() as made:
        if (folder / FILE).exists():
            shutil.copy(folder / FILE, made)
        result = run(Path(made), jobs, watcher=watcher)
        session.close_all()
        with open_for_reading(Path(made)) as archive:
            yield result, archive
