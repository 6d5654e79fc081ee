"""An address with a NUL in it is refused: no text of ours has one, and some of Datasette's own parameters break on it."""

from datasette import Response, hookimpl


@hookimpl(tryfirst=True)
def asgi_wrapper():
    def wrap(app):
        async def answer(scope, receive, send):
            if scope["type"] == "http" and (b"%00" in scope["query_string"] or "\x00" in scope["path"]):
                return await Response.text("There is a NUL in this address.", status=400).asgi_send(send)
            await app(scope, receive, send)

        return answer

    return wrap
