"""The base of all sites: from lists, sitemaps, feeds and papers to the articles that are new."""

import re
from collections.abc import AsyncIterator, Generator, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar
from urllib.parse import unquote, urljoin, urlsplit

from scrapy import Request, Spider
from scrapy.http import Response

from crawler.discovery import known, links
from crawler.discovery.feeds import MOST, feed, sitemap
from crawler.discovery.layouts import Layout
from crawler.discovery.links import Entry
from crawler.discovery.urls import canonical, host_of, resolved
from crawler.items import Page

__all__ = ["JsonList", "Layout", "SiteSpider"]

_DEEPEST = 2000  # list pages behind one another that are followed for history (--since)
_MOST_MAPS = 50  # sitemaps that an index leads to, without --since
_DAYS_BACK = 3  # issues of a paper that the ordinary run asks for
_ARTICLES_FIRST = 10  # their priority: the queue stays short, and what is newest comes first


@dataclass(frozen=True)
class JsonList:
    """A list that a site serves as JSON.

    `address` may hold {n}, the number of the page, from `first` on; `items` is the JMESPath of the list; `link` and `day`
    are names of an item's fields.
    """

    address: str
    items: str
    link: str
    day: str = ""
    first: int = 1


class SiteSpider(Spider):
    """A site that lists its articles. Subclasses set attributes, in this order:

    name        the site's short name, used on the command line
    outlet      who publishes it, as readers know it
    home        its address, http://host/ ; relative addresses below start from it
    article     regular expression that the path of an article matches

    and at least one way to find them:

    lists       list pages, newest first
    more        regular expression that the path (with its query, if it has one) of a further list page matches
    next_page   or the address of a further list page relative to its first: "index_{n}.html", "?page={n}"
    next_first  the first {n} (2)
    in_script   regular expression whose first group is an address that a script on list pages holds
    sitemaps    sitemaps or their indexes; their dates of change also announce corrections
    feeds       RSS or Atom
    papers      the first page of a day's paper, as strftime writes it: "/html/%Y-%m/%d/node_1.htm"; `more` its others
    data        lists that come as JSON, JsonList(…)

    and where they apply:

    layouts     what its article pages look like, one Layout for each state they have been in
    mobile      hosts that show the same pages under the same paths
    also        hosts that have pages of their own
    every       its rhythm: how long after one run the next is due
    hours       the hours in China within which it may be asked, "22-6"; '' for any
    browser     whether a browser must draw its pages (the extra `browser`)
    loopback    true only for the sample, which lives on this machine

    The base class of a platform (`spiders.platforms`) also sets:

    fingerprint  regular expression that is found in most addresses (host/path) of its sites' articles
    """

    outlet: str
    home: str
    article: str
    lists: tuple[str, ...] = ()
    more: str = ""
    next_page: str = ""
    next_first: int = 2
    in_script: str = ""
    sitemaps: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    papers: str = ""
    data: tuple[JsonList, ...] = ()
    layouts: tuple[Layout, ...] = ()
    mobile: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    every: timedelta = timedelta(hours=12)
    hours: str = ""
    browser: bool = False
    loopback: bool = False
    fingerprint: str = ""

    required: ClassVar = ("name", "outlet", "home", "article")
    ways: ClassVar = ("lists", "sitemaps", "feeds", "papers", "data")

    def __init__(self, *args: Any, since: date | None = None, until: date | None = None, **kwargs: Any) -> None:
        if lacking := self.lacking():
            raise ValueError(lacking)
        super().__init__(*args, **kwargs)
        self.hosts = {host_of(host) for host in (self.home, *self.mobile, *self.also)}
        self.since, self.until = since, until
        # Set by RunRecorder: the last run did not come to its end, so that known pages tell nothing.
        self.thorough = False
        # Of this run: addresses met, articles asked for, and articles by the list that names them.
        self.met: set[str] = set()
        self.asked: set[str] = set()
        self.listed: set[tuple[str, str]] = set()

    @classmethod
    def lacking(cls) -> str:
        """What the class must still say, as a sentence; '' where it says everything."""
        for attribute in cls.required:
            if not getattr(cls, attribute, None):
                return f"{cls.__name__} lacks `{attribute}`. Set it in the class; SiteSpider says what it means."
        if any(getattr(cls, way) for way in cls.ways):
            return ""
        return (
            f"{cls.__name__} has no way to find articles. Set one of {', '.join(cls.ways)} in the class;"
            " SiteSpider says what they mean."
        )

    async def start(self) -> AsyncIterator[Request]:
        """Ask for what lists articles, for pages of articles that are not here yet, and for the articles that are due again."""
        for request in self.entrances():
            if self._is_due(request.url):
                yield request
        most = self.settings.getint("LOOKS_AGAIN")
        for address in known.pages_to_fetch(self.settings, self.outlet, most):
            if (page := self.page_of_article(address)) is not None:
                yield page
        if self.since is None:
            for address in known.due_again(self.settings, self.outlet, most):
                if urlsplit(address).netloc in self.hosts:
                    self.met.add(address)
                    self.crawler.stats.inc_value("list/again")
                    yield self._article(address)

    def entrances(self) -> list[Request]:
        """What is asked first: all that lists articles."""
        return [
            *(self._list(path, self.parse) for path in self.lists),
            *(self._list(path, self.parse_sitemap) for path in self.sitemaps),
            *(self._list(path, self.parse_feed) for path in self.feeds),
            *(self._list(day.strftime(self.papers), self.parse_paper) for day in self._issues()),
            *(self._list(one.address.format(n=one.first), self.parse_data, json=one) for one in self.data),
        ]

    # Lists

    def parse(self, response: Response, **kwargs: Any) -> Iterator[Request]:
        """A list page: its new articles, and the list page behind it."""
        found = links.links(response, in_script=self.in_script)
        articles = [entry for entry in found if self.is_article(entry.address)]
        new = yield from self._take(articles, response)
        if self._goes_on(articles, new, response):
            yield from self._next(found, response)

    def parse_paper(self, response: Response) -> Iterator[Request]:
        """A page of a day's paper: its articles, and the other pages of that day."""
        found = links.links(response, in_script=self.in_script)
        yield from self._take([entry for entry in found if self.is_article(entry.address)], response)
        for entry in found:
            if self._is_list(entry.address) and entry.address not in self.met:
                yield self._list(entry.address, self.parse_paper)

    def parse_sitemap(self, response: Response) -> Iterator[Request]:
        """A sitemap: articles that are new or say that they have changed since they were fetched; further sitemaps."""
        pages, maps = sitemap(response)
        if not (pages or maps):
            self.crawler.stats.inc_value("list/unreadable")
        if response.meta.get("capture_id") is None and not (self.thorough or self.since):
            self.crawler.stats.inc_value("list/unchanged")
        elif pages:
            yield from self._take([entry for entry in pages if self.is_article(entry.address)], response)
        for entry in maps[: _MOST_MAPS if self.since is None else _DEEPEST]:
            old = self.since and entry.day and entry.day < self.since
            if urlsplit(entry.address).netloc in self.hosts and entry.address not in self.met and not old:
                yield self._list(entry.address, self.parse_sitemap)

    def parse_feed(self, response: Response) -> Iterator[Request]:
        """A feed: its new articles."""
        found = feed(response)
        if not found:
            self.crawler.stats.inc_value("list/unreadable")
        yield from self._take([entry for entry in found if self.is_article(entry.address)], response)

    def parse_data(self, response: Response) -> Iterator[Request]:
        """A JSON list: its new articles, and the page behind it."""
        one: JsonList = response.meta["json"]
        try:
            found = links.data(response, one.items, one.link, one.day)
        except ValueError:
            self.crawler.stats.inc_value("list/unreadable")
            return
        articles = [entry for entry in found if self.is_article(entry.address)]
        new = yield from self._take(articles, response)
        if "{n}" in one.address and self._goes_on(articles, new, response):
            depth = response.meta["depth_of_list"] + 1
            yield self._list(one.address.format(n=one.first + depth - 1), self.parse_data, depth=depth, json=one)

    def parse_article(self, response: Response) -> Iterator[Page]:
        """A page to be read, whatever its status says."""
        yield Page(response.url, response.meta.get("capture_id"), response.meta.get("day"))

    def page_of_article(self, address: str) -> Request | None:
        """The request for a further page of an article, as a page that was read names it; None where it is not wanted."""
        if urlsplit(address).netloc not in self.hosts:
            return None
        self.met.add(address)
        return self._article(address)

    def is_article(self, address: str) -> bool:
        """Whether an address is one of the site's articles."""
        path, with_query = self._paths(address)
        return _matches(self.article, path) or _matches(self.article, with_query)

    def _is_list(self, address: str) -> bool:
        return bool(self.more) and _matches(self.more, self._paths(address)[1])

    def _paths(self, address: str) -> tuple[str, str]:
        """The path of an address on one of our hosts, without and with its query; both empty elsewhere."""
        parts = urlsplit(resolved("", address) or "")
        if parts.netloc not in self.hosts:
            return "", ""
        return parts.path, f"{parts.path}?{parts.query}" if parts.query else parts.path

    def _take(self, entries: list[Entry], response: Response) -> Generator[Request, None, int]:
        """Ask for the articles of a list that are wanted; gives how many the archive did not know, those counted that
        another list of this run named before."""
        stats, new = self.crawler.stats, 0
        first = response.meta["first_of_list"]
        stats.inc_value("list/pages")
        stats.inc_value("list/links", len(entries))
        if not entries:
            stats.inc_value("list/without_articles")
        for entry in entries:
            address = canonical(entry.address, self.home, self.mobile)
            if (first, address) in self.listed:
                continue
            self.listed.add((first, address))
            if address in self.asked:
                new += 1
                continue
            if address in self.met and not entry.changed:
                continue
            self.met.add(address)
            day = entry.day
            if day and ((self.since and day < self.since) or (self.until and day > self.until)):
                stats.inc_value("list/out_of_range")
            elif known.is_wanted(self.settings, address, entry.changed):
                new += 1
                self.asked.add(address)
                yield self._article(address, day)
            else:
                stats.inc_value("list/known")
        return new

    def _goes_on(self, articles: list[Entry], new: int, response: Response) -> bool:
        """Whether the list is followed further: to the day that history is wanted from, or while it has something new."""
        depth = response.meta["depth_of_list"]
        if self.since:
            latest = links.latest_day(articles)
            return depth < _DEEPEST and bool(articles) and (latest is None or latest >= self.since)
        return depth < self.settings.getint("LISTS_DEEP") and (new > 0 or (self.thorough and bool(articles)))

    def _next(self, found: list[Entry], response: Response) -> Iterator[Request]:
        depth = response.meta["depth_of_list"] + 1
        first = response.meta["first_of_list"]
        if self.next_page:
            following = urljoin(first, self.next_page.format(n=self.next_first + depth - 2))
            yield self._list(following, self.parse, depth=depth, first=first)
            return
        for entry in found:
            if self._is_list(entry.address) and entry.address not in self.met:
                yield self._list(entry.address, self.parse, depth=depth, first=first)
                return

    # Requests

    def _list(self, path: str, parse: Any, *, depth: int = 1, first: str = "", json: JsonList | None = None) -> Request:
        address = resolved(self.home, path) or urljoin(self.home, path)
        self.met.add(address)
        meta = {
            "role": "list",
            "depth_of_list": depth,
            "first_of_list": first or address,
            "json": json,
            **self._drawn(),
        }
        if parse == self.parse_sitemap:
            meta |= {"role": "sitemap", "download_maxsize": MOST}
        return Request(address, parse, errback=self.failed, meta=meta, dont_filter=True)  # `met` knows

    def _article(self, address: str, day: date | None = None) -> Request:
        meta = {"role": "", "day": day, "listed": True, **self._drawn()}
        return Request(address, self.parse_article, errback=self.failed, meta=meta, priority=_ARTICLES_FIRST)

    def _drawn(self) -> dict[str, Any]:
        """What asks the browser to draw a page: until it has nothing more to fetch."""
        return (
            {"playwright": True, "playwright_page_goto_kwargs": {"wait_until": "networkidle"}} if self.browser else {}
        )

    def failed(self, failure: Any) -> None:
        """Count what was not answered; refusals of our own are counted where they are made."""
        if failure.type.__name__ != "IgnoreRequest":
            self.crawler.stats.inc_value(f"failed/{failure.type.__name__}")

    def _is_due(self, address: str) -> bool:
        """Whether a list is to be asked now: `dangqun refresh` lets those rest that seldom change."""
        if not self.settings.getbool("REST_LISTS"):
            return True
        rests = known.rests(self.settings, address)
        if rests:
            self.crawler.stats.inc_value("list/resting")
        return not rests

    def _issues(self) -> Iterable[date]:
        """The days whose papers are asked for, the newest first."""
        if not self.papers:
            return
        last = min(self.until or date.max, known.today())
        first = self.since or last - timedelta(days=_DAYS_BACK - 1)
        while last >= first:
            yield last
            last -= timedelta(days=1)


def _matches(pattern: str, path: str) -> bool:
    """Whether a pattern matches a path as it is sent, or as people read it: 新闻 for %E6%96%B0%E9%97%BB."""
    return any(re.fullmatch(pattern, form) for form in {path, unquote(path)} if form)
