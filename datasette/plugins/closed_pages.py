"""Datasette's pages below /-/ are closed, except those that the site needs. The others are for people who build a site: they show
settings, files and versions, and the password tool computes a third of a second for any stranger. A page that a later version adds is
closed until it is named here."""

from datasette import NotFound, hookimpl

from server.language import gettext as _
from server.pages import Routes

_OPEN = ("login", "logout", "jump", "mcp", "static", "static-plugins")
_CLOSED = rf"/-/(?!(?:{'|'.join(_OPEN)})(?:[./]|$))(?!\.json$)."


@hookimpl(tryfirst=True)
def register_routes() -> Routes:
    return [(_CLOSED, closed)]


async def closed() -> None:
    raise NotFound(_("There is no page at this address."))
