"""/fact/KEY leads to a fact by its evidence: an address that stays when the database is built anew, or read by another
reader. Where a fact is read no more, it leads to the one in its place, or says what it was."""

from datasette import NotFound, Response, hookimpl

from archive import pages


@hookimpl
def register_routes():
    return [(r"^/fact/(?P<evidence>[0-9a-f]{24})$", fact)]


async def fact(datasette, request):
    key = request.url_vars["evidence"]

    def find(connection):
        row = connection.execute("select id from facts where evidence = ?", [key]).fetchone()
        return (row[0], None) if row else (None, pages.former_fact(connection, key))

    number, former = await datasette.get_database("archive").execute_fn(find)
    if number is not None:
        return Response.redirect(datasette.urls.row("archive", "facts", str(number)))
    if former is None:
        raise NotFound("No such fact. It may be said no more, or have been taken down.")
    if former["successor"]:
        return Response.redirect(datasette.urls.path(f"/fact/{former['successor']}"))
    return Response.html(await datasette.render_template("former_fact.html", {"page": former}, request=request))
