"""Plug-ins: what an archive adds to the project without changing it.

A plug-in is a folder, and may hold

    types.toml      fact types, declared as in archive/facts/types.toml
    words.toml      topic = […]: words of which one makes a text belong here; stations = […]: words that end a station's name
    questions.toml  questions, declared as in archive/publishing/questions.toml
    outlets.toml    forms of outlets' addresses, declared as in archive/reading/outlets.toml
    templates/      templates of pages, which replace ours of the same name
    *.py            site classes with their layouts, and platforms

It is the folder that `plugins` in dangqun.toml names, or a package that an installed distribution names as an entry point of the group
`dangqun.plugins`. Which there are is decided when a process starts.
"""

import hashlib
import os
import re
import stat
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

from archive.configuration import FILE, configuration
from archive.errors import ArchiveError

GROUP = "dangqun.plugins"
_FOLDER = "DANGQUN_PLUGIN_FOLDER"  # the whole path, for this process and those that it starts
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_PLUGIN = re.compile(r"[a-z0-9_-]+")
_Declared = TypeVar("_Declared")
_READING = ("types.toml", "words.toml")  # what decides which facts are found


class DeclarationError(ArchiveError, ValueError):
    """A declaration that cannot be used; the message names the file, the field and what is possible."""


@dataclass(frozen=True)
class Plugin:
    """One plug-in: its name, its folder, and the modules with its site classes."""

    name: str
    folder: Path
    modules: tuple[str, ...]

    @property
    def version(self) -> str:
        """Its name with a hash of what decides which facts are found; empty where it has no such thing."""
        files = [path for name in _READING if (path := self.folder / name).exists()]
        digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in files))
        return f"{self.name}-{digest.hexdigest()[:12]}" if files else ""


def use(folder: Path) -> None:
    """Let this process, and those that it starts, use the plug-ins of an archive. Call it before anything else is imported that
    reads declarations.

    Raises ConfigurationError as `configuration`, and ArchiveError where a plug-in is missing, or others than the user of this
    process may write it, or this process has loaded those of another archive.
    """
    os.environ.setdefault(_FOLDER, "")  # none, where the configuration is wrong
    named = configuration(folder)["plugins"]
    place = folder / named
    path = str(place.parent.resolve() / place.name) if named else ""
    if plugins.cache_info().currsize and path != os.environ.get(_FOLDER, ""):
        raise ArchiveError(
            f"This process began with other plug-ins than {folder / FILE} names. Put those in their place, and run the command"
            " again."
        )
    os.environ[_FOLDER] = path
    plugins()


def use_unless_used(folder: Path) -> None:
    """As `use`, unless this process, or the one that started it, uses the plug-ins of an archive already."""
    if _FOLDER not in os.environ:
        use(folder)


@cache
def plugins() -> tuple[Plugin, ...]:
    """The plug-ins of this process. Raises ArchiveError as `use`."""
    found = [_installed(entry.name, entry.module) for entry in sorted(entry_points(group=GROUP), key=str)]
    if named := os.environ.get(_FOLDER):
        found.append(_beside(Path(named)))
    for plugin in found:
        if not _PLUGIN.fullmatch(plugin.name):  # which is part of the version of the extractor
            raise DeclarationError(
                f"The name of the plug-in {plugin.name!r} can only have a-z, 0-9, _ and -. Change it."
            )
    return tuple(found)


def files(name: str) -> list[Path]:
    """The files of this name that plug-ins hold."""
    return [path for plugin in plugins() if (path := plugin.folder / name).exists()]


def tables(own: Path, make: Callable[[str, dict[str, Any]], _Declared]) -> dict[str, _Declared]:
    """The declarations in a file of ours, and behind them those in the files of the same name in plug-ins.

    Args:
        own: our file.
        make: makes an object of the name and the fields of a declaration. Raises DeclarationError where it cannot.

    Returns:
        name -> object.

    Raises:
        DeclarationError: a file cannot be read, holds something else than tables, two declare one name, or `make` raises it. The
            message begins with the path of the file.
    """
    found: dict[str, _Declared] = {}
    for path in (own, *files(own.name)):
        for name, fields in toml(path).items():
            if name in found or not _NAME.fullmatch(name):
                why = "is declared already" if name in found else "is not a name of small letters, digits and _"
                raise DeclarationError(f"{path}: [{name}] {why}. Choose another name.")
            if not isinstance(fields, dict):
                raise DeclarationError(f"{path}: {name} stands outside a table. Every field belongs below a [name].")
            try:
                found[name] = make(name, fields)
            except DeclarationError as error:
                raise DeclarationError(f"{path}: {error}") from None
    return found


def words(key: str) -> tuple[str, ...]:
    """The words that plug-ins declare in words.toml under a key. Raises DeclarationError where a file is wrong."""
    found: list[str] = []
    for path in files("words.toml"):
        declared = toml(path)
        for name, given in declared.items():
            if name not in ("topic", "stations") or not isinstance(given, list) or not all(map(_is_word, given)):
                raise DeclarationError(
                    f'{path}: {name} cannot be used. Write topic = ["…"] and stations = ["…"], in simplified characters.'
                )
        found += declared.get(key, [])
    return tuple(found)


def toml(path: Path) -> dict[str, Any]:
    """What a file of declarations holds. Raises DeclarationError where it cannot be read."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise DeclarationError(f"{path} cannot be read: {error.strerror}. Install the project again.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DeclarationError(f"{path} is not valid TOML: {error}") from None


def missing(versions: Iterator[str]) -> set[str]:
    """The names of plug-ins that took part in these versions of the extractor, and that this process has not."""
    took_part = {part.rpartition("-")[0] for version in versions for part in version.split("+")[1:]}
    return took_part - {plugin.name for plugin in plugins()}


def _is_word(word: object) -> bool:
    return isinstance(word, str) and len(word) > 1 and word.isalnum()


def _refuse_open(folder: Path) -> None:
    """Raise ArchiveError where others may write what is in a folder, or exchange it."""
    for path in (folder, *folder.rglob("*")):
        if path.is_symlink():
            raise ArchiveError(f"{path} is a symbolic link. Put a copy of what it leads to in its place.")
        if _is_open(path):
            raise ArchiveError(
                f"Others may write {path}, and what it holds runs with your rights. Own it, and run: chmod -R go-w {folder}"
            )
    for path in folder.parents:
        if _is_open(path, unless=stat.S_ISVTX):  # in /tmp, each exchanges only what is their own
            raise ArchiveError(f"Others may write {path}, and so exchange {folder}. Own it, and run: chmod go-w {path}")


def _is_open(path: Path, unless: int = 0) -> bool:
    """Whether others than the user of this process and root own a file or folder, or may write it, `unless` it has this mode."""
    state = path.stat()
    is_writable = state.st_mode & 0o022 and not state.st_mode & unless
    return bool(is_writable) or state.st_uid not in (0, os.getuid())


def _installed(name: str, package: str) -> Plugin:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ArchiveError(
            f"The plug-in {name} ({GROUP}) is not a package: {package}. Install it again, or uninstall it."
        )
    return Plugin(name, Path(spec.submodule_search_locations[0]), (package,))


def _beside(folder: Path) -> Plugin:
    """The plug-in in a folder that dangqun.toml names. Its modules are imported, so nobody else may write it."""
    if not folder.is_dir():
        raise ArchiveError(
            f"There is no folder of plug-ins {folder}. What was read with it cannot be read again. Put it back, or change"
            " `plugins` in dangqun.toml and run `dangqun extract`."
        )
    _refuse_open(folder)
    modules = tuple(path.stem for path in sorted(folder.glob("[!_]*.py")))
    for name in modules:
        if not name.isidentifier() or ((spec := find_spec(name)) and Path(spec.origin or "").parent != folder):
            raise ArchiveError(f"{folder / name}.py has the name of another module, or none. Choose another name.")
    if modules:
        sys.path.append(str(folder))
        sys.dont_write_bytecode = True  # into a folder that others could write, where the umask lets them
    return Plugin(folder.name, folder, modules)
