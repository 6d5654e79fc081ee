"""Pages in the forms of real ones, as bytes, beside what must be read from them: one case a field.

A new case is a file NAME.html in reading_cases/. The first run writes NAME.json beside it and fails: read what it
says, mend the reader where it is wrong, and sign it in `checked_by`. To write a file again, delete its `expected`.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from archive.model import Article, Capture
from archive.reading import read

CASES = Path(__file__).with_name("reading_cases")


def _plain(found: object) -> dict[str, Any]:
    """What was read, as JSON holds it; the texts of blocks and links instead of their offsets, for the person."""
    assert not isinstance(found, type)
    values = asdict(found)  # type: ignore[call-overload]
    if isinstance(found, Article):
        text = found.text
        values |= {
            "published": found.published_iso,
            "text": text.split("\n"),
            "blocks": [block.kind for block in found.blocks],
            "links": [[text[link.start : link.end], link.href] for link in found.links],
            "images": [[image.src, image.caption] for image in found.images],
            "cut": dict(found.cut),
        }
        del values["url"], values["canonical"], values["parts"]
    return json.loads(json.dumps(values))


@pytest.mark.parametrize("case", sorted(path.stem for path in CASES.glob("*.html")))
def test_case(case: str) -> None:
    path = CASES / f"{case}.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    url = known.setdefault("url", f"http://page.example/{case}.html")
    found = _plain(read(Capture(url, (CASES / f"{case}.html").read_bytes())))
    if "expected" not in known:
        known |= {"checked_by": "", "expected": found}
        path.write_text(json.dumps(known, ensure_ascii=False, indent=1) + "\n")
    assert known["checked_by"], f"{path} is written. Read it, mend what is wrong, then sign it in `checked_by`."
    assert found == known["expected"]
