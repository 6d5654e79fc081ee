"""The layouts that site classes declare, by host, for the reader."""

from functools import cache
from pathlib import Path

from archive.reading import Layout, Layouts
from crawler.discovery.sites import known_sites, settings_for
from crawler.discovery.urls import host_of

__all__ = ["Layout", "known_layouts"]


@cache
def known_layouts() -> Layouts:
    """The layouts of all sites, by host."""
    layouts: dict[str, tuple[Layout, ...]] = {}
    for site in known_sites(settings_for(Path())).values():
        for host in map(host_of, (getattr(site, "home", ""), *getattr(site, "also", ()))):
            layouts[host] = layouts.get(host, ()) + tuple(
                layout for layout in site.layouts if layout not in layouts.get(host, ())
            )
    return layouts
