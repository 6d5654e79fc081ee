"""/openapi.json: what programs can ask for, as an OpenAPI document."""

from datasette import Request, Response, hookimpl
from datasette.app import Datasette

from server.openapi import document
from server.pages import Routes, full_address


@hookimpl
def register_routes() -> Routes:
    return [(r"^/openapi\.json$", openapi)]


async def openapi(datasette: Datasette, request: Request) -> Response:
    return Response.json(document(full_address(datasette, request, "/").rstrip("/")))
