"""Crawls, imports and reading on a cluster, up to the rows: what `crawler.run` and `archive.pipeline` do on one machine."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from archive.errors import WrongRequest
from archive.pipeline.importing import Import
from archive.pipeline.ingest import source
from archive.pipeline.reread import Job, outdated, store_derived
from archive.storage.store import Archive
from crawler import session
from crawler.cluster import crawling, engine, reading
from crawler.cluster.storage import Storage, split
from crawler.discovery.layouts import known_layouts
from crawler.discovery.sites import ANYWHERE, known_sites, refuse_unknown, settings_for
from crawler.jobs import CrawlOptions, SiteJob
from crawler.run import CrawlResult, Watcher, allowed, distinct, require_contact

Written = Callable[[int, int], None]  # addresses, and the articles among them


def run_on_cluster(
    folder: Path, jobs: list[SiteJob], address: str, storage: str, bounds: CrawlOptions, watcher: Watcher
) -> CrawlResult:
    """Crawl sites by tasks of a cluster, and read there what they fetched.

    Args:
        folder: the archive's folder.
        jobs: the sites.
        address: the head node of the cluster; empty: a cluster on this machine.
        storage: what all nodes can read and write; empty: the archive's folder.
        bounds: what limits the crawls.
        watcher: gets reports while the crawl runs.

    Raises:
        WrongRequest: a job is a URL, a site is unknown, or `hours` is malformed.
        ArchiveError: no contact is set, or Ray does not answer.
    """
    if any(name == ANYWHERE for name, _ in jobs):
        raise WrongRequest("--engine ray crawls sites only. To crawl a URL, leave the option out.")
    settings = settings_for(folder)
    jobs, known = distinct(jobs), known_sites(settings)
    refuse_unknown([name for name, _ in jobs], known)
    require_contact(settings, known, jobs)
    watcher.bring_up_to_date(folder)
    archive = session.archive_of(settings)
    jobs = allowed(archive, known, jobs, bounds.get("hours", ""), watcher)
    if not jobs:
        return CrawlResult()
    shared = Storage(storage or str(folder))
    with engine.connected(address):
        watcher.advanced("sites", 0, len(jobs))
        ended = crawling.crawl_all(
            archive, jobs, shared, {**bounds, "agent": settings["USER_AGENT"]},
            lambda site, captures: watcher.advanced("sites", 1, len(jobs)),
        )  # fmt: skip
        todo = outdated(archive, known_layouts())
        total = sum(len(ids) for _, ids in todo)
        watcher.advanced("pages", 0, total)
        articles = _read(archive, todo, shared, lambda captures: watcher.advanced("pages", captures, total))
        watcher.advanced("pages", 0, total, articles)
    return CrawlResult(ended.failed, ended.findings)


def reread_on_cluster(
    archive: Archive, jobs: list[Job], address: str, storage: str, read: Callable[[int], None], written: Written
) -> int:
    """Read captures again by tasks of a cluster, as `archive.pipeline.reread.reread` does on one machine.

    Args:
        archive: the archive, open for writing.
        jobs: addresses with the ids of their captures.
        address: the head node of the cluster; empty: a cluster on this machine.
        storage: what all nodes can read and write; empty: the archive's folder.
        read: called with the number of captures that a task has read.
        written: called with numbers of addresses and articles whose rows are written.

    Returns:
        How many of the addresses are articles.
    """
    with engine.connected(address):
        return _read(archive, jobs, Storage(storage or str(archive.folder)), read, written)


def _read(
    archive: Archive,
    jobs: list[Job],
    storage: Storage,
    read: Callable[[int], None],
    written: Written = lambda addresses, articles: None,
) -> int:
    coming = reading.derive_all(archive, jobs, storage, read)
    return store_derived(archive, coming, written, source(archive, known_layouts()))


def import_on_cluster(
    work: Import, files: list[str], address: str, storage: str, imported: Callable[[Counter[str]], None]
) -> None:
    """Import WARC, ARC and WACZ files by tasks of a cluster.

    Args:
        work: the import, which counts the pages.
        files: paths, or addresses of an object store.
        address: the head node of the cluster; empty: a cluster on this machine.
        storage: what all nodes can read and write; empty: the archive's folder.
        imported: called with the counts of each file, by kind of page.
    """

    def count(_: str, counts: Counter[str]) -> None:
        work.counts.update(counts)
        imported(counts)

    with engine.connected(address):
        errors = reading.import_all(
            work.archive, work.run_id, files, Storage(storage or str(work.archive.folder)),
            any_topic=work.any_topic, prefilter=work.prefilter, report=count,
        )  # fmt: skip
    for file, error in errors.items():
        work.unreadable(split(file)[1], error)
