"""The base of all sites: from list pages and a sitemap to the articles that are new."""

import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, ClassVar
from urllib.parse import urljoin, urlsplit

from scrapy import Request, Spider
from scrapy.http import Response

from crawler.items import Page
from crawler.layouts import Layout
from crawler.links import links, sitemap_entries
from crawler.session import archive_of


class SiteSpider(Spider):
    """A site that lists its articles. Subclasses set attributes, in this order:

    name        the site's short name, used on the command line
    outlet      who publishes it, as readers know it
    home        its address, http://host/ ; relative addresses below start from it
    lists       list pages, newest first
    article     regular expression that the path of an article matches
    more        regular expression that the path of a further list page matches (optional)
    sitemap     the sitemap; its dates of change also announce corrections (optional)
    layouts     what its article pages look like, one Layout for each state they have been in (optional)
    loopback    true only for the sample, which lives on this machine
    """

    outlet: str
    home: str
    lists: tuple[str, ...]
    article: str
    more: str = ""
    sitemap: str = ""
    layouts: tuple[Layout, ...] = ()
    loopback: bool = False

    required: ClassVar = ("name", "outlet", "home", "lists", "article")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        for attribute in self.required:
            if not getattr(type(self), attribute, None):
                raise ValueError(
                    f"{type(self).__name__} lacks `{attribute}`. Set it in the class; SiteSpider says what it means."
                )
        super().__init__(*args, **kwargs)
        self.hosts = {urlsplit(self.home).netloc}

    async def start(self) -> AsyncIterator[Request]:
        """Ask for the list pages and the sitemap; these are asked every time."""
        for path in self.lists:
            yield self._listing(path)
        if self.sitemap:
            yield Request(
                urljoin(self.home, self.sitemap),
                self.parse_sitemap,
                meta={"role": "sitemap"},
                dont_filter=True,
            )

    def parse(self, response: Response, **kwargs: Any) -> Iterator[Request]:
        """A list page: its new articles, and its further pages."""
        for address in links(response):
            path = urlsplit(address).path
            if re.fullmatch(self.article, path):
                yield from self._if_new(address)
            elif self.more and re.fullmatch(self.more, path):
                yield self._listing(address, once=True)

    def parse_sitemap(self, response: Response) -> Iterator[Request]:
        """A sitemap: articles that are new or say that they have changed since they were fetched."""
        for address, changed in sitemap_entries(response.body):
            if re.fullmatch(self.article, urlsplit(address).path):
                yield from self._if_new(address, changed)

    def parse_article(self, response: Response) -> Iterator[Page]:
        """A page to be read, whatever its status says."""
        yield Page(response.url, response.meta.get("capture_id"))

    def _listing(self, path: str, *, once: bool = False) -> Request:
        return Request(urljoin(self.home, path), self.parse, meta={"role": "list"}, dont_filter=not once)

    def _if_new(self, address: str, changed: str = "") -> Iterator[Request]:
        archive = archive_of(self.settings)
        fetched = archive.last_fetched(address)
        if archive.is_off_topic(address):
            self.crawler.stats.inc_value("list/off_topic")
        elif fetched is None or (changed and _moment(changed) > _moment(fetched)):
            yield Request(address, self.parse_article, meta={"role": ""})
        else:
            self.crawler.stats.inc_value("list/known")


def _moment(stated: str) -> datetime:
    """A time as sitemaps state it; a bare day begins in China, what cannot be read is long ago."""
    try:
        moment = datetime.fromisoformat(stated)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone(timedelta(hours=8)))
