"""Without a contact of the operator, no request leaves this machine."""

import logging

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest

from archive.web.outgoing import is_of_this_machine
from crawler.identity import agent_of, without_contact

logger = logging.getLogger(__name__)


class ContactMiddleware:
    """Drops every request to another machine while no contact is set, whatever started the crawl."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.missing = without_contact(crawler.settings, agent_of(crawler))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "ContactMiddleware":
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Raise IgnoreRequest if the site could not reach an operator about the request."""
        if not self.missing or is_of_this_machine(request.url):
            return
        if not self.crawler.stats.get_value("scope/no_contact"):
            logger.error(self.missing)
        self.crawler.stats.inc_value("scope/no_contact")
        raise IgnoreRequest(f"scope/no_contact: {request.url}")
