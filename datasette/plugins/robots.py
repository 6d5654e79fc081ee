"""/robots.txt: robots may fetch articles, facts and stations, but no queries, filters and exports."""

from datasette import Request, Response, hookimpl
from datasette.app import Datasette

from server.pages import Routes, full_address

_ROBOTS = """User-agent: *
Disallow: /*?
Allow: /*?lang=
Disallow: /-/
Disallow: /archive.db
Disallow: /data/
Disallow: /capture/
Allow: /
Sitemap: {sitemap}
"""


@hookimpl
def register_routes() -> Routes:
    return [(r"^/robots\.txt$", robots)]


async def robots(datasette: Datasette, request: Request) -> Response:
    return Response.text(_ROBOTS.format(sitemap=full_address(datasette, request, "/sitemap.xml")))
