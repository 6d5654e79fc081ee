"""What the archive knows about URLs. Spiders check it before they request a page."""

from datetime import UTC, date, datetime

from scrapy.settings import BaseSettings

from archive.pipeline import ingest
from archive.reading.stamps import CHINA
from archive.storage import fetch_schedule
from crawler.discovery.layouts import known_layouts
from crawler.discovery.urls import forms
from crawler.session import archive_of


def is_wanted(settings: BaseSettings, address: str, changed: str = "") -> bool:
    """Whether a listed page is to be fetched. `changed` is the time of its last change as the list states it (UTC, ISO)."""
    return fetch_schedule.is_wanted(archive_of(settings).connection, forms(address), _now(), changed)


def due_again(settings: BaseSettings, outlet: str, limit: int) -> list[str]:
    """The articles of an outlet that are due for another fetch, at most `limit`."""
    return fetch_schedule.due(archive_of(settings).connection, outlet, _now(), limit)


def rests(settings: BaseSettings, address: str) -> bool:
    """Whether a list changes so seldom that it is not fetched now."""
    return fetch_schedule.next_look(archive_of(settings).connection, address) > _now()


def only_lists(settings: BaseSettings, address: str) -> bool:
    """Whether the last capture of a URL was a page that only links to others."""
    return archive_of(settings).is_list(address)


def pages_to_fetch(settings: BaseSettings, outlet: str, limit: int) -> list[str]:
    """Further pages of an outlet's articles that earlier runs did not fetch, at most `limit`."""
    return ingest.pages_to_fetch(archive_of(settings), outlet, known_layouts(), limit)


def is_fetched(settings: BaseSettings, address: str, run_id: int) -> bool:
    """Whether a run has fetched a URL, or must not, since its article was erased."""
    archive = archive_of(settings)
    question = "select 1 from captures where url = ? and run_id = ?"
    return archive.connection.execute(question, [address, run_id]).fetchone() is not None or archive.is_erased(address)


def today() -> date:
    """Today's date in China."""
    return datetime.now(CHINA).date()


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
