"""What is installed with the product may be shipped with it: no GPL."""

import re
from importlib.metadata import PackageNotFoundError, metadata

import pytest
from support import ROOT

_REFUSED = re.compile(r"(?<!L)\bA?GPL|GNU (?:Affero )?General Public", re.IGNORECASE)
# A name stands twice where its version depends on the Python.
_LOCKED = sorted(
    {
        line.split("==")[0].strip()
        for line in (ROOT / "requirements.lock").read_text("utf-8").splitlines()
        if not line.startswith("#")
    }
)


def test_something_is_locked() -> None:
    assert len(_LOCKED) > 50


@pytest.mark.parametrize("name", _LOCKED)
def test_licence_permits(name: str) -> None:
    try:
        fields = metadata(name)
    except PackageNotFoundError:
        pytest.skip(f"{name} is for another system")
    expression = fields.get("License-Expression") or ""
    classifiers = [c for c in fields.get_all("Classifier") or [] if c.startswith("License ::")]
    licences = [expression, *classifiers] if expression or classifiers else [(fields.get("License") or "")[:200]]
    assert any(licences), f"{name} names no licence"
    # Where there is a choice (A OR B), one that permits is enough.
    choices = [part for one in licences for part in re.split(r"\bOR\b", one)]
    assert not all(_REFUSED.search(part) for part in choices if part), (name, licences)
