"""Files of an archive that the owner alone may read, and folders that one process at a time may change."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PRIVATE = 0o600


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Wait until no other process is in such a block for a folder, and keep others out until it ends. Raises OSError."""
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def keep_private(path: Path) -> None:
    """Let the owner alone read a file, made empty where there is none. What fails here, fails again when the file is opened."""
    with suppress(OSError):
        os.close(os.open(path, os.O_RDONLY | os.O_CREAT, _PRIVATE))
        path.chmod(_PRIVATE)


def write_private(path: Path, content: str) -> None:
    """Put a text in the place of a file, whole or not at all, even if the machine stops. The owner alone may read it.

    Raises OSError.
    """
    draft = path.with_name(f"{path.name}.draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE), "w", encoding="utf-8") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(path)
