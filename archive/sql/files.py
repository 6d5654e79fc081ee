"""Files of an archive that only the owner may read, and folders that one process at a time may change."""

import fcntl
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

_PRIVATE = 0o600


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder during a block; waits while another process holds it. Raises OSError."""
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def keep_private(path: Path) -> None:
    """Let only the owner read a file; makes an empty one if there is none. Ignores errors: they recur when the file is opened.

    A file that is there is not opened: closing it would drop the locks that SQLite holds on it for other connections of this
    process, and the last of those to close would delete the journal under the others.
    """
    with suppress(OSError):
        if not path.exists():
            os.close(os.open(path, os.O_RDONLY | os.O_CREAT | os.O_EXCL, _PRIVATE))
        path.chmod(_PRIVATE)


def write_private(path: Path, content: str) -> None:
    """Replace a file by a text, completely or not at all, even if the machine stops. Only the owner may read it.

    Raises OSError.
    """
    draft = path.with_name(f"{path.name}.draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE), "w", encoding="utf-8") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(path)


def copy_database(path: Path, target: Path) -> None:
    """Copy a database as it stands, before a transaction under way, completely or not at all. Only the owner may read the copy.

    Raises OSError and sqlite3.Error.
    """
    draft = target.with_name(f"{target.name}.draft")
    draft.unlink(missing_ok=True)
    keep_private(draft)
    with closing(sqlite3.connect(path)) as original, closing(sqlite3.connect(draft)) as copy:
        original.backup(copy)
        copy.execute("pragma journal_mode = delete")
    draft.replace(target)


def remove(paths: Iterable[Path]) -> None:
    """Delete files, and folders with all that they hold; those that are not there are passed over. Raises OSError."""
    for path in paths:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's content, in hexadecimal. Raises OSError."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
