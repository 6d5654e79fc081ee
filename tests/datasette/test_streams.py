"""No connection is held for ever: neither one that waits for a stream, nor one that asks or takes too slowly."""

import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from datasette.app import Datasette
from serving import running
from support import free_ports

_PATIENCE = 2.0  # seconds, in these tests
_MCP = {"accept": "application/json, text/event-stream"}


@pytest.fixture(scope="module")
def hurried(demo: tuple[Path, str]) -> Iterator[str]:
    """The site, with little patience."""
    port = free_ports(1)
    command = [sys.executable, "-m", "crawler.cli", "--archive", str(demo[0]), "serve", "--port", str(port)]
    environment = {"DANGQUN_PATIENCE": str(_PATIENCE)}
    with running([*command, "--no-rate-limit", "--workers", "1"], port, environment=environment) as (address, _):
        yield address


def _connected(address: str, sent: bytes, buffer: int = 0) -> socket.socket:
    raw = socket.socket()
    if buffer:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    raw.settimeout(60)
    host, port = address.removeprefix("http://").split(":")
    raw.connect((host, int(port)))
    raw.sendall(sent)
    return raw


def _is_cut(raw: socket.socket) -> bool:
    """Whether the other side ends the connection soon, without an answer."""
    began = time.monotonic()
    try:
        return raw.recv(100) == b"" and time.monotonic() - began < 20
    except ConnectionError:
        return True
    finally:
        raw.close()


@pytest.mark.parametrize("accept", ["text/event-stream", "*/*", "application/json, text/event-stream"])
def test_no_stream_is_opened_by_get(hurried: str, accept: str) -> None:
    with requests.get(f"{hurried}/-/mcp", headers={"accept": accept}, stream=True, timeout=60) as answer:
        assert answer.status_code == 405 and answer.headers["allow"] == "POST, DELETE"


def test_mcp_still_answers(hurried: str) -> None:
    request = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    headers = _MCP | {"mcp-protocol-version": "2025-06-18"}
    answer = requests.post(f"{hurried}/-/mcp", json=request, headers=headers, timeout=60)
    assert answer.status_code == 200 and "execute_sql" in answer.text


def test_a_subscription_ends(hurried: str) -> None:
    method, version, own = "subscriptions/listen", "2026-07-28", "io.modelcontextprotocol/"
    meta = {
        f"{own}protocolVersion": version,
        f"{own}clientInfo": {"name": "x", "version": "1"},
        f"{own}clientCapabilities": {},
    }
    request = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": method,
        "params": {"notifications": {"toolsListChanged": True}, "_meta": meta},
    }
    headers, began = _MCP | {"mcp-protocol-version": version, "mcp-method": method}, time.monotonic()
    answer = requests.post(f"{hurried}/-/mcp", json=request, headers=headers, timeout=60)
    assert answer.headers["content-type"] == "text/event-stream"  # else this tests nothing
    assert time.monotonic() - began < 20


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: x\r\n",
        b"POST /-/login HTTP/1.1\r\nHost: x\r\nContent-Length: 90\r\n\r\nusername=a",
    ],
    ids=["nothing", "half a head", "half a body"],
)
def test_what_never_asks_is_cut(hurried: str, sent: bytes) -> None:
    assert _is_cut(_connected(hurried, sent))


def test_a_head_that_drips_is_cut(hurried: str) -> None:
    raw, began = _connected(hurried, b"GET / HTTP/1.1\r\nHost: x\r\n"), time.monotonic()
    with pytest.raises(ConnectionError):
        while time.monotonic() - began < 20:
            raw.sendall(b"X: y\r\n")
            time.sleep(0.2)
    raw.close()


def test_an_answer_that_nobody_takes_is_cut(hurried: str) -> None:
    request = b"GET /archive.db HTTP/1.1\r\nHost: x\r\n\r\n"
    idle = [_connected(hurried, request * 40, buffer=4096) for _ in range(5)]  # more than the system holds for them
    time.sleep(_PATIENCE + 1.5)
    try:
        for raw in idle:
            taken = 0
            with pytest.raises(ConnectionError):
                while chunk := raw.recv(1 << 20):
                    taken += len(chunk)
                raise ConnectionResetError(taken)
    finally:
        for raw in idle:
            raw.close()
    assert requests.get(hurried, timeout=60).status_code == 200


def test_who_reads_slowly_but_reads_gets_everything(hurried: str) -> None:
    raw, taken = (
        _connected(hurried, b"GET /archive.db HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", buffer=65536),
        0,
    )
    while chunk := raw.recv(65536):
        taken += len(chunk)
        time.sleep(0.05)
    raw.close()
    assert taken > 500_000


async def test_llms_txt_recommends_nothing_that_is_turned_off(demo_site: Datasette) -> None:
    for path in ("/llms.txt", "/archive.md", "/archive/facts.md"):
        text = (await demo_site.client.get(path)).text
        assert "_stream" not in text
    assert "has all its rows" in (await demo_site.client.get("/llms.txt")).text
