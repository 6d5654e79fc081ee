"""The sites that are described, by name."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader
from scrapy.utils.misc import walk_modules_iter

from archive.errors import ArchiveError, WrongRequest
from crawler import settings as defaults
from crawler.identity import identify

ANYWHERE = "anywhere"  # the site that has no class: any address, read in the general way


def settings_for(folder: Path) -> Settings:
    """The project's settings, for an archive and its operator. Raises ArchiveError where dangqun.toml, the contact or the
    User-Agent is wrong."""
    settings = Settings()
    settings.setmodule(defaults, priority="project")
    settings.set("ARCHIVE", str(folder), priority="cmdline")
    identify(settings)
    return settings


def known_sites(settings: Settings) -> dict[str, type[Any]]:
    """Name -> class of every site, by name. Raises ArchiveError where a module of sites cannot be imported, or a class in
    it lacks something."""
    try:
        loader = SpiderLoader.from_settings(settings)
    except Exception as error:  # whatever a module that somebody wrote does
        own = " ".join(settings.getlist("SPIDER_MODULES")[1:])
        raise ArchiveError(
            f"The sites of your own (DANGQUN_SITES={own}) cannot be imported: {type(error).__name__}: {error}."
            " DANGQUN_SITES names modules, with blanks between them; their folder must be in PYTHONPATH."
        ) from error
    found = {name: loader.load(name) for name in sorted(loader.list()) if name != ANYWHERE}
    for site in found.values():
        if lacking := site.lacking() if hasattr(site, "lacking") else f"{site.__name__} is no SiteSpider.":
            raise ArchiveError(f"{site.__module__}: {lacking}")
    return found


def known_platforms(settings: Settings) -> list[type[Any]]:
    """The base classes of platforms: all that state a fingerprint, the project's and one's own."""
    modules = [module for name in settings.getlist("SPIDER_MODULES") for module in walk_modules_iter(name)]
    return [
        found
        for module in modules
        for found in vars(module).values()
        if isinstance(found, type) and found.__module__ == module.__name__ and vars(found).get("fingerprint")
    ]


def refuse_unknown(names: Iterable[str], known: Mapping[str, type[Any]]) -> None:
    """Raises WrongRequest with the names of sites that nobody has described."""
    unknown = [name for name in names if name not in known]
    if unknown:
        raise WrongRequest(f"Unknown site {', '.join(unknown)}. The known sites are: {', '.join(known)}.")
