"""A first look at bytes: what is passed over could not have become an article on topic, in whatever way it is written."""

import gzip
import io
import json
import random
import zlib
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support import page
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.captures.coding import zstd
from archive.captures.foreign import exchanges, likely
from archive.captures.warc import Exchange
from archive.model import Article, Capture
from archive.reading import read
from archive.reading.first_look import excluded
from archive.reading.topic import decide

_WORDS = (
    "党群服务中心",
    "驿站党员",
    "社区党支部",
    "便民中心",
    "红色物业",
    "先锋驿站",
    "业主党员",
    "街道支部",
    "公共服务站",
)
_TRADITIONAL = str.maketrans("党务驿员区红业锋", "黨務驛員區紅業鋒")
_PLAIN = "今天上午天空放晴，河边的柳树发了芽，大家都出来走一走，看一看远处的青山，也有人坐在亭子里下棋、喝茶、说话。"
_WITHIN = {  # what may stand between the characters of a word without parting it for a reader
    "nothing": "", "a tag": "<b>", "tags": "</span><span class=x title=标题>", "a comment": "<!-- 注 -->", "zero width": "\u200b",
    "an entity": "&zwnj;", "a soft hyphen": "\u00ad", "a note": "(jìn)",
}  # fmt: skip
_WRITTEN: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "decimal": lambda word: "".join(f"&#{ord(c)};" if c > "\u3400" else c for c in word),
    "padded": lambda word: "".join(f"&#00{ord(c)};" if c > "\u3400" else c for c in word),
    "hexadecimal": lambda word: "".join(f"&#x{ord(c):x};" if c > "\u3400" else c for c in word),
    "HEXADECIMAL": lambda word: "".join(f"&#X0{ord(c):X};" if c > "\u3400" else c for c in word),
}
_CHARSETS = ("utf-8", "utf-8-sig", "gb18030", "gbk", "big5hkscs", "utf-16", "utf-16-le", "utf-16-be")


def _bytes(html: str, charset: str) -> bytes:
    return html.encode(charset, "xmlcharrefreplace")


def _is_on_topic(body: bytes) -> bool:
    """What the slow way says."""
    found = read(Capture("http://a.example/1.html", body))
    return isinstance(found, Article) and decide(f"{found.title}\n{found.text}").on


@given(
    st.sampled_from(_WORDS), st.booleans(), st.sampled_from(sorted(_WITHIN)), st.sampled_from(sorted(_WRITTEN)),
    st.sampled_from(_CHARSETS), st.sampled_from(["title", "body", "state", "all written out"]),
)  # fmt: skip
@example("党群服务中心", True, "a note", "as it is", "big5hkscs", "body")
@example("社区党支部", False, "tags", "as it is", "gbk", "body")
def test_nothing_on_topic_is_excluded(
    word: str, is_traditional: bool, within: str, written: str, charset: str, where: str
) -> None:
    word = word.translate(_TRADITIONAL) if is_traditional else word
    parted = _WITHIN[within].join(map(_WRITTEN[written], word))
    text = _PLAIN.translate(_TRADITIONAL) if is_traditional else _PLAIN
    if where == "title":
        html = page(_WRITTEN[written](word), text, text[::-1])
    elif where == "state":
        content = {
            "title": f"河边的一天{word}",
            "content": f"<p>{text}{parted}{text}</p>",
            "publishTime": "2021-06-28 16:05",
        }
        html = f"<html><body><div id=app></div><script>window.state={json.dumps(content)}</script></body></html>"
    else:
        html = page("河边的一天", text, f"{text}{parted}{text}")
    if where == "all written out":
        html = "".join(f"&#{ord(c)};" if c > "\u3400" else c for c in html)
    body = _bytes(html, charset)
    if _is_on_topic(body):
        assert excluded(body) == ""


@pytest.mark.parametrize("charset", _CHARSETS)
@pytest.mark.parametrize("written", sorted(_WRITTEN))
def test_each_way_of_writing_is_on_topic_for_a_reader(charset: str, written: str) -> None:
    """Else the test above would hold of nothing."""
    text = _PLAIN + _WRITTEN[written]("望江社區黨員") + _PLAIN
    body = _bytes(page("河边的一天", text, text), charset)
    assert _is_on_topic(body) and excluded(body) == ""
    assert (
        excluded(
            body.replace(
                *(
                    one.encode(charset.replace("16", "16-le") if charset == "utf-16" else charset.removesuffix("-sig"))
                    for one in (_WRITTEN[written]("黨"), "电")
                )
            )
        )
        == "unlikely"
    )


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        (page("河边的一天", _PLAIN, _PLAIN), "unlikely"),
        (page("河边的一天", "".join(f"&#{ord(c)};" for c in _PLAIN)), "unlikely"),
        (page("A day", "Rain &#8217; and &#128512; “here” and there. " * 50 + "中文：党群服务", source=""), "other_language"),
        (page("Ein Tag", "Über den Flüssen fällt später wärmerer Regen – “so” heißt es. " * 50, source=""), "other_language"),
        (page("День", "В районе открыли новый мост через реку, сообщили в мэрии. " * 50, source=""), "other_language"),
        (page("一日", "きょうは川のほとりを散歩して、友人と静かな時間を過ごしました。" * 50, source=""), "other_language"),
    ],
)  # fmt: skip
def test_what_is_excluded(html: str, reason: str) -> None:
    assert excluded(html.replace(" 来源：", "").encode()) == reason


def test_real_pages_and_texts(shared: Path) -> None:
    """The first look excludes none that the slow way has on topic, and not few of the others."""
    bodies = [gzip.decompress(path.read_bytes()) for path in sorted((shared / "corpus" / "pages").glob("*.gz"))]
    assert not [body for body in bodies if _is_on_topic(body) and excluded(body)]
    assert sum(bool(excluded(body)) for body in bodies) > len(bodies) / 4
    chance, on_topic, lost = random.Random(11), 0, []
    for path in sorted((shared / "corpus" / "articles").glob("*.gz")):
        for line in gzip.decompress(path.read_bytes()).decode().splitlines():
            one = json.loads(line)
            title, text = one.get("title") or "", one.get("text") or ""
            if decide(f"{title}\n{text}").on:
                on_topic += 1
                html = page(title, *map(chance.choice(list(_WRITTEN.values())), text.split("\n")))
                body = _bytes(html, chance.choice(_CHARSETS))
                lost += [one] if excluded(body) else []
    assert on_topic > 500 and not lost


# In WARC files


def _chunked(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (100, body[:100], len(body) - 100, body[100:])


_CODINGS: dict[str, tuple[Callable[[bytes], bytes], dict[str, str]]] = {
    "identity": (bytes, {}),
    "gzip": (gzip.compress, {"Content-Encoding": "gzip"}),
    "deflate": (zlib.compress, {"Content-Encoding": "deflate"}),
    "br": (brotli.compress, {"Content-Encoding": "br"}),
    "zstd": (zstd.compress, {"Content-Encoding": "zstd"}),
    "chunked": (_chunked, {"Transfer-Encoding": "chunked"}),
    "chunked gzip": (
        lambda body: _chunked(gzip.compress(body)),
        {"Content-Encoding": "gzip", "Transfer-Encoding": "chunked"},
    ),
    "gzip under no name": (gzip.compress, {}),
    "undone": (bytes, {"Content-Encoding": "br", "Transfer-Encoding": "chunked"}),
}
_STORY = page("望江社区党群服务中心揭牌", "望江社区党群服务中心今天揭牌，居民和党员都来了。" * 5)
_OTHERS = (
    page("河边的一天", _PLAIN, _PLAIN),
    page("A day", "It rained all day on the hills and in the town. " * 40, source="A"),
)


def _write(path: Path, *, packed: bool) -> Path:
    """Pages in each coding, with all that surrounds them in the files of Common Crawl."""
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=packed)
        writer.write_record(writer.create_warcinfo_record(path.name, {"software": "a crawler"}))

        def add(url: str, kind: str, body: bytes, head: StatusAndHeaders | None = None) -> None:
            about = {"WARC-Date": "2026-03-04T05:06:07Z"}
            writer.write_record(
                writer.create_warc_record(url, kind, io.BytesIO(body), http_headers=head, warc_headers_dict=about)
            )

        for number, (coding, (pack, headers)) in enumerate(_CODINGS.items()):
            for name, html in (("wanted", _STORY), ("off", _OTHERS[0]), ("english", _OTHERS[1])):
                url = f"http://{name}.example/{number}-{coding.replace(' ', '-')}"
                get = StatusAndHeaders("GET / HTTP/1.1", [("Host", f"{name}.example")], is_http_request=True)
                add(url, "request", b"", get)
                fields = [("Content-Type", "text/html; charset=utf-8"), *headers.items()]
                add(url, "response", pack(html.encode()), StatusAndHeaders("200 OK", fields, protocol="HTTP/1.1"))
                add(url, "metadata", b"fetchTimeMs: 12\r\n")
        for status, kind in (("404 Not Found", "text/html"), ("200 OK", "image/png")):
            add(
                "http://no.example/",
                "response",
                _STORY.encode(),
                StatusAndHeaders(status, [("Content-Type", kind)], protocol="HTTP/1.1"),
            )
        add("http://file.example/", "resource", _STORY.encode())
    return path


def _found(path: Path) -> tuple[list[str], str]:
    found: list[str] = []
    try:
        found.extend(one.url if isinstance(one, Exchange) else one for one in likely(path))
    except ValueError as error:
        return found, str(error)
    return found, ""


@pytest.mark.parametrize("packed", [True, False])
def test_pages_of_a_warc_file(tmp_path: Path, packed: bool) -> None:
    """What is read at sight and what is read in full come to the same."""
    path = _write(tmp_path / ("all.warc.gz" if packed else "all.warc"), packed=packed)
    found, error = _found(path)
    wanted = [
        (f"http://wanted.example/{number}-{coding.replace(' ', '-')}", "unlikely", "other_language")
        for number, coding in enumerate(_CODINGS)
    ]
    assert (
        found == [*(one for three in wanted for one in three), "status_404", "not_a_page", "not_a_page"] and not error
    )
    bodies = {one.url: one.body for one in exchanges(path) if isinstance(one, Exchange)}
    assert all(one.body == bodies[one.url] for one in likely(path) if isinstance(one, Exchange))


@pytest.mark.parametrize(("name", "is_kept"), [("t20260304_123456.html", False), ("t20260304_123456_1.html", True)])
def test_further_pages_of_an_article_need_no_word_of_the_topic(tmp_path: Path, name: str, is_kept: bool) -> None:
    path, url = tmp_path / "all.warc.gz", f"http://a.example/{name}"
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True)
        head = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
        about = {"WARC-Date": "2026-03-04T05:06:07Z"}
        body = io.BytesIO(_OTHERS[0].encode())
        writer.write_record(
            writer.create_warc_record(url, "response", body, http_headers=head, warc_headers_dict=about)
        )
    assert _found(path) == ([url if is_kept else "unlikely"], "")


def test_damage_hides_nothing_and_is_reported(tmp_path: Path) -> None:
    """As where all records are read in full."""
    whole = _write(tmp_path / "all.warc.gz", packed=True).read_bytes()
    chance = random.Random(7)
    path = tmp_path / "broken.warc.gz"
    for _ in range(40):
        at, length = chance.randrange(len(whole)), chance.choice([0, 1, 30, 300])
        path.write_bytes(whole[:at] + chance.randbytes(chance.choice([0, 1, 30])) + whole[at + length :])
        pages: list[str] = []
        error = ""
        try:
            pages.extend(one.url for one in exchanges(path) if isinstance(one, Exchange) and "wanted" in one.url)
        except ValueError as fault:
            error = str(fault)
        found, reported = _found(path)
        assert [one for one in found if "wanted" in one] == pages
        assert bool(reported) == bool(error)
