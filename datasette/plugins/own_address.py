"""Addresses of this site that are written out begin with the one that the operator configured (`dangqun serve --site`), never
with the Host header, which whoever asks may choose. Where none is configured, what is kept and passed on (feeds, the sitemap,
robots.txt, citations) begins with the address that the server listens on; tables and searches go on under the name by which
their reader came, so that a tunnel or the forwarded port of a container works."""

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
            # What is posted keeps its Host: Datasette compares that with the Origin.
            reads = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
            if reads and (site or _PASSED_ON.search(scope["path"])):
                scope = _at(scope, site or _listening(scope))
            await app(scope, receive, send)

        return answer

    return wrap


def _at(scope, address):
    """A request as if it had been sent to an address."""
    scheme, _, host = address.partition("://")
    others = [(name, value) for name, value in scope["headers"] if name.lower() != b"host"]
    return {**scope, "scheme": scheme, "headers": [(b"host", host.encode()), *others]}


def _listening(scope):
    """The address at which a request's connection came in."""
    scheme, (host, port) = scope["scheme"], scope.get("server") or ("localhost", None)
    host = f"[{host}]" if ":" in host else host
    return f"{scheme}://{host}" if port in (None, _PORTS.get(scheme)) else f"{scheme}://{host}:{port}"
