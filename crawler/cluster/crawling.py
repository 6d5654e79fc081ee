"""Crawling on a cluster. The unit is a site. Each site has an archive of its own in the storage. One task at a time opens it on
any node, crawls into it, and closes it; then the published archive takes over its new WARC files.

A killed task leaves an archive that the next task repairs and continues, as on one machine. Sites that share a host share a
task.
"""

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from archive.captures.warc import RecordLocation, copy_records
from archive.storage.store import Archive
from crawler.cluster import engine
from crawler.cluster.storage import Storage
from crawler.discovery.sites import known_sites, settings_for
from crawler.discovery.urls import host_of
from crawler.jobs import CrawlOptions, SiteJob
from crawler.monitoring.health import FindingRow

_SITES = "sites"
_SEED = "known"  # begins the names of WARC files with captures from before; they are not imported again


class SitesCrawled(NamedTuple):
    """Why crawls did not finish, and what was unusual."""

    failed: list[str]
    findings: list[FindingRow]


def crawl_all(
    archive: Archive, jobs: list[SiteJob], storage: Storage, options: CrawlOptions, report: Callable[[str, int], None]
) -> SitesCrawled:
    """Crawl sites, each in a task, and import their captures into the archive, unread.

    Args:
        archive: the archive.
        jobs: the sites, as in `crawler.run.run`.
        storage: what all nodes see.
        options: what limits the crawls.
        report: called with each site and the number of its new captures.

    Returns:
        How the crawls ended.
    """
    for name, _ in jobs:
        _seed(archive, name, storage)
    failed: list[str] = []
    findings: list[FindingRow] = []
    tasks = _by_host(archive, jobs)
    for number, ended in engine.each(crawl_sites, [(storage.address, task, options) for task in tasks], fresh=True):
        failed += ended.failed
        findings += ended.findings
        for name, _ in tasks[number]:
            report(name, import_site(archive, name, storage))
    return SitesCrawled(failed, findings)


def crawl_sites(address: str, jobs: list[SiteJob], options: CrawlOptions) -> SitesCrawled:
    """The task: crawl sites one after the other, in a fresh process."""
    from crawler.run import run  # its settings are read from the environment, which is set by now

    storage = Storage(address)
    failed: list[str] = []
    findings: list[FindingRow] = []
    for job in jobs:
        with _opened(storage, job.name) as folder:
            ended = run(folder, [job], **options)
        failed += ended.failed
        findings += ended.findings
    return SitesCrawled(failed, findings)


@contextmanager
def _opened(storage: Storage, name: str) -> Iterator[Path]:
    """A site's archive as a folder on this machine; written back to an object store when the block ends."""
    from crawler import session

    site = storage.below(f"{_SITES}/{name}")
    if site.folder:
        yield site.folder
        session.close_all()
        return
    with TemporaryDirectory(prefix="dangqun-") as made:
        folder = Path(made)
        (folder / "warc").mkdir()
        for under in ("warc", ""):
            for file in site.sizes(under):
                site.fetch(f"{under}/{file}".strip("/"), folder / under / file)
        yield folder
        session.close_all()
        there = site.sizes("warc")
        for path in sorted(
            (folder / "warc").iterdir()
        ):  # before the database: it can be rebuilt from captures, not they from it
            if there.get(path.name) != path.stat().st_size:
                site.put(path, f"warc/{path.name}")
        site.put(folder / "archive.db", "archive.db")


def import_site(archive: Archive, name: str, storage: Storage) -> int:
    """Import the captures and the runs of a site, except those already imported. Returns the number of new captures."""
    site = storage.below(f"{_SITES}/{name}")
    archive.warc.path.mkdir(parents=True, exist_ok=True)
    purged = {
        row[0] for row in archive.connection.execute("select distinct warc_file from captures where role = 'tombstone'")
    }
    for file, size in site.sizes("warc").items():
        target = archive.warc.path / file
        if (
            not file.startswith(_SEED)
            and file not in purged  # the site's copy may hold what was erased here
            and file.endswith(".warc.gz")
            and not (target.exists() and target.stat().st_size == size)
        ):
            site.fetch(f"warc/{file}", target)
    found = archive.recover()
    with site.local("archive.db") as path:
        _import_runs(archive, name, path)
    return found


def _import_runs(archive: Archive, name: str, database: Path) -> None:
    theirs = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        known = {row[0] for row in archive.connection.execute("select started from runs where site = ?", [name])}
        for number, *run in theirs.execute(
            "select id, command, site, started, finished, outcome, stats from runs where command = 'crawl' order by id"
        ).fetchall():
            if run[2] in known or run[3] is None:
                continue
            files = [
                row[0] for row in theirs.execute("select distinct warc_file from captures where run_id = ?", [number])
            ]
            found = theirs.execute(
                "select site, expectation, message, observed, usual from findings where run_id = ?", [number]
            )
            with archive.transaction() as connection:
                made = connection.execute(
                    "insert into runs (command, site, started, finished, outcome, stats) values (?, ?, ?, ?, ?, ?)", run
                ).lastrowid
                connection.executemany(
                    "insert into findings (run_id, site, expectation, message, observed, usual) values (?, ?, ?, ?, ?, ?)",
                    [(made, *row) for row in found],
                )
                connection.execute(
                    "update captures set run_id = ? where warc_file in (select value from json_each(?))",
                    [made, json.dumps(files)],
                )
    finally:
        theirs.close()


def _seed(archive: Archive, name: str, storage: Storage) -> None:
    """Copy the captures of a site into its archive before its first crawl on a cluster, so that they are not fetched again."""
    site = storage.below(f"{_SITES}/{name}")
    if site.sizes("warc") or site.sizes():
        return
    outlet = known_sites(settings_for(archive.folder))[name].outlet
    found = archive.connection.execute(
        "select warc_file, warc_offset, warc_length from captures where outlet_id = (select id from outlets where name = ?)"
        " order by id",
        [outlet],
    )
    records = [RecordLocation(*row) for row in found]
    if not records:
        return
    with TemporaryDirectory(prefix="dangqun-") as made:
        seed = Path(made) / f"{_SEED}-{os.getpid()}.warc.gz"
        copy_records(archive.warc.path, records, seed)
        site.put(seed, f"warc/{seed.name}")


def _by_host(archive: Archive, jobs: list[SiteJob]) -> list[list[SiteJob]]:
    """Group the jobs so that no two groups request from the same host."""
    known = known_sites(settings_for(archive.folder))
    groups: list[tuple[set[str], list[SiteJob]]] = []
    for job in jobs:
        site = known[job.name]
        hosts = set(map(host_of, (site.home, *getattr(site, "also", ()))))
        meeting = [group for group in groups if group[0] & hosts]
        groups = [group for group in groups if not group[0] & hosts]
        groups.append((hosts.union(*(g[0] for g in meeting)), [one for g in meeting for one in g[1]] + [job]))
    return [group[1] for group in groups]
