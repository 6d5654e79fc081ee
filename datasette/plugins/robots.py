"""robots.txt: articles, facts and stations may be found; queries, filters and exports are no business of robots."""

from datasette import Response, hookimpl

_ROBOTS = """User-agent: *
Disallow: /*?
Disallow: /-/
Disallow: /archive.db
Disallow: /data/tables.zip
Disallow: /capture/
Allow: /
Sitemap: {sitemap}
"""


@hookimpl
def register_routes():
    return [(r"^/robots\.txt$", robots)]


async def robots(datasette, request):
    return Response.text(_ROBOTS.format(sitemap=datasette.absolute_url(request, datasette.urls.path("/sitemap.xml"))))
