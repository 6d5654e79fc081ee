"""The start page, without Datasette's own list of databases and tables, which it would count first."""

from datasette import Request, Response, hookimpl
from datasette.app import Datasette

from archive import site
from archive.site.tiles import tile_map
from server.database import read
from server.pages import Routes, page

_QUESTIONS = ("members_by_city_and_year", "money_by_year", "openings_by_month")  # of which the page shows the charts


@hookimpl
def register_routes() -> Routes:
    return [(r"^/$", start_page)]


async def start_page(datasette: Datasette, request: Request) -> Response:
    cards = {card["question"].name: card for card in await read(datasette, site.question_cards)}
    context = {
        "home": await read(datasette, site.home),
        "cards": [cards[name] for name in dict.fromkeys([*_QUESTIONS, *cards]) if name in cards][: len(_QUESTIONS)],
        "tiles": await read(datasette, tile_map),
    }
    return await page(datasette, request, "index.html", context, view_name="index")
