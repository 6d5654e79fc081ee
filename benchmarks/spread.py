"""What was measured more than once, in one cell of a table."""

from collections.abc import Sequence
from statistics import median, quantiles


def spread(values: Sequence[float], places: int = 0) -> str:
    """`median (lowest–highest)`, with so many decimal places."""
    return f"{median(values):,.{places}f} ({min(values):,.{places}f}–{max(values):,.{places}f})"


def quartiles(values: Sequence[float], places: int = 0) -> str:
    """`median (lower–upper quartile)`, of many."""
    lower, middle, upper = quantiles(values, n=4)
    return f"{middle:,.{places}f} ({lower:,.{places}f}–{upper:,.{places}f})"
