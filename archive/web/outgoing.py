"""Outgoing requests: which addresses may be contacted, and a request that no receiver can hold or misuse.

An address is parsed once. Its host is resolved once, and the connection goes to what was found: no second look-up can lead
elsewhere. What is not a public address of one machine is refused, unless the operator allows it.
"""

import re
import socket
import ssl
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from queue import Empty, SimpleQueue
from threading import Thread, Timer
from time import monotonic
from typing import Any

from urllib3.exceptions import LocationValueError
from urllib3.util import parse_url

_PORTS = {"http": 80, "https": 443}
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})*\.?")
_LONGEST = 2000  # characters of an address
_UNICAST = ip_network(
    "2000::/3"
)  # all IPv6 that is given out: no mapped, translated (NAT64), local or multicast address
# Teredo, 6to4 and its relays: they hold an IPv4 address inside, or lead to one.
_TUNNELS = tuple(map(ip_network, ("2001::/32", "2002::/16", "192.88.99.0/24")))


UNANSWERED = "unanswered"


class OutgoingError(ValueError):
    """An address that is not contacted, or a receiver that did not answer; the message has the reason. `kind` is the name
    under which refusals are counted: too_long, credentials, scheme, or address (no valid one); or UNANSWERED, if the receiver may
    have got the request."""

    def __init__(self, reason: str, kind: str = "address") -> None:
        super().__init__(reason)
        self.kind = kind


@dataclass(frozen=True)
class Target:
    """A web address, taken apart. `host` is in ASCII and lower case, without brackets; `path` is what the server is
    asked for, with the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def netloc(self) -> str:
        """The host as it is sent, with its port where that is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True)
class Answer:
    """What a receiver answered: the status, and the beginning of the body."""

    status: int
    body: bytes


def is_plain(address: str) -> bool:
    """Whether an address has nothing that one reader may take otherwise than another: no blank, no control or invisible
    character, no `\\`."""
    return address.isprintable() and " " not in address and "\\" not in address


def parse(address: str) -> Target:
    """Take a web address apart. Raises OutgoingError where it is none, is not plain, or holds credentials."""
    if len(address) > _LONGEST:
        raise OutgoingError("An address has at most 2,000 characters.", "too_long")
    if not is_plain(address):
        raise OutgoingError("An address has no blanks, no control characters and no `\\`.")
    try:
        url = parse_url(address)
    except (LocationValueError, UnicodeError):  # no host or port that there can be
        raise OutgoingError("That is no web address.") from None
    if url.scheme not in _PORTS:
        raise OutgoingError("That is no http or https address.", "scheme")
    if not url.host or url.port == 0:
        raise OutgoingError("That is no web address.")
    if url.auth is not None:
        raise OutgoingError("An address holds no name or password.", "credentials")
    host = url.host.strip("[]")
    if "%" in host or not (_ip(host) or _NAME.fullmatch(host)):
        raise OutgoingError("That is no host that there can be.")
    return Target(url.scheme, host, url.port or _PORTS[url.scheme], url.request_uri)


def is_public(address: str) -> bool:
    """Whether an IP address is that of one machine, for all networks the same, and holds no other address inside."""
    ip = _ip(address)
    if ip is None or "%" in address or (ip.version == 6 and ip not in _UNICAST):
        return False
    is_tunnel = any(ip.version == tunnel.version and ip in tunnel for tunnel in _TUNNELS)
    return ip.is_global and not ip.is_multicast and not is_tunnel


def is_private(host: str) -> bool:
    """Whether a host is written as an address that is not public, or is a name of this machine or its network."""
    bare = host.strip("[]").rstrip(".").lower()
    if _ip(bare):
        return not is_public(bare)
    return bare == "localhost" or bare.endswith((".localhost", ".local", ".internal"))


def is_loopback(host: str) -> bool:
    """Whether a host is written as an address of this machine, or is its name."""
    ip = _ip(host.strip("[]"))
    return ip.is_loopback if ip else host == "localhost" or host.endswith(".localhost")


def is_of_this_machine(address: str) -> bool:
    """Whether a web address has a host for which `is_loopback` holds; False where `parse` refuses it."""
    try:
        return is_loopback(parse(address).host)
    except OutgoingError:
        return False


def post(
    address: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    private: bool = False,
    seconds: float = 10.0,
    most: int = 0,
) -> Answer:
    """Send a request to a receiver. Redirects are not followed, and of the answer no more is read than asked for.

    Args:
        address: the address of the receiver.
        body: what is sent.
        headers: the headers.
        private: whether addresses that are not public are allowed.
        seconds: the time for all of it, from the look-up of the name on.
        most: the bytes of the answer's body that are read.

    Returns:
        The answer.

    Raises:
        OutgoingError: the address is refused, or no answer came in time.
    """
    ends = monotonic() + seconds
    target, kind = parse(address), "address"
    try:
        with closing(_connected(target, private, ends)) as connection:
            # The time limit of a socket begins again with every byte: a receiver that drips would hold us for ever.
            timer = Timer(_left(ends), _hang_up, [connection])
            timer.daemon = True
            timer.start()
            try:
                if isinstance(connection, ssl.SSLSocket):
                    connection.do_handshake()
                kind = UNANSWERED
                return _post(connection, target, body, headers, most)
            finally:
                timer.cancel()
    except (OSError, HTTPException) as error:
        reason = "no answer in time" if monotonic() >= ends else str(error) or type(error).__name__
        raise OutgoingError(f"{target.netloc}: {reason}", kind) from None


def _post(connection: socket.socket, target: Target, body: bytes, headers: Mapping[str, str], most: int) -> Answer:
    client = HTTPConnection(target.host, target.port)
    client.sock = connection
    client.request("POST", target.path, body, {"Host": target.netloc, "Connection": "close", **headers})
    response = client.getresponse()
    return Answer(response.status, response.read(most))


def _connected(target: Target, private: bool, ends: float) -> socket.socket:
    """A connection to the first address of a host that takes one; with TLS, before its handshake."""
    found = _resolved(target, ends)
    if not private and not all(is_public(str(address[0])) for *_, address in found):
        raise OutgoingError(f"{target.host} is a private address; `--allow-private-addresses` allows it")
    problem = OSError("no address takes a connection")
    for family, kind, protocol, _, address in found:
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(_left(ends))
            connection.connect(address)
        except OSError as error:
            connection.close()
            problem = error
            continue
        if target.scheme == "http":
            return connection
        # The certificate must be the name's, whatever address it has.
        context = ssl.create_default_context()
        return context.wrap_socket(connection, server_hostname=target.host, do_handshake_on_connect=False)
    raise problem


def _resolved(target: Target, ends: float) -> list[Any]:
    """The addresses of a host, as `socket.getaddrinfo` has them. Its look-up has no time limit: it runs beside us, and is
    left behind when time is over."""
    answer: SimpleQueue[list[Any]] = SimpleQueue()

    def look_up() -> None:
        try:
            answer.put(socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError):
            answer.put([])

    Thread(target=look_up, daemon=True).start()
    try:
        found = answer.get(timeout=_left(ends))
    except Empty:
        raise OutgoingError(f"{target.host} was not resolved in time") from None
    if not found:
        raise OutgoingError(f"{target.host} has no address")
    return found


def _left(ends: float) -> float:
    """The seconds until then: a little at least, since 0 would mean another thing to a socket."""
    return max(ends - monotonic(), 0.01)


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):  # the receiver was faster
        socket.socket.shutdown(connection, socket.SHUT_RDWR)  # that of the plain socket: TLS would want an answer


def _ip(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
