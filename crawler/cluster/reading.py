"""Reading on a cluster. The unit is a WARC file. Tasks turn files into row shards; one step builds the database from these.

The name of a shard identifies its input (files, versions, options), so that a restarted command finds finished shards.
"""

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date
from functools import partial
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from archive import facts, reading
from archive.captures.foreign import exchanges, likely
from archive.captures.warc import RecordLocation, WarcFolder
from archive.errors import DamagedRecord
from archive.model import Article, CaptureKind
from archive.pipeline import shards
from archive.pipeline.deriving import Derived, derive, isolated
from archive.pipeline.ingest import ingest
from archive.pipeline.reread import DerivedAddress, Job
from archive.reading import Layouts
from archive.storage.erased import TAKEN_DOWN
from archive.storage.store import Archive
from crawler.cluster import engine
from crawler.cluster.storage import Storage, split
from crawler.discovery.layouts import known_layouts

_SHARDS = "shards"
_AT_ONCE = 16  # pages whose rows share a transaction


class Record(NamedTuple):
    """A capture's record in its WARC file: offset and length in bytes. `day` is when it was fetched (UTC, ISO 8601)."""

    capture_id: int
    offset: int
    length: int
    outlet: str
    day: str


# Captures that an archive has


def derive_all(
    archive: Archive, jobs: list[Job], storage: Storage, report: Callable[[int], None]
) -> Iterator[DerivedAddress]:
    """Read captures on the cluster, as `archive.pipeline.reread.derive_all` does on one machine.

    Args:
        archive: the archive.
        jobs: the captures.
        storage: where the nodes find the WARC files; missing ones are copied there. It holds the shards meanwhile.
        report: called with numbers of captures read.

    Yields:
        What the captures of each address say, in the order of the jobs.
    """
    tasks = [(file, records, _name(file, records)) for file, records in _by_file(archive, jobs)]
    _put_missing(archive, storage, [file for file, *_ in tasks])
    there = storage.sizes(_SHARDS)
    todo = [task for task in tasks if task[2] not in there]
    report(sum(len(records) for _, records, name in tasks if name in there))
    for number, _ in engine.each(read_file, [(storage.address, *task) for task in todo]):
        report(len(todo[number][1]))
    with TemporaryDirectory(prefix=".shards-", dir=archive.folder) as made:
        derived = sqlite3.connect(Path(made) / "derived.db", isolation_level=None)
        derived.execute("create table derived (capture_id integer primary key, packed blob)")
        for *_, name in tasks:
            with storage.local(f"{_SHARDS}/{name}") as shard:
                derived.execute("begin")
                derived.executemany("insert into derived values (?, ?)", shards.read_captures(shard))
                derived.execute("commit")
        for url, ids in jobs:
            yield DerivedAddress(url, {number: shards.unpacked(_packed(derived, number)) for number in ids})
        derived.close()
    for *_, name in tasks:
        storage.delete(f"{_SHARDS}/{name}")


def read_file(address: str, file: str, records: list[Record], name: str) -> int:
    """The task: read captures of one WARC file into a shard. Returns their number."""
    storage, layouts = Storage(address), known_layouts()
    with storage.local(f"warc/{file}") as path, TemporaryDirectory(prefix="dangqun-") as made:
        folder = WarcFolder(path.parent)

        def rows() -> Iterator[shards.DerivedCapture]:
            for number, offset, length, outlet, day in records:
                location = RecordLocation(path.name, offset, length)
                yield shards.DerivedCapture(
                    number, isolated(partial(_read, folder, number, location, outlet, day, layouts))
                )

        count = shards.write_captures(Path(made) / name, rows())
        storage.put(Path(made) / name, f"{_SHARDS}/{name}")
    return count


def _read(
    folder: WarcFolder, number: int, location: RecordLocation, outlet: str, day: str, layouts: Layouts
) -> Derived:
    try:
        capture = folder.read(location, outlet)
    except ValueError as error:
        raise DamagedRecord(f"Capture {number} is damaged: {error}") from None
    return derive(replace(capture, fetched=date.fromisoformat(day)), layouts)


def _by_file(archive: Archive, jobs: list[Job]) -> list[tuple[str, list[Record]]]:
    wanted = {number for _, ids in jobs for number in ids}
    rows = archive.connection.execute(
        "select warc_file, captures.id, warc_offset, warc_length, coalesce(outlets.name, ''), substr(fetched_at, 1, 10)"
        " from captures left join outlets on outlets.id = outlet_id order by warc_file, warc_offset"
    )
    kept = (row for row in rows if row[1] in wanted)
    return [(file, [Record(*row[1:]) for row in of_file]) for file, of_file in groupby(kept, key=lambda row: row[0])]


def _put_missing(archive: Archive, storage: Storage, files: list[str]) -> None:
    if storage.folder == archive.folder.resolve():
        return
    there = storage.sizes("warc")
    for file in files:
        path = archive.warc.path / file
        if there.get(file) != path.stat().st_size:
            storage.put(path, f"warc/{file}")


def _packed(derived: sqlite3.Connection, number: int) -> bytes:
    return derived.execute("select packed from derived where capture_id = ?", [number]).fetchone()[0]


# Files of others


def import_all(
    archive: Archive, run_id: int, files: list[str], storage: Storage, *, any_topic: bool, prefilter: bool,
    report: Callable[[str, Counter[str]], None],
) -> dict[str, str]:  # fmt: skip
    """Import WARC and WACZ files on the cluster. The rows are those that `dangqun import` makes on one machine.

    Args:
        archive: the archive.
        run_id: the run of the import.
        files: paths, or addresses in an object store.
        storage: what all nodes see; it holds the shards meanwhile.
        any_topic: import articles off topic too.
        prefilter: leave out pages that are not Chinese or have no word of the topic.
        report: called with each file and its pages by kind, in the order of the files.

    Returns:
        The errors, by file.
    """
    tasks = [(file, _input_name(file, any_topic, prefilter), any_topic, prefilter) for file in files]
    there = storage.sizes(_SHARDS)
    todo = [task for task in tasks if task[1] not in there]
    errors: dict[str, str] = {}
    ended = {task[1] for task in tasks if task[1] in there}
    coming = engine.each(read_input, [(storage.address, *task) for task in todo])
    for file, name, *_ in tasks:  # rows of finished shards are built while others are read
        while name not in ended:
            number, error = next(coming)
            ended.add(todo[number][1])
            if error:
                errors[todo[number][0]] = error
        with storage.local(f"{_SHARDS}/{name}") as shard:
            report(file, _build(archive, run_id, shard))
    for _, name, *_ in tasks:
        storage.delete(f"{_SHARDS}/{name}")
    return errors


def read_input(address: str, file: str, name: str, any_topic: bool, prefilter: bool) -> str:
    """The task: read the pages of a file into a shard. Returns the error in the file; empty if there is none."""
    counts: Counter[str] = Counter()
    layouts = known_layouts()
    errors: list[str] = []
    source, base = split(file)
    with source.local(base) as path, TemporaryDirectory(prefix="dangqun-") as made:
        folder = WarcFolder(Path(made))
        spare = folder.writer("pages")  # through a WARC file, as every imported page

        def rows() -> Iterator[shards.DerivedPage]:
            try:
                for one in likely(path) if prefilter else exchanges(path):
                    if isinstance(one, str):
                        counts[one] += 1
                    else:
                        exchange = replace(one, any_topic=any_topic)
                        day = one.fetched_at.astimezone(UTC).date().isoformat()
                        read = partial(_read, folder, 0, spare.append(exchange), "", day, layouts)
                        yield shards.DerivedPage(exchange, isolated(read))
            except ValueError as error:
                errors.append(str(error))

        shards.write_pages(Path(made) / name, rows(), counts)
        spare.close()
        Storage(address).put(Path(made) / name, f"{_SHARDS}/{name}")
    return "; ".join(errors)


def _build(archive: Archive, run_id: int, shard: Path) -> Counter[str]:
    """Import the pages of a shard into the archive. Returns their number by kind."""
    counts = Counter(shards.counts_of(shard))
    pages = shards.read_pages(shard)
    while chunk := [page for _, page in zip(range(_AT_ONCE), pages, strict=False)]:
        with archive.transaction():
            for exchange, derived in chunk:
                if archive.is_erased(exchange.url):
                    counts[TAKEN_DOWN.kind] += 1
                    continue
                number = archive.save_capture(exchange, run_id)
                if number is None:
                    counts[archive.known_kind(exchange)] += 1
                    continue
                found = ingest(archive, number, known_layouts(), {number: derived})
                counts[CaptureKind.ARTICLE if isinstance(found, Article) else found.kind] += 1
    return counts


def _input_name(file: str, any_topic: bool, prefilter: bool) -> str:
    storage, base = split(file)
    return _name(file, storage.sizes().get(base), any_topic, prefilter)


def _name(*made_of: object) -> str:
    versions = (reading.version(None, ""), reading.fingerprint(sorted(known_layouts().items())), facts.VERSION)
    return hashlib.sha256(json.dumps([*made_of, *versions]).encode()).hexdigest()[:32] + ".parquet"
