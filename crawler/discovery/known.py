"""What the archive knows of addresses: what sites ask before they ask for a page."""

from datetime import UTC, date, datetime

from scrapy.settings import BaseSettings

from archive.pipeline import ingest
from archive.reading.stamps import CHINA
from archive.storage import fetch_schedule
from crawler.discovery.layouts import known_layouts
from crawler.discovery.urls import forms
from crawler.session import archive_of


def is_wanted(settings: BaseSettings, address: str, changed: str = "") -> bool:
    """Whether a page that a list names is to be fetched; `changed` is when it did, as the list says (UTC, ISO)."""
    return fetch_schedule.is_wanted(archive_of(settings).connection, forms(address), _now(), changed)


def due_again(settings: BaseSettings, outlet: str, most: int) -> list[str]:
    """The articles of an outlet that are to be looked at again."""
    return fetch_schedule.due(archive_of(settings).connection, outlet, _now(), most)


def rests(settings: BaseSettings, address: str) -> bool:
    """Whether a list has changed so seldom that it need not be asked now."""
    return fetch_schedule.next_look(archive_of(settings).connection, address) > _now()


def only_lists(settings: BaseSettings, address: str) -> bool:
    """Whether the last page of an address only led to others."""
    return archive_of(settings).is_list(address)


def pages_to_fetch(settings: BaseSettings, outlet: str, most: int) -> list[str]:
    """Pages of an outlet's articles that an earlier run did not come to."""
    return ingest.pages_to_fetch(archive_of(settings), outlet, known_layouts(), most)


def is_fetched(settings: BaseSettings, address: str, run_id: int) -> bool:
    """Whether a run has fetched an address, or need not: its article was erased."""
    archive = archive_of(settings)
    question = "select 1 from captures where url = ? and run_id = ?"
    return archive.connection.execute(question, [address, run_id]).fetchone() is not None or archive.is_erased(address)


def today() -> date:
    """The day that it is in China."""
    return datetime.now(CHINA).date()


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
