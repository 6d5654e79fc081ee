"""Addresses of this site that it writes begin with the one that the operator configured (`dangqun serve --site`), not with the
Host header, which any client can set. If none is configured, addresses that readers keep or pass on (in feeds, the sitemap,
robots.txt, citations) begin with the address that the server listens on. Tables and searches then still use the Host header, so
that a tunnel or the forwarded port of a container works."""

import os
import re

from datasette import hookimpl

_PASSED_ON = re.compile(r"/feed/|/fact/|/(?:robots\.txt|sitemap\.xml|llms\.txt|data)$|\.(?:md|xlsx)$")
_PORTS = {"http": 80, "https": 443}


@hookimpl(trylast=True)  # so that it is among the first to see a request
def asgi_wrapper():
    site = os.environ.get("DANGQUN_SITE", "")

    def wrap(app):
        async def answer(scope, receive, send):
            # A POST keeps its Host: Datasette compares it with the Origin.
            reads = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
            if reads and (site or _PASSED_ON.search(scope["path"])):
                scope = _at(scope, site or _listening(scope))
            await app(scope, receive, send)

        return answer

    return wrap


def _at(scope, address):
    """The request as if it had been sent to an address."""
    scheme, _, host = address.partition("://")
    others = [(name, value) for name, value in scope["headers"] if name.lower() != b"host"]
    return {**scope, "scheme": scheme, "headers": [(b"host", host.encode()), *others]}


def _listening(scope):
    """The address of the server's end of the connection."""
    scheme, (host, port) = scope["scheme"], scope.get("server") or ("localhost", None)
    host = f"[{host}]" if ":" in host else host
    return f"{scheme}://{host}" if port in (None, _PORTS.get(scheme)) else f"{scheme}://{host}:{port}"
