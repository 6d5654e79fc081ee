"""/metrics: figures for Prometheus (see server.metrics), if `dangqun serve --metrics` turns them on. The library is imported only then:
it opens files as soon as it is imported."""

from collections.abc import Callable

from datasette import Response, hookimpl
from datasette.app import Datasette

from server import options
from server.asgi import App, middleware
from server.pages import Routes


@hookimpl
def register_routes() -> Routes:
    return [(r"^/metrics$", metrics)] if options.metrics() else []


@hookimpl(trylast=True)  # sees what rate limits and others refuse
def asgi_wrapper() -> Callable[[App], App]:
    if not options.metrics():
        return lambda app: app
    from server.metrics import count

    return middleware(count)


async def metrics(datasette: Datasette) -> Response:
    from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

    from server.metrics import exposition

    return Response((await exposition(datasette)).decode(), content_type=CONTENT_TYPE_PLAIN_0_0_4)
