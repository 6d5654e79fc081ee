"""What the operator of the archive decided (dangqun.toml), where pages show it."""

from functools import lru_cache
from pathlib import Path

from datasette.app import Datasette

from archive.configuration import FILE, Configuration, ConfigurationError, configuration
from archive.entries import ENTRIES
from server.database import archive_folder

_DEFAULTS: Configuration = {name: entry.default for name, entry in ENTRIES.items()}


def decided(datasette: Datasette) -> Configuration:
    """What holds now; if dangqun.toml cannot be read, what holds where there is none."""
    if "archive" not in datasette.databases:
        return _DEFAULTS
    folder = archive_folder(datasette)
    try:
        changed = (folder / FILE).stat().st_mtime_ns
    except OSError:
        changed = 0
    return _read(folder, changed)


@lru_cache(maxsize=4)
def _read(folder: Path, changed: int) -> Configuration:  # a file that has changed is read again
    try:
        return configuration(folder)
    except ConfigurationError:
        return _DEFAULTS
