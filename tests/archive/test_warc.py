"""WARC: what goes in comes out; what a crash cut short is not mistaken for a capture."""

import gzip
from pathlib import Path

import pytest
from support import exchange
from warcio.archiveiterator import ArchiveIterator

from archive.captures.warc import Exchange, RecordLocation, WarcFolder


def _gzipped(body: bytes) -> Exchange:
    plain = exchange(
        "http://a.example/1?b=2", body, request_headers=(("User-Agent", "test"),), role="list", outlet="云泽新闻网"
    )
    return Exchange(
        **vars(plain) | {"body": gzip.compress(body), "headers": (*plain.headers, ("Content-Encoding", "gzip"))}
    )


def test_bytes_headers_and_roles_come_back(tmp_path: Path) -> None:
    folder = WarcFolder(tmp_path)
    sent = _gzipped("<p>喆</p>".encode("gbk"))
    location = folder.writer("a").append(sent)
    capture = folder.read(location)
    assert capture.body.decode("gbk") == "<p>喆</p>"
    assert (capture.url, capture.status, capture.headers) == (sent.url, 200, sent.headers)
    (found,) = folder.scan(tmp_path / "a.warc.gz").found
    assert (found.location, found.digest, found.role, found.outlet) == (location, sent.digest, "list", "云泽新闻网")
    assert (found.fetched_at, found.status) == ("2024-05-06T07:08:09Z", 200)


def test_records_are_standard(tmp_path: Path) -> None:
    file = WarcFolder(tmp_path).writer("a")
    file.append(_gzipped(b"x"))
    file.append(exchange("urn:x:1", b"<p>file</p>", method="", is_file=True))
    with (tmp_path / "a.warc.gz").open("rb") as stream:
        kinds = [record.rec_type for record in ArchiveIterator(stream, check_digests="raise")]
    assert kinds == ["warcinfo", "response", "request", "resource"]


@pytest.mark.parametrize("lost", [30, 100, 200])
def test_a_record_cut_short_is_not_found(tmp_path: Path, lost: int) -> None:
    folder = WarcFolder(tmp_path)
    file = folder.writer("a")
    first = file.append(exchange("urn:x:1", b"<p>first</p>", method="", is_file=True))
    second = file.append(exchange("urn:x:2", bytes(range(256)) * 4, method="", is_file=True))
    path = tmp_path / "a.warc.gz"
    path.write_bytes(path.read_bytes()[: second.offset + max(0, second.length - 8 - lost)])
    assert [found.location for found in folder.scan(path).found] == [first]


def test_nothing_there(tmp_path: Path) -> None:
    folder = WarcFolder(tmp_path)
    file = folder.writer("a")
    location = file.append(exchange("urn:x:1", b"<p>first</p>", method="", is_file=True))
    with pytest.raises(ValueError, match="no record"):
        folder.read(RecordLocation(location.file, location.offset + location.length, 10))
    with pytest.raises(FileNotFoundError):
        folder.read(RecordLocation("b.warc.gz", 0, 10))


class _FullDisk:
    """A stream that refuses after some bytes, as a full disk does in the middle of a record."""

    def __init__(self, stream, room: int) -> None:
        self.stream, self.room = stream, room

    def write(self, data: bytes) -> int:
        if len(data) > self.room:
            self.stream.write(data[: self.room])
            raise OSError(28, "No space left on device")
        self.room -= len(data)
        return self.stream.write(data)

    def __getattr__(self, name: str):
        return getattr(self.stream, name)


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    folder = WarcFolder(tmp_path)
    file = folder.writer("a")
    location = file.append(exchange("urn:x:1", b"<p>first</p>", method="", is_file=True))
    whole = (tmp_path / "a.warc.gz").read_bytes()
    real, file._stream = file._stream, _FullDisk(file._stream, 150)  # type: ignore[assignment]
    file._writer.out = file._stream  # type: ignore[union-attr]
    with pytest.raises(OSError, match="No space"):
        file.append(exchange("urn:x:2", bytes(range(256)) * 40, method="", is_file=True))
    assert (tmp_path / "a.warc.gz").read_bytes() == whole
    file._stream = real
    file._writer.out = real  # type: ignore[union-attr]
    file.append(exchange("urn:x:2", b"again", method="", is_file=True))
    assert [found.url for found in folder.scan(tmp_path / "a.warc.gz").found] == ["urn:x:1", "urn:x:2"]
    assert folder.read(location).body == b"<p>first</p>"
