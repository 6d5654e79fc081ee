"""Pages broken as real pages are, and as an attacker might break them."""

import random
import re
from collections.abc import Callable

from archive.model import Article, Capture, NotAnArticle
from archive.reading import read
from archive.reading.decode import decode

_DEEP = 10_000
_LONG = 20_000_000


def _cut(page: bytes, chance: random.Random) -> bytes:
    return page[: chance.randrange(len(page) + 1)]


def _doubled(page: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(page) + 1)
    return page[:at] + page + page[at:]


def _reencoded(page: bytes, chance: random.Random) -> bytes:
    codec = chance.choice(["gb18030", "big5", "utf-16", "utf-8", "latin-1", "gbk"])
    return decode(page)[0].encode(codec, "xmlcharrefreplace" if codec != "latin-1" else "ignore")


def _nested(page: bytes, chance: random.Random) -> bytes:
    tag = chance.choice(
        [b"<div>", b"<table><tr><td>", b"<span class=a>", b"<ul><li>", b"<p><b><i>", b"<a href=x>", b"<article>"]
    )
    at = chance.randrange(len(page) + 1)
    return page[:at] + tag * _DEEP + page[at:]


def _nuls(page: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(page) + 1)
    return page[:at] + b"\x00" * chance.randrange(1, 2000) + page[at:]


def _broken_entities(page: bytes, chance: random.Random) -> bytes:
    entity = chance.choice([b"&#xD800;", b"&#1114112;", b"&#0;", b"&nosuch;", b"&#;", b"&#x;", b"&", b"&#99999999999;"])
    return re.sub(rb"(?<=>)", lambda _: entity if chance.random() < 0.2 else b"", page)


def _flipped(page: bytes, chance: random.Random) -> bytes:
    broken = bytearray(page)
    for _ in range(min(len(broken), chance.choice([1, 3, 30, 3000]))):
        broken[chance.randrange(len(broken))] = chance.randrange(256)
    return bytes(broken)


def _shuffled(page: bytes, chance: random.Random) -> bytes:
    parts = page.split(b"<")
    chance.shuffle(parts)
    return b"<".join(parts)


def _repeated(page: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(page) + 1)
    piece = page[start : start + chance.randrange(1, 400)]
    return page[:start] + piece * chance.choice([10, 300, 3000]) + page[start:]


def _long(page: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(page) + 1)
    piece = chance.choice([b" ", b"a", "社".encode(), b"<br>", "<p>党员36名，</p>".encode(), b"<", b"2020-", b"\n"])
    return (page[:at] + piece * (_LONG // len(piece)))[: _LONG - len(page) + at] + page[at:]


MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _cut, _doubled, _reencoded, _nested, _nuls, _broken_entities, _flipped, _shuffled, _repeated,
)  # fmt: skip
LONG = _long


def mutate(page: bytes, chance: random.Random) -> bytes:
    """One or two mutations, one after the other."""
    for _ in range(chance.choice([1, 1, 2])):
        page = chance.choice(MUTATIONS)(page, chance)
    return page


def check(page: bytes) -> Article | NotAnArticle:
    """Read a page, check what every reading promises, and return the result."""
    found = read(Capture("http://page.example/1.html", page))
    if isinstance(found, NotAnArticle):
        assert found.kind
        assert found.reason
        return found
    texts = [found.text, found.title, found.outlet, found.editor, *found.authors]
    assert not any("\ufffd" in words or "\x00" in words for words in texts)
    assert found.text.strip() == found.text
    at = 0
    for block in found.blocks:
        assert block.start == at, (block, at)
        assert found.text[block.start : block.end].strip()
        at = block.end + 1
    assert at == len(found.text) + 1
    assert all(0 <= link.start < link.end <= len(found.text) for link in found.links)
    assert all(link.href.startswith(("http://", "https://")) for link in found.links)
    assert all(0 <= image.at <= len(found.text) and image.src.startswith("http") for image in found.images)
    assert all(count > 0 for _, count in found.cut)
    return found
