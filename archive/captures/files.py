"""Pages and texts on disk: finds them, reads them up to a size, and takes their addresses and times from an index in their
folder or from the files themselves."""

import gzip
import json
import os
import re
import sys
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from archive.captures.saved import Saved, saved, seconds, snapshot
from archive.errors import WrongRequest
from archive.model import Capture

INDEX = "index.jsonl"
_MAX_BYTES = 20_000_000
_PAGES = (".html", ".htm")


@dataclass(frozen=True)
class PageFile:
    """A file: its path as given, and the address, encoding and time that an index in its folder states."""

    path: Path | None  # None is standard input
    url: str = ""
    charset: str = ""
    at: datetime | None = None  # UTC

    @property
    def name(self) -> str:
        """The name to report it under."""
        return str(self.path) if self.path else "-"

    @property
    def source(self) -> str:
        """The name without folders, as a record keeps it: bytes that are not UTF-8 become replacement characters."""
        return os.fsencode(self.path.name if self.path else "-").decode("utf-8", "replace")

    @property
    def stem(self) -> str:
        """The name without folders and endings."""
        name = self.path.name if self.path else "-"
        for ending in (".gz", ".html", ".htm", ".shtml", ".mhtml", ".mht", ".xml", ".txt"):
            name = name.removesuffix(ending)
        return name

    def read(self) -> bytes:
        """The bytes, a .gz undone. Raises OSError or ValueError (damaged, too large) with a sentence."""
        if self.path is None:
            return sys.stdin.buffer.read(_MAX_BYTES + 1)[:_MAX_BYTES]
        try:
            with gzip.open(self.path) if self.path.suffix == ".gz" else self.path.open("rb") as stream:
                content = stream.read(_MAX_BYTES + 1)
        except (EOFError, zlib.error) as error:
            raise ValueError(f"damaged gzip file: {error}") from None
        if len(content) > _MAX_BYTES:
            raise ValueError(f"larger than {_MAX_BYTES // 1_000_000} MB")
        return content

    def page(self) -> Saved:
        """The page that the file holds, with the address and time that the index states, else the file itself. If the file
        states an address and no time (a browser's does not), the time is that of its last change. Raises OSError or
        ValueError with a sentence."""
        found = saved(self.source, self.read())
        at = self.at or found.at
        if at is None and found.url and self.path:
            at = seconds(self.path.stat().st_mtime)
        kind = f"text/html; charset={self.charset}" if self.charset else found.content_type
        return replace(found, url=self.url or found.url, at=at, content_type=kind)

    def capture(self) -> Capture:
        """The file as if it had been fetched. Raises OSError or ValueError with a sentence."""
        page = self.page()
        return Capture(page.url, page.body, headers=(("Content-Type", page.content_type),))


def find_files(paths: Sequence[str]) -> list[PageFile]:
    """All files under the paths, in order of name, without hidden files, the index and the folders that belong to saved pages.
    From a folder of ArchiveBox come its WARC files or, if it has none, its best copy of the page.

    Raises WrongRequest if a path does not exist, if there are no files, or if an index is malformed.
    """
    found: list[PageFile] = []
    for name in paths:
        if name == "-":
            found.append(PageFile(None))
            continue
        path = Path(name)
        if not path.exists():
            raise WrongRequest(f"{name} does not exist.")
        found.extend(_in_folder(path) if path.is_dir() else [_with_index(path, _index(path.parent))])
    if not found:
        raise WrongRequest(f"No files in {', '.join(paths)}.")
    return found


def _in_folder(folder: Path) -> Iterator[PageFile]:
    box = snapshot(folder)
    if box:
        pages = [box.page] if box.page and not box.warcs else []
        yield from (PageFile(path, box.url, at=box.at) for path in (*box.warcs, *pages))
        return
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name == INDEX or _belongs_to_a_page(path):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _in_folder(path)
        elif path.is_file():
            yield _with_index(path, _index(path.parent))


def _belongs_to_a_page(path: Path) -> bool:
    """Whether this is the folder of pictures, scripts and frames that a browser saves beside a page."""
    stem = re.sub(r"[_.]files$", "", path.name)
    return stem != path.name and path.is_dir() and any((path.parent / f"{stem}{end}").is_file() for end in _PAGES)


_indexes: dict[Path, dict[str, dict[str, str]]] = {}


def _index(folder: Path) -> dict[str, dict[str, str]]:
    if folder not in _indexes:
        rows = {}
        if (folder / INDEX).exists():
            for number, line in enumerate((folder / INDEX).read_bytes().splitlines(), 1):
                try:
                    row = json.loads(line)
                    rows[row["file"]] = {name: value for name, value in row.items() if isinstance(value, str)}
                except (ValueError, KeyError, TypeError, AttributeError):
                    raise WrongRequest(f"{folder / INDEX}, line {number}, is not a JSON object with `file`.") from None
        _indexes[folder] = rows
    return _indexes[folder]


def _with_index(path: Path, index: dict[str, dict[str, str]]) -> PageFile:
    row = index.get(path.name, {})
    return PageFile(path, row.get("url") or "", row.get("declared_charset") or "")
