"""Reprints: the same story at other outlets (`stories`), and the same page at other addresses of one outlet (`copies`)."""

from archive.reprints.stories import bands_of, forget, record, remove

__all__ = ["bands_of", "forget", "record", "remove"]
