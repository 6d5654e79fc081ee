"""Broken pages: whatever the bytes, reading ends with an article that keeps its promises, or says why there is none."""

import random
import time
from pathlib import Path

import mutations
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

PAGES = [path.read_bytes() for path in sorted((Path(__file__).with_name("reading_cases")).glob("*.html"))]
TEXT = "望潭区青萝街道青禾小区党群服务站揭牌，现有党员36名，居民860户。"


@pytest.mark.parametrize("seed", range(100))
def test_mutated_pages_keep_their_promises(seed: int) -> None:
    mutations.check(mutations.mutate(PAGES[seed % len(PAGES)], random.Random(seed)))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=2000))
def test_any_bytes(body: bytes) -> None:
    mutations.check(body)


_PIECE = st.sampled_from(
    ["<div>", "</div>", "<p>", "<table><tr><td>", "<!--", "-->", "<a href='x'>", "<img src=y>", "<h1>", "<br>", "&#0;", "\x00", "<![CDATA["]
) | st.text(max_size=30)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.lists(_PIECE, max_size=60))
def test_any_markup(pieces: list[str]) -> None:
    html = f"<html><head><title>青禾小区党群服务站</title></head><body>{TEXT * 2}{''.join(pieces)}{TEXT}</body></html>"
    mutations.check(html.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize(
    "body",
    [
        TEXT.encode() * 200_000,
        b"<div>" * 300_000 + TEXT.encode(),
        ("<div>" + "字，<br>" * 300_000).encode(),
        b"<div hidden>x</div>" * 300_000 + TEXT.encode() * 5,
        ("<h1>" + "来源：" * 500_000 + "</h1>" + TEXT * 5).encode(),
        ("<p>" + "（记者 " * 500_000 + "</p>" + TEXT * 5).encode(),
        b"2020-01-" * 1_000_000,
    ],
    ids=["prose", "nested", "line breaks", "hidden", "labels", "brackets", "dates"],
)
def test_huge_pages_take_bounded_time(body: bytes) -> None:
    started = time.process_time()
    mutations.check(b"<html><title>abcd</title><body>" + body[:20_000_000])
    assert time.process_time() - started < 20  # a runaway takes minutes; machines are noisy
