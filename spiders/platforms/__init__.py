"""Content management systems: one base class for each, with what its sites have in common and how it is recognised."""
