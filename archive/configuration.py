"""What the operator of an archive decides: the file dangqun.toml in its folder."""

import json
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from archive.errors import ArchiveError
from archive.web.outgoing import OutgoingError, parse

FILE = "dangqun.toml"
_NEW = """\
# What the operator of this archive decides. Nothing is fetched from the internet while no contact is set: an e-mail or a
# web address, by which the sites that are crawled can reach you.
# contact = "you@your.example"

# The address that readers of the site use, for `dangqun serve` and `dangqun alerts send`: links in feeds, the sitemap,
# citations and mails begin with it.
# site = "https://archive.your.example"

# The sites that `dangqun refresh` and `dangqun schedule` crawl: `dangqun sites enable NAME` and `disable NAME` change it.
"""
_INVENTED = "# Everything in this archive is invented. The site says so on every page.\n"
_ENABLED = re.compile(r"^enabled_sites[ \t]*=[ \t]*\[[^\]]*\]", re.MULTILINE)
_DEMO = re.compile(r"^demo[ \t]*=[ \t]*false", re.MULTILINE)


@dataclass(frozen=True)
class Configuration:
    """The entries of dangqun.toml.

    contact        how the sites that are crawled reach the operator: an e-mail or a web address; '' where none is set
    enabled_sites  the names of the sites that `refresh` and `schedule` crawl
    site           the address that readers of the site use, as `site_address` writes it; '' where none is set
    demo           whether everything in the archive is invented, which the site says on every page
    metrics        whether the site has figures for Prometheus at /metrics
    """

    contact: str = ""
    enabled_sites: list[str] = field(default_factory=list)
    site: str = ""
    demo: bool = False
    metrics: bool = False


class ConfigurationError(ArchiveError):
    """dangqun.toml cannot be read or changed; the message names the place and what to do."""


def configuration(folder: Path) -> Configuration:
    """What dangqun.toml in an archive's folder says; where there is no such file, what holds then.

    Raises ConfigurationError where it cannot be read, is no TOML, or has an entry that we do not know.
    """
    return _parsed(_text(folder), folder / FILE)


def site_address(written: str) -> str:
    """The address of a whole site, `https://host` or `https://host:port`, as links begin with it: in lower case and ASCII,
    without a slash at its end.

    Raises ConfigurationError where it is no web address, or holds more than that.
    """
    try:
        target = parse(written)
    except OutgoingError:
        target = None
    if target is None or target.path != "/" or "#" in written:
        raise ConfigurationError(
            f"The address of the site is a scheme and a host, as https://archive.your.example, not {written[:200]!r}."
        )
    return f"{target.scheme}://{target.netloc}"


def set_enabled(folder: Path, names: Iterable[str]) -> None:
    """Write which sites are enabled, and leave everything else in the file as it is. The folder is made where there is none.

    Raises ConfigurationError as `configuration`, and where the file cannot be changed.
    """
    path, before = folder / FILE, _text(folder)
    wanted = replace(_parsed(before, path), enabled_sites=list(dict.fromkeys(names)))
    entry = f"enabled_sites = {json.dumps(wanted.enabled_sites, ensure_ascii=False)}"
    _write(path, before, wanted, entry, _ENABLED)


def mark_as_demo(folder: Path) -> None:
    """Write that everything in an archive is invented, and leave everything else in the file as it is.

    Raises ConfigurationError as `set_enabled`.
    """
    path, before = folder / FILE, _text(folder)
    known = _parsed(before, path)
    if not known.demo:
        _write(path, before or _INVENTED, replace(known, demo=True), "demo = true", _DEMO)


def _write(path: Path, before: str, wanted: Configuration, entry: str, written: re.Pattern[str]) -> None:
    """Write an entry in the place of the one that `written` matches, or as a new one. The file must then say what is wanted."""
    after, found = written.subn(lambda _: entry, before, count=1)
    if not found:
        head = f"{before.rstrip()}\n" if before else _NEW
        after = f"{entry}\n{before}" if "[" in before else f"{head}{entry}\n"  # before the first table
    try:
        understood = _parsed(after, path) == wanted
    except ConfigurationError:
        understood = False
    if not understood:
        raise ConfigurationError(f"{path} is written in a way that this command cannot change. Write into it: {entry}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f".{FILE}.new")
        new.write_text(after, "utf-8")
        new.replace(path)  # whoever reads meanwhile sees the old one or the new one
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror}.") from None


def _text(folder: Path) -> str:
    path = folder / FILE
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path} is not in UTF-8. Save it as UTF-8.") from None
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}.") from None


def _parsed(text: str, path: Path) -> Configuration:
    try:
        entries = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path} is not as TOML is written: {error}. Mend it.") from None
    known = [one.name for one in fields(Configuration)]
    for name in entries:
        if name not in known:
            raise ConfigurationError(f"{path}: there is no entry {name!r}. The entries are: {', '.join(known)}.")
    _check(entries, path)
    if entries.get("site"):
        try:
            entries["site"] = site_address(entries["site"])
        except ConfigurationError as error:
            raise ConfigurationError(f"{path}: {error}") from None
    return Configuration(**entries)


def _check(entries: dict[str, Any], path: Path) -> None:
    if not isinstance(entries.get("contact", ""), str):
        raise ConfigurationError(f'{path}: write the contact as contact = "you@your.example".')
    if not isinstance(entries.get("site", ""), str):
        raise ConfigurationError(f'{path}: write the site as site = "https://archive.your.example".')
    for name in ("demo", "metrics"):
        if not isinstance(entries.get(name, False), bool):
            raise ConfigurationError(f"{path}: write {name} as {name} = true, or leave it out.")
    names = entries.get("enabled_sites", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ConfigurationError(f'{path}: write the sites as enabled_sites = ["one", "another"].')
