"""What a crawl is asked to do: its sites, and its limits."""

from typing import Any, NamedTuple, TypedDict


class SiteJob(NamedTuple):
    """A site to be crawled, and the arguments of its class."""

    name: str
    arguments: dict[str, Any]


class CrawlOptions(TypedDict, total=False):
    """The arguments of `crawler.run.run` that all sites share."""

    hours: str  # of the day in China, "22-6"
    longest: float  # seconds after which the run ends; 0: none
    resting: bool  # poll rarely changing lists less often
    agent: str  # the User-Agent of an archive that sends this work elsewhere
