"""Only the form logs anybody in. A password in the Authorization header is ignored: checking it costs a third of a second, and
no rate limit would count it. Scripts cannot read cookies (HttpOnly); behind TLS, browsers send them only by TLS (Secure)."""

from datasette import hookimpl


@hookimpl(tryfirst=True)
def asgi_wrapper():
    def wrap(app):
        async def answer(scope, receive, send):
            if scope["type"] != "http":
                return await app(scope, receive, send)
            kept = [
                (k, v)
                for k, v in scope.get("headers") or []
                if not (k.lower() == b"authorization" and v[:5].lower() == b"basic")
            ]
            flags = (b"HttpOnly", b"Secure") if scope.get("scheme") == "https" else (b"HttpOnly",)

            async def send_kept(message):
                if message["type"] == "http.response.start":
                    message["headers"] = [
                        (k, _flagged(v, flags) if k.lower() == b"set-cookie" else v)
                        for k, v in message.get("headers", ())
                    ]
                await send(message)

            await app({**scope, "headers": kept}, receive, send_kept)

        return answer

    return wrap


def _flagged(cookie, flags):
    there = {part.strip().lower() for part in cookie.split(b";")[1:]}
    return b"; ".join((cookie, *(flag for flag in flags if flag.lower() not in there)))
