"""The base class of all sites: from lists, sitemaps, feeds and papers to the new articles."""

import re
from collections.abc import AsyncIterator, Generator, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar
from urllib.parse import unquote, urljoin, urlsplit

from scrapy import Request, Spider
from scrapy.http import Response

from crawler.discovery import known, links
from crawler.discovery.feeds import MAX_SITEMAP, feed, sitemap
from crawler.discovery.layouts import Layout
from crawler.discovery.links import Entry
from crawler.discovery.urls import canonical, host_of, resolved
from crawler.items import Page

__all__ = ["JsonList", "Layout", "SiteSpider"]

_MAX_DEPTH = 2000  # list pages in a row that are followed for history (--since)
_MAX_SITEMAPS = 50  # sitemaps of an index that are followed, without --since
_RECENT_ISSUES = 3  # of a paper, that a run without --since fetches
_ARTICLE_PRIORITY = 10  # before lists: the queue stays short, and the newest articles are fetched first


@dataclass(frozen=True)
class JsonList:
    """A list that a site serves as JSON.

    `address` may contain {n}, the number of the page, which starts at `first`. `items` is the JMESPath of the list. `link` and
    `day` are the names of an item's fields.
    """

    address: str
    items: str
    link: str
    day: str = ""
    first: int = 1


class SiteSpider(Spider):
    """A site that lists its articles. Subclasses set attributes, in this order:

    name        the site's short name, used on the command line
    outlet      the name of its publisher, as readers know it
    home        its URL, http://host/ ; relative URLs below are resolved against it
    article     regular expression that the path of an article matches

    and at least one way to find them:

    lists       list pages, newest first
    more        regular expression that the path (with its query, if any) of a further list page matches
    next_page   or the URL of a further list page, relative to the first: "index_{n}.html", "?page={n}"
    next_first  the {n} of the second list page (2)
    in_script   regular expression whose first group is a URL in a script on list pages
    sitemaps    sitemaps or sitemap indexes; their lastmod also announces corrections
    feeds       RSS or Atom
    papers      the first page of a day's paper, in the form of strftime: "/html/%Y-%m/%d/node_1.htm"; `more` matches its others
    data        JSON lists, JsonList(…)

    and, if they apply:

    layouts     the structure of its article pages, one Layout for each version
    mobile      hosts that show the same pages under the same paths
    also        hosts with pages of their own
    every       the time from one run to the next
    hours       the hours in China in which it may be crawled, "22-6"; '' for any
    browser     whether a browser must render its pages (the extra `browser`)
    loopback    true for a site that runs on this machine, as the sample does

    The base class of a platform (`spiders.platforms`) also sets:

    fingerprint  regular expression that matches in most URLs (host/path) of its sites' articles
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

    def __init__(
        self, *args: Any, since: date | None = None, until: date | None = None, sample: int = 0, **kwargs: Any
    ) -> None:
        if problem := self.problem():
            raise ValueError(problem)
        super().__init__(*args, **kwargs)
        self.hosts = {host_of(host) for host in (self.home, *self.mobile, *self.also)}
        self.since, self.until = since, until
        self.sample = sample  # the articles that are fetched, from one list only; 0: all
        # Set by RunRecorder: the last run was incomplete, so a known page does not end a list.
        self.thorough = False
        # Of this run: URLs seen, articles requested, and articles by the list that names them.
        self.seen: set[str] = set()
        self.requested: set[str] = set()
        self.listed: set[tuple[str, str]] = set()

    @classmethod
    def problem(cls) -> str:
        """The first missing attribute of the class, as a sentence; '' if none is missing."""
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
        """Request the lists, the missing pages of known articles, and the articles that are due for another fetch."""
        for request in self.entry_requests()[: 1 if self.sample else None]:
            if self._is_due(request.url):
                yield request
        limit = self.settings.getint("RECHECK_LIMIT")
        for address in known.pages_to_fetch(self.settings, self.outlet, limit):
            if (page := self.page_of_article(address)) is not None:
                yield page
        if self.since is None:
            for address in known.due_again(self.settings, self.outlet, limit):
                if urlsplit(address).netloc in self.hosts:
                    self.seen.add(address)
                    self.crawler.stats.inc_value("list/rechecked")
                    yield self._article(address)

    def entry_requests(self) -> list[Request]:
        """The first requests: everything that lists articles."""
        return [
            *(self._list(path, self.parse) for path in self.lists),
            *(self._list(path, self.parse_sitemap) for path in self.sitemaps),
            *(self._list(path, self.parse_feed) for path in self.feeds),
            *(self._list(day.strftime(self.papers), self.parse_paper) for day in self._issues()),
            *(self._list(one.address.format(n=one.first), self.parse_data, json=one) for one in self.data),
        ]

    # Lists

    def parse(self, response: Response, **kwargs: Any) -> Iterator[Request]:
        """A list page: request its new articles, and the next list page."""
        entries = links.links(response, in_script=self.in_script)
        articles = [entry for entry in entries if self.is_article(entry.address)]
        new = yield from self._new_articles(articles, response)
        if self._should_continue(articles, new, response):
            yield from self._next(entries, response)

    def parse_paper(self, response: Response) -> Iterator[Request]:
        """A page of a day's paper: request its articles, and the other pages of that day."""
        entries = links.links(response, in_script=self.in_script)
        yield from self._new_articles([entry for entry in entries if self.is_article(entry.address)], response)
        for entry in entries:
            if not self.sample and self._is_list(entry.address) and entry.address not in self.seen:
                yield self._list(entry.address, self.parse_paper)

    def parse_sitemap(self, response: Response) -> Iterator[Request]:
        """A sitemap: request articles that are new or changed since their capture, and further sitemaps."""
        pages, maps = sitemap(response)
        if not (pages or maps):
            self.crawler.stats.inc_value("list/unreadable")
        if response.meta.get("capture_id") is None and not (self.thorough or self.since):
            self.crawler.stats.inc_value("list/unchanged")
        elif pages:
            yield from self._new_articles([entry for entry in pages if self.is_article(entry.address)], response)
        for entry in maps[: 1 if self.sample else _MAX_SITEMAPS if self.since is None else _MAX_DEPTH]:
            old = self.since and entry.day and entry.day < self.since
            if urlsplit(entry.address).netloc in self.hosts and entry.address not in self.seen and not old:
                yield self._list(entry.address, self.parse_sitemap)

    def parse_feed(self, response: Response) -> Iterator[Request]:
        """A feed: request its new articles."""
        entries = feed(response)
        if not entries:
            self.crawler.stats.inc_value("list/unreadable")
        yield from self._new_articles([entry for entry in entries if self.is_article(entry.address)], response)

    def parse_data(self, response: Response) -> Iterator[Request]:
        """A JSON list: request its new articles, and its next page."""
        one: JsonList = response.meta["json"]
        try:
            entries = links.data(response, one.items, one.link, one.day)
        except ValueError:
            self.crawler.stats.inc_value("list/unreadable")
            return
        articles = [entry for entry in entries if self.is_article(entry.address)]
        new = yield from self._new_articles(articles, response)
        if "{n}" in one.address and self._should_continue(articles, new, response):
            depth = response.meta["depth_of_list"] + 1
            yield self._list(one.address.format(n=one.first + depth - 1), self.parse_data, depth=depth, json=one)

    def parse_article(self, response: Response) -> Iterator[Page]:
        """A page to be read, whatever its status."""
        yield Page(response.url, response.meta.get("capture_id"), response.meta.get("day"))

    def page_of_article(self, address: str) -> Request | None:
        """The request for a further page of an article; None if it is out of scope."""
        if self.sample or urlsplit(address).netloc not in self.hosts:
            return None
        self.seen.add(address)
        return self._article(address)

    def is_article(self, address: str) -> bool:
        """Whether a URL is that of an article of the site."""
        path, with_query = self._paths(address)
        return _matches(self.article, path) or _matches(self.article, with_query)

    def _is_list(self, address: str) -> bool:
        return bool(self.more) and _matches(self.more, self._paths(address)[1])

    def _paths(self, address: str) -> tuple[str, str]:
        """The path of a URL, without and with its query; both empty if it is not on a host of the site."""
        parts = urlsplit(resolved("", address) or "")
        if parts.netloc not in self.hosts:
            return "", ""
        return parts.path, f"{parts.path}?{parts.query}" if parts.query else parts.path

    def _new_articles(self, entries: list[Entry], response: Response) -> Generator[Request, None, int]:
        """Request the articles of a list that the archive lacks.

        Returns:
            The number of articles that the archive did not know, including those of another list of this run.
        """
        stats, new = self.crawler.stats, 0
        first = response.meta["first_of_list"]
        stats.inc_value("list/pages")
        stats.inc_value("list/links", len(entries))
        if not entries:
            stats.inc_value("list/without_articles")
        for entry in entries[: self.sample or None]:
            address = canonical(entry.address, self.home, self.mobile)
            if (first, address) in self.listed:
                continue
            self.listed.add((first, address))
            if address in self.requested:
                new += 1
                continue
            if address in self.seen and not entry.changed:
                continue
            self.seen.add(address)
            day = entry.day
            if day and ((self.since and day < self.since) or (self.until and day > self.until)):
                stats.inc_value("list/out_of_range")
            elif known.is_wanted(self.settings, address, entry.changed):
                new += 1
                self.requested.add(address)
                yield self._article(address, day)
            else:
                stats.inc_value("list/known")
        return new

    def _should_continue(self, articles: list[Entry], new: int, response: Response) -> bool:
        """Whether to follow the list: back to --since, or while it has new articles."""
        depth = response.meta["depth_of_list"]
        if self.sample:
            return False
        if self.since:
            latest = links.latest_day(articles)
            return depth < _MAX_DEPTH and bool(articles) and (latest is None or latest >= self.since)
        return depth < self.settings.getint("LIST_DEPTH_LIMIT") and (new > 0 or (self.thorough and bool(articles)))

    def _next(self, entries: list[Entry], response: Response) -> Iterator[Request]:
        depth = response.meta["depth_of_list"] + 1
        first = response.meta["first_of_list"]
        if self.next_page:
            following = urljoin(first, self.next_page.format(n=self.next_first + depth - 2))
            yield self._list(following, self.parse, depth=depth, first=first)
            return
        for entry in entries:
            if self._is_list(entry.address) and entry.address not in self.seen:
                yield self._list(entry.address, self.parse, depth=depth, first=first)
                return

    # Requests

    def _list(self, path: str, parse: Any, *, depth: int = 1, first: str = "", json: JsonList | None = None) -> Request:
        address = resolved(self.home, path) or urljoin(self.home, path)
        self.seen.add(address)
        meta = {
            "role": "list",
            "depth_of_list": depth,
            "first_of_list": first or address,
            "json": json,
            **self._browser_meta(),
        }
        if parse == self.parse_sitemap:
            meta |= {"role": "sitemap", "download_maxsize": MAX_SITEMAP}
        return Request(address, parse, errback=self.failed, meta=meta, dont_filter=True)  # `seen` filters

    def _article(self, address: str, day: date | None = None) -> Request:
        meta = {"role": "", "day": day, "listed": True, **self._browser_meta()}
        return Request(address, self.parse_article, errback=self.failed, meta=meta, priority=_ARTICLE_PRIORITY)

    def _browser_meta(self) -> dict[str, Any]:
        """The meta that makes the browser render a page, until the network is idle."""
        return (
            {"playwright": True, "playwright_page_goto_kwargs": {"wait_until": "networkidle"}} if self.browser else {}
        )

    def failed(self, failure: Any) -> None:
        """Count a failed request. The middlewares count the requests that they drop."""
        if failure.type.__name__ != "IgnoreRequest":
            self.crawler.stats.inc_value(f"failed/{failure.type.__name__}")

    def _is_due(self, address: str) -> bool:
        """Whether a list is to be fetched now: `dangqun refresh` skips lists that seldom change."""
        if not self.settings.getbool("REST_LISTS"):
            return True
        rests = known.rests(self.settings, address)
        if rests:
            self.crawler.stats.inc_value("list/resting")
        return not rests

    def _issues(self) -> Iterable[date]:
        """The days whose papers are fetched, newest first."""
        if not self.papers:
            return
        last = min(self.until or date.max, known.today() - timedelta(days=bool(self.sample)))  # today's may not be out
        first = self.since or last - timedelta(days=_RECENT_ISSUES - 1)
        while last >= first:
            yield last
            last -= timedelta(days=1)


def _matches(pattern: str, path: str) -> bool:
    """Whether a pattern matches a path, percent-encoded or decoded: %E6%96%B0%E9%97%BB or 新闻."""
    return any(re.fullmatch(pattern, form) for form in {path, unquote(path)} if form)
