"""Figures about the site for Prometheus (`dangqun serve --metrics`). Each process counts in files of its own in one folder, which
PROMETHEUS_MULTIPROC_DIR names, and any of them answers for all. A process that was replaced stays counted."""

import re
import time
from collections.abc import Iterator
from datetime import datetime

from datasette.app import Datasette
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from archive import site
from archive.site.health import SiteHealth
from server.asgi import App, Message, Receive, Scope, Send
from server.cache import cached
from server.database import read, snapshot

# The kinds of requests, by what their path begins or ends with; the first that fits. Few: each is a series of numbers.
_KINDS = {
    "static": r"/(-/)?static.*",
    "download": r".*\.(csv|xlsx|jsonl|parquet|db|zip|gz)",
    "program": r".*\.(json|atom|md|txt|xml|bib)|/-/mcp.*|/metrics",
    "editor": r"/(desk|review|takedowns|alerts|-/log(in|out))(/.*)?",
    "list": r"/(search|articles|facts|stations|outlets)",
    "table": r"/archive(/.*)?",
}
_OTHERS = "page"
_REQUESTS = Counter("dangqun_requests", "Requests that were answered, by kind and status.", ["kind", "status"])
_SECONDS = Histogram("dangqun_request_seconds", "Seconds until an answer began, by kind of request.", ["kind"])


async def count(app: App, scope: Scope, receive: Receive, send: Send) -> None:
    """Count a request when its answer begins."""
    begun = time.perf_counter()

    async def counted(message: Message) -> None:
        if message["type"] == "http.response.start":
            kind = kind_of(scope["path"])
            _REQUESTS.labels(kind, message["status"]).inc()
            _SECONDS.labels(kind).observe(time.perf_counter() - begun)
        await send(message)

    await app(scope, receive, counted)


def kind_of(path: str) -> str:
    """The kind of a request."""
    return next((kind for kind, pattern in _KINDS.items() if re.fullmatch(pattern, path)), _OTHERS)


async def exposition(datasette: Datasette) -> bytes:
    """All figures in Prometheus's text format: the requests at all processes, and what the published snapshot says."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    registry.register(_Published(await _totals(datasette), snapshot(datasette).stat().st_mtime))
    return generate_latest(registry)


async def _totals(datasette: Datasette) -> tuple[int, list[SiteHealth]]:
    """How many articles the snapshot has, and how the crawls of each site went."""
    database = datasette.get_database("archive")

    async def compute() -> tuple[int, list[SiteHealth]]:
        articles = await database.execute("select count from totals where name = 'articles'")
        return articles.single_value(), (await read(datasette, site.health))["sites"]

    found: tuple[int, list[SiteHealth]] = await cached(database, "metrics", compute)
    return found


class _Published(Collector):
    """What the published snapshot says, and when it was published (in seconds since 1970)."""

    def __init__(self, totals: tuple[int, list[SiteHealth]], published: float) -> None:
        self._articles, self._sites = totals
        self._published = published

    def collect(self) -> Iterator[Metric]:
        """The figures."""
        yield GaugeMetricFamily("dangqun_articles", "Articles in the published snapshot.", self._articles)
        age = max(0.0, time.time() - self._published)
        yield GaugeMetricFamily("dangqun_snapshot_age_seconds", "Seconds since the snapshot was published.", age)
        last = GaugeMetricFamily(
            "dangqun_last_crawl_timestamp_seconds", "When the last crawl of a site began.", labels=["site"]
        )
        failures = GaugeMetricFamily(
            "dangqun_last_crawl_failures", "Requests that failed in the last crawl of a site.", labels=["site"]
        )
        findings = GaugeMetricFamily(
            "dangqun_last_crawl_findings", "What was unusual in the last crawl of a site.", labels=["site"]
        )
        for one in self._sites:
            last.add_metric([one["site"]], datetime.fromisoformat(one["last"]).timestamp())
            failures.add_metric([one["site"]], one["failures"])
            findings.add_metric([one["site"]], len(one["findings"]))
        yield from (last, failures, findings)
