"""/health: how the crawls of the sites went; /health.json for programs."""

from datasette import Request, Response, hookimpl
from datasette.app import Datasette

from archive import site
from server.answers import Health
from server.database import read
from server.pages import Routes, page


@hookimpl
def register_routes() -> Routes:
    return [(r"^/health$", health_page), (r"^/health\.json$", health_json)]


async def health_page(datasette: Datasette, request: Request) -> Response:
    return await page(datasette, request, "health.html", {"page": await read(datasette, site.health)})


async def health_json(datasette: Datasette) -> Response:
    health = await read(datasette, site.health)
    return Response.json(Health(ok=not health["ill"], sites=health["sites"], findings=health["findings"]))
