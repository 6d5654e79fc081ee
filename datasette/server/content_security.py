"""What a browser may do with an answer. Scripts and styles run only from the site's own files."""

from server.asgi import Headers

_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self';"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


def secured(headers: Headers) -> Headers:
    """The headers of an answer with ours, which replace those of the same names."""
    others = [(name, value) for name, value in headers if name.decode("latin-1").lower() not in _HEADERS]
    return [*others, *((name.encode(), value.encode()) for name, value in _HEADERS.items())]
