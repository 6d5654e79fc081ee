"""robots.txt: articles, facts and stations may be found; queries, filters and exports are no business of robots."""

from datasette import Response, hookimpl

_ROBOTS = """User-agent: *
Disallow: /*?
Disallow: /-/
Disallow: /archive.db
Allow: /
"""


@hookimpl
def register_routes():
    return [(r"^/robots\.txt$", lambda: Response.text(_ROBOTS))]
