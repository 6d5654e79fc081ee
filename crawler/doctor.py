"""Looks for what would keep an archive from working, and knows what to do about it. Changes nothing.

The checks import what they need of the program and of libraries: a library may be what is missing.
"""

import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from urllib.parse import quote

from archive.errors import DATABASE_ERRORS, ArchiveError, some

_LOCK = Path(__file__).parents[1] / "requirements.lock"  # of a checkout; a wheel has none
_PYTHONS = ((3, 11), (3, 15))  # the first that will do, and the first that nobody has tried
_SQLITE = (3, 38)  # the first with ->>
_LEAST = 500_000_000  # bytes that should be free in any case
_AHEAD = timedelta(minutes=5)  # by which the clock may lag behind a capture
_LATEST = 1000  # captures among which the newest is looked for; others were imported earlier
_PRIVATE = ("reviews.db", "accounts.json", ".secret")
# What a command leaves if it is killed, and what to do about it.
_LEFTOVERS = {
    ".rebuild": "`dangqun extract` continues it.",
    ".restore-*": "Run `dangqun restore` again, which continues; or delete it if the archive was restored otherwise.",
    "warc/.restore-*": "Delete it if you delete the folder of this name above it.",
    ".verify-*": "The next `dangqun verify` removes it.",
    "published/*.draft*": "The next `dangqun publish` removes it.",
    "published/.previous": "The next `dangqun publish` removes it.",
    "published/*.withdrawn*": "The next `dangqun publish` removes it.",
    "published/tables.pending": "The next `dangqun publish`, or the running site, completes it.",
    "warc/.*.draft": "A purge was interrupted: run `dangqun takedown purge` again.",
    "*.draft": "Delete it.",
    ".dangqun.toml.new": "Delete it.",
}


class State(StrEnum):
    """How something is."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at: its name, its state, and in sentences what was found and what to do."""

    name: str
    state: State
    message: str


_Finding = tuple[State, str]
_Checks = Mapping[str, Callable[[Path], _Finding]]


def examine(folder: Path) -> Iterator[Check]:
    """Look at the installation and at the archive in a folder; at the installation alone if there is no archive."""
    yield from _run(_OF_PROGRAM, folder)
    for check in _run({"archive": _archive}, folder):
        yield check
        if check.state != State.ERROR:
            yield from _run(_OF_ARCHIVE, folder)


def _run(checks: _Checks, folder: Path) -> Iterator[Check]:
    for name, look in checks.items():
        try:
            yield Check(name, *look(folder))
        except (ArchiveError, ImportError, OSError, *DATABASE_ERRORS) as error:
            yield Check(name, State.ERROR, str(error))


# The installation


def _python(_: Path) -> _Finding:
    here = ".".join(map(str, sys.version_info[:3]))
    first, after = _PYTHONS
    if sys.version_info < first:
        return State.ERROR, f"Python {here} is too old. Install Python {first[0]}.{first[1]} or newer."
    if sys.version_info >= after:
        return (
            State.WARNING,
            f"Python {here} has not been tried. Use Python {after[0]}.{after[1] - 1} if something fails.",
        )
    return State.OK, f"Python {here}"


def _sqlite(_: Path) -> _Finding:
    here = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info < _SQLITE:
        return State.ERROR, f"SQLite {here} is too old. Use a Python with SQLite {_SQLITE[0]}.{_SQLITE[1]} or newer."
    with closing(sqlite3.connect(":memory:")) as connection:
        try:
            connection.execute("create virtual table words using fts5(text)")
        except sqlite3.Error:
            return State.ERROR, f"SQLite {here} lacks the full-text index FTS5. Use another build of Python."
    return State.OK, f"SQLite {here}"


def _packages(_: Path) -> _Finding:
    from packaging.requirements import Requirement

    locked = _LOCK.exists()
    lines = _LOCK.read_text("utf-8").splitlines() if locked else requires("dangqun-archive") or []
    wanted = [Requirement(line) for line in lines if not line.startswith("#")]
    missing, other = [], []
    for one in wanted:
        if one.marker and not one.marker.evaluate({"extra": ""}):
            continue
        try:
            if not one.specifier.contains(version(one.name), prereleases=True):
                other.append(f"{one.name} {version(one.name)} instead of {one.specifier}")
        except PackageNotFoundError:
            missing.append(one.name)
    install = "Run `pip install --requirement requirements.lock` (it comes with the program)."
    if missing:
        return State.ERROR, f"Packages are missing: {some(missing)}. {install}"
    if other:
        return State.WARNING, f"Packages have other versions than were tested: {some(other)}. {install}"
    return State.OK, "All packages are as requirements.lock says." if locked else "All packages are there."


def _configuration(folder: Path) -> _Finding:
    from archive.plugins import plugins, use

    use(folder)
    from archive.facts import fact_types  # behind the plug-ins
    from crawler.scheduler import enabled_sites

    fact_types()
    enabled_sites(folder)
    names = ", ".join(plugin.name for plugin in plugins())
    return State.OK, f"dangqun.toml and the environment are right. Plug-ins: {names or 'none'}."


def _model(_: Path) -> _Finding:
    from archive.facts import check_model

    check_model()
    return State.OK, f"ONNX Runtime {version('onnxruntime')} runs the weights."


# The archive


def _archive(folder: Path) -> _Finding:
    from archive.storage.store import ensure_there, is_outdated

    ensure_there(folder)
    if is_outdated(folder):
        return State.WARNING, "Another version of dangqun made archive.db. Run `dangqun extract`, which makes it again."
    return State.OK, f"There is an archive in {folder}."


def _space(folder: Path) -> _Finding:
    from archive.storage.store import DATABASE

    free, needed = shutil.disk_usage(folder).free, (folder / DATABASE).stat().st_size
    if free < _LEAST:
        return State.ERROR, f"Only {_size(free)} are free on the disk. Free some space, or crawls will stop soon."
    if free < needed:
        return State.WARNING, (
            f"{_size(free)} are free on the disk. `verify`, `publish` and a rebuild each need as much as archive.db has,"
            f" {_size(needed)}. Free some space."
        )
    return State.OK, f"{_size(free)} are free on the disk, and archive.db has {_size(needed)}."


def _permissions(folder: Path) -> _Finding:
    owner = folder.stat().st_uid
    files = [folder, *(path for part in (".", "warc", "published") for path in sorted((folder / part).glob("*")))]
    refused = [path.name for path in files if not os.access(path, os.R_OK | os.W_OK) and path.exists()]
    foreign = [path.name for path in files if path.exists() and path.stat().st_uid != owner]
    seen = [name for name in _PRIVATE if (folder / name).exists() and (folder / name).stat().st_mode & 0o077]
    if refused:
        return State.ERROR, f"You may not write: {some(refused)}. Run dangqun as the owner of {folder}."
    if foreign:
        return State.WARNING, (
            f"{some(foreign)}: these belong to another user than the folder does. Run `chown -R {owner} {folder}` as root, and"
            " always run dangqun as one user."
        )
    if seen:
        return State.WARNING, f"Others may read {some(seen)}. Run `chmod 600` on them."
    return State.OK, "All files may be written, and only the owner may read what is private."


def _contact(folder: Path) -> _Finding:
    from crawler.discovery.sites import settings_for
    from crawler.identity import contact_of, without_contact

    settings = settings_for(folder)
    missing = without_contact(settings)
    return (State.WARNING, missing) if missing else (State.OK, f"The contact is {contact_of(settings['USER_AGENT'])}.")


def _clock(folder: Path) -> _Finding:
    from archive.storage.store import DATABASE

    sql = f"select max(fetched_at) from (select fetched_at from captures order by id desc limit {_LATEST})"
    with _reading(folder / DATABASE) as connection:
        newest = connection.execute(sql).fetchone()[0]
    now = datetime.now(UTC)
    if newest and datetime.fromisoformat(newest) > now + _AHEAD:
        return State.ERROR, (
            f"The clock says {now:%Y-%m-%d %H:%M} UTC, but there is a capture of {newest}. Set the clock, and let it be"
            " synchronised (Linux: `timedatectl set-ntp true`)."
        )
    return State.OK, f"The clock says {now:%Y-%m-%d %H:%M} UTC; the newest capture is of {newest or 'never'}."


def _secret(folder: Path) -> _Finding:
    if os.environ.get("DATASETTE_SECRET"):
        return State.OK, "DATASETTE_SECRET signs cookies and forms."
    path = folder / ".secret"
    if path.exists() and path.stat().st_size:
        return State.OK, ".secret signs cookies and forms."
    if (folder / "accounts.json").exists():
        return State.WARNING, (
            "There are accounts, but no .secret. If it was lost, put it back from a backup; otherwise `dangqun serve` makes"
            " one, and everybody must log in again."
        )
    return State.OK, "There is no .secret yet. `dangqun serve` makes it."


def _readers(folder: Path) -> _Finding:
    from archive.pipeline.reread import outdated
    from archive.storage.store import open_for_reading
    from crawler.discovery.layouts import known_layouts

    with open_for_reading(folder) as archive:
        pages = len(outdated(archive, known_layouts()))
    if pages:
        return State.WARNING, f"{pages} pages are unread, or another version read them. Run `dangqun extract`."
    return State.OK, "This version has read all pages."


def _snapshot(folder: Path) -> _Finding:
    from archive.publishing.snapshot import last_published
    from archive.storage.store import DATABASE

    newest = "select coalesce(max(id), 0) from captures where role != 'tombstone'"
    with _reading(last_published(folder)) as snapshot, _reading(folder / DATABASE) as archive:
        shown, there = (connection.execute(newest).fetchone()[0] for connection in (snapshot, archive))
    if shown < there:
        return State.WARNING, "There are captures that are newer than what is published. Run `dangqun publish`."
    return State.OK, "What is published was made by this version, and has the newest captures."


def _leftovers(folder: Path) -> _Finding:
    from archive.storage.store import ArchiveBusy, hold

    try:
        hold(folder).close()
    except ArchiveBusy:
        return State.OK, "A command is writing to the archive: whether one left something is not known until it ends."
    found = {
        path.relative_to(folder).as_posix(): remedy
        for pattern, remedy in _LEFTOVERS.items()
        for path in sorted(folder.glob(pattern))
    }
    if found:
        return State.WARNING, "A command was killed. " + " ".join(f"{name}: {remedy}" for name, remedy in found.items())
    return State.OK, "No command left anything unfinished."


def _reading(path: Path) -> "closing[sqlite3.Connection]":
    return closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True))


def _size(number: int) -> str:
    return f"{number / 1e9:.1f} GB" if number >= 1e9 else f"{number / 1e6:.1f} MB"


_OF_PROGRAM: _Checks = {
    "python": _python,
    "sqlite": _sqlite,
    "packages": _packages,
    "configuration": _configuration,  # before what reads declarations is imported
    "model": _model,
}
_OF_ARCHIVE: _Checks = {
    "space": _space,
    "permissions": _permissions,
    "contact": _contact,
    "clock": _clock,
    "secret": _secret,
    "readers": _readers,
    "snapshot": _snapshot,
    "leftovers": _leftovers,
}
