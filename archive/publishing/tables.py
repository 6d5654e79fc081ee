"""A snapshot as tables to take away: CSV, JSON lines and Parquet, with a Frictionless data package and a codebook.

Everything is streamed. CSV is written for spreadsheets (see archive.publishing.sheet); the other two formats hold texts as they are.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

from archive.configuration import configuration
from archive.publishing.codebook import TABLES, Column, TypeRow, codebook
from archive.publishing.writers import Format, writer
from archive.sql.files import sha256_of

_ROWS = 2000  # rows a batch
_FORMATS = (Format.CSV, Format.JSONL, Format.PARQUET)
_NEVER = "1970-01-01T00:00:00Z"
_LICENCE = {
    "name": "Apache-2.0",
    "path": "https://www.apache.org/licenses/LICENSE-2.0",
    "title": "Apache License 2.0: facts and what the archive adds to them. Texts and quotes belong to their outlets.",
}
_OF_TEXTS = {"path": "codebook.md", "title": "No licence: the texts belong to their outlets, see codebook.md."}


def export_tables(snapshot: Path, target: Path) -> dict[str, int]:
    """Write every table of a snapshot into a folder; returns how many rows each has.

    Per table NAME.csv, NAME.jsonl and NAME.parquet; datapackage.json describes the CSV files, with the licence, the outlets that the
    data is from, and the snapshot as its version; codebook.md says in Chinese and English what every column and fact type means.
    """
    target.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(f"file:{snapshot}?immutable=1", uri=True)
    try:
        counts = {name: _write(connection, target, name, columns) for name, columns in TABLES.items()}
        found = connection.execute("select id, zh, en, unit from fact_types order by position")
        types = [TypeRow(*row) for row in found]
        fetched = connection.execute("select max(fetched_at) from captures").fetchone()[0] or _NEVER
        outlets = connection.execute("select name, host from outlets order by id").fetchall()
    finally:
        connection.close()
    (target / "codebook.md").write_text(codebook(types), "utf-8")
    day = date.fromisoformat(fetched[:10])
    package = {
        "profile": "tabular-data-package",
        "name": "dangqun-archive",
        "title": configuration(snapshot.parents[1])["pages.title_en"],
        "description": "What Chinese local news reports about community party-service stations, with the words that state it."
        " NAME.parquet, beside NAME.csv, has the same rows. codebook.md explains columns and codes in Chinese and English.",
        "version": f"{day.year}.{day.month}.{day.day}+{sha256_of(snapshot)[:12]}",  # the last fetch, and the snapshot
        "created": fetched,
        "licenses": [_LICENCE],
        "sources": [{"title": name, "path": f"http://{host}/"} for name, host in outlets],
        "resources": [_resource(target, name, columns, counts[name]) for name, columns in TABLES.items()],
    }
    (target / "datapackage.json").write_text(json.dumps(package, ensure_ascii=False, indent=1), "utf-8")
    return counts


def _write(connection: sqlite3.Connection, target: Path, name: str, columns: tuple[Column, ...]) -> int:
    count = 0
    writers = {format_: writer(format_, columns, name, {}) for format_ in _FORMATS}
    with ExitStack() as stack:
        files = {format_: stack.enter_context((target / f"{name}.{format_}").open("wb")) for format_ in _FORMATS}
        for format_, file in files.items():
            file.write(writers[format_].begin())
        for rows in _batches(connection, name, columns):
            count += len(rows)
            for format_, file in files.items():
                file.write(writers[format_].rows(rows))
        for format_, file in files.items():
            file.write(writers[format_].end())
    return count


def _batches(connection: sqlite3.Connection, name: str, columns: tuple[Column, ...]) -> Iterator[list[list[Any]]]:
    chosen = ", ".join(f'{column.source or name + "." + column.name} as "{column.name}"' for column in columns)
    cursor = connection.execute(f"select {chosen} from {_FROM.get(name, name)} order by 1")
    while rows := cursor.fetchmany(_ROWS):
        yield [
            [
                bool(value) if column.kind == "boolean" and value is not None else value
                for column, value in zip(columns, row, strict=True)
            ]
            for row in rows
        ]


_FROM = {
    "articles": "articles join outlets on outlets.id = articles.outlet_id join captures on captures.id = articles.capture_id",
    "facts": "facts join articles on articles.id = facts.article_id left join statement_facts on statement_facts.fact_id = facts.id left join stations on stations.id = statement_facts.station_id",
}


def _resource(target: Path, name: str, columns: tuple[Column, ...], count: int) -> dict[str, Any]:
    path = target / f"{name}.csv"
    fields = [{"name": c.name, "type": c.kind, "title": c.zh, "description": c.en} for c in columns]
    keys = [_foreign_key(name, column) for column in columns if column.refers_to]
    return {
        "name": name,
        "path": path.name,
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": path.stat().st_size,
        "hash": f"sha256:{sha256_of(path)}",
        "rows": count,
        "schema": {"fields": fields, "primaryKey": columns[0].name, **({"foreignKeys": keys} if keys else {})},
        **({"licenses": [_OF_TEXTS]} if name == "articles" else {}),
    }


def _foreign_key(name: str, column: Column) -> dict[str, Any]:
    """What a column of a table refers to; within its own table, that is named by nothing."""
    table, _, other = column.refers_to.partition(".")
    return {"fields": column.name, "reference": {"resource": "" if table == name else table, "fields": other}}
