"""The described sites and platforms."""

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
    """The project's settings, for an archive and its operator.

    Raises ArchiveError if dangqun.toml, the contact or the User-Agent is wrong.
    """
    settings = Settings()
    settings.setmodule(defaults, priority="project")
    settings.set("ARCHIVE", str(folder), priority="cmdline")
    identify(settings)
    return settings


def known_sites(settings: Settings) -> dict[str, type[Any]]:
    """The class of every site, by name.

    Raises ArchiveError if a module of sites cannot be imported, or a class lacks an attribute.
    """
    try:
        loader = SpiderLoader.from_settings(settings)
    except Exception as error:  # a module of the operator's may raise anything
        own = " ".join(settings.getlist("SPIDER_MODULES")[1:])
        raise ArchiveError(
            f"The sites of your own ({own}) cannot be imported: {type(error).__name__}: {error}."
            " DANGQUN_SITES names modules, with blanks between them; their folder must be in PYTHONPATH. Others are those of"
            " plug-ins."
        ) from error
    sites = {name: loader.load(name) for name in sorted(loader.list()) if name != ANYWHERE}
    for site in sites.values():
        if problem := site.problem() if hasattr(site, "problem") else f"{site.__name__} is no SiteSpider.":
            raise ArchiveError(f"{site.__module__}: {problem}")
    return sites


def known_platforms(settings: Settings) -> list[type[Any]]:
    """The base classes of platforms: those with a fingerprint, in the project and in DANGQUN_SITES."""
    modules = [module for name in settings.getlist("SPIDER_MODULES") for module in walk_modules_iter(name)]
    return [
        member
        for module in modules
        for member in vars(module).values()
        if isinstance(member, type) and member.__module__ == module.__name__ and vars(member).get("fingerprint")
    ]


def refuse_unknown(names: Iterable[str], known: Mapping[str, type[Any]]) -> None:
    """Raises WrongRequest if a name is not that of a site."""
    unknown = [name for name in names if name not in known]
    if unknown:
        raise WrongRequest(f"Unknown site {', '.join(unknown)}. The known sites are: {', '.join(known)}.")
