"""Rate limits (datasette-ip-rate-limit) by network, and with a refusal that people can read.

They count an IPv6 address with its network of 64 bits, because a client with one address has the whole network and could use another
address each time. An IPv4 address in IPv6 form counts as IPv4.
"""

from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network

from datasette import Request, hookimpl
from datasette.app import Datasette

from server.asgi import App, Message, Receive, Scope, Send, middleware
from server.errors import refusal
from server.language import gettext as _


@hookimpl(trylast=True)  # before the rate limits
def asgi_wrapper(datasette: Datasette) -> Callable[[App], App]:
    async def answer(app: App, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("client"):
            host, port = scope["client"]
            scope = {**scope, "client": (_network(host), port)}
        is_refused = False

        async def send_readable(message: Message) -> None:
            nonlocal is_refused
            if message["type"] == "http.response.start" and (seconds := _refused_for(message)):
                is_refused = True
                why = _("Too many requests came from your address. Try again in %(seconds)s seconds.", seconds=seconds)
                page = await refusal(datasette, Request(scope, receive), 429, why, {"retry-after": seconds})
                await page.asgi_send(send)
            elif not is_refused:
                await send(message)

        await app(scope, receive, send_readable)

    return middleware(answer)


def _refused_for(message: Message) -> str:
    """For how many seconds the rate limits refuse requests, by the start of an answer; empty for an answer that is not theirs."""
    headers = dict(message.get("headers", ()))
    is_theirs = message["status"] == 429 and headers.get(b"content-type", b"").startswith(b"text/plain")
    return headers.get(b"retry-after", b"").decode("latin-1") if is_theirs else ""


def _network(host: str) -> str:
    """The address that a client is counted by."""
    try:
        address = ip_address(host)
    except ValueError:  # a name, which only a proxy or a test can send
        return host
    if not isinstance(address, IPv6Address):
        return host
    return str(address.ipv4_mapped or ip_network((int(address), 64), strict=False)[0])
