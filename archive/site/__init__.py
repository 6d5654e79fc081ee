"""What the pages of the site show: queries over a published snapshot, shaped for templates; one module a page.

Every function takes an open connection and returns plain data. Texts are handed on as they are; the templates escape them.
"""

from archive.site.about import about
from archive.site.addresses import Destination, key_of_number, lookup
from archive.site.article import article, paragraphs, passage
from archive.site.compare import compare
from archive.site.fact import fact, fact_by_evidence, fact_page, former_fact
from archive.site.health import health
from archive.site.home import home
from archive.site.outlet import outlet
from archive.site.place import PLACES_WITHIN, STATIONS_OF_PLACE, place, places_formerly
from archive.site.question import question, question_cards
from archive.site.shared import web_address
from archive.site.station import station
from archive.site.tiles import places, tile_map

__all__ = [
    "PLACES_WITHIN",
    "STATIONS_OF_PLACE",
    "Destination",
    "about",
    "article",
    "compare",
    "fact",
    "fact_by_evidence",
    "fact_page",
    "former_fact",
    "health",
    "home",
    "key_of_number",
    "lookup",
    "outlet",
    "paragraphs",
    "passage",
    "place",
    "places",
    "places_formerly",
    "question",
    "question_cards",
    "station",
    "tile_map",
    "web_address",
]
