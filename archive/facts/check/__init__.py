"""What must hold of a fact whatever decided it. A statement that fails is no fact."""

from archive.facts.check.invariants import broken
from archive.facts.check.quotes import quote_of

__all__ = ["broken", "quote_of"]
