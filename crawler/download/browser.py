"""Pages that only a browser can draw: an optional extra (`pip install .[browser]`), for sites that set `browser = True`.

Debian's chromium draws the page without a window; what is kept is the page as drawn, marked as such. Pictures, films and
fonts are not fetched, nor anything from a private address. Nothing is done to look like a person.
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

_LEFT_OUT = ("image", "media", "font", "websocket", "eventsource")
_ARGUMENTS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
).split()
MARK = (DRAWN_BY, "chromium")  # stands among the headers of what is kept


class BrowserMissing(ArchiveError):
    """What is needed to draw pages is not there; the message says what to install."""


def draw_pages(settings: Settings, *, loopback: bool = False) -> None:
    """Let requests with `meta["playwright"]` be drawn. Raises BrowserMissing."""
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
        "PLAYWRIGHT_ABORT_REQUEST": _is_left_out_here if loopback else _is_left_out,
    }.items():
        settings.set(name, value, priority="cmdline")


async def _is_left_out(request: Any) -> bool:
    """Whether the browser must not fetch something that a page asks for."""
    parts = urlsplit(request.url)
    if request.resource_type in _LEFT_OUT or parts.scheme not in ("http", "https") or is_private(parts.hostname or ""):
        return True
    try:
        found = await asyncio.get_running_loop().getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    except OSError:
        return True
    return any(is_private(str(address[0])) for *_, address in found)


def _is_left_out_here(request: Any) -> bool:
    """The same for a site on this machine."""
    parts = urlsplit(request.url)
    return request.resource_type in _LEFT_OUT or parts.hostname != "127.0.0.1"
