"""Reading everything again from the captures, on all cores, address by address.

The pure work (bytes to article to facts) runs in other processes, and in this one while it waits for them; this one
writes, some addresses a transaction. A capture says which versions read it, so that what is read again is what another
version read, and a killed run goes on where it was.
"""

import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from archive import facts, reading
from archive.ending import end_with_parent
from archive.model import Article, Capture, NotAnArticle
from archive.pipeline.deriving import Derived
from archive.pipeline.ingest import Source, derived_from, mark_stems, readings, replace_address, replace_page, source
from archive.pipeline.paged import stems_of
from archive.plugins import missing
from archive.reading import Layouts
from archive.storage.store import PAGES, Archive, open_for_reading

_CHUNK = 16  # addresses a transaction
_TASK = 4  # addresses that a process reads before it is asked again: few, so that all end at about the same time
_AHEAD = 4  # tasks given to each process
_MOST = 200  # tasks that wait for one before them to be read: bounds memory


class Job(NamedTuple):
    """An address whose captures are to be read, with the ids of these, oldest first."""

    url: str
    capture_ids: tuple[int, ...]


class DerivedAddress(NamedTuple):
    """What the captures of an address say, by their ids."""

    url: str
    derived: Mapping[int, Derived]


class DamagedCapture(NamedTuple):
    """A capture whose record is damaged, and why."""

    url: str
    reason: str


Read = Callable[[Archive, int, Layouts | None], Derived]  # what a capture of an archive says, by its id


def outdated(archive: Archive, layouts: Layouts | None = None, *, everything: bool = False) -> list[Job]:
    """Returns the addresses with a capture that another version of the reader or the extractor read, or all
    (`everything`), each with all its captures.
    """
    archive.connection.create_function("reader_of", 1, _reader_of(layouts), deterministic=True)
    rows = archive.connection.execute(
        "select url, group_concat(id) from (select url, id, reader_version, extractor_version from captures"
        f" where {PAGES} order by id) group by url"
        + ("" if everything else " having sum(reader_version != reader_of(url) or extractor_version != ?) > 0")
        + " order by min(id)",
        [] if everything else [facts.VERSION],
    ).fetchall()
    return [Job(url, tuple(sorted(map(int, ids.split(","))))) for url, ids in rows]


def _reader_of(layouts: Layouts | None) -> Callable[[str], str]:
    """Address -> the version of the reader that reads it now."""
    return lambda url: reading.version(layouts, Capture(url, b"").host)


def undeclared(connection: sqlite3.Connection) -> Iterator[str]:
    """Yields what of a database was read with plug-ins or fact types that this process does not have: a sentence for each, without
    the full stop."""
    read_with = connection.execute(f"select distinct extractor_version from captures where {PAGES}")
    for name in sorted(missing(version for (version,) in read_with)):
        yield (
            f"articles were read with the plug-in {name}, which is not here. Install it again or name its folder in"
            " dangqun.toml; or run `dangqun extract` to read them without it"
        )
    types = {type_ for (type_,) in connection.execute("select type from facts union select type from candidates")}
    if unknown := ", ".join(sorted(types - facts.fact_types().keys())):
        yield f"there are facts of types that nothing declares: {unknown}. Declare them, or run `dangqun extract`"


def reread(
    archive: Archive,
    jobs: list[Job],
    layouts: Layouts | None = None,
    *,
    processes: int = 1,
    report: Callable[[int, int], None] = lambda addresses, articles: None,
) -> int:
    """Read the captures of addresses again, and update their rows.

    Args:
        archive: the archive, open for writing.
        jobs: the addresses with their captures.
        layouts: the layouts of known hosts.
        processes: how many processes read.
        report: called with numbers of addresses whose rows are written, and of the articles among them.

    Returns:
        How many of the addresses are articles.

    Raises:
        ModelUnavailable: the model of the extractor is not there.
    """
    coming = derive_all(archive.folder, jobs, layouts, processes)
    return store_derived(archive, coming, report, source(archive, layouts))


def store_derived(
    archive: Archive,
    coming: Iterator[DerivedAddress],
    report: Callable[[int, int], None],
    origin: Source,
) -> int:
    """Update the rows of addresses. Articles in several pages come last, when it is known which pages belong together.

    Args:
        archive: the archive, open for writing.
        coming: what the captures of each address say.
        report: as in `reread`.
        origin: reads the captures of articles in several pages.

    Returns:
        How many of the addresses are articles.
    """
    articles, paged = 0, []
    while chunk := list(islice(coming, _CHUNK)):
        kinds = []
        with archive.transaction():
            for url, derived in chunk:
                own = readings(archive, url, derived.__getitem__)
                if any(stems_of(own)):
                    mark_stems(archive, own)
                    paged.append(url)
                else:
                    kinds.append(replace_page(archive, url, own))
        found = sum(map(_has_article, kinds))
        articles += found
        report(len(chunk), found)
    done: set[int] = set()
    for url in paged:
        ids = archive.connection.execute("select id from captures where url = ?", [url]).fetchall()
        if done.isdisjoint(number for (number,) in ids):
            kinds_there = replace_address(archive, url, origin)
            done |= kinds_there.keys()
            found = len({kind.url for kind in kinds_there.values() if isinstance(kind, Article)})
            articles += found
            report(0, found)
    return articles


def _has_article(kinds: Mapping[int, Article | NotAnArticle]) -> bool:
    return any(isinstance(kind, Article) for kind in kinds.values())


def derive_all(
    folder: Path, jobs: list[Job], layouts: Layouts | None, processes: int, read: Read = derived_from
) -> Iterator[DerivedAddress]:
    """Read the captures of addresses.

    Args:
        folder: the archive's folder.
        jobs: the addresses with their captures.
        layouts: the layouts of known hosts.
        processes: how many processes read, this one among them.
        read: returns what a capture of an archive says. It goes to other processes.

    Yields:
        What the captures of each address say, in the order of the jobs.
    """
    tasks = [jobs[at : at + _TASK] for at in range(0, len(jobs), _TASK)]
    others = processes - 1 if len(jobs) > _CHUNK else 0
    with ExitStack() as stack:
        own = stack.enter_context(open_for_reading(folder)), layouts, read
        pool = stack.enter_context(readers(folder, layouts, others, read)) if others > 0 else None
        waiting = deque[Future[list[DerivedAddress]]]()
        for task in tasks:
            if pool and sum(not one.done() for one in waiting) < others * _AHEAD:
                waiting.append(pool.submit(_derive, task))
            else:
                waiting.append(Future())
                waiting[-1].set_result(_derived(task, *own))
            while waiting and (waiting[0].done() or len(waiting) > _MOST):
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()


def readers(folder: Path, layouts: Layouts | None, processes: int, read: Read = derived_from) -> ProcessPoolExecutor:
    """Returns fresh processes that read the captures of an archive: a fork would share the database connection and
    the lock. They end with the process that started them.
    """
    return ProcessPoolExecutor(processes, get_context("spawn"), _begin, (folder, layouts, read))


def derive_there(capture_id: int) -> Derived:
    """What a capture says; to be run by one of the `readers`."""
    archive, layouts, read = _here
    return read(archive, capture_id, layouts)


_here: tuple[Archive, Layouts | None, Read]


def _begin(folder: Path, layouts: Layouts | None, read: Read) -> None:
    global _here  # noqa: PLW0603 (a process of the pool has one archive)
    _here = open_for_reading(folder), layouts, read
    end_with_parent()  # it would wait for work for ever


def _derive(task: list[Job]) -> list[DerivedAddress]:
    return _derived(task, *_here)


def _derived(task: list[Job], archive: Archive, layouts: Layouts | None, read: Read) -> list[DerivedAddress]:
    return [DerivedAddress(url, {number: read(archive, number, layouts) for number in ids}) for url, ids in task]


def damaged_captures(archive: Archive) -> list[DamagedCapture]:
    """The captures whose record is damaged, oldest first."""
    found = archive.connection.execute("select url, reason from captures where kind = 'damaged' order by id")
    return [DamagedCapture(*row) for row in found]
