"""What spiders pass to the pipeline."""

from dataclasses import dataclass
from datetime import date


@dataclass
class Page:
    """A fetched page to be read. `capture_id` is None if its bytes are those of the last capture. `day` is the day that its list
    states."""

    url: str
    capture_id: int | None
    day: date | None = None
