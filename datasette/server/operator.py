"""What the operator of the archive decided (dangqun.toml), where pages show it."""

from functools import lru_cache
from pathlib import Path

from datasette.app import Datasette

from archive.configuration import FILE, Configuration, ConfigurationError, configuration
from server.database import archive_folder


def decided(datasette: Datasette) -> Configuration:
    """What dangqun.toml says now; if it cannot be read, what holds where there is none."""
    if "archive" not in datasette.databases:
        return Configuration()
    folder = archive_folder(datasette)
    try:
        return _read(folder, (folder / FILE).stat().st_mtime_ns)
    except OSError:
        return Configuration()


@lru_cache(maxsize=4)
def _read(folder: Path, changed: int) -> Configuration:  # a file that has changed is read again
    try:
        return configuration(folder)
    except ConfigurationError:
        return Configuration()
