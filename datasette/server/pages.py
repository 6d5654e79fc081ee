"""Pages and addresses of this site."""

from collections.abc import Callable, Mapping
from typing import Any

from datasette import Request, Response
from datasette.app import Datasette

Routes = list[
    tuple[str, Callable[..., Any]]
]  # what the hook register_routes returns: patterns of paths, and what answers them


async def page(
    datasette: Datasette, request: Request, template: str, context: Mapping[str, Any], status: int = 200, **options: Any
) -> Response:
    """A page made from a template. `options` may be `headers` of the answer and Datasette's `view_name`."""
    headers = options.pop("headers", None)
    html = await datasette.render_template(template, dict(context), request=request, **options)
    return Response.html(html, status=status, headers=headers)


def full_address(datasette: Datasette, request: Request, path: str) -> str:
    """The address of a path of this site, with its scheme and host."""
    return str(datasette.absolute_url(request, datasette.urls.path(path)))
