"""The invariants of facts, whichever way they were decided. A statement that breaks one is no fact."""

from archive.facts.check.denials import is_denied
from archive.facts.check.invariants import broken
from archive.facts.check.quotes import quote_of

__all__ = ["broken", "is_denied", "quote_of"]
