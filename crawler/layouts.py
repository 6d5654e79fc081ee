"""What the site classes know of their pages, for the reader: their layouts by host."""

from functools import cache
from urllib.parse import urlsplit

from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from archive.reading import Layout, Layouts
from crawler import settings as defaults

__all__ = ["Layout", "known_layouts"]


@cache
def known_layouts() -> Layouts:
    """The layouts that all sites declare."""
    settings = Settings()
    settings.setmodule(defaults, priority="project")
    loader = SpiderLoader.from_settings(settings)
    sites = [loader.load(name) for name in loader.list()]
    found: dict[str, tuple[Layout, ...]] = {}
    for site in sites:
        host = urlsplit(getattr(site, "home", "")).netloc
        found[host] = found.get(host, ()) + tuple(getattr(site, "layouts", ()))
    return found
