"""The addresses that this site writes begin with the one that the operator configured (`dangqun serve --site`), not with the
Host header, which any client can set. If none is configured, addresses that readers keep or pass on (in feeds, the sitemap,
robots.txt, citations) begin with the address that the server listens on. Tables and searches then still use the Host header, so
that a tunnel or the forwarded port of a container works."""

import re
from collections.abc import Callable

from datasette import hookimpl

from server import options
from server.asgi import App, Receive, Scope, Send, middleware

_PASSED_ON = re.compile(
    r"/feed/|/fact/|/(?:robots\.txt|sitemap\.xml|llms\.txt|openapi\.json|changes\.json|data)$|/(?:timemap|timegate|memento)/"
    r"|\.(?:md|csv|xlsx|jsonl|parquet)$|\.about\.json$"
)
_PORTS = {"http": 80, "https": 443}


@hookimpl(trylast=True)  # among the first to see a request
def asgi_wrapper() -> Callable[[App], App]:
    site = options.site_address()

    async def answer(app: App, scope: Scope, receive: Receive, send: Send) -> None:
        # A POST keeps its Host: Datasette compares it with the Origin.
        if scope["method"] in ("GET", "HEAD") and (site or _PASSED_ON.search(scope["path"])):
            scope = _sent_to(scope, site or _listening(scope))
        await app(scope, receive, send)

    return middleware(answer)


def _sent_to(scope: Scope, address: str) -> Scope:
    """The request as if it had been sent to an address."""
    scheme, _, host = address.partition("://")
    others = [(name, value) for name, value in scope["headers"] if name.lower() != b"host"]
    return {**scope, "scheme": scheme, "headers": [(b"host", host.encode()), *others]}


def _listening(scope: Scope) -> str:
    """The address of the server's end of the connection."""
    scheme, (host, port) = scope["scheme"], scope.get("server") or ("localhost", None)
    host = f"[{host}]" if ":" in host else host
    return f"{scheme}://{host}" if port in (None, _PORTS.get(scheme)) else f"{scheme}://{host}:{port}"
