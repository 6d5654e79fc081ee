"""What spiders hand on."""

from dataclasses import dataclass


@dataclass
class Page:
    """A fetched page to be read; `capture_id` is None where the address gave the same bytes as last time."""

    url: str
    capture_id: int | None
