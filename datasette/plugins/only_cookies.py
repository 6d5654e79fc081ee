"""Logging in is the form's business alone: a password in the Authorization header is not looked at, because each look costs
a third of a second and no rate limit would count it. The cookie is kept from scripts."""

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

            async def send_kept(message):
                if message["type"] == "http.response.start":
                    message["headers"] = [
                        (k, v + b"; HttpOnly" if k.lower() == b"set-cookie" and b"httponly" not in v.lower() else v)
                        for k, v in message.get("headers", ())
                    ]
                await send(message)

            await app({**scope, "headers": kept}, receive, send_kept)

        return answer

    return wrap
