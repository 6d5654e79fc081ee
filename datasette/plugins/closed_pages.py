"""Of Datasette's pages below /-/ those are open that the site needs. The others are for whoever builds a site: they show
settings, files and versions, and the password tool computes for a stranger a third of a second at a time. A page that a later
version adds is closed until it is named here."""

from datasette import NotFound, hookimpl

_OPEN = ("login", "logout", "jump", "mcp", "static", "static-plugins")
_CLOSED = rf"/-/(?!(?:{'|'.join(_OPEN)})(?:[./]|$))(?!\.json$)."


@hookimpl(tryfirst=True)
def register_routes():
    return [(_CLOSED, closed)]


async def closed():
    raise NotFound("There is no such page here.")
