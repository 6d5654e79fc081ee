"""From end to end: what the site publishes of an invented world, against what that world states."""

import sys
from collections import Counter
from pathlib import Path

from support import ROOT

sys.path.append(str(ROOT / "benchmarks"))  # last: its archive.py must not hide the package in child processes

import truth


def test_published_numbers_are_those_of_the_world(tmp_path: Path) -> None:
    by_type, wrong = truth.run(80, 5, tmp_path / "data")
    total: Counter[str] = sum(by_type.values(), Counter())
    stated = total["right"] + total["missed"]
    assert stated > 300 and len(by_type) >= 15
    assert total["false"] <= 0.01 * total["right"], wrong
    assert total["right"] >= 0.9 * stated, wrong
    assert total["subject"] >= 0.97 * total["right"] and total["approx"] >= 0.98 * total["right"]
