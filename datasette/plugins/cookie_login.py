"""A password in the Authorization header logs nobody in: checking it costs a third of a second, and no rate limit would count it. Cookies
are hidden from scripts (HttpOnly); behind TLS, browsers send them only by TLS (Secure)."""

from collections.abc import Callable

from datasette import hookimpl

from server.asgi import App, Headers, Receive, Scope, Send, middleware, with_headers


@hookimpl(tryfirst=True)
def asgi_wrapper() -> Callable[[App], App]:
    return middleware(_answer)


async def _answer(app: App, scope: Scope, receive: Receive, send: Send) -> None:
    flags = (b"HttpOnly", b"Secure") if scope.get("scheme") == "https" else (b"HttpOnly",)

    def flagged(headers: Headers) -> Headers:
        return ((name, _flagged(v, flags) if name.lower() == b"set-cookie" else v) for name, v in headers)

    kept = [(name, value) for name, value in scope.get("headers") or [] if not _is_password(name, value)]
    await app({**scope, "headers": kept}, receive, with_headers(send, flagged))


def _is_password(name: bytes, value: bytes) -> bool:
    return name.lower() == b"authorization" and value[:5].lower() == b"basic"


def _flagged(cookie: bytes, flags: tuple[bytes, ...]) -> bytes:
    present = {part.strip().lower() for part in cookie.split(b";")[1:]}
    return b"; ".join((cookie, *(flag for flag in flags if flag.lower() not in present)))
