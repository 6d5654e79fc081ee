"""What spiders hand on."""

from dataclasses import dataclass
from datetime import date


@dataclass
class Page:
    """A fetched page to be read; `capture_id` is None where the address gave the same bytes as last time. `day` is what
    its list said of its day."""

    url: str
    capture_id: int | None
    day: date | None = None
