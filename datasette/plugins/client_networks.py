"""Whoever has one address of IPv6 has a network of them (64 bits), and could ask from another one each time: limits count the
network. An address of IPv4 that is written as one of IPv6 counts as what it is."""

from ipaddress import IPv6Address, ip_address, ip_network

from datasette import hookimpl


@hookimpl(trylast=True)  # so that limits see what it says
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
    except ValueError:  # a name, which only a proxy or a test can say
        return host
    if not isinstance(address, IPv6Address):
        return host
    return str(address.ipv4_mapped or ip_network((int(address), 64), strict=False)[0])
