"""Traps and attacks: the crawl ends in bounded time and memory, says what it refused, and takes the good pages."""

import gzip
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from crawling import crawled
from support import dangqun
from web import Answer, Request, Web, listing, story, web

_GOOD = {f"/a/{n}.html": story(n) for n in (1, 2)}
_MAX_MB = 400


def _crawled(site: Web, folder: Path, paths: list[str], **more: object) -> dict[str, object]:
    """Crawl a list that names the good pages around some others; the good ones must be there."""
    site.routes |= _GOOD | {"/list": listing(["/a/1.html", *paths, "/a/2.html"])}
    given = {"home": site.address, "article": r"/a/.*", "lists": ["/list"], **more}
    started = time.monotonic()
    done = crawled(
        folder, given, settings={"DOWNLOAD_TIMEOUT": 3, "DOWNLOAD_MAXSIZE": 3_000_000, "DOWNLOAD_WARNSIZE": 0}
    )
    assert time.monotonic() - started < 60
    assert done["read/article"] == 2, done
    assert done["memory"] < _MAX_MB
    assert "Traceback" not in done["stderr"]
    return done


def test_an_endless_calendar(tmp_path: Path) -> None:
    class Calendar(Web):
        def answer(self, request: Request) -> Answer:
            if request.path.startswith("/day/"):
                day = int(request.path.split("/")[2])
                return Answer(listing([], f"/day/{day + 1}", f"/day/{day - 1}"))
            return super().answer(request)

    with _running(Calendar({})) as site:
        site.routes |= _GOOD | {"/list": listing(["/a/1.html", "/a/2.html"], "/day/1")}
        done = crawled(
            tmp_path / "data",
            {"home": site.address, "article": r"/a/\d\.html", "lists": ["/list"], "more": r"/day/-?\d+"},
        )
        assert done["read/article"] == 2
        assert len(site.log) < 60
        anywhere = crawled(tmp_path / "other", {}, url=f"{site.address}/list", loopback=True, depth=20, pages=60)
        assert anywhere["read/article"] == 2
        assert len(site.log) < 200


def test_session_ids_and_growing_paths(tmp_path: Path) -> None:
    class Sessions(Web):
        def answer(self, request: Request) -> Answer:
            if request.path.startswith("/list"):
                number = len(self.log)
                loops = [
                    f"/list?PHPSESSID={number}&page=1",
                    f"{request.path.split('?')[0]}/list",
                    f"/list;jsessionid={number}",
                ]
                return Answer(listing([f"/a/1.html?sid={number}", "/a/2.html"], *loops))
            return super().answer(request)

    with _running(Sessions(_GOOD)) as site:
        done = crawled(tmp_path / "data", {}, url=f"{site.address}/list", loopback=True, depth=20, pages=500)
        assert done["read/article"] == 2
        assert len([path for path in site.paths() if path.startswith("/a/")]) == 2
        assert len(site.log) < 40
        assert done["scope/trap"] >= 1 and "scope_trap" in done["findings"]


def test_redirects(tmp_path: Path) -> None:
    with web({}) as inside, web({}) as site:
        secret = {"/secret": story(7)}
        inside.routes |= secret
        site.routes |= {
            "/a/loop": Answer(b"", 302, {"Location": "/a/loop"}),
            **{f"/a/chain{n}": Answer(b"", 301, {"Location": f"/a/chain{n + 1}"}) for n in range(30)},
            "/a/file": Answer(b"", 302, {"Location": "file:///etc/passwd"}),
            "/a/inside": Answer(b"", 302, {"Location": f"{inside.address}/secret"}),
            "/a/private": Answer(b"", 302, {"Location": "http://10.1.2.3/secret"}),
            "/a/metadata": Answer(b"", 302, {"Location": "http://169.254.169.254/latest/"}),
            "/a/octal": Answer(b"", 302, {"Location": "http://0177.0.0.1/"}),
            "/a/six": Answer(b"", 302, {"Location": "http://[::ffff:127.0.0.1]/"}),
            "/a/nowhere": Answer(b"", 302),
        }
        paths = [
            "/a/loop",
            "/a/chain0",
            "/a/file",
            "/a/inside",
            "/a/private",
            "/a/metadata",
            "/a/octal",
            "/a/six",
            "/a/nowhere",
        ]
        done = _crawled(site, tmp_path / "data", paths)
        assert inside.log == []
        assert sum(done.get(f"scope/{why}", 0) for why in ("no_contact", "offsite", "private", "address")) >= 5
        assert any(name.startswith("scope_") for name in done["findings"])


def test_links_to_private_addresses(tmp_path: Path) -> None:
    """A site that is not the sample asks no private address, whatever a page says, and whatever a name resolves to."""
    for address in (
        "http://127.0.0.1:1/",
        "http://10.0.0.1/",
        "http://[::1]/",
        "http://localhost:1/",
        "http://2130706433/",
    ):
        done = dangqun("--archive", str(tmp_path / "data"), "crawl", "--no-publish", address)
        assert done.returncode != 0
        assert "Traceback" not in done.stderr


def test_this_machine_in_any_spelling(tmp_path: Path) -> None:
    hosts = [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f.1",
        "127.1",
        "0.0.0.0",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
    ]
    with web({}) as inside:
        port = inside.address.rpartition(":")[2]
        odd = [f"http://127.0.0.1:{port}\\@1.1.1.1/", f"http://amy:secret@127.0.0.1:{port}/"]
        for addresses in (odd, [f"http://{host}:{port}/" for host in hosts]):
            done = dangqun(
                "--archive", str(tmp_path / "data"), "crawl", "--no-publish", *addresses, environment={"DANGQUN_CONTACT": "a@b.example"}
            )  # fmt: skip
            assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
        assert inside.log == []


def test_names_that_resolve_to_this_machine() -> None:
    from twisted.internet.error import DNSLookupError

    from crawler.download.resolver import PublicResolver

    with pytest.raises(DNSLookupError, match="private"):
        PublicResolver._public("127.0.0.1", "rebound.example")
    with pytest.raises(DNSLookupError, match="private"):
        PublicResolver._public("169.254.169.254", "metadata.example")
    assert PublicResolver._public("8.8.8.8", "dns.example") == "8.8.8.8"


def _for_ever(piece: bytes, pause: float) -> Iterator[bytes]:
    yield b"<html><body>"
    end = time.monotonic() + 30
    while time.monotonic() < end:
        yield piece
        time.sleep(pause)


def test_bodies_without_an_end(tmp_path: Path) -> None:
    bomb = gzip.compress(b"<html><body>" + b"\0" * 300_000_000)
    with web({
        "/a/endless": lambda request: Answer(_for_ever(b"<p>x</p>" * 8000, 0)),
        "/a/drip": lambda request: Answer(_for_ever(b"x", 1)),
        "/a/bomb": Answer(bomb, headers={"Content-Encoding": "gzip"}),
        "/a/lying": Answer(b"<html>short", headers={"Content-Length": "500000"}),
        "/a/broken": Answer(b"\x1f\x8bnot gzip at all", headers={"Content-Encoding": "gzip"}),
    }) as site:  # fmt: skip
        done = _crawled(site, tmp_path / "data", ["/a/endless", "/a/drip", "/a/bomb", "/a/lying", "/a/broken"])
        assert sum(n for name, n in done.items() if name.startswith("failed/")) >= 3
        assert "failures" in done["findings"]
    assert dangqun("--archive", str(tmp_path / "data"), "verify").returncode == 0


def test_types_and_charsets_that_lie(tmp_path: Path) -> None:
    with web({
        "/a/pdf": Answer(b"%PDF-1.7 \xff\xfe" * 1000, kind="text/html"),
        "/a/gbk": Answer(story(3).encode("gbk"), kind="text/html; charset=utf-8"),
        "/a/none": Answer(story(4).encode(), kind="no/such; charset=klingon"),
        "/a/octets": Answer(story(5).encode(), kind="application/octet-stream"),
        "/a/zeros": Answer(b"\0" * 100_000),
    }) as site:  # fmt: skip
        site.routes |= _GOOD | {
            "/list": listing(["/a/1.html", "/a/pdf", "/a/gbk", "/a/none", "/a/octets", "/a/zeros", "/a/2.html"])
        }
        done = crawled(tmp_path / "data", {"home": site.address, "article": r"/a/.*", "lists": ["/list"]})
        assert done["read/article"] == 3  # the two, and the one in GBK
        assert done["outcome"] == "finished"


def test_heads_without_an_end(tmp_path: Path) -> None:
    """100 MB of headers, from a bare socket."""
    server = socket.create_server(("127.0.0.1", 0))
    sent = [0]

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                try:
                    data = connection.recv(65536)
                    if b"/robots.txt" in data:
                        connection.sendall(b"HTTP/1.1 404 x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                        continue
                    connection.sendall(b"HTTP/1.1 200 OK\r\n")
                    for _ in range(100_000):
                        connection.sendall(b"X-Long: " + b"y" * 1000 + b"\r\n")
                        sent[0] += 1010
                except OSError:
                    continue

    threading.Thread(target=serve, daemon=True).start()
    try:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        done = crawled(tmp_path / "data", {"home": address, "article": "/a/.*", "lists": ["/list"]})
    finally:
        server.close()
    assert sent[0] < 20_000_000
    assert done["memory"] < _MAX_MB
    assert sum(n for name, n in done.items() if name.startswith("failed/")) == 1


def test_tls_that_cannot_be_trusted(tmp_path: Path) -> None:
    """A certificate that nobody vouches for, and a plain server where TLS is expected: counted, nothing is read, no hang."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_self_signed(tmp_path))
    for secure in (True, False):
        with web(_GOOD | {"/list": listing(["/a/1.html"])}) as site:
            if secure:
                site.secure(context)
            address = site.address.replace("http:", "https:")
            given = {"home": address, "article": "/a/.*", "lists": ["/list"]}
            done = crawled(tmp_path / f"data-{secure}", given)
            assert "answer" in done["findings"] and "robots" in done["findings"]
            assert site.log == []
            if secure:  # a site whose certificate is known to be broken
                given["custom_settings"] = {"DOWNLOAD_VERIFY_CERTIFICATES": False}
                assert crawled(tmp_path / "trusting", given)["read/article"] == 1


def _self_signed(folder: Path) -> Path:
    """A key and its certificate, in one file."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")]),
    )
    now = datetime.now(UTC)
    built = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1)
    )
    certificate = built.sign(key, hashes.SHA256())
    target = folder / "own.pem"
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    target.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, *form) + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return target


@contextmanager
def _running(site: Web) -> Iterator[Web]:
    threading.Thread(target=site._run, daemon=True).start()
    try:
        yield site
    finally:
        site._stop()
