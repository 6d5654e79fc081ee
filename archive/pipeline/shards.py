"""Row shards: what captures say, in Parquet files that many machines write and one step builds the database from.

A shard of captures that an archive has: `capture_id` (int64) and `derived` (JSON of `Derived`). A shard of pages to be
imported has the exchange beside it: `url`, `fetched_at` (ISO), `status`, `headers` (JSON), `body` (bytes, as stored),
`source`, `is_file`, `any_topic`, `truncated`. Shards are written under a spare name and renamed, so that one that is there is whole.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter

from archive.captures.warc import Exchange, Truncation
from archive.pipeline.deriving import Derived

_ROWS = 64  # rows that are held at once
_CAPTURES = pa.schema([("capture_id", pa.int64()), ("derived", pa.binary())])
_PAGES = pa.schema(
    [
        ("url", pa.string()), ("fetched_at", pa.string()), ("status", pa.int64()), ("headers", pa.string()),
        ("body", pa.binary()), ("source", pa.string()), ("is_file", pa.bool_()), ("any_topic", pa.bool_()),
        ("truncated", pa.string()), ("derived", pa.binary()),
    ]
)  # fmt: skip
_codec = TypeAdapter(Derived)


class DerivedCapture(NamedTuple):
    """A capture of an archive, by its id, and what it says."""

    capture_id: int
    derived: Derived


class PackedCapture(NamedTuple):
    """The same, packed."""

    capture_id: int
    packed: bytes


class DerivedPage(NamedTuple):
    """A page that is to be imported, and what it says."""

    exchange: Exchange
    derived: Derived


def packed(derived: Derived) -> bytes:
    """What a capture says, as JSON."""
    return _codec.dump_json(derived)


def unpacked(derived: bytes) -> Derived:
    """What `packed` was given. Raises ValueError where it was something else."""
    return _codec.validate_json(derived)


def write_captures(target: Path, rows: Iterable[DerivedCapture]) -> int:
    """Write a shard of captures. Returns how many."""
    return _write(
        target, _CAPTURES, ({"capture_id": number, "derived": packed(derived)} for number, derived in rows), {}
    )


def read_captures(shard: Path) -> Iterator[PackedCapture]:
    """Yields the captures of a shard."""
    for row in _read(shard):
        yield PackedCapture(row["capture_id"], row["derived"])


def write_pages(target: Path, rows: Iterable[DerivedPage], counts: Mapping[str, int]) -> int:
    """Write a shard of pages to be imported; `counts` may grow while the rows are made, and goes with them."""
    shaped = (
        {
            "url": one.url, "fetched_at": one.fetched_at.isoformat(), "status": one.status, "headers": json.dumps(one.headers),
            "body": one.body, "source": one.source, "is_file": one.is_file, "any_topic": one.any_topic,
            "truncated": one.truncated.value, "derived": packed(derived),
        }
        for one, derived in rows
    )  # fmt: skip
    return _write(target, _PAGES, shaped, counts)


def read_pages(shard: Path) -> Iterator[DerivedPage]:
    """Yields the pages of a shard in the order in which they were written."""
    for row in _read(shard):
        headers = tuple((name, value) for name, value in json.loads(row["headers"]))
        yield DerivedPage(
            Exchange(
                row["url"], datetime.fromisoformat(row["fetched_at"]), row["status"], headers, row["body"], method="",
                source=row["source"], is_file=row["is_file"], any_topic=row["any_topic"], truncated=Truncation(row["truncated"]),
            ),
            unpacked(row["derived"]),
        )  # fmt: skip


def counts_of(shard: Path) -> dict[str, int]:
    """The counts that a shard was written with."""
    return json.loads((pq.read_metadata(shard).metadata or {}).get(b"counts", b"{}"))


def _write(target: Path, schema: pa.Schema, rows: Iterable[Mapping[str, object]], counts: Mapping[str, int]) -> int:
    written, waiting = 0, []
    spare = target.with_suffix(".part")
    with _writer(spare, schema) as writer:
        for row in rows:
            waiting.append(row)
            if len(waiting) == _ROWS:
                writer.write_table(pa.Table.from_pylist(waiting, schema))
                written, waiting = written + _ROWS, []
        writer.write_table(pa.Table.from_pylist(waiting, schema))
        writer.add_key_value_metadata({"counts": json.dumps(counts)})
    spare.replace(target)
    return written + len(waiting)


@contextmanager
def _writer(spare: Path, schema: pa.Schema) -> Iterator[pq.ParquetWriter]:
    try:
        with pq.ParquetWriter(spare, schema, compression="zstd") as writer:
            yield writer
    except BaseException:
        spare.unlink(missing_ok=True)
        raise


def _read(shard: Path) -> Iterator[dict[str, Any]]:
    with pq.ParquetFile(shard) as opened:
        for batch in opened.iter_batches(batch_size=_ROWS):
            yield from batch.to_pylist()
