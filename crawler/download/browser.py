"""Rendering in a browser: an optional extra (`pip install .[browser]`), for sites that set `browser = True`.

Debian's chromium renders the page without a window. The capture holds the rendered page and is marked as such. Images, media,
fonts and private addresses are not fetched. The browser does not imitate a person.
"""

import asyncio
import shutil
import socket
from typing import Any
from urllib.parse import urlsplit

from scrapy.settings import Settings

from archive.captures.warc import DRAWN_BY
from archive.errors import ArchiveError
from archive.web.outgoing import is_private

_BLOCKED_TYPES = ("image", "media", "font", "websocket", "eventsource")
_ARGUMENTS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
).split()
MARK = (DRAWN_BY, "chromium")  # a header of such captures


class BrowserMissing(ArchiveError):
    """What renders pages is not installed; the message names it."""


def enable_browser(settings: Settings, *, loopback: bool = False) -> None:
    """Configure the rendering of requests with `meta["playwright"]`. Raises BrowserMissing."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    try:
        import scrapy_playwright  # noqa: F401
    except ImportError:
        raise BrowserMissing("This site needs a browser: pip install '.[browser]'.") from None
    if chromium is None:
        raise BrowserMissing("This site needs a browser: install Debian's package chromium.")
    handlers = settings.getdict("DOWNLOAD_HANDLERS") | dict.fromkeys(
        ("http", "https"), "crawler.download.browser_handler.BrowserHandler"
    )
    for name, value in {
        "DOWNLOAD_HANDLERS": handlers,
        "PLAYWRIGHT_LAUNCH_OPTIONS": {"executable_path": chromium, "args": _ARGUMENTS},
        "PLAYWRIGHT_CONTEXTS": {"default": {"service_workers": "block", "accept_downloads": False}},
        "PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": 30_000,
        "PLAYWRIGHT_ABORT_REQUEST": _is_blocked_on_loopback if loopback else _is_blocked,
    }.items():
        settings.set(name, value, priority="cmdline")


async def _is_blocked(request: Any) -> bool:
    """Whether the browser must not send a request of a page."""
    parts = urlsplit(request.url)
    if (
        request.resource_type in _BLOCKED_TYPES
        or parts.scheme not in ("http", "https")
        or is_private(parts.hostname or "")
    ):
        return True
    try:
        addresses = await asyncio.get_running_loop().getaddrinfo(
            parts.hostname, parts.port or 443, type=socket.SOCK_STREAM
        )
    except OSError:
        return True
    return any(is_private(str(address[0])) for *_, address in addresses)


def _is_blocked_on_loopback(request: Any) -> bool:
    """The same for a site on this machine."""
    parts = urlsplit(request.url)
    return request.resource_type in _BLOCKED_TYPES or parts.hostname != "127.0.0.1"
