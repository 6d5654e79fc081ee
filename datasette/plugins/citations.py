"""/fact/KEY.bib, .json and .txt: a fact as BibTeX, CSL-JSON and plain text."""

from datasette import NotFound, Request, Response, hookimpl
from datasette.app import Datasette

from archive import site
from archive.site import citation
from server.database import read
from server.language import gettext as _
from server.pages import Routes, full_address


@hookimpl
def register_routes() -> Routes:
    return [(r"^/fact/(?P<key>[0-9a-f]{24})\.(?P<ending>bib|json|txt)$", cite)]


async def cite(datasette: Datasette, request: Request) -> Response:
    key = request.url_vars["key"]
    fact = await read(datasette, site.fact_by_evidence, key)
    if fact is None and (await read(datasette, site.lookup, "fact", key)).taken_down:
        return Response.text(_("This was taken down on request, and is no longer shown."), status=410)
    if fact is None:
        raise NotFound(_("There is nothing at this address."))
    write, media_type = citation.FILES[request.url_vars["ending"]]
    return Response(write(fact, full_address(datasette, request, f"/fact/{key}")), content_type=media_type)
