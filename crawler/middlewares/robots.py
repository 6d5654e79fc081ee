"""robots.txt by RFC 9309: what a site's rules allow us, known by our product token alone, and how fast we may ask.

No rules that can be had and read, no requests: the site is left alone; so is one that wants to be asked more seldom
than a run waits (LONGEST_WAIT). Rules that it gave within a day serve meanwhile.
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
from archive.model import Capture
from archive.web.addresses import normal, resolved
from crawler.session import archive_of

_SIZE = 512 * 1024  # bytes that are read; RFC 9309 asks for 500 KiB at least
_DECLARED = 100_000_000  # bytes that a robots.txt may declare, or unpack to; `_SIZE` of them are read
_SERVES = timedelta(hours=24)
_REDIRECTS = 5
_FIRST = 1000  # priority
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
    """What a robots.txt says to one crawler: which addresses, and the seconds from one request to the next."""

    paths: Protego
    delay: float

    def allow(self, url: str) -> bool:
        """Whether an address, escaped as it is sent, may be asked for."""
        return self.paths.can_fetch(_doubly_escaped(url), "")


def parse(body: bytes, token: str) -> Rules:
    """The rules for the crawler with a product token, from the octets of a robots.txt. Raises ValueError where a line,
    comments aside, is no text."""
    lines = _utf8(body[:_SIZE]).splitlines()
    if len(body) > _SIZE:
        lines.pop()  # half a rule is another rule
    ours = _ours((line.partition(b"#")[0].strip() for line in lines), token.lower().encode())
    spelt = [spelling for line in ours for spelling in sorted(_spellings(line))]
    return Rules(Protego.parse("\n".join(["User-agent: *", *spelt])), max(map(_delay, ours), default=0.0))


def _ours(lines: Iterator[bytes], token: bytes) -> list[bytes]:
    """The lines of all groups that name the token, else of those for `*`. Protego would also match the beginning of a
    token. Raises ValueError where a line is no text."""
    groups: dict[bytes, list[bytes]] = {}
    agents: set[bytes] = set()
    begun = False  # its rules: only these end a group, and not Crawl-delay or Sitemap
    for line in lines:
        if not _readings(line):
            raise ValueError(f"the line {line[:60]!r} is no text")
        if agent := _AGENT.match(line):
            agents = set() if begun else agents
            begun = False
            agents.add(agent[1].lower())
            groups.setdefault(agent[1].lower(), [])
            continue
        begun = begun or _RULE.match(line) is not None
        for name in agents:
            groups[name].append(line)
    return groups.get(token, groups.get(b"*", []))


def _utf8(body: bytes) -> bytes:
    """UTF-16, with its mark or without, as UTF-8; anything else as it is. Raises UnicodeDecodeError."""
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return body.decode("utf-16").encode()
    if b"\0" in body:
        little = body[1::2].count(0) > body[::2].count(0)
        return body.decode("utf-16-le" if little else "utf-16-be").encode()
    return body.removeprefix(codecs.BOM_UTF8)


def _readings(line: bytes) -> list[str]:
    """The characters that a line may stand for: UTF-8, else GB18030 or Big5, which a few characters do not distinguish;
    none where it is no text."""
    if b"\0" in line:
        return []
    with suppress(UnicodeDecodeError):
        return [line.decode()]
    found = []
    for coding in ("gb18030", "big5hkscs"):
        with suppress(UnicodeDecodeError):
            found.append(line.decode(coding))
    return found


def _spellings(line: bytes) -> set[str]:
    """A line escaped as addresses are: its octets as they stand, and its characters in UTF-8 and in GBK, since links
    may be written in either."""
    octets = {line} | {text.encode(coding) for text in _readings(line) for coding in ("utf-8", "gb18030")}
    return {_doubly_escaped(quote(one, safe=_KEPT)) for one in octets}


def _doubly_escaped(address: str) -> str:
    """With %E5 as %25E5: Protego would undo the escape, and take octets that are not UTF-8 for one another."""
    return _ESCAPED.sub(lambda octet: f"%25{octet[1].upper()}", address)


def _delay(line: bytes) -> float:
    """The seconds between requests that a Crawl-delay ("5", "5s") or Request-rate ("1/10m") asks for; 0 for other lines."""
    pace = _PACE.match(line)
    return float(pace[2]) * _SECONDS[(pace[3] or b"").lower()] / int(pace[1] or 1) if pace else 0.0


class Robots:
    """Lets only those requests pass that the rules of their site allow, no faster than these ask."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.archive = archive_of(crawler.settings)
        self.known: dict[str, tuple[float, Rules | None]] = {}  # by origin, with the second that they were asked for
        self.lengths: WeakKeyDictionary[Request, int] = WeakKeyDictionary()
        self.lock = asyncio.Lock()
        self.longest = crawler.settings.getfloat("LONGEST_WAIT")
        crawler.signals.connect(self.received, signal=signals.bytes_received)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Robots":
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Raise IgnoreRequest where the rules forbid it, or are not known."""
        if request.meta.get("role") == "robots":
            return
        parts = urlsplit(request.url)
        rules = await self._rules(f"{parts.scheme}://{parts.netloc}")
        if rules is None:
            raise IgnoreRequest(f"robots.txt unknown: {request.url}")
        if not rules.allow(request.url):
            self.crawler.stats.inc_value("robotstxt/forbidden")
            raise IgnoreRequest(f"robots.txt forbids it: {request.url}")

    def received(self, data: bytes, request: Request) -> None:
        """Stop reading a robots.txt that is too long; what has come is obeyed."""
        if request.meta.get("role") == "robots":
            self.lengths[request] = self.lengths.get(request, 0) + len(data)
            if self.lengths[request] > _SIZE:
                self.crawler.stats.inc_value("robots/cut")
                raise StopDownload(fail=False)

    async def _rules(self, origin: str) -> Rules | None:
        """The rules of a site, asked for once a day; None where it is left alone."""
        async with self.lock:
            if origin not in self.known or time.monotonic() - self.known[origin][0] > _SERVES.total_seconds():
                asked = time.monotonic()
                rules = await self._ask(normal(f"{origin}/robots.txt"))
                if rules and rules.delay > self.longest:
                    self.crawler.stats.max_value("robots/too_slow", round(rules.delay))
                    logger.warning("%s: the site is left alone (%g s between requests)", origin, rules.delay)
                    rules = None
                self.known[origin] = (asked, rules)
                if rules and rules.delay:
                    self._slow_down(urlsplit(origin).netloc, rules.delay)
            return self.known[origin][1]

    async def _ask(self, address: str) -> Rules | None:
        asked = datetime.now(UTC)
        meta = {"role": "robots", "download_maxsize": _DECLARED}
        plain = {"Accept-Encoding": "identity"}  # so that no damage or bomb hides in what is remembered
        request = Request(address, NO_CALLBACK, headers=plain, meta=meta, priority=_FIRST)
        try:
            return self._stated(await self.crawler.engine.download_async(request))
        except Exception as error:  # whatever went wrong, the rules are not known
            rules = self._remembered(address, asked)
            if rules:
                self.crawler.stats.inc_value("robots/remembered")
            elif not self.crawler.stats.get_value("ended"):
                self.crawler.stats.inc_value("robots/unknown")
                logger.warning("%s: the site is left alone (%s: %s)", address, type(error).__name__, error)
            return rules

    def _stated(self, response: Response | Capture) -> Rules:
        """The rules that an answer states. Raises ValueError where it states none and does not say that there are none."""
        if 400 <= response.status < 500 and response.status != 429:
            return parse(b"", self.crawler.settings["BOT_NAME"])
        if not 200 <= response.status < 300:
            raise ValueError(f"it answered {response.status}")
        return parse(response.body, self.crawler.settings["BOT_NAME"])

    def _remembered(self, address: str, now: datetime) -> Rules | None:
        """The rules that the archive has of the last day, wherever they were redirected to."""
        with suppress(ArchiveError, ValueError):
            for _ in range(_REDIRECTS + 1):
                answer = self.archive.last_answer(address, now - _SERVES, now)
                if answer is None or answer.header("content-encoding"):
                    return None
                if not 300 <= answer.status < 400:
                    return self._stated(answer)
                address = resolved(address, answer.header("location")) or ""
        return None

    def _slow_down(self, netloc: str, delay: float) -> None:
        """Keep to a delay, in seconds, from the next request on."""
        self.crawler.stats.max_value(f"robots/delay/{netloc}", delay)
        downloader = self.crawler.engine.downloader
        host = netloc.partition(":")[0]
        downloader.per_slot_settings[host] = {"delay": delay}
        if host in downloader.slots:
            slot = downloader.slots[host]
            slot.delay = max(slot.delay, delay)
            slot.lastseen = time.monotonic()  # from the answer on: connecting took a part of the delay
