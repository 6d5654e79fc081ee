"""From a capture to what it says: pure, so that a crawl, a re-reading and `verify` come to the same."""

from dataclasses import dataclass

from archive import facts, reading, topic
from archive.records import Article, Capture, Fact, NotAnArticle
from archive.topic import Topic

VERSION = f"{reading.VERSION}.{facts.VERSION}"


_ON = Topic(True, "")


@dataclass(frozen=True)
class Derived:
    """What one capture says. `topic` is decided for articles; whether an article about something else is kept, its
    address' history tells."""

    found: Article | NotAnArticle
    facts: tuple[Fact, ...] = ()
    topic: Topic = _ON


def derive(capture: Capture, layouts: reading.Layouts | None = None) -> Derived:
    """Read a capture and take out its facts. `layouts` are what is known of the pages of some hosts."""
    found = reading.read(capture, layouts)
    if not isinstance(found, Article):
        return Derived(found)
    return Derived(found, tuple(facts.extract(found)), topic.decide(f"{found.title}\n{found.text}"))
