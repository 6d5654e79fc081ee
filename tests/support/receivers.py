"""A receiver on loopback that answers as a test wants: it may drip, flood or never answer."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

Answering = Callable[[socket.socket], None]


class Received(NamedTuple):
    """One request, as its bytes came."""

    head: bytes
    body: bytes


@contextmanager
def receiver(answering: Answering) -> Iterator[tuple[int, list[Received]]]:
    """Its port, and the requests that it received; each is read whole before it is answered."""
    received: list[Received] = []

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError), connection.makefile("rb") as read:
            head, length = b"", 0
            while (line := read.readline()) not in (b"", b"\r\n"):
                head += line
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            received.append(Received(head, read.read(length)))
            answering(connection)

    def accept() -> None:
        with suppress(OSError):  # closed
            while True:
                threading.Thread(target=serve, args=[server.accept()[0]], daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1], received
