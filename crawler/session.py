"""The open archive of this process. Concurrent crawls share it: one process, one writer."""

from pathlib import Path

from scrapy.settings import BaseSettings

from archive.storage.store import Archive, open_for_writing
from crawler.identity import contact_of

_open: dict[Path, Archive] = {}


def archive_of(settings: BaseSettings) -> Archive:
    """The archive that the settings name. The first call opens it for writing."""
    folder = Path(settings["ARCHIVE"]).resolve()
    if folder not in _open:
        _open[folder] = open_for_writing(folder, operator=contact_of(settings["USER_AGENT"]))
    return _open[folder]


def close_all() -> None:
    """Close every archive of this process, so that other processes can write."""
    while _open:
        _open.popitem()[1].close()
