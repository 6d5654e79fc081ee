"""Facts: what an article states in numbers, dates and lists, with the exact words that state it.

`extract` is the entry point. `types.toml` declares what a fact can be. `propose/` is the grammar: numbers, dates, names, lists
and addresses. `decide/` says which of them are facts, by a small network. `check/` holds the invariants, which no decision overrides.
"""

from archive.errors import ModelUnavailable
from archive.facts.decide import Calibration, calibration
from archive.facts.decide import check as check_model
from archive.facts.extract import Statements, extract, extract_text, extract_with_stations
from archive.facts.types import AMOUNTS, COMPARED, LASTING, FactType
from archive.facts.types import load as fact_types
from archive.facts.version import VERSION

__all__ = [
    "AMOUNTS",
    "COMPARED",
    "LASTING",
    "VERSION",
    "Calibration",
    "FactType",
    "ModelUnavailable",
    "Statements",
    "calibration",
    "check_model",
    "extract",
    "extract_text",
    "extract_with_stations",
    "fact_types",
]
