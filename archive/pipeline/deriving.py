"""From a capture to what it says: pure, so that a crawl, a re-reading and `verify` come to the same.

Everything that takes time is done here, so that it can run in other processes; storing only writes.
"""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from archive import facts, reading
from archive.errors import ArchiveError, DamagedRecord
from archive.model import Article, Capture, CaptureKind, Fact, NamedStation, NotAnArticle
from archive.reading import topic
from archive.reading.topic import Topic
from archive.reprints.stories import bands_of
from archive.storage.store import Archive
from archive.text import clean

_ON = Topic(True, "")
_REASON = 300  # characters
NOT_OF_CAPTURE = (ArchiveError, OSError, sqlite3.Error)  # of the machine, or of the archive
Extractor = Callable[[Article], tuple[list[Fact], list[NamedStation]]]


@dataclass(frozen=True)
class Derived:
    """What one capture says, and the version of the reader that read it. For articles: its facts and the stations it names; the topic (whether an article about
    something else is kept follows from its address' history); the title without notes; title and text as search finds them;
    what its story is recognised by (reprints)."""

    found: Article | NotAnArticle
    reader: str = ""
    facts: tuple[Fact, ...] = ()
    stations: tuple[NamedStation, ...] = ()
    topic: Topic = _ON
    title: str = ""
    bands: tuple[int, ...] = ()


def derive_stored(archive: Archive, capture_id: int, layouts: reading.Layouts | None, extract: Extractor) -> Derived:
    """As `derive`, isolated, for a capture of an archive. Raises ArchiveError if its file is missing, and
    ModelUnavailable."""
    return isolated(lambda: derive(archive.capture(capture_id), layouts, extract))


def isolated(read: Callable[[], Derived]) -> Derived:
    """Call `read`, and turn whatever the bytes of a capture make it raise into a result. A damaged record becomes `damaged`, and
    one at which the reader fails becomes `unreadable`. Neither gets a version, so that the next `dangqun extract` reads it again.
    Raises errors that are no fault of the capture: ArchiveError, OSError and sqlite3.Error."""
    try:
        return read()
    except DamagedRecord as error:
        return Derived(NotAnArticle(CaptureKind.DAMAGED, str(error)))
    except NOT_OF_CAPTURE:
        raise
    except Exception as error:
        return Derived(unreadable(error))


def read_isolated(capture: Capture, layouts: reading.Layouts | None = None) -> Article | NotAnArticle:
    """`reading.read`, isolated."""
    return isolated(lambda: Derived(reading.read(capture, layouts))).found


def unreadable(error: Exception) -> NotAnArticle:
    """The result for a capture that made a reader raise `error`; the reason is one line."""
    reason = "".join(char if char.isprintable() else " " for char in f"{type(error).__name__}: {error}")
    return NotAnArticle(CaptureKind.UNREADABLE, reason[:_REASON])


def derive(
    capture: Capture, layouts: reading.Layouts | None = None, extract: Extractor = facts.extract_with_stations
) -> Derived:
    """Read a capture, and extract its facts. One page of an article in several says nothing by itself: the facts are
    those of the whole article (archive/pipeline/paged.py).

    Args:
        capture: the capture.
        layouts: the layouts of known hosts.
        extract: `facts.extract_with_stations`, or what keeps its results.

    Returns:
        What the capture says.

    Raises:
        ModelUnavailable: the model of the extractor is not there.
    """
    found, reader = reading.read(capture, layouts), reading.version(layouts, capture.host)
    if not isinstance(found, Article) or found.parts:
        return Derived(found, reader)
    return derive_article(found, reader, extract)


def derive_article(article: Article, reader: str, extract: Extractor) -> Derived:
    """Returns what an article says. `reader` is the version of the reader that read it. Raises ModelUnavailable."""
    title = clean(article.title).text
    statements, stations = extract(article)
    return Derived(
        article,
        reader,
        tuple(statements),
        tuple(stations),
        topic.decide(f"{article.title}\n{article.text}"),
        title,
        bands_of(article.text),
    )
