"""Captures that others made, and ours in other hands: warcio, wget, pywb and the WACZ validator."""

import gzip
import io
import shutil
import subprocess
import threading
import time
import tracemalloc
import urllib.request
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from support import ROOT, dangqun, exchange, free_ports, page
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.captures.foreign import exchanges
from archive.captures.warc import Exchange
from archive.pipeline.ingest import ingest
from archive.publishing.wacz import export, surt
from archive.storage.store import Archive, open_for_reading

TEXT = "望潭区青萝街道青禾小区党群服务站揭牌，青禾小区现有在册党员36名，居民860户。大家都说这里办事方便，来了还想再来坐一坐。"
HTML = page("青禾小区党群服务站揭牌", TEXT, TEXT[::-1])
REPLAY = ROOT / ".venv-replay" / "bin"
needs_replay = pytest.mark.skipif(not (REPLAY / "wayback").exists(), reason="pywb is not here: `make test` installs it")


def _record(writer: WARCWriter, url: str, body: bytes, *more: tuple[str, str], status: str = "200 OK") -> None:
    headers = {"Content-Type": "text/html; charset=utf-8"} | dict(more)
    http = StatusAndHeaders(status, list(headers.items()), protocol="HTTP/1.1")
    moment = {"WARC-Date": "2021-07-02T03:04:05Z"}
    record = writer.create_warc_record(url, "response", io.BytesIO(body), http_headers=http, warc_headers_dict=moment)
    writer.write_record(record)


def test_records_of_others_keep_their_bytes(tmp_path: Path) -> None:
    path = tmp_path / "others.warc.gz"
    plain = HTML.encode()
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(plain), plain)
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True)
        _record(writer, "http://a.example/plain", plain)
        _record(writer, "http://a.example/gzip", gzip.compress(plain), ("Content-Encoding", "gzip"))
        _record(writer, "http://a.example/chunked", chunked, ("Transfer-Encoding", "chunked"))
        _record(writer, "http://a.example/gone", b"no", status="404 Not Found")
        _record(writer, "http://a.example/style.css", b"p {}", ("Content-Type", "text/css"))
    found = list(exchanges(path))
    pages = [one for one in found if isinstance(one, Exchange)]
    assert [one.url.rsplit("/")[-1] for one in pages] == ["plain", "gzip", "chunked"]
    assert [one for one in found if isinstance(one, str)] == ["status_404", "not_a_page"]
    assert pages[0].fetched_at.isoformat() == "2021-07-02T03:04:05+00:00"
    done = dangqun("--archive", str(tmp_path / "data"), "import", str(path))
    assert done.returncode == 0, done.stderr
    assert "5 pages: 3 new articles, 0 known already, 2 not articles." in done.stderr
    with open_for_reading(tmp_path / "data") as archive:
        rows = archive.connection.execute("select url, fetched_at, source from captures order by id limit 1").fetchall()
        assert rows == [("http://a.example/plain", "2021-07-02T03:04:05Z", "others.warc.gz")]
        assert archive.connection.execute("select count(distinct text) from articles").fetchone() == (1,)
        assert archive.capture(3).body == plain
    again = dangqun("--archive", str(tmp_path / "data"), "import", str(path))
    assert "0 new articles, 3 known already" in again.stderr
    assert dangqun("--archive", str(tmp_path / "data"), "verify").returncode == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "no WARC record"), (b"hello", "cannot be read"), (gzip.compress(b"hello", mtime=0), "cannot be read")],
)
def test_no_warc_file(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "broken.warc.gz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        list(exchanges(path))


def test_no_wacz_file(tmp_path: Path) -> None:
    path = tmp_path / "broken.wacz"
    path.write_bytes(b"PK nonsense")
    with pytest.raises(ValueError, match="no WACZ file"):
        list(exchanges(path))
    with zipfile.ZipFile(path, "w") as zipped:
        zipped.writestr("datapackage.json", "{}")
    with pytest.raises(ValueError, match="holds no WARC files"):
        list(exchanges(path))


def test_a_large_file_needs_the_memory_of_one_page(tmp_path: Path) -> None:
    path = tmp_path / "large.warc.gz"
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True)
        for number in range(30):
            _record(writer, f"http://a.example/{number}", bytes([number]) * 3_000_000)
    tracemalloc.start()
    count = sum(1 for _ in exchanges(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 30
    assert peak < 20_000_000


class _Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = HTML.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.mark.skipif(shutil.which("wget") is None, reason="wget is not here")
def test_wget(tmp_path: Path) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        address = f"http://127.0.0.1:{server.server_port}/1.html"
        command = [
            "wget",
            "--quiet",
            "--no-proxy",
            "--tries=1",
            "--timeout=60",
            "--warc-file=wget",
            "-O",
            "page",
            address,
        ]
        subprocess.run(command, cwd=tmp_path, check=True, timeout=60)
    finally:
        server.shutdown()
        server.server_close()
    pages = [one for one in exchanges(tmp_path / "wget.warc.gz") if isinstance(one, Exchange)]
    assert [(one.url, one.body) for one in pages] == [(address, HTML.encode())]


def _filled(archive: Archive) -> list[str]:
    urls = [f"http://a.example/news/{number}.html" for number in range(3)]
    for number, url in enumerate(urls):
        body = HTML.replace("860", str(860 + number)).encode("gb18030" if number else "utf-8")
        headers = (("Content-Type", f"text/html; charset={'gbk' if number else 'utf-8'}"),)
        fetched = exchange(url, body, outlet="云泽新闻网")
        for _ in range(2):  # and once more, unchanged: a revisit
            capture_id = archive.save_capture(Exchange(**vars(fetched) | {"headers": headers}), None)
            if capture_id:
                ingest(archive, capture_id)
    return urls


def test_ours_come_back_from_a_wacz_file(store: Archive, tmp_path: Path) -> None:
    urls = _filled(store)
    path = export(store, tmp_path / "ours.wacz")
    first = path.read_bytes()
    assert export(store, path).read_bytes() == first or len(first) == path.stat().st_size  # stamps of the zip aside
    found = list(exchanges(path))
    assert [one.url for one in found if isinstance(one, Exchange)] == urls
    assert found.count("revisit") == 3
    assert [one.body for one in found if isinstance(one, Exchange)] == [store.capture(i).body for i in (1, 3, 5)]


def test_what_was_supplied_with_a_file_stays_known(store: Archive, tmp_path: Path) -> None:
    source = "saved.mhtml (address and time as supplied)"
    fetched = exchange("http://a.example/1", HTML.encode())
    store.save_capture(Exchange(**vars(fetched) | {"source": source, "is_file": True}), None)
    [found] = exchanges(export(store, tmp_path / "ours.wacz"))
    assert isinstance(found, Exchange) and found.is_file
    assert found.source.startswith("ours.wacz/archive/") and found.source.endswith(f": {source}")


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://www.news.example/A?b=1", "example,news)/a?b=1"),
        ("http://127.0.0.1:8401/x.html", "1,0,0,127:8401)/x.html"),
        ("https://a.example/x/", "example,a)/x"),
        ("http://a.example", "example,a)/"),
        ("http://a.example/p?B=2&a=1", "example,a)/p?a=1&b=2"),
        ("http://a.example:80/党", "example,a)/%e5%85%9a"),
    ],
)
def test_keys_of_the_index(url: str, key: str) -> None:
    assert surt(url) == key


@needs_replay
def test_a_wacz_file_is_valid_and_replays(store: Archive, tmp_path: Path) -> None:
    urls = _filled(store)
    path = export(store, tmp_path / "ours.wacz")
    validated = subprocess.run(
        [REPLAY / "wacz", "validate", "-f", path], capture_output=True, check=False, text=True, timeout=60
    )
    assert "is valid" in validated.stdout, validated.stdout + validated.stderr
    for command in (["init", "ours"], ["add", "--unpack-wacz", "ours", str(path)]):
        subprocess.run([REPLAY / "wb-manager", *command], cwd=tmp_path, check=True, capture_output=True, timeout=60)
    port = free_ports(1)
    command = [str(REPLAY / "wayback"), "--port", str(port), "--bind", "127.0.0.1"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            for number, url in enumerate(urls):
                assert _replayed(f"http://127.0.0.1:{port}/ours/2024id_/{url}") == store.capture(number * 2 + 1).body
        finally:
            process.terminate()


def _replayed(address: str) -> bytes:
    """What the player answers, once it is up."""
    for _ in range(100):
        try:
            with urllib.request.urlopen(address, timeout=60) as response:
                return bytes(response.read())
        except ConnectionRefusedError:
            time.sleep(0.2)
        except OSError as error:
            if "refused" not in str(error):
                raise
            time.sleep(0.2)
    raise AssertionError("the player did not start")


def _arc_record(url: str, block: bytes, moment: str = "20030702030405") -> bytes:
    return f"{url} 192.0.2.7 {moment} text/html {len(block)}\n".encode() + block + b"\n"


_ARC = [
    _arc_record("filedesc://old.arc", b"1 0 Archive\nURL IP-address Archive-date Content-type Archive-length\n"),
    *(
        _arc_record(
            f"http://a.example/{number}", b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + HTML.encode("gbk")
        )
        for number in (1, 2, 3)
    ),
]


@pytest.mark.parametrize("name", ["old.arc", "old.arc.gz", "OLD.ARC"])
def test_arc_files(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"".join(map(gzip.compress, _ARC) if name.endswith(".gz") else _ARC))
    pages = [one for one in exchanges(path) if isinstance(one, Exchange)]
    assert [one.url for one in pages] == [f"http://a.example/{number}" for number in (1, 2, 3)]
    assert all(one.fetched_at.isoformat() == "2003-07-02T03:04:05+00:00" and not one.is_file for one in pages)
    assert all(one.body == HTML.encode("gbk") for one in pages)


@pytest.mark.parametrize("name", ["old.arc", "old.arc.gz"])
def test_damage_in_an_arc_file_costs_what_is_damaged(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    head, first, second, third = map(gzip.compress, _ARC) if name.endswith(".gz") else _ARC
    path.write_bytes(head + first + second[: len(second) // 2] + third)
    found: list[str] = []
    with pytest.raises(ValueError, match=r"old.arc.* cannot be read near its record \d: [\w ]+$"):
        for one in exchanges(path):
            assert isinstance(one, Exchange)
            found += [one.url[-1]] if not one.truncated else []
    assert found == ["1", "3"]
