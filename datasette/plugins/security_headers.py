"""Every answer says what a browser may do with it, and the templates carry the nonce that the answer names."""

from collections.abc import Callable

from datasette import hookimpl
from jinja2 import Environment

from server.asgi import App, Receive, Scope, Send, middleware, with_headers
from server.content_security import NONCE, Nonces, new_nonce, secured


@hookimpl
def prepare_jinja2_environment(env: Environment) -> None:
    env.globals["csp_nonce"] = NONCE.get
    env.add_extension(Nonces)


@hookimpl
def asgi_wrapper() -> Callable[[App], App]:
    return middleware(_answer)


async def _answer(app: App, scope: Scope, receive: Receive, send: Send) -> None:
    nonce = new_nonce()
    await app(scope, receive, with_headers(send, lambda headers: secured(headers, nonce)))
