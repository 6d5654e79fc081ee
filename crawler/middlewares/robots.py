"""robots.txt by RFC 9309: which addresses a site allows us, by our product token alone, and at which pace.

Without rules that can be fetched and parsed, the site is left alone, unless the archive has rules from the last 24 hours. A
site that demands a longer delay than MAX_WAIT is left alone too.
"""

import asyncio
import codecs
import logging
import re
import string
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlsplit
from weakref import WeakKeyDictionary

from protego import Protego
from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, StopDownload
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from archive.errors import ArchiveError
from archive.model import Capture, CaptureRole
from archive.web.addresses import normal, resolved
from crawler.session import archive_of

_MAX_SIZE = 512 * 1024  # bytes that are parsed; RFC 9309 requires 500 KiB at least
_MAX_DECLARED = 100_000_000  # bytes that a robots.txt may declare, or unpack to; `_MAX_SIZE` of them are read
_LIFETIME = timedelta(hours=24)
_MAX_REDIRECTS = 5
_PRIORITY = 1000  # before all pages
logger = logging.getLogger(__name__)

_AGENT = re.compile(rb"user[- ]?agent(?:\s*:|\s|$)\s*(\*(?!\S)|[a-z_-]*)", re.IGNORECASE)
_RULE = re.compile(rb"(?:allow|d[ias]+l+[oa]w)(?:\s*:|\s|$)", re.IGNORECASE)  # Protego also reads what is misspelt
_PACE = re.compile(
    rb"(?:crawl[- ]delay|request[- ]rate)(?:\s*:|\s)\s*(?:([1-9]\d*)\s*/\s*)?(\d*\.?\d+)\s*(ms|[mhd])?", re.IGNORECASE
)
_SECONDS = {b"ms": 0.001, b"": 1, b"m": 60, b"h": 3600, b"d": 86400}
_ESCAPED = re.compile(r"%([89A-F][0-9A-F])", re.IGNORECASE)
_KEPT = string.punctuation + " \t"


@dataclass(frozen=True)
class Rules:
    """The rules of a robots.txt for one crawler: its paths, and the seconds between two requests."""

    paths: Protego
    delay: float

    def allow(self, url: str) -> bool:
        """Whether a URL, escaped as it is sent, may be requested."""
        return self.paths.can_fetch(_doubly_escaped(url), "")


def parse(body: bytes, token: str) -> Rules:
    """The rules for the crawler with a product token, from the bytes of a robots.txt.

    Raises ValueError if a line, comments aside, is not text.
    """
    lines = _utf8(body[:_MAX_SIZE]).splitlines()
    if len(body) > _MAX_SIZE:
        lines.pop()  # half a rule would be another rule
    ours = _ours((line.partition(b"#")[0].strip() for line in lines), token.lower().encode())
    spelt = [spelling for line in ours for spelling in sorted(_spellings(line))]
    return Rules(Protego.parse("\n".join(["User-agent: *", *spelt])), max(map(_delay, ours), default=0.0))


def _ours(lines: Iterator[bytes], token: bytes) -> list[bytes]:
    """The lines of all groups that name the token, else of those for `*`. Protego would also match the beginning of a token.

    Raises ValueError if a line is not text.
    """
    groups: dict[bytes, list[bytes]] = {}
    agents: set[bytes] = set()
    has_rules = False  # only these end a group, not Crawl-delay or Sitemap
    for line in lines:
        if not _readings(line):
            raise ValueError(f"the line {line[:60]!r} is not text")
        if agent := _AGENT.match(line):
            agents = set() if has_rules else agents
            has_rules = False
            agents.add(agent[1].lower())
            groups.setdefault(agent[1].lower(), [])
            continue
        has_rules = has_rules or _RULE.match(line) is not None
        for name in agents:
            groups[name].append(line)
    return groups.get(token, groups.get(b"*", []))


def _utf8(body: bytes) -> bytes:
    """UTF-16, with or without a byte order mark, as UTF-8; anything else unchanged. Raises UnicodeDecodeError."""
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return body.decode("utf-16").encode()
    if b"\0" in body:
        little = body[1::2].count(0) > body[::2].count(0)
        return body.decode("utf-16-le" if little else "utf-16-be").encode()
    return body.removeprefix(codecs.BOM_UTF8)


def _readings(line: bytes) -> list[str]:
    """The characters that a line may stand for: UTF-8, else GB18030 or Big5, which a few characters do not distinguish;
    none if it is not text."""
    if b"\0" in line:
        return []
    with suppress(UnicodeDecodeError):
        return [line.decode()]
    texts = []
    for coding in ("gb18030", "big5hkscs"):
        with suppress(UnicodeDecodeError):
            texts.append(line.decode(coding))
    return texts


def _spellings(line: bytes) -> set[str]:
    """A line escaped as URLs are: its bytes unchanged, and its characters in UTF-8 and in GBK, since links may use either."""
    octets = {line} | {text.encode(coding) for text in _readings(line) for coding in ("utf-8", "gb18030")}
    return {_doubly_escaped(quote(one, safe=_KEPT)) for one in octets}


def _doubly_escaped(address: str) -> str:
    """Replace %E5 by %25E5: Protego would undo the escape, and confuse bytes that are not UTF-8."""
    return _ESCAPED.sub(lambda octet: f"%25{octet[1].upper()}", address)


def _delay(line: bytes) -> float:
    """The seconds between requests of a Crawl-delay ("5", "5s") or Request-rate ("1/10m"); 0 for other lines."""
    pace = _PACE.match(line)
    return float(pace[2]) * _SECONDS[(pace[3] or b"").lower()] / int(pace[1] or 1) if pace else 0.0


class Robots:
    """Passes only the requests that the rules of their site allow, at the pace that these demand."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.archive = archive_of(crawler.settings)
        self.known: dict[str, tuple[float, Rules | None]] = {}  # by origin, with the second of the request
        self.lengths: WeakKeyDictionary[Request, int] = WeakKeyDictionary()
        self.lock = asyncio.Lock()
        self.max_wait = crawler.settings.getfloat("MAX_WAIT")
        crawler.signals.connect(self.received, signal=signals.bytes_received)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Robots":
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Raise IgnoreRequest if the rules forbid it, or are unknown."""
        if request.meta.get("role") == CaptureRole.ROBOTS:
            return
        parts = urlsplit(request.url)
        rules = await self._rules(f"{parts.scheme}://{parts.netloc}")
        if rules is None:
            raise IgnoreRequest(f"robots.txt unknown: {request.url}")
        if not rules.allow(request.url):
            self.crawler.stats.inc_value("robotstxt/forbidden")
            raise IgnoreRequest(f"robots.txt forbids it: {request.url}")

    def received(self, data: bytes, request: Request) -> None:
        """Stop the download of a robots.txt that is too long; the crawler obeys its first part."""
        if request.meta.get("role") == CaptureRole.ROBOTS:
            self.lengths[request] = self.lengths.get(request, 0) + len(data)
            if self.lengths[request] > _MAX_SIZE:
                self.crawler.stats.inc_value("robots/cut")
                raise StopDownload(fail=False)

    async def _rules(self, origin: str) -> Rules | None:
        """The rules of a site, requested once a day; None if the site is left alone."""
        async with self.lock:
            if origin not in self.known or time.monotonic() - self.known[origin][0] > _LIFETIME.total_seconds():
                requested = time.monotonic()
                rules = await self._fetch(normal(f"{origin}/robots.txt"))
                if rules and rules.delay > self.max_wait:
                    self.crawler.stats.max_value("robots/too_slow", round(rules.delay))
                    logger.warning("%s: the site is left alone (%g s between requests)", origin, rules.delay)
                    rules = None
                self.known[origin] = (requested, rules)
                if rules and rules.delay:
                    self._slow_down(urlsplit(origin).netloc, rules.delay)
            return self.known[origin][1]

    async def _fetch(self, address: str) -> Rules | None:
        requested = datetime.now(UTC)
        meta = {"role": CaptureRole.ROBOTS.value, "download_maxsize": _MAX_DECLARED}
        plain = {"Accept-Encoding": "identity"}  # so that no damage or bomb hides in the capture
        request = Request(address, NO_CALLBACK, headers=plain, meta=meta, priority=_PRIORITY)
        try:
            return self._stated(await self.crawler.engine.download_async(request))
        except Exception as error:  # whatever the error, the rules are unknown
            rules = self._archived(address, requested)
            if rules:
                self.crawler.stats.inc_value("robots/archived")
            elif not self.crawler.stats.get_value("ended"):
                self.crawler.stats.inc_value("robots/unknown")
                logger.warning("%s: the site is left alone (%s: %s)", address, type(error).__name__, error)
            return rules

    def _stated(self, response: Response | Capture) -> Rules:
        """The rules of a response. Raises ValueError unless it states rules, or that there are none."""
        if 400 <= response.status < 500 and response.status != 429:
            return parse(b"", self.crawler.settings["BOT_NAME"])
        if not 200 <= response.status < 300:
            raise ValueError(f"it answered {response.status}")
        return parse(response.body, self.crawler.settings["BOT_NAME"])

    def _archived(self, address: str, now: datetime) -> Rules | None:
        """The rules that the archive captured in the last 24 hours, redirects included."""
        with suppress(ArchiveError, ValueError):
            for _ in range(_MAX_REDIRECTS + 1):
                answer = self.archive.last_answer(address, now - _LIFETIME, now)
                if answer is None or answer.header("content-encoding"):
                    return None
                if not 300 <= answer.status < 400:
                    return self._stated(answer)
                address = resolved(address, answer.header("location")) or ""
        return None

    def _slow_down(self, netloc: str, delay: float) -> None:
        """Apply a delay, in seconds, from the next request on."""
        self.crawler.stats.max_value(f"robots/delay/{netloc}", delay)
        downloader = self.crawler.engine.downloader
        host = netloc.partition(":")[0]
        downloader.per_slot_settings[host] = {"delay": delay}
        if host in downloader.slots:
            slot = downloader.slots[host]
            slot.delay = max(slot.delay, delay)
            slot.lastseen = time.monotonic()  # counted from the response: connecting took a part of the delay
