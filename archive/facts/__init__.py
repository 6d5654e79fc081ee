"""Facts: what an article states in numbers, dates and lists, with the exact words that say it.

`extract` is the way in. What a fact can be is declared in types.toml; the grammar of numbers
(numerals, quantities), dates and names is code beside it; `shapes/` puts them together.
"""

from archive.facts.extract import VERSION, extract, extract_text, read_out
from archive.facts.types import FactType
from archive.facts.types import load as fact_types

__all__ = ["VERSION", "FactType", "extract", "extract_text", "fact_types", "read_out"]
