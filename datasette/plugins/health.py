"""/health: how the sites' crawls are; /health.json for programs."""

from datasette import Response, hookimpl

from archive import site


@hookimpl
def register_routes():
    return [(r"^/health$", show), (r"^/health\.json$", as_json)]


async def show(datasette, request):
    page = await datasette.get_database("archive").execute_fn(site.health)
    return Response.html(await datasette.render_template("health.html", {"page": page}, request=request))


async def as_json(datasette, request):
    page = await datasette.get_database("archive").execute_fn(site.health)
    return Response.json({"ok": not page["ill"], "sites": page["sites"], "findings": page["findings"]})
