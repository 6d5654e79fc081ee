"""Outgoing requests: what is refused, that a name is looked up once, and receivers that hold or flood."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from receivers import Answering, Received, receiver

from archive.web.outgoing import OutgoingError, is_loopback, is_of_this_machine, is_private, is_public, parse, post


@contextmanager
def _hook(answering: Answering) -> Iterator[tuple[str, list[Received]]]:
    with receiver(answering) as (port, got):
        yield f"http://127.0.0.1:{port}/hook", got


def _post(address: str, seconds: float = 20.0, private: bool = True) -> int:
    return post(address, b"{}", {"Content-Type": "application/json"}, private=private, seconds=seconds).status


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:9999\\@1.1.1.1/x", "http://1.1.1.1/\\x", "http://amy:secret@a.example/", "http://127.0.0.1:9%5C@1.1.1.1/",
     "http://a.example/\r\nHost:b", "http://a.example/\0", "http://a.example/\x85", "http://a.example/\u200b", "http://a.example /", "http://a.example/ x",
     "http://a..example/", "http://.example/", "http://-a.example/", f"http://{'a' * 64}.example/", f"http://{'a.' * 127}example/", "http://a%00b/",
     "http://a.example:99999/", "http://a.example:0/", "http://a.example:x/", "http://[::1", "http://[::1%25lo]/", "http://[v1.a]/", "http:///x", "http://",
     "//a.example/", "ftp://a.example/", "file:///etc/passwd", "javascript:1", "", f"http://a.example/{'x' * 2000}"],
)  # fmt: skip
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(OutgoingError):
        parse(address)
    with pytest.raises(OutgoingError):
        _post(address)


def test_an_address_taken_apart() -> None:
    assert parse("HTTPS://News.Example:443/党群?a=1#end").netloc == "news.example"
    assert parse("https://news.example/党群?a=1#end").path == "/%E5%85%9A%E7%BE%A4?a=1"
    assert parse("http://望潭.example").netloc == "xn--rpv28p.example"
    assert parse("http://[2606:4700::1]:8080/").netloc == "[2606:4700::1]:8080"


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "0.1.2.3", "224.0.0.1", "239.1.1.1", "240.0.0.1",
     "255.255.255.255", "192.0.2.1", "192.88.99.1", "198.18.0.1", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:1.1.1.1", "64:ff9b::7f00:1",
     "64:ff9b::101:101", "64:ff9b:1::7f00:1", "2002:7f00:1::", "2002:101:101::1", "2001:0:1::1", "2001:db8::1", "fe80::1", "fe80::1%lo", "fec0::1",
     "fc00::1", "fd00::1", "ff02::1", "ff0e::1", "2606:4700::1111%lo", "", "a.example"],
)  # fmt: skip
def test_what_is_not_public(address: str) -> None:
    assert not is_public(address)
    assert is_private(address) or "." not in address or "example" in address


def test_what_is_public() -> None:
    assert all(map(is_public, ("1.1.1.1", "93.184.215.14", "2606:4700:4700::1111", "240e:e1:8400::1")))
    assert all(map(is_private, ("printer.local", "localhost", "LOCALHOST.", "a.localhost", "[::1]", "127.0.0.1.")))
    assert not any(map(is_private, ("news.example", "1.1.1.1", "[2606:4700:4700::1111]", "local")))
    assert is_loopback("[::1]") and not is_loopback("10.0.0.1")
    assert all(map(is_of_this_machine, ("http://[::1]:8101/", "https://LocalHost/a?b", "http://127.0.0.1")))
    refused = ("http://1.1.1.1\\@127.0.0.1/", "http://amy@127.0.0.1/", "file:///etc/passwd", "127.0.0.1", "")
    assert not any(map(is_of_this_machine, (*refused, "http://10.0.0.1/", "http://news.example/")))


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "0x7f000001", "0177.0.0.1", "127.1", "0", "0.0.0.0", "[::ffff:127.0.0.1]", "[::127.0.0.1]",
     "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[::]", "[::1]"],
)  # fmt: skip
def test_this_machine_in_any_spelling(host: str) -> None:
    with _hook(lambda _: None) as (address, got):
        with pytest.raises(OutgoingError):
            _post(address.replace("127.0.0.1", host), private=False)
        assert got == []


def test_a_name_is_looked_up_once_and_the_connection_goes_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever answers for the name may say another thing the second time."""
    resolved: list[str] = []
    connected: list[object] = []

    def look_up(host: str, port: int, *_: object, **more: object) -> list:
        resolved.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("1.1.1.1" if len(resolved) == 1 else "127.0.0.1", port))]

    class Unconnected(socket.socket):
        def connect(self, place: object) -> None:
            connected.append(place)
            raise OSError("no route")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "socket", Unconnected)
    with pytest.raises(OutgoingError, match="no route"):
        _post("http://rebound.example:8080/", private=False)
    assert resolved == ["rebound.example"] and connected == [("1.1.1.1", 8080)]


def test_one_private_address_among_those_of_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(host: str, port: int, *_: object, **more: object) -> list:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in ("1.1.1.1", "10.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with pytest.raises(OutgoingError, match="private"):
        _post("http://both.example/", private=False)


def test_a_name_that_is_never_resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **more: time.sleep(60))
    _is_given_up("http://slow.example/", "not resolved in time")


def test_what_is_sent_and_the_status() -> None:
    with _hook(lambda it: it.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n")) as (
        address,
        got,
    ):
        assert _post(address + "?a=1") == 302
    ((head, body),) = got
    assert head.startswith(b"POST /hook?a=1 HTTP/1.1\r\n") and head.count(b"Host: 127.0.0.1:") == 1
    assert body == b"{}"


@pytest.mark.parametrize(
    ("begin", "piece", "expected"),
    [
        (b"", b"x", None),
        (b"HTTP/1.1 200 OK\r\nX: ", b"x", 200),  # the status is known, the rest is not waited for
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n", None),
        (b"HTTP/1.1 100 Continue\r\nX: ", b"x", None),
    ],
    ids=["line", "head", "continue", "head of continue"],
)
def test_an_answer_that_drips(begin: bytes, piece: bytes, expected: int | None) -> None:
    def drip(connection: socket.socket) -> None:
        connection.sendall(begin)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            connection.sendall(piece)
            time.sleep(0.1)

    with _hook(drip) as (address, _):
        started = time.monotonic()
        if expected:
            assert _post(address, seconds=1) == expected
        else:
            _is_given_up(address, ".")
        assert time.monotonic() - started < 20


def test_a_receiver_that_never_answers() -> None:
    with _hook(lambda _: time.sleep(60)) as (address, _):
        _is_given_up(address, "no answer in time")
        _is_given_up(address.replace("http:", "https:"), "no answer in time")


def _is_given_up(address: str, reason: str) -> None:
    started = time.monotonic()
    with pytest.raises(OutgoingError, match=reason):
        _post(address, seconds=1, private="slow" not in address)
    assert time.monotonic() - started < 20


def test_an_answer_is_not_read_beyond_its_status() -> None:
    sent: list[int] = []

    def flood(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        with suppress(OSError):
            sent.extend(connection.send(b"x" * 1_000_000) for _ in range(1000))
        done.set()

    done = threading.Event()
    with _hook(flood) as (address, _):
        assert _post(address) == 200
        assert done.wait(60)
    assert sum(sent) < 100_000_000  # what the kernel took


def test_what_is_no_http() -> None:
    for answer in (b"SSH-2.0-x\r\n", b"", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000):
        with _hook(lambda it, answer=answer: it.sendall(answer)) as (address, _), pytest.raises(OutgoingError):
            _post(address)
