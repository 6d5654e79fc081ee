"""How facts look in a sentence. One module a shape; each takes a document and a type and finds statements."""

from archive.facts.shapes.address import find_addresses
from archive.facts.shapes.count import find_counts
from archive.facts.shapes.event import find_events
from archive.facts.shapes.found import Found
from archive.facts.shapes.goods import find_goods
from archive.facts.shapes.rooms import find_rooms

__all__ = ["Found", "find_addresses", "find_counts", "find_events", "find_goods", "find_rooms"]
