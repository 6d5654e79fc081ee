"""The identity of the crawler: its product token, which rules in robots.txt name, and the operator's contact."""

import os
import re
from pathlib import Path

from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings

from archive.configuration import DEFAULT, FILE, with_sources
from archive.errors import ArchiveError
from crawler import settings as defaults

_TOKEN = re.compile(rf"(?<![\w-]){defaults.BOT_NAME}(?![\w-])", re.IGNORECASE)
_ADDRESS = r"[^\s();,<>@]+@[^\s();,<>@]+|https?://[^\s();,<>]+"
_CONTACT = re.compile(rf"contact:\s*([^\s;)][^;)]*)|({_ADDRESS})", re.IGNORECASE)
_PRINTABLE = re.compile(r"[ -~]*")
_SETTINGS = {  # entry of dangqun.toml -> setting
    "crawl.delay": "DOWNLOAD_DELAY", "crawl.max_wait": "MAX_WAIT", "crawl.list_depth": "LIST_DEPTH_LIMIT",
    "crawl.recheck_limit": "RECHECK_LIMIT", "crawl.timeout": "DOWNLOAD_TIMEOUT", "crawl.max_bytes": "DOWNLOAD_MAXSIZE",
}  # fmt: skip
_MISSING = (
    "No contact is set, so nothing beyond this machine is fetched: the sites that you crawl must be able to reach you."
    " Write your e-mail or web address into {file}, as contact = \"you@your.example\", or into DANGQUN_CONTACT."
)  # fmt: skip


def identify(settings: BaseSettings) -> None:
    """Name the operator in the setting USER_AGENT, and set what the operator has configured, unless a site's class or the
    command line sets another.

    Raises ConfigurationError as `configuration`, and ArchiveError if the User-Agent (DANGQUN_USER_AGENT) lacks our product
    token.
    """
    configured = with_sources(Path(settings["ARCHIVE"]))
    for name, setting in _SETTINGS.items():
        value, source = configured[name]
        if source != DEFAULT:
            settings.set(setting, value, priority="project")
    agent = os.environ.get("DANGQUN_USER_AGENT") or defaults.USER_AGENT
    contact, _ = configured["contact"]
    if contact and not contact_of(agent):
        agent = f"{agent} (contact: {contact})"
    settings.set("USER_AGENT", agent, priority="project")
    check_agent(settings["USER_AGENT"])


def contact_of(agent: str) -> str:
    """The operator's contact in a User-Agent; '' if there is none."""
    found = _CONTACT.search(agent)
    return (found[1] or found[2]).strip() if found else ""


def without_contact(settings: BaseSettings, agent: str = "") -> str:
    """The message for a missing contact; '' if the User-Agent (empty: that of the settings) has one."""
    return "" if contact_of(agent or settings["USER_AGENT"]) else _MISSING.format(file=Path(settings["ARCHIVE"]) / FILE)


def check_agent(agent: str) -> None:
    """Raises ArchiveError if a User-Agent lacks our product token, or cannot be sent."""
    if not _TOKEN.search(agent):
        raise ArchiveError(
            f"The User-Agent {agent!r} lacks `{defaults.BOT_NAME}`, the name by which the rules in robots.txt are matched."
            " Add it to DANGQUN_USER_AGENT (or to USER_AGENT, where a site's class sets that), or set only a contact."
        )
    if not _PRINTABLE.fullmatch(agent):
        raise ArchiveError(f"The User-Agent {agent!r} can only have letters, digits and signs of ASCII, on one line.")


def check_site(crawler: Crawler) -> None:
    """Raises ArchiveError as `check_agent` does, for the User-Agent of one crawl: a site's class may set its own."""
    check_agent(agent_of(crawler))


def agent_of(crawler: Crawler) -> str:
    """The User-Agent of one crawl: Scrapy prefers that of the spider to the setting."""
    return getattr(crawler.spider or crawler.spidercls, "user_agent", crawler.settings["USER_AGENT"])


class Identity:
    """A Scrapy add-on that identifies every crawl, including those of `scrapy crawl`."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Identity":
        return cls(crawler)

    def update_settings(self, settings: BaseSettings) -> None:
        """Set the User-Agent. Raises ArchiveError as `identify` does, also for a User-Agent in the site's class."""
        identify(settings)
        check_site(self.crawler)
