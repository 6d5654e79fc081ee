"""/fact/KEY.bib, .json and .txt: a fact as BibTeX, CSL-JSON and plain text."""

from datasette import NotFound, Response, hookimpl

from archive import site
from archive.site import citation

_FORMS = {
    "bib": (citation.bibtex, "application/x-bibtex; charset=utf-8"),
    "json": (citation.csl, "application/vnd.citationstyles.csl+json; charset=utf-8"),
    "txt": (citation.plain, "text/plain; charset=utf-8"),
}


@hookimpl
def register_routes():
    return [(r"^/fact/(?P<evidence>[0-9a-f]{24})\.(?P<form>bib|json|txt)$", cite)]


async def cite(datasette, request):
    evidence, form = request.url_vars["evidence"], request.url_vars["form"]
    database = datasette.get_database("archive")
    fact = await database.execute_fn(lambda c: site.fact_by_evidence(c, evidence))
    if fact is None and (await database.execute_fn(lambda c: site.lookup(c, "fact", evidence))).taken_down:
        return Response.text("This was taken down on request. 应要求撤下。", status=410)
    if fact is None:
        raise NotFound("No such fact.")
    write, kind = _FORMS[form]
    address = datasette.absolute_url(request, datasette.urls.path(f"/fact/{evidence}"))
    return Response(write(fact, address), content_type=kind)
