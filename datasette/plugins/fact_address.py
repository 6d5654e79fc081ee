"""/fact/KEY leads to a fact by its evidence: an address that stays when the database is built anew."""

from datasette import NotFound, Response, hookimpl


@hookimpl
def register_routes():
    return [(r"^/fact/(?P<evidence>[0-9a-f]{24})$", fact)]


async def fact(datasette, request):
    found = await datasette.get_database("archive").execute(
        "select id from facts where evidence = ?", [request.url_vars["evidence"]]
    )
    if not found.rows:
        raise NotFound("No such fact. It may be said no more, or have been taken down.")
    return Response.redirect(datasette.urls.row("archive", "facts", str(found.rows[0]["id"])))
