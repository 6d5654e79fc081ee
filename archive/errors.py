"""Errors that every command tells in one sentence."""


class ArchiveError(Exception):
    """Something the user can mend; the message says how."""


class ModelUnavailable(ArchiveError):
    """The model that decides which numbers are facts cannot be run; the message says why and what still works."""
