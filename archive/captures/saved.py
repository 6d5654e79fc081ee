"""Pages that somebody saved: from a browser, with SingleFile, monolith or HTTrack, as MHTML, or in a folder of ArchiveBox.

Such a file states itself where its page came from, and often when. Nobody has checked either: both are "as supplied".
"""

import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.policy import Compat32
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from archive.captures.foreign import FIRST_YEAR
from archive.captures.warc import brief
from archive.reading.decode import decode
from archive.web.addresses import normal

MHTML = (".mht", ".mhtml")
_HEAD = 20_000  # bytes in which a file states where it comes from
_STATED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"<!--\s{0,9}saved from url=\(\d{1,6}\)(?P<url>\S{1,2000})\s{0,9}-->",  # browsers
        r"<!--[^>]{0,80}SingleFile\w{0,9}\s{1,9}url:\s{0,9}(?P<url>\S{1,2000})\s{1,9}saved date:(?P<at>[^\n>]{1,99}?)\s{0,9}(?:\n|-->)",
        r"<!--\s{0,9}Saved from (?P<url>http\S{1,2000}) at (?P<at>\S{1,40}) using monolith",
        r"<!--\s{0,9}Mirrored from (?P<host>\S{1,2000}) by HTTrack [^,>]{0,80}, (?P<at>[^>]{1,60}?)\s{0,9}-->",
    )
)
_PAGES = ("text/html", "application/xhtml+xml")
_MAX_HEADER = 10_000  # characters of a header in MHTML; reading longer ones takes time that grows as their square
_INDEX = "index.json"
_MAX_INDEX = 5_000_000  # bytes
# Which of an ArchiveBox folder's copies is taken, and where it lies unless the index names its path: first as drawn.
_COPIES = {
    "dom": ("output.html", "dom/output.html"),
    "singlefile": ("singlefile.html", "singlefile/singlefile.html"),
    "wget": (),
}


@dataclass(frozen=True)
class Saved:
    """A saved page. `body` is its HTML, `content_type` its header. `url` (in normal form) and `at` (UTC) are what the file
    states; empty and None if it states none, or an impossible one."""

    body: bytes
    url: str = ""
    at: datetime | None = None
    content_type: str = "text/html"


@dataclass(frozen=True)
class Snapshot:
    """What a folder of ArchiveBox holds of one address: WARC files, and its best copy as `page` (None if there is none)."""

    url: str
    at: datetime | None
    warcs: tuple[Path, ...]
    page: Path | None


def saved(name: str, content: bytes) -> Saved:
    """The page of a file.

    Args:
        name: the file's name; its ending distinguishes MHTML from HTML.
        content: its bytes, a .gz undone.

    Raises:
        ValueError: a sentence, if an MHTML file holds no page, or makes the mail parser raise anything.
    """
    if name.lower().removesuffix(".gz").endswith(MHTML):
        try:
            return _of_mhtml(name, content)
        except ValueError:
            raise
        except (
            Exception
        ) as error:  # parts within parts without an end, whatever else broken bytes make the parser raise
            raise ValueError(f"{name} cannot be read: {brief(error)}") from None
    head = decode(content[:_HEAD])[0]
    for pattern in _STATED if "<!--" in head else ():
        stated = pattern.search(head)
        if stated:
            found = stated.groupdict()
            url = found.get("url") or f"http://{found['host']}"
            return Saved(content, _web(url), moment(found.get("at") or ""))
    return Saved(content)


class _Bounded(Compat32):
    """A policy that cuts long mail headers."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:_MAX_HEADER]


def _of_mhtml(name: str, content: bytes) -> Saved:
    """The page of an MHTML file: the part at the address that was saved, else its first page."""
    message = message_from_bytes(content, policy=_Bounded())
    pages = [part for part in message.walk() if part.get_content_type() in _PAGES]
    if not pages:
        raise ValueError(f"{name} holds no page: it is no MHTML file, or it is cut off")
    wanted = _location(message, "Snapshot-Content-Location") or _location(message, "Content-Location")
    page = next((part for part in pages if wanted and _location(part, "Content-Location") == wanted), pages[0])
    body = page.get_payload(decode=True)
    assert isinstance(body, bytes)  # a page has no parts
    charset = page.get_content_charset()
    kind = f"{page.get_content_type()}; charset={charset}" if charset else page.get_content_type()
    url = _web(wanted) or _web(_location(page, "Content-Location"))
    return Saved(body, url, moment(str(message.get("Date") or "")), kind)


def _location(part: Message, header: str) -> str:
    """The address that a header holds. The header may be folded and encoded, as mail headers are."""
    try:
        written = str(make_header(decode_header(str(part.get(header) or ""))))
    except (ValueError, LookupError):  # a coding that is not known
        return ""
    return "".join(written.split())


def snapshot(folder: Path) -> Snapshot | None:
    """What ArchiveBox keeps of one address in a folder; None where the folder is not of ArchiveBox."""
    index = folder / _INDEX
    try:
        if not index.is_file() or index.stat().st_size > _MAX_INDEX:
            return None
        row = json.loads(index.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(row, dict) or not isinstance(row.get("history"), dict) or not _web(str(row.get("url"))):
        return None
    at = seconds(row.get("timestamp"))
    found = Snapshot(_web(row["url"]), at, tuple(sorted((folder / "warc").glob("*.warc*"))), None)
    for name, paths in _COPIES.items():
        run = _last(row["history"].get(name))
        for path in (*paths, run.get("output")):
            page = folder / path if isinstance(path, str) and path.lower().endswith((".html", ".htm")) else None
            if page and page.is_file() and page.resolve().is_relative_to(folder.resolve()):
                return replace(found, page=page, at=moment(str(run.get("start_ts") or "")) or at)
    return found


def _last(runs: object) -> dict[str, Any]:
    """The last run that made a copy."""
    done = (
        [run for run in runs if isinstance(run, dict) and run.get("status") == "succeeded"]
        if isinstance(runs, list)
        else []
    )
    return done[-1] if done else {}


def moment(written: str) -> datetime | None:
    """A time as files state it: in ISO 8601, as in mail, or as JavaScript writes it. None if it is no time, before the web, or in
    the future."""
    text = written.strip()
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        try:
            at = parsedate_to_datetime(re.sub(r"\b(?:GMT|UTC)(?=[+-]\d{4})", "", text))
        except (ValueError, TypeError, IndexError):
            return None
    return _past(at if at.tzinfo else at.replace(tzinfo=UTC))


def seconds(written: object) -> datetime | None:
    """A time in seconds since 1970; None as with `moment`."""
    try:
        return _past(datetime.fromtimestamp(float(str(written)), UTC))
    except (ValueError, OverflowError, OSError):
        return None


def _past(at: datetime) -> datetime | None:
    try:
        at = at.astimezone(UTC)
    except OverflowError:  # the zone of a last day may lead out of the calendar
        return None
    return at if at.year >= FIRST_YEAR and at <= datetime.now(UTC) else None


def _web(address: str) -> str:
    """An address in normal form; empty if it is no web address."""
    url = normal(address.strip())
    return url if url.startswith(("http://", "https://")) else ""
