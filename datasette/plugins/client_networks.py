"""Limits count an IPv6 address with its network of 64 bits, because a client with one address has the whole network and could
use another address each time. An IPv4 address in IPv6 form counts as IPv4."""

from ipaddress import IPv6Address, ip_address, ip_network

from datasette import hookimpl


@hookimpl(trylast=True)  # so that limits see its result
def asgi_wrapper():
    def wrap(app):
        async def answer(scope, receive, send):
            if scope.get("client"):
                host, port = scope["client"]
                scope = {**scope, "client": (_counted(host), port)}
            await app(scope, receive, send)

        return answer

    return wrap


def _counted(host):
    try:
        address = ip_address(host)
    except ValueError:  # a name, which only a proxy or a test can send
        return host
    if not isinstance(address, IPv6Address):
        return host
    return str(address.ipv4_mapped or ip_network((int(address), 64), strict=False)[0])
