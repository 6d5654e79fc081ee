"""What strangers hand us, broken in ways that nobody thought of: captures, and what sites say of themselves.

Each kind has a check that takes its chance from a `random.Random`, breaks one input, hands it to whoever reads it, and
holds the reader to what it promises; it returns in a word what became of the input. AssertionError where a promise is broken.
"""

import gzip
import io
import json
import random
import tempfile
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import mutations
from scrapy.http import TextResponse
from support import page

from archive.captures.foreign import exchanges, refused
from archive.captures.warc import Exchange, WarcFolder
from archive.model import Capture
from archive.pipeline.deriving import derive
from archive.web.addresses import normal, page_key, resolved
from crawler.discovery.feeds import feed, moment, sitemap
from crawler.discovery.links import data, links
from crawler.middlewares.robots import parse

_URL = "http://a.example/{}.html"
_TEXT = "云泽市望潭区栖霞渡社区党群服务站揭牌，栖霞渡社区现有党员41名，居民{}户。街坊们来这里借书、下棋，也来交水费。"
_COUNT = 4  # records of a file
_NUMBERS = (b"0", b"-1", b"1", b"99999999999999999999", b"1e9", b"\xff", b"", b"0x10", b"9" * 5000)
_ADDRESSES = (
    b"http://[::1", b"http://", b"//", b"http://a:b@c/", b"javascript:x", b"http://a.example:0/", b"urn:x", b"\xff\xfe",
    b"http://a.example/%", b"http://\xe4\xb8\xad/", b"http://a" + b".a" * 900, b"?", b"http://a.example/\x00", b"http://1.1/",
)  # fmt: skip
_DATES = (b"0001-01-01T00:00:00Z", b"9999-12-31T23:59:59-14:00", b"2024-02-30", b"", b"2024-05-06T07:08:09+99:99", b"0")
_VALUES = (
    *_NUMBERS, *_ADDRESSES, *_DATES, b"gzip", b"br, gzip", b"zstd", b"deflate", b"chunked", b"x" * 3000,
    b"text/html; charset=\xff", b"text/html; charset=idna", b"text/html;charset=punycode", b"response", b"revisit", b"resource",
    b"request", b"sha256:x", b"md5:\x00", b"nothing:x", b":", b"length",
)  # fmt: skip
_NAMES = (
    b"WARC-Type", b"WARC-Target-URI", b"WARC-Date", b"Content-Length", b"Content-Type", b"WARC-Truncated", b"Location",
    b"WARC-Payload-Digest", b"WARC-Block-Digest", b"Content-Encoding", b"Transfer-Encoding", b"Link", b"", b"\xff", b"X" * 3000,
)  # fmt: skip


def _page(number: int) -> bytes:
    text = _TEXT.format(700 + number)
    return page(f"栖霞渡社区党群服务站开门第{number}天", text, text[::-1]).encode()


def _record(number: int) -> bytes:
    """A response as a foreign tool writes it, plain."""
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + _page(number)
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{number}>\r\nWARC-Target-URI: {_URL.format(number)}\r\n"
        f"WARC-Date: 2024-05-06T07:08:09Z\r\nContent-Type: application/http\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


_RECORDS = [_record(number) for number in range(_COUNT)]


def _overwritten(content: bytes, chance: random.Random) -> tuple[bytes, int, int]:
    """With a damaged spot, which may be longer or shorter than what stood there; and where that began and ended."""
    start = chance.randrange(len(content))
    end = min(len(content), start + chance.choice([0, 1, 3, 30, 300]))
    return (
        content[:start] + chance.randbytes(chance.choice([0, 1, 3, 30, 300, end - start])) + content[end:],
        start,
        end,
    )


def _misstated(record: bytes, chance: random.Random) -> bytes:
    """With a header, of the record or of the response, that states something else, stands twice or is gone."""
    lines = record.split(b"\r\n")
    heads = [at for at, line in enumerate(lines[: chance.choice([9, 12])]) if b":" in line]
    for at in chance.sample(heads, chance.choice([1, 1, 2])):
        name, value = chance.choice(_NAMES), chance.choice(_VALUES)
        kept = lines[at].partition(b":")[0]
        lines[at] = chance.choice(
            [kept + b": " + value, name + b": " + value, lines[at] + b"\r\n" + kept + b":" + value, b""]
        )
    if chance.random() < 0.2:
        lines[0] = chance.choice(
            [b"WARC/9.9", b"", b"http://a.example/ 1.1.1.1 20240506070809 text/html 99999999", b"WARC/1.1 x"]
        )
    return b"\r\n".join(lines)


def _taken(content: bytes, ending: str) -> tuple[list[Exchange], str]:
    """The pages of a file, and what is wrong with it. Each can be kept, and read again as it was."""
    with tempfile.TemporaryDirectory() as made:
        path, folder = Path(made) / f"foreign{ending}", WarcFolder(Path(made))
        path.write_bytes(content)
        writer, pages = folder.writer("ours"), list[Exchange]()
        try:
            for one in exchanges(path):
                if isinstance(one, str):
                    assert one
                    continue
                assert not refused(one.url), one.url
                capture = folder.read(writer.append(one))
                assert (capture.url, capture.status) == (one.url, one.status)
                derive(capture)
                pages.append(one)
        except ValueError as error:
            assert str(error)
            return pages, str(error)
        finally:
            writer.close()
        return pages, ""


def _numbers(pages: list[Exchange]) -> set[int]:
    """The numbers of the records that came out as they went in."""
    return {
        number
        for number in range(_COUNT)
        if any(one.url == _URL.format(number) and one.body == _page(number) for one in pages)
    }


def _damaged_warc(chance: random.Random) -> str:
    """Of a damaged file whose records are packed one by one, all that were not touched are there."""
    packed = [gzip.compress(record) for record in _RECORDS]
    content, start, end = _overwritten(b"".join(packed), chance)
    pages, printed = _taken(content, ".warc.gz")
    missing = _untouched(packed, start, end) - _numbers(pages)
    assert not missing, (missing, printed)
    return "damaged" if printed else "whole"


def _untouched(packed: list[bytes], start: int, end: int) -> set[int]:
    at, found = 0, set()
    for number, member in enumerate(packed):
        if at + len(member) <= start or at >= end:
            found.add(number)
        at += len(member)
    return found


def _damaged_archive(chance: random.Random) -> str:
    """The same of a file of ours; and what is found in it can be read."""
    with tempfile.TemporaryDirectory() as made:
        folder = WarcFolder(Path(made))
        writer = folder.writer("ours")
        moment = datetime(2024, 5, 6, tzinfo=UTC)
        html = (("Content-Type", "text/html"),)
        places = [writer.append(Exchange(_URL.format(n), moment, 200, html, _page(n))) for n in range(_COUNT)]
        writer.close()
        path = folder.files()[0]
        content, start, end = _overwritten(path.read_bytes(), chance)
        path.write_bytes(content)
        scan = folder.scan(path)
        found = {one.url for one in scan.found}
        for number, place in enumerate(places):
            if place.offset + place.length <= start or place.offset >= end:
                assert _URL.format(number) in found, (number, scan)
        for one in scan.found:
            assert folder.read(one.location).url == one.url
        return "damaged" if scan.damaged else "whole"


def _misstated_warc(chance: random.Random) -> str:
    """A record that states something else hides none that has a member of its own, and stands in no other's name."""
    bad = chance.randrange(_COUNT)
    records = [_misstated(record, chance) if number == bad else record for number, record in enumerate(_RECORDS)]
    is_packed = chance.random() < 0.7
    content = b"".join(map(gzip.compress, records) if is_packed else records)
    pages, printed = _taken(content, ".warc.gz" if is_packed else ".warc")
    if is_packed:
        assert _numbers(pages) >= set(range(_COUNT)) - {bad}, (_numbers(pages), bad, printed)
    return "damaged" if printed else "whole"


def _wacz(chance: random.Random) -> str:
    made = io.BytesIO()
    with zipfile.ZipFile(
        made, "w", chance.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
    ) as zipped:
        for number, record in enumerate(_RECORDS):
            zipped.writestr(f"archive/{number}.warc.gz", gzip.compress(record))
    content = bytearray(made.getvalue())
    marks = [at for mark in (b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06") for at in _places(content, mark)]
    for _ in range(chance.choice([1, 2, 5])):
        at = chance.choice(marks) + chance.randrange(2, 46) if chance.random() < 0.7 else chance.randrange(len(content))
        content[min(at, len(content) - 1)] = chance.choice([0, 1, 8, 255, chance.randrange(256)])
    return "damaged" if _taken(bytes(content), ".wacz")[1] else "whole"


def _places(content: bytearray, mark: bytes) -> list[int]:
    return [at for at in range(len(content)) if content.startswith(mark, at)]


# What sites say of themselves

_SITEMAP = """<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<url><loc>http://a.example/2024/0506/1.html</loc><lastmod>2024-05-06T07:08:09+08:00</lastmod></url>
<url><loc>/2.html</loc><lastmod>2024年5月6日</lastmod></url><sitemap><loc>http://a.example/more.xml</loc></sitemap></urlset>""".encode()
_FEED = """<rss><channel><item><title>栖霞渡</title><link>http://a.example/1.html?a=1&b=2</link><pubDate>周一, 06 5月 2024 07:08:09 CST
</pubDate></item><item><guid>http://a.example/2.html</guid></item></channel></rss>""".encode()
_ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:base="http://a.example/"><entry><link rel="alternate" href="1.html"/>
<updated>2024-05-06T07:08:09Z</updated></entry></feed>"""
_ROBOTS = """# 栖霞渡
User-agent: *
Disallow: /党建/*.html$
Crawl-delay: 5
Request-rate: 1/10m
Sitemap: http://a.example/map.xml

User-agent: dangqun-archive
Allow: /a/%E5%85%9A
Disallow: /?q=""".encode()
_LIST = "<html><base href='/b/'><a href='1.html?q=党'>栖霞渡</a> 2024-05-06 <a href='//[::1'>x</a><script>u='/3.html'</script>".encode()
_JSON = json.dumps({"data": {"list": [{"url": "/1.html", "day": "2024-05-06"}, {"url": 5, "day": [1]}]}}).encode()


def _broken(content: bytes, chance: random.Random) -> bytes:
    """A text broken as pages are, or with values in it that no one expects."""
    if chance.random() < 0.5:
        return mutations.mutate(content, chance)
    at = chance.randrange(len(content))
    value = chance.choice(
        [*_VALUES, b"[" * 30_000, b'{"a":' * 30_000, b"<a>" * 9_000, b"&a;", b"\xed\xa0\x80", b"\\ud800"]
    )
    return content[:at] + value + content[at + chance.choice([0, 1, 5, 20]) :]


def _response(content: bytes) -> TextResponse:
    return TextResponse("http://a.example/list", body=content, headers={"Content-Type": "text/plain; charset=utf-8"})


def _lists(chance: random.Random) -> str:
    """Lists of every kind name web addresses in their normal form, whatever kind they are taken for."""
    given = _response(_broken(chance.choice([_SITEMAP, _FEED, _ATOM, _LIST, _JSON]), chance))
    pages, maps = sitemap(given)
    found = [*pages, *maps, *feed(given), *links(given, in_script=r"u='(.*?)'")]
    try:
        found += data(given, "data.list", "url", "day")
    except ValueError as error:
        assert str(error)
    for entry in found[:200]:
        assert entry.address.startswith(("http://", "https://")), entry
        assert normal(entry.address) == entry.address, entry
        page_key(entry.address)
    return "entries" if found else "nothing"


def _robots(chance: random.Random) -> str:
    content = _broken(_ROBOTS, chance)
    try:
        rules = parse(content, "dangqun-archive")
    except ValueError as error:
        assert str(error)
        return "no rules"
    assert rules.delay >= 0
    return "allowed" if rules.allow(normal("http://a.example/a/党?q=1")) else "forbidden"


def _addresses(chance: random.Random) -> str:
    """An address, and a moment, of any characters."""
    pieces = [
        *(value.decode("latin-1") for value in _VALUES),
        "http://",
        "a.example",
        "é",
        "é",
        "党",
        "/",
        "?",
        "#",
        "@",
        ":",
        "%",
    ]
    written = "".join(chance.choice([*pieces, chr(chance.randrange(0x20000))]) for _ in range(chance.randrange(1, 6)))
    address = resolved("http://a.example/", written)
    if address is not None:
        assert normal(address) == address, (written, address)
        refused(address)
        page_key(address)
        derive(Capture(address, _page(1)))
    refused(normal(written))
    moment(written)
    return "address" if address else "none"


def _html(chance: random.Random) -> str:
    found = mutations.check(mutations.mutate(_page(chance.randrange(99)), chance))
    return getattr(found, "kind", "article")


KINDS: dict[str, Callable[[random.Random], str]] = {
    "damaged warc": _damaged_warc, "damaged archive": _damaged_archive, "misstated warc": _misstated_warc, "wacz": _wacz,
    "lists": _lists, "robots": _robots, "addresses": _addresses, "html": _html,
}  # fmt: skip
