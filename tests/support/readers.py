"""Another reader than the one that is there: the facts of every capture, changed."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from archive.deriving import Derived, derive
from archive.ingest import readings, replace_page
from archive.records import Article, Fact
from archive.reread import outdated
from archive.store import Archive

Change = Callable[[Fact, str], Iterable[Fact]]


def as_written(fact: Fact, text: str) -> Iterable[Fact]:
    """The fact as it is read now."""
    yield fact


def read_by(store: Archive, change: Change = as_written) -> None:
    """Read all captures of an archive by a reader that makes of each fact, given with its text, what `change` gives."""

    def read(capture_id: int) -> Derived:
        derived = derive(store.capture(capture_id))
        if not isinstance(derived.found, Article):
            return derived
        text = derived.found.text
        facts = tuple(new for fact in derived.facts for new in change(fact, text))
        assert all(text[fact.start : fact.end] == fact.quote for fact in facts)
        return replace(derived, facts=facts)

    for url, _ in outdated(store, everything=True):
        replace_page(store, url, readings(store, url, read))
