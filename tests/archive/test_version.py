"""What is read changes only with the extractor's version: `python tests/archive/test_version.py` records it again."""

import hashlib
import json
from datetime import date
from pathlib import Path

from archive.facts import VERSION, extract_text
from archive.facts.decide import model
from archive.facts.version import FILES
from crawler.sample.outlets import stories

ARCHIVE = Path(__file__).parents[2] / "archive"
RECORDED = Path(__file__).with_name("extracted.json")
_MARGIN = 15  # thousandths: a decision as near to its threshold may differ on another machine


def _digest() -> str:
    """A digest of the facts of the sample's stories that are published with certainty."""
    found = []
    for story in stories():
        found.extend(
            [story.key, fact.type, fact.value, fact.value_high, fact.approx, fact.date, fact.start, fact.end]
            for fact in extract_text("\n".join(story.paragraphs(1)), date.fromisoformat(story.published[:10]))
            if (fact.probability or 1000) >= model.calibration().thresholds(fact.type)[1] + _MARGIN
        )
    return hashlib.sha256(json.dumps(found).encode()).hexdigest()


def test_what_is_read_changes_only_with_the_version() -> None:
    recorded = json.loads(RECORDED.read_text("utf-8"))
    if recorded["version"] == VERSION:
        assert _digest() == recorded["digest"], (
            "facts are read differently: raise CODE in archive/facts/version.py, and record"
        )
    assert recorded["version"] == VERSION, "the version is new: record its digest (see the top of this file)"


def test_every_file_that_is_read_from_is_part_of_the_version() -> None:
    """Otherwise decided.db would return results of the earlier file, and nothing would be read again."""
    of_the_text = (path for name in ("facts", "places", "text") for path in (ARCHIVE / name).rglob("*"))
    data = {path for path in of_the_text if path.is_file() and path.suffix not in (".py", ".pyc", ".md")}
    assert data - {model.FOLDER / "made.json", model.FOLDER / "scores.json"} == set(FILES)


if __name__ == "__main__":
    RECORDED.write_text(json.dumps({"version": VERSION, "digest": _digest()}) + "\n", "utf-8")
