"""Rate limits count an IPv6 address with its network of 64 bits, because a client with one address has the whole network and could
use another address each time. An IPv4 address in IPv6 form counts as IPv4."""

from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network

from datasette import hookimpl

from server.asgi import App, Receive, Scope, Send, middleware


@hookimpl(trylast=True)  # before the rate limits
def asgi_wrapper() -> Callable[[App], App]:
    return middleware(_answer)


async def _answer(app: App, scope: Scope, receive: Receive, send: Send) -> None:
    if scope.get("client"):
        host, port = scope["client"]
        scope = {**scope, "client": (_network(host), port)}
    await app(scope, receive, send)


def _network(host: str) -> str:
    """The address that a client is counted by."""
    try:
        address = ip_address(host)
    except ValueError:  # a name, which only a proxy or a test can send
        return host
    if not isinstance(address, IPv6Address):
        return host
    return str(address.ipv4_mapped or ip_network((int(address), 64), strict=False)[0])
