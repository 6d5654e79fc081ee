"""What the site classes know of their pages, for the reader: their layouts by host."""

from functools import cache
from pathlib import Path

from archive.reading import Layout, Layouts
from crawler.discovery.sites import known_sites, settings_for
from crawler.discovery.urls import host_of

__all__ = ["Layout", "known_layouts"]


@cache
def known_layouts() -> Layouts:
    """The layouts that all sites declare."""
    found: dict[str, tuple[Layout, ...]] = {}
    for site in known_sites(settings_for(Path())).values():
        for host in map(host_of, (getattr(site, "home", ""), *getattr(site, "also", ()))):
            found[host] = found.get(host, ()) + tuple(
                layout for layout in site.layouts if layout not in found.get(host, ())
            )
    return found
