"""The open archive of this process. Crawls that run side by side share it: one process, one writer."""

import re
from pathlib import Path

from scrapy.settings import BaseSettings

from archive.store import Archive, open_for_writing
from crawler.settings import NO_CONTACT

_open: dict[Path, Archive] = {}


def archive_of(settings: BaseSettings) -> Archive:
    """The archive that the settings name, opened for writing at first use."""
    folder = Path(settings["ARCHIVE"]).resolve()
    if folder not in _open:
        _open[folder] = open_for_writing(folder, operator=operator_of(settings))
    return _open[folder]


def operator_of(settings: BaseSettings) -> str:
    """Who runs the crawler, as the User-Agent says it: its contact, or all of it; empty where none is set."""
    agent = settings["USER_AGENT"]
    contact = re.search(r"contact:\s*([^;)]+)", agent)
    return "" if NO_CONTACT in agent else contact[1].strip() if contact else agent


def close_all() -> None:
    """Close every archive of this process, so that others can write."""
    while _open:
        _open.popitem()[1].close()
