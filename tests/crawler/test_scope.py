"""Scope: no page sends the crawler to a private address, by number or by name."""

from collections import Counter
from types import SimpleNamespace

import pytest
from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from twisted.internet.error import DNSLookupError

from crawler.download.resolver import PublicResolver
from crawler.middlewares.scope import ScopeMiddleware
from spiders.base import SiteSpider
from spiders.sites.sample import SampleCity


class _Public(SiteSpider):
    name = "public"
    outlet = "某网"
    home = "http://news.example"
    lists = ("/",)
    article = r"/\d+\.html"


class _Stats(Counter):
    def inc_value(self, name: str) -> None:
        self[name] += 1

    def get_value(self, name: str) -> int | None:
        return self.get(name)


def _middleware(spider_class: type[SiteSpider]) -> ScopeMiddleware:
    return ScopeMiddleware(SimpleNamespace(spider=spider_class(), stats=_Stats()))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:8101/", "http://10.0.0.1/", "http://192.168.1.1/x", "http://169.254.169.254/meta", "http://[::1]/", "http://localhost/",
     "http://127.0.0.1\\@news.example/", "http://amy:secret@news.example/1.html",
     "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://[::ffff:127.0.0.1]/", "http://224.0.0.1/", "http://0.0.0.0/",
     "http://other.example/1.html", "http://news.example:8080/1.html", "file:///etc/passwd", "ftp://news.example/1"],
)  # fmt: skip
def test_refused(url: str) -> None:
    middleware = _middleware(_Public)
    with pytest.raises(IgnoreRequest):
        middleware.process_request(Request(url))
    counts = middleware.crawler.stats
    assert [name.split("/")[0] for name in counts] == ["scope"]


@pytest.mark.parametrize(
    ("url", "count"),
    [
        ("http://amy:secret@news.example/1.html", "scope/credentials"),
        (f"http://news.example/{'1' * 200_000}.html", "scope/too_long"),
        (f"http://{'a' * 5000}.example/1.html", "scope/too_long"),
        ("http://news..example/1.html", "scope/address"),
        ("ftp://news.example/1", "scope/scheme"),
    ],
)
def test_what_is_refused_is_counted_under_its_reason(url: str, count: str) -> None:
    middleware = _middleware(_Public)
    with pytest.raises(IgnoreRequest):
        middleware.process_request(Request(url))
    assert list(middleware.crawler.stats) == [count]


def test_own_pages_are_requested() -> None:
    _middleware(_Public).process_request(Request("http://news.example/1.html"))
    sample = _middleware(SampleCity)
    sample.process_request(Request(SampleCity.home + "/list/1.html"))
    with pytest.raises(IgnoreRequest):
        sample.process_request(Request("http://127.0.0.1:9/"))


def test_a_site_of_this_machine_reaches_no_other_private_address() -> None:
    with pytest.raises(IgnoreRequest, match="scope/private"):
        _middleware(SampleCity).process_request(Request("http://10.0.0.1/robots.txt", meta={"role": "robots"}))


def test_articles_that_lists_name_are_no_trap() -> None:
    """However many differ in a query alone; addresses that no list names as articles are followed up to a bound."""
    middleware = _middleware(_Public)
    for number in range(600):
        middleware.process_request(Request(f"http://news.example/show?no={number}", meta={"listed": True}))
    with pytest.raises(IgnoreRequest, match="trap"):
        for number in range(600):
            middleware.process_request(Request(f"http://news.example/day?at={number}"))


def test_a_port_that_need_not_be_written() -> None:
    _middleware(_Public).process_request(Request("http://NEWS.example:80/1.html"))


def test_names_that_resolve_inwards() -> None:
    assert PublicResolver._public("93.184.215.14", "news.example") == "93.184.215.14"
    inwards = "127.0.0.1 10.1.2.3 ::1 169.254.169.254 64:ff9b::a00:1 2002:7f00:1:: 224.0.0.1 0.0.0.0".split()
    for address in inwards:
        with pytest.raises(DNSLookupError):
            PublicResolver._public(address, "evil.example")
    assert PublicResolver._public("127.0.0.1", "127.0.0.1") == "127.0.0.1"  # written out: scope has decided
