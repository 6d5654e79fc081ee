"""What the operator of an archive decides: the file dangqun.toml in its folder, and the environment, over the defaults."""

import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from archive.entries import ENTRIES, Entry, commented_file
from archive.errors import ArchiveError

FILE = "dangqun.toml"
DEFAULT = "default"  # the source of what nobody has set
_INVENTED = "# Everything in this archive is invented. The site says so on every page.\n"
_ENABLED = re.compile(r"^enabled_sites[ \t]*=[ \t]*\[[^\]]*\]", re.MULTILINE)
_DEMO = re.compile(r"^demo[ \t]*=[ \t]*false", re.MULTILINE)

Configuration = Mapping[str, Any]  # name of an entry -> its value


class ConfigurationError(ArchiveError):
    """An entry is wrong, or dangqun.toml cannot be read or changed; the message names the place and what to do."""


def configuration(folder: Path) -> Configuration:
    """What holds for an archive: the value of every entry.

    Raises ConfigurationError where dangqun.toml in its folder cannot be read or is not valid TOML, and where the file or the
    environment has an entry that we do not know, or a value that is not allowed: a line for each.
    """
    return {name: value for name, (value, _) in with_sources(folder).items()}


def with_sources(folder: Path) -> dict[str, tuple[Any, str]]:
    """The value of every entry, and where it comes from: `DEFAULT`, the path of dangqun.toml, or the name of an environment
    variable. Raises ConfigurationError as `configuration`."""
    path = folder / FILE
    written = _parsed(_text(folder), path)
    found: dict[str, tuple[Any, str]] = {}
    problems = []
    for name, entry in ENTRIES.items():
        found[name] = (written[name], str(path)) if name in written else (entry.default, DEFAULT)
        if text := os.environ.get(entry.environment):
            try:
                found[name] = entry.from_text(text), entry.environment
            except ValueError:
                problems.append(_wrong(entry.environment, entry, text))
    _refuse(problems)
    return found


def defaults_of_commands(folder: Path) -> dict[str, Any]:
    """What dangqun.toml says of the options of commands: command -> option -> value, with a level more for the commands of a
    group. Raises ConfigurationError as `configuration`."""
    defaults: dict[str, Any] = {}
    for name, value in _parsed(_text(folder), folder / FILE).items():
        for command in ENTRIES[name].commands:
            options = defaults
            for word in command.split("."):
                options = options.setdefault(word, {})
            options[ENTRIES[name].key] = value
    return defaults


def write_commented(folder: Path) -> Path:
    """Write a dangqun.toml that explains every entry and sets none. The folder is made where there is none.

    Returns its path. Raises ConfigurationError where there is one already, and where it cannot be written.
    """
    path = folder / FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(commented_file())
    except FileExistsError:
        raise ConfigurationError(
            f"{path} exists already and was not changed. `dangqun config show` prints every entry with its value;"
            " docs/configuration.md explains each. To get a file that explains them, name another folder with --archive."
        ) from None
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror}.") from None
    return path


def enabled_in_file(folder: Path) -> list[str]:
    """The sites that dangqun.toml enables, whatever the environment says. Raises ConfigurationError as `configuration`."""
    found: list[str] = _parsed(_text(folder), folder / FILE).get("enabled_sites", [])
    return found


def set_enabled(folder: Path, names: Iterable[str]) -> None:
    """Write which sites are enabled, and leave everything else in the file as it is. The folder is made where there is none.

    Raises ConfigurationError as `configuration`, and where the file cannot be changed.
    """
    before = _text(folder)
    _set(folder, before or commented_file(), "enabled_sites", list(dict.fromkeys(names)), _ENABLED)


def mark_as_demo(folder: Path) -> None:
    """Write that everything in an archive is invented, and leave everything else in the file as it is.

    Raises ConfigurationError as `set_enabled`.
    """
    before = _text(folder)
    if not _parsed(before, folder / FILE).get("demo"):
        _set(folder, before or _INVENTED, "demo", True, _DEMO)


def _set(folder: Path, before: str, name: str, value: Any, written: re.Pattern[str]) -> None:
    """Write an entry in the place of the one that `written` matches, or as a new one. The file must then say what is wanted."""
    path, line = folder / FILE, ENTRIES[name].written(value)
    wanted = _parsed(before, path) | {name: value}
    after, found = written.subn(lambda _: line, before, count=1)
    if not found:
        after = f"{line}\n{before}" if "[" in before else f"{before.rstrip()}\n{line}\n"  # before the first table
    try:
        understood = _parsed(after, path) == wanted
    except ConfigurationError:
        understood = False
    if not understood:
        raise ConfigurationError(f"{path} is written in a way that this command cannot change. Write into it: {line}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
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


def _parsed(text: str, path: Path) -> dict[str, Any]:
    """The entries that a file has, by name, in their normal form."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path} is not as TOML is written: {error}. Mend it.") from None
    found: dict[str, Any] = {}
    problems = []
    for name, value in _flat(tables):
        try:
            found[name] = ENTRIES[name].checked(value)
        except KeyError:
            near = get_close_matches(name, ENTRIES, 1, 0)[0]
            problems.append(
                f"{path}: there is no entry {name!r}. The nearest is {near!r}; `dangqun config show` prints all."
            )
        except ValueError:
            problems.append(_wrong(str(path), ENTRIES[name], value))
    _refuse(problems)
    return found


def _flat(tables: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in tables.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


def _wrong(source: str, entry: Entry, value: Any) -> str:
    written = " ".join(map(str, value)) if isinstance(value, list) else str(value)
    return f"{source}: {entry.name} is {written[:200]!r}. Allowed is {entry.possible}."


def _refuse(problems: list[str]) -> None:
    if problems:
        raise ConfigurationError("\n".join(problems))
