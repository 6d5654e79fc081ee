"""Facts: what an article states in numbers, dates and lists, with the exact words that say it.

`extract` is the way in. `types.toml` declares what a fact can be. `propose/` is the grammar: numbers, dates, names, lists
and addresses. `decide/` says which of them are facts, by a small network. `check/` is what must hold whatever it says.
"""

from archive.errors import ModelUnavailable
from archive.facts.decide import Calibration, calibration
from archive.facts.decide import check as check_model
from archive.facts.extract import Mentions, extract, extract_text, read_out
from archive.facts.types import FactType
from archive.facts.types import load as fact_types
from archive.facts.version import VERSION

__all__ = [
    "VERSION",
    "Calibration",
    "FactType",
    "Mentions",
    "ModelUnavailable",
    "calibration",
    "check_model",
    "extract",
    "extract_text",
    "fact_types",
    "read_out",
]
