"""Parquet, written piece by piece. It holds the rows of one row group."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from archive.publishing.codebook import Column, ColumnKind
from archive.publishing.sheet import Sink

_GROUP = 20_000  # rows of a row group
_ARROW: dict[ColumnKind, Any] = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
}


class Parquet:
    """A writer (see archive.publishing.writers) of Parquet, compressed by zstd. The file's metadata has what it is `about`."""

    def __init__(self, columns: Sequence[Column], about: Mapping[str, str]) -> None:
        fields = [pa.field(c.name, _ARROW[c.kind], metadata={"zh": c.zh, "en": c.en}) for c in columns]
        self._schema = pa.schema(fields, metadata=dict(about))
        self._sink = Sink()
        self._writer = parquet.ParquetWriter(pa.PythonFile(self._sink, "w"), self._schema, compression="zstd")
        self._waiting: list[Any] = []

    def begin(self) -> bytes:
        """The mark that Parquet begins with."""
        return self._sink.take()

    def rows(self, rows: Sequence[Sequence[Any]]) -> bytes:
        """The row groups that further rows complete."""
        if rows:
            columns = zip(self._schema.types, zip(*rows, strict=True), strict=True)
            arrays = [pa.array(values, type_) for type_, values in columns]
            self._waiting.append(pa.record_batch(arrays, schema=self._schema))
        if sum(batch.num_rows for batch in self._waiting) >= _GROUP:
            self._write()
        return self._sink.take()

    def end(self) -> bytes:
        """The last row group, and the index of the file."""
        self._write()
        self._writer.close()
        return self._sink.take()

    def _write(self) -> None:
        if self._waiting:
            self._writer.write_table(pa.Table.from_batches(self._waiting, self._schema))
        self._waiting = []
