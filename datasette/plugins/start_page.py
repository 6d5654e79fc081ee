"""The start page, without Datasette's own list of databases and tables, which it would count first."""

from datasette import Response, hookimpl


@hookimpl
def register_routes():
    return [(r"^/$", start)]


async def start(datasette, request):
    shown = {"metadata": await datasette.get_instance_metadata()}
    return Response.html(await datasette.render_template("index.html", shown, request=request, view_name="index"))
