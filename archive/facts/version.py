"""The version of the extractor: it changes whenever the facts that it finds may change."""

import hashlib
from pathlib import Path

from archive.facts.decide import model
from archive.plugins import plugins

CODE = "10"  # raised by hand when the code's results change; a test fails where that was forgotten
_ARCHIVE = Path(__file__).parents[1]
# What it reads from beside its code: declarations, weights with vocabulary and calibration, divisions, readings.
FILES = (
    _ARCHIVE / "facts" / "types.toml",
    *(model.FOLDER / name for name in (model.WEIGHTS, model.CALIBRATION, "vocab.json")),
    *(_ARCHIVE / "places" / name for name in ("divisions.xz", "above.xz")),
    _ARCHIVE / "text" / "readings.txt",
)


def _version() -> str:
    """The code's version with a hash of the files, and behind it what plug-ins took part, in the form that `missing` reads."""
    digest = hashlib.sha256()
    for path in FILES:
        digest.update(path.read_bytes() if path.exists() else b"")
        digest.update(b"\0")
    return "+".join([f"{CODE}.{digest.hexdigest()[:12]}", *filter(None, (one.version for one in plugins()))])


VERSION = _version()
