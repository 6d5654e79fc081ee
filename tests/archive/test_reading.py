"""Reading: bytes to article, and what is no article."""

import codecs
import gzip
import json
from datetime import date
from pathlib import Path

import pytest
from support import article, page

from archive.model import Article, Capture, Encoding, NotAnArticle
from archive.reading import join, read
from archive.reading.decode import decode
from crawler.sample.outlets import pages, stories

TEXT = "望潭区澄浦街道堃和社区的喆园小区党群服务站启用，居民陶镕来帮忙。"
HTML = f'<html><head><meta charset="{{}}"><title>喆园小区</title></head><body><p>{TEXT * 3}</p></body></html>'


@pytest.mark.parametrize(
    ("codec", "declared", "used"),
    [
        ("utf-8", "utf-8", "utf-8"), ("utf-8", "gb2312", "utf-8"), ("utf-8-sig", "utf-8", "utf-8"), ("gb18030", "gb2312", "gb18030"),
        ("gb18030", "utf-8", "gb18030"), ("gbk", "", "gb18030"), ("utf-16", "utf-8", "utf-16-le"),
    ],
)  # fmt: skip
def test_bytes_are_believed_not_declarations(codec: str, declared: str, used: str) -> None:
    text, encoding = decode(HTML.format(declared).encode(codec))
    assert (TEXT in text, encoding.used, encoding.repaired) == (True, used, 0)


def test_big5() -> None:
    text = "社區黨群服務站今天上午正式啟用，居民們都來參加，活動由街道主辦，大家非常高興。" * 5
    decoded, encoding = decode(text.encode("big5"))
    assert (decoded, encoding.used) == (text, "big5hkscs")


def test_a_few_broken_bytes_do_not_turn_a_page() -> None:
    body = bytearray(HTML.format("utf-8").encode())
    for share in (0.5, 0.6, 0.7):
        body[int(len(body) * share)] = 0xFF
    text, encoding = decode(bytes(body))
    assert encoding.used == "utf-8"
    assert 1 <= encoding.repaired <= 9
    assert "党群服务站" in text
    assert decode(HTML.format("utf-8").encode()[:-40])[1].used == "utf-8"  # cut at the end


_GARDEN = page("麦溪社区的茶园开门", "麦溪社区党群服务站昨天开门，社区有党员58名。" * 6)
_FOOTER = "版权所有：麦溪融媒体中心 未经授权不得转载 责任编辑：欧阳溪"
_STRETCHES = (
    "<div class=foot>{}</div>", "<ul><li><a href=/>{}</a><li><a href=/1>{}</a></ul>", "<!-- {} -->",
    "<script>/* {} */ var a = '本站';</script>", '<img src=a.jpg alt="{}">', "<p>（责编 {}）</p>", "<style>.a:after{{content:'{}'}}</style>",
)  # fmt: skip


@pytest.mark.parametrize(
    ("main", "other"), [("utf-8", "gbk"), ("gbk", "utf-8"), ("utf-8", "gb18030"), ("utf-8-sig", "gbk")]
)
@pytest.mark.parametrize("stretch", _STRETCHES)
@pytest.mark.parametrize("mark", ["</body>", "<body>", "</head>"])
def test_a_stretch_in_another_coding_is_read_in_that(main: str, other: str, stretch: str, mark: str) -> None:
    before, after = _GARDEN.split(mark)
    added = stretch.format(_FOOTER, _FOOTER)
    text, encoding = decode(
        before.encode(main) + added.encode(other) + f"{mark}{after}".encode(main.removesuffix("-sig"))
    )
    assert text == before + added + mark + after
    assert (encoding.used, encoding.repaired) == ("gb18030" if main == "gbk" else "utf-8", 0)


def test_traditional_pages_with_a_stretch_in_another_coding() -> None:
    body = "社區黨群服務站今天上午正式啟用，居民們都來參加，活動由街道主辦，大家非常高興。" * 5
    footer = "<p>版權所有，未經授權不得轉載。"
    assert decode(body.encode() + footer.encode("big5")) == (body + footer, Encoding("", "utf-8"))
    assert decode(body.encode("big5") + footer.encode()) == (body + footer, Encoding("", "big5hkscs"))


def test_a_mark_of_utf8_before_a_page_in_gbk() -> None:
    assert decode(codecs.BOM_UTF8 + _GARDEN.encode("gbk")) == (_GARDEN, Encoding("utf-8", "gb18030"))


@pytest.mark.parametrize(
    "stretch", [b"\xa9 2020", b"caf\xe9s", b"\x93Hello\x94 ", b"\xed\xa0\xbd\xed\xb8\x80", b"<p>\xe7\xa4</p>"]
)
@pytest.mark.parametrize("more", ["", "\ufffd\ufffd\ufffd"])
def test_broken_bytes_are_no_stretch_in_another_coding(stretch: bytes, more: str) -> None:
    body = f"{_GARDEN}<p>{more}</p>"
    text, encoding = decode(body.encode() + stretch)
    assert text.startswith(body)
    assert (encoding.used, text) == ("utf-8", body + stretch.decode("utf-8", "replace"))


@pytest.mark.parametrize("coding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [_GARDEN, TEXT * 9, "\n\n" + _GARDEN, "<!-- archived copy -->" + _GARDEN])
def test_utf16_without_a_mark(coding: str, text: str) -> None:
    assert decode(text.encode(coding)) == (text, Encoding("", coding))
    assert decode(text.encode(coding)[:-1])[1] == Encoding("", coding, 1)


@pytest.mark.parametrize("text", [_GARDEN + "\0" * 99, "\0" * 3 + _GARDEN, "1a2b" * 2000, "a" * 99, "", "\0"])
def test_what_is_not_utf16(text: str) -> None:
    assert decode(text.encode()) == (text, Encoding(decode(text.encode())[1].declared, "utf-8"))


def _story(key: str):
    return next(story for story in stories() if story.key == key)


@pytest.mark.parametrize("name", ["city", "district", "mirror"])
def test_sample_articles_read_whole(name: str) -> None:
    articles = 0
    read_pages = {
        f"http://sample.example{path}": read(
            Capture(f"http://sample.example{path}", printed.body, printed.status, tuple(printed.headers.items()))
        )
        for path, printed in pages(name, 1).items()
    }
    for url, first in read_pages.items():
        if isinstance(first, NotAnArticle) or url in first.parts[1:]:
            continue
        found = join([first, *(read_pages[other] for other in first.parts[1:])]).article
        articles += 1
        story = next(s for s in stories() if found.published_iso.startswith(s.published.replace(" ", "T")))
        assert found.encoding.repaired == 0
        if name != "mirror":
            assert found.title == story.title
            assert found.text.split("\n") == story.paragraphs(1)
            assert found.editor == story.editor
            assert found.authors == tuple(filter(None, story.author.split("、")))
        else:
            assert len(found.text.split("\n")) == len(story.paragraphs(1))
            assert "APP" not in found.text
            assert "微信" not in found.text
    assert articles == {"city": 15, "district": 8, "mirror": 11}[name]


def test_header_line_metadata() -> None:
    found = article(page("青禾小区党群服务站揭牌了", TEXT * 2, published="2022-06-08 09:29:35"))
    assert (found.published_iso, found.outlet) == ("2022-06-08T09:29:35+08:00", "云泽新闻网")


def test_meta_tags_and_missing_dates() -> None:
    html = f'<html><head><title>青禾小区党群服务站</title><meta name="PubDate" content="2022-06-08"></head><body><p>{TEXT * 3}</p></body></html>'
    assert article(html).published == date(2022, 6, 8)
    assert article(html.replace("2022-06-08", "")).published is None


def test_zones_are_moved_to_china() -> None:
    html = f'<html><head><title>青禾小区党群服务站</title><meta property="article:published_time" content="2022-06-08T20:00:00Z"></head><body><p>{TEXT * 3}</p></body></html>'
    assert article(html).published_iso == "2022-06-09T04:00:00+08:00"


@pytest.mark.parametrize(
    ("status", "headers", "body", "kind"),
    [
        (301, {"Location": "/x"}, b"", "redirect"),
        (404, {}, b"gone", "gone"),
        (412, {}, b"<script>var $_ts={}</script>", "challenge"),
        (521, {}, b"<script>document.cookie='a=1'</script>", "challenge"),
        (200, {}, b"<html><body><script>document.cookie='__jsl_clearance=1';location.reload()</script></body></html>", "challenge"),
        (500, {}, b"oops", "error"),
        (200, {}, b"   ", "empty"),
        (200, {}, '<meta http-equiv="refresh" content="0;url=/c/1.html">正在跳转，请稍候'.encode(), "redirect"),
        (200, {}, '<meta http-equiv="refresh" content="3;url=/">您访问的页面不存在'.encode(), "error"),
        (200, {}, '<meta http-equiv="refresh" content="0;url=http://[bad">正在跳转'.encode(), "list"),
        (200, {"Content-Type": "application/pdf"}, b"%PDF", "other"),
        (200, {}, b'<?xml version="1.0"?><rss></rss>', "feed"),
        (200, {}, "<html><body><ul><li><a href=/a>标题一标题一</a></li><li><a href=/b>标题二标题二</a></li></ul></body></html>".encode(), "list"),
        (200, {}, b"<html><body>Hello there</body></html>", "empty"),
        (200, {}, b"\x80\x81\xff" * 400, "undecodable"),
    ],
)  # fmt: skip
def test_what_is_no_article(status: int, headers: dict[str, str], body: bytes, kind: str) -> None:
    found = read(Capture("http://a.example/", body, status, tuple(headers.items())))
    assert isinstance(found, NotAnArticle)
    assert (found.kind, bool(found.reason)) == (kind, True)


@pytest.mark.parametrize(
    "body",
    [
        b"<div>" * 20_000 + TEXT.encode(),
        b"\x00\x01<html>\x00" + TEXT.encode() * 5,
        b"<p>" + b"&#1114112;&#xD800;&nosuch;" * 1000,
        b"<" * 50_000,
        b"<!--" + b"x" * 100_000,
        ("<table>" * 500 + TEXT).encode(),
    ],
)  # fmt: skip
def test_hostile_markup_ends_somehow(body: bytes) -> None:
    assert isinstance(read(Capture("http://a.example/", body)), Article | NotAnArticle)


def test_facility_words_are_not_advertising() -> None:
    text = "喆园小区党群服务站设有连心室、读书吧、棋牌室、议事亭，居民都爱来坐坐。"
    assert "棋牌室" in article(page("喆园小区党群服务站", TEXT, text, TEXT)).text


def test_addresses_within_a_page_start_from_its_base() -> None:
    """Those of links and pictures, and the one that the page names as its own."""
    html = page("喆园小区党群服务站", TEXT, TEXT, f'<a href="more.html">{TEXT}</a>', f'<img src="1.jpg">{TEXT}')
    head = '<base href="/news/"><link rel="shortlink" href="s/1"><link rel="Canonical" href="1.HTML?a=b#top">'
    found = article(html.replace("<title>", f"{head}<title>"))
    assert [link.href for link in found.links] == ["http://a.example/news/more.html"]
    assert [image.src for image in found.images] == ["http://a.example/news/1.jpg"]
    assert found.canonical == "http://a.example/news/1.HTML?a=b"
    for nonsense in ("javascript:void(0)", "http://[bad", ""):
        named = html.replace("<title>", f'<link rel="canonical" href="{nonsense}"><title>')
        assert article(named).canonical == ""


def test_every_real_page_ends_as_something(shared: Path) -> None:
    folder = shared / "corpus" / "pages"
    rows = [json.loads(line) for line in (folder / "index.jsonl").read_text("utf-8").splitlines()]
    right = wanted = 0
    for row in rows:
        body = gzip.decompress((folder / row["file"]).read_bytes())
        assert decode(body)[1].used == row["encoding"].removesuffix("-sig")
        found = read(Capture(row["url"] or "", body))
        if row["kind"] in ("list", "feed"):
            assert isinstance(found, NotAnArticle)
        elif row["kind"] == "article":
            wanted += 1
            right += isinstance(found, Article)
    assert right == wanted == 110
