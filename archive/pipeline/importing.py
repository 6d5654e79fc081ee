"""Imports: pages on disk become captures, and are read as if they had been crawled."""

import errno
import hashlib
import logging
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from archive.captures.files import PageFile
from archive.captures.foreign import exchanges, likely, refused
from archive.captures.warc import Exchange
from archive.model import Article, CaptureKind
from archive.pipeline.ingest import catch_up, ingest
from archive.reading import Layouts
from archive.storage.erased import TAKEN_DOWN
from archive.storage.runs import RunCommand, RunOutcome
from archive.storage.store import Archive
from archive.web.addresses import normal

_NOT_CHINESE = ("other_language", "not_a_page", "revisit", "no_date", "too_large")
_LISTED = """
select url, kind, reason from captures where id > ? and kind in ('undecodable', 'truncated', 'too_large', 'unreadable')
order by id
"""
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rejected:
    """A file or page that is not an article: its name or address, its kind (a CaptureKind, or why it was refused), and the
    reason."""

    name: str
    kind: str
    reason: str


class Outcome(NamedTuple):
    """What became of a page: its kind (a CaptureKind, or why it was refused), and the reason if it is no article."""

    kind: str
    reason: str = ""


@dataclass(frozen=True)
class Held:
    """What the imported files held: numbers of pages, and the seconds that the import took."""

    pages: int
    chinese: int
    on_topic: int
    new_articles: int
    facts: int
    seconds: float


@dataclass
class Import:
    """One import into an archive. It is a row of the table `runs`.

    Args:
        archive: the archive, open for writing.
        label: what is imported, for the row.
        layouts: the layouts of known hosts.
        any_topic: whether to take articles about other topics as well.
        prefilter: whether to skip pages of WARC files that are not Chinese or hold no word of the topic.
    """

    archive: Archive
    label: str
    layouts: Layouts
    any_topic: bool = False
    prefilter: bool = False
    counts: Counter[str] = field(default_factory=Counter)  # pages by kind
    rejected: list[Rejected] = field(default_factory=list)

    def __post_init__(self) -> None:
        catch_up(self.archive, self.layouts)
        self.run_id = self.archive.start_run(RunCommand.IMPORT, self.label)
        self._started = time.monotonic()
        self._articles_before, self._facts_before = self._articles(), self._facts()
        self._last_listed = self._last_capture()

    def file(self, file: PageFile) -> None:
        """Import one saved page. Call this before `container`."""
        kind, reason = self._take(file)
        self.counts[kind] += 1
        if kind not in (CaptureKind.ARTICLE, CaptureKind.UNCHANGED):
            self.rejected.append(Rejected(file.source, kind, reason))
        self._last_listed = self._last_capture()

    def container(self, path: Path, name: str) -> Iterator[str]:
        """Import the pages of a WARC, ARC or WACZ file, one in memory at a time; yields the kind of each. `name` is the name to
        report the file under."""
        try:
            for found in likely(path) if self.prefilter else exchanges(path):
                kind = found if isinstance(found, str) else self._keep(replace(found, any_topic=self.any_topic)).kind
                self.counts[kind] += 1
                yield kind
        except (OSError, ValueError) as error:
            if isinstance(error, OSError) and error.errno is not None and error.errno != errno.ENOENT:
                raise  # the disk refuses: that is no fault of the file
            self.unreadable(name, str(error))

    def unreadable(self, name: str, reason: str) -> None:
        """Count a file that could not be read, or not in full."""
        self.counts[CaptureKind.UNREADABLE] += 1
        self.rejected.append(Rejected(name, CaptureKind.UNREADABLE, reason))

    def finish(self) -> None:
        """Close the row, and list the pages of WARC files that could not be read in full."""
        self.rejected += [Rejected(*row) for row in self.archive.connection.execute(_LISTED, [self._last_listed])]
        self.archive.finish_run(
            self.run_id, RunOutcome.FINISHED, {f"read/{kind}": n for kind, n in self.counts.items()}
        )
        logger.info("Imported %s.", self.label, extra={"counts": dict(self.counts)})

    def new_articles(self) -> int:
        """How many articles came into the archive; a further version of one is none."""
        return max(0, self._articles() - self._articles_before)

    def held(self) -> Held:
        """What the files held, of files with pages of all kinds."""
        others = sum(n for kind, n in self.counts.items() if kind in _NOT_CHINESE or kind.startswith("status_"))
        return Held(
            self.counts.total(),
            self.counts.total() - others,
            self.counts[CaptureKind.ARTICLE] + self.counts[CaptureKind.UNCHANGED],
            self.new_articles(),
            self._facts() - self._facts_before,
            time.monotonic() - self._started,
        )

    def _take(self, file: PageFile) -> Outcome:
        """Import one file."""
        try:
            page = file.page()
        except (OSError, ValueError) as error:
            return Outcome(CaptureKind.UNREADABLE, str(error))
        url = normal(page.url) or f"urn:sha256:{hashlib.sha256(page.body).hexdigest()}"
        if refusal := refused(url):
            return Outcome(refusal, "an address that is not accepted")
        supplied = " and ".join(name for name, value in (("address", page.url), ("time", page.at)) if value)
        source = file.source + (f" ({supplied} as supplied)" if supplied else "")
        exchange = Exchange(
            url, page.at or datetime.now(UTC), 200, (("Content-Type", page.content_type),), page.body, method="",
            source=source, is_file=True, any_topic=self.any_topic,
        )  # fmt: skip
        return self._keep(exchange)

    def _keep(self, exchange: Exchange) -> Outcome:
        """Archive and read one page."""
        if self.archive.is_erased(exchange.url):
            return Outcome(TAKEN_DOWN.kind, TAKEN_DOWN.reason)
        capture_id = self.archive.save_capture(exchange, self.run_id)
        if capture_id is None:
            return Outcome(self.archive.known_kind(exchange), "known already")
        found = ingest(self.archive, capture_id, self.layouts)
        return Outcome(CaptureKind.ARTICLE) if isinstance(found, Article) else Outcome(found.kind, found.reason)

    def _articles(self) -> int:
        return self.archive.connection.execute("select count(*) from articles").fetchone()[0]

    def _facts(self) -> int:
        return self.archive.connection.execute("select count(*) from facts where current").fetchone()[0]

    def _last_capture(self) -> int:
        return self.archive.connection.execute("select coalesce(max(id), 0) from captures").fetchone()[0]
