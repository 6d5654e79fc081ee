"""The key that signs the cookies and forms of a site, kept in its archive's folder."""

import secrets
from pathlib import Path

from archive.errors import ArchiveError
from archive.sql.files import alone, keep_private, write_private


def secret(folder: Path) -> str:
    """The secret of an archive, in hexadecimal digits; made at the first use, and kept so that a restart logs nobody out.

    Raises ArchiveError if it can be neither read nor written.
    """
    path = folder / ".secret"
    try:
        with alone(folder):
            if not path.exists() or not path.stat().st_size:
                write_private(path, secrets.token_hex())
            keep_private(path)
            return path.read_text("utf-8")
    except OSError as error:
        raise ArchiveError(
            f"The secret that signs cookies cannot be kept in {path}: {error.strerror}. Make room there, or set"
            " DATASETTE_SECRET."
        ) from None
