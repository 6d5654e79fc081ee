"""Every answer says what a browser may do with it. Scripts and styles run only from our files, or with the nonce of this
very answer. Templates put that on their own, in their source, before any data is in it: a script that came with a scraped
text has none. (Two hooks, because they share the nonce.)"""

import re
import secrets
from contextvars import ContextVar

from datasette import hookimpl
from jinja2.ext import Extension

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
_nonce = ContextVar("nonce", default="")
_INLINE = re.compile(r"<(script|style)(?=[\s>])")
_JINJA = r"\{\{.*?\}\}|\{%.*?%\}"
_STYLE = re.compile(  # attributes, which nothing can allow one by one
    rf"(<[a-zA-Z](?:{_JINJA}|[^<>{{}}])*?)\sstyle=\"(?:{_JINJA}|[^\"{{}}])*\""
)


class Nonces(Extension):
    """Rewrites the source of every template."""

    def preprocess(self, source, name, filename=None):
        source = _INLINE.sub(r'<\1 nonce="{{ csp_nonce() }}"', source)
        return _STYLE.sub(r"\1", source)


@hookimpl
def prepare_jinja2_environment(env):
    env.globals["csp_nonce"] = _nonce.get
    env.add_extension(Nonces)


@hookimpl
def asgi_wrapper():
    def wrap(app):
        async def answer(scope, receive, send):
            if scope["type"] != "http":
                return await app(scope, receive, send)
            nonce = secrets.token_urlsafe(16)
            _nonce.set(nonce)
            added = _HEADERS | {"content-security-policy": _POLICY.format(nonce=nonce)}

            async def send_with_headers(message):
                if message["type"] == "http.response.start":
                    own = [
                        pair for pair in message.get("headers", ()) if pair[0].decode("latin-1").lower() not in added
                    ]
                    message["headers"] = [*own, *((k.encode(), v.encode()) for k, v in added.items())]
                await send(message)

            return await app(scope, receive, send_with_headers)

        return answer

    return wrap
