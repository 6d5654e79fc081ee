"""WACZ: all captures as one file that any web archive player opens (pywb, ReplayWeb.page).

A zip of the WARC files as they are, with an index of every record (CDXJ), a list of the articles (pages.jsonl) and the
digests of all of it (datapackage.json). Specification: WACZ 1.1.1.
"""

import gzip
import hashlib
import io
import json
import sqlite3
import string
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Any, TypedDict
from urllib.parse import quote, urlsplit

from archive.configuration import configuration
from archive.storage.store import Archive

_SOFTWARE = "dangqun-archive"
_BLOCK = 3000  # lines of the index a gzip member
_COPY = 1 << 20


class Resource(TypedDict):
    """A file of the package, as the datapackage lists it."""

    name: str
    path: str
    hash: str
    bytes: int


def export(archive: Archive, target: Path) -> Path:
    """Write all captures of an archive to a WACZ file, swapped in whole; returns its path."""
    draft = target.with_name(f".{target.name}.draft")
    resources: list[Resource] = []
    try:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_STORED, allowZip64=True) as zipped:
            for path in archive.warc.files():
                with path.open("rb") as stream:
                    resources.append(_add(zipped, f"archive/{path.name}", stream))
            with tempfile.TemporaryFile(dir=target.parent) as pages, tempfile.TemporaryFile(dir=target.parent) as index:
                pages.writelines(f"{json.dumps(line, ensure_ascii=False)}\n".encode() for line in _pages(archive))
                summary = io.BytesIO(_index(archive, index).encode())
                for name, made in (
                    ("pages/pages.jsonl", pages),
                    ("indexes/index.cdx.gz", index),
                    ("indexes/index.idx", summary),
                ):
                    made.seek(0)
                    resources.append(_add(zipped, name, made))
            package = json.dumps(_package(archive, resources), ensure_ascii=False, indent=1).encode()
            zipped.writestr("datapackage.json", package)
            digest = {"path": "datapackage.json", "hash": f"sha256:{hashlib.sha256(package).hexdigest()}"}
            zipped.writestr("datapackage-digest.json", json.dumps(digest))
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return target


def _add(zipped: zipfile.ZipFile, name: str, stream: IO[bytes]) -> Resource:
    """Copy a stream into the zip; returns its entry for the datapackage."""
    digest, size = hashlib.sha256(), 0
    with zipped.open(name, "w", force_zip64=True) as member:
        while block := stream.read(_COPY):
            member.write(block)
            digest.update(block)
            size += len(block)
    return {"name": Path(name).name, "path": name, "hash": f"sha256:{digest.hexdigest()}", "bytes": size}


def _package(archive: Archive, resources: list[Resource]) -> dict[str, Any]:
    last = archive.connection.execute("select max(fetched_at) from captures").fetchone()[0]
    return {
        "profile": "data-package",
        "wacz_version": "1.1.1",
        "title": configuration(archive.folder)["pages.title_en"],
        "software": _SOFTWARE,
        "created": last or "1970-01-01T00:00:00Z",  # of the captures, not of the day: the same captures, the same file
        "resources": resources,
    }


def _pages(archive: Archive) -> Iterator[dict[str, Any]]:
    yield {"format": "json-pages-1.0", "id": "pages", "title": "Articles", "hasText": False}
    for number, url, title, fetched_at in archive.connection.execute(
        "select articles.id, articles.url, title, fetched_at from articles join captures on captures.id = capture_id order by 1"
    ):
        yield {"id": str(number), "url": url, "title": title, "ts": fetched_at}


def _index(archive: Archive, stream: IO[bytes]) -> str:
    """Write the index, sorted, in gzip members of 3,000 lines; returns the index of those."""
    rows = archive.connection.execute(
        "select url, fetched_at, status, content_type, digest, warc_file, warc_offset, warc_length, duplicate_of is not null"
        " from captures where (url like 'http://%' or url like 'https://%') and role != 'tombstone'"
    )
    summary = ["!meta 0 " + json.dumps({"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"})]
    with _sorted(archive.folder, (_line(*row) for row in rows)) as lines:
        while block := list(islice(lines, _BLOCK)):
            member = gzip.compress("".join(f"{line}\n" for line in block).encode(), mtime=0)
            location = {"offset": stream.tell(), "length": len(member), "filename": "index.cdx.gz"}
            summary.append(" ".join([*block[0].split(" ", 2)[:2], json.dumps(location)]))
            stream.write(member)
    return "".join(f"{line}\n" for line in summary)


@contextmanager
def _sorted(folder: Path, lines: Iterable[str]) -> Iterator[Iterator[str]]:
    """Lines in order, however many: SQLite sorts what does not fit into memory."""
    with tempfile.TemporaryDirectory(dir=folder) as here:
        connection = sqlite3.connect(Path(here) / "lines.db")
        connection.execute("create table lines (line text)")
        connection.executemany("insert into lines values (?)", ((line,) for line in lines))
        try:
            yield (line for (line,) in connection.execute("select line from lines order by line"))
        finally:
            connection.close()


def _line(
    url: str, fetched_at: str, status: int, kind: str, digest: str, file: str, offset: int, length: int, repeats: bool
) -> str:
    about = {
        "url": url,
        "mime": "warc/revisit" if repeats else kind.split(";", maxsplit=1)[0].strip() or "unk",
        "status": str(status),
        "digest": digest,
        "length": str(length),
        "offset": str(offset),
        "filename": file,
    }
    stamp = "".join(c for c in fetched_at if c.isdigit())[:14]
    return f"{surt(url)} {stamp} {json.dumps(about, ensure_ascii=False)}"


def surt(url: str) -> str:
    """An address as indexes sort it: http://www.news.example/A?b=1 is example,news)/a?b=1. What is no web address stays unchanged."""
    escaped = quote(url, safe=string.punctuation)
    try:
        parts = urlsplit(escaped)
        port = f":{parts.port}" if parts.port and parts.port != {"http": 80, "https": 443}[parts.scheme] else ""
    except ValueError:
        return escaped
    host = ",".join(reversed((parts.hostname or "").removeprefix("www.").split(".")))
    query = "&".join(sorted(parts.query.lower().split("&"))) if parts.query else ""
    path = parts.path.lower().rstrip("/") or "/"
    return f"{host}{port}){path}" + (f"?{query}" if query else "")
