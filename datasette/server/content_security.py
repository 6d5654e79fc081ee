"""What a browser may do with an answer. Scripts and styles run only from the site's files, or with the nonce of that very answer."""

import re
import secrets
from contextvars import ContextVar

from jinja2.ext import Extension

from server.asgi import Headers

_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:;"
    " font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
NONCE: ContextVar[str] = ContextVar("nonce", default="")  # of the answer under way
_INLINE = re.compile(r"<(script|style)(?=[\s>])")
_JINJA = r"\{\{.*?\}\}|\{%.*?%\}"
_STYLE = re.compile(  # attributes, which no policy can allow one by one
    rf"(<[a-zA-Z](?:{_JINJA}|[^<>{{}}])*?)\sstyle=\"(?:{_JINJA}|[^\"{{}}])*\""
)


class Nonces(Extension):
    """Gives the scripts and styles of every template a nonce, in the source, before any data is in it: a script that came with a scraped
    text has none. Style attributes are removed."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """The source with nonces."""
        return _STYLE.sub(r"\1", _INLINE.sub(r'<\1 nonce="{{ csp_nonce() }}"', source))


def new_nonce() -> str:
    """The nonce of a new answer."""
    nonce = secrets.token_urlsafe(16)
    NONCE.set(nonce)
    return nonce


def secured(headers: Headers, nonce: str) -> Headers:
    """The headers of an answer with ours, which replace those of the same names."""
    ours = _HEADERS | {"content-security-policy": _POLICY.format(nonce=nonce)}
    others = [(name, value) for name, value in headers if name.decode("latin-1").lower() not in ours]
    return [*others, *((name.encode(), value.encode()) for name, value in ours.items())]
