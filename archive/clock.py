"""The time as the archive writes it where seconds are too coarse."""

from datetime import UTC, datetime


def now() -> str:
    """The time in UTC with milliseconds, 2026-11-27T13:30:00.123Z. Such texts sort by time."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
