"""Errors that every command tells in one sentence."""


class ArchiveError(Exception):
    """Something the user can mend; the message says how."""
