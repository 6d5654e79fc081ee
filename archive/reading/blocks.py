"""The body fragment to clean text: blocks in reading order, links and images kept as data, furniture cut and counted.

BeautifulSoup sees the fragment only. A table row is one block, its cells parted by tabs.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple
from urllib.parse import urljoin

from bs4 import BeautifulSoup, NavigableString, Tag
from lxml import etree
from lxml.etree import _Element as Element

from archive.model import Block, BlockKind, Image, Link
from archive.reading.page import drop, squeeze
from archive.reading.stamps import first_stamp
from archive.text import clean, fold
from archive.text.furniture import body_end, is_furniture
from archive.web.addresses import LONGEST_LINK

_BLOCK = frozenset(
    """p div section article h1 h2 h3 h4 h5 h6 li tr blockquote figcaption table ul ol dl dt dd center pre figure
    header footer tbody thead caption main""".split()
)
_KIND = {
    "figcaption": BlockKind.CAPTION,
    "caption": BlockKind.CAPTION,
    "li": BlockKind.ITEM,
    "tr": BlockKind.ROW,
    "blockquote": BlockKind.QUOTE,
} | {f"h{level}": BlockKind.HEADING for level in range(1, 7)}
_CARRIED = (BlockKind.CAPTION, BlockKind.ITEM, BlockKind.QUOTE, BlockKind.ROW)  # kinds of the paragraphs inside, too
_EMPHASIS = ("b", "strong", "em", "i", "u", "font", "o:p", "big", "small", "wbr")
_DROPPED = frozenset("form button input audio video object canvas map".split())
_FURNITURE = re.compile(
    r"share|related|recommend|tuijian|comment|pinglun|toolbar|qrcode|editor-?name|article-?source|copyright|advert"
    r"|(?:^|[-_ ])ad(?:$|[-_ ])|paper_num|pre-?next|prev|breadcrumb|statement",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[一-鿿][^。!?!?]{10,}[。!?!?]")
_PAGER = re.compile(
    r"(?:(?:上一页|下一页|上页|下页|首页|尾页|末页|第\s*[\d一二三四五六七八九十]+\s*页|共\s*[\d一二三四五六七八九十]+\s*页|跳转|GO|(?:余下|展开|阅读|查看|显示)(?:全文|全部|更多)|[\[【(]\s*\d{1,3}\s*[\]】)])[\s\d/|<>»«.…,:]*)+",
    re.IGNORECASE,
)
_CAPTION = re.compile(r"caption|pic-?(?:text|note|desc)|img-?(?:text|note|desc)|tuzhu|tushuo", re.IGNORECASE)
_FIRST_NOTE = re.compile(r"[\[【(]\s*\d{1,3}\s*[\]】)]")  # one number in brackets may be a sub-heading
_MAX_FURNITURE = 400  # characters: what is longer is no share bar, whatever its name
_MAX_FRAGMENT, _MAX_TAGS = 1_000_000, 30_000  # characters and tags handed to BeautifulSoup
_MAX_LINKS, _MAX_IMAGES = 500, 200
_HEADER = re.compile(r"(?:来源|编辑|作者|责编|浏览|点击|字体|发布时间|发稿时间|时间)\s*[::]")
_STAMPED = 24  # characters beside a date that make a line a header: names of an outlet or author
_PROMOTED = re.compile(
    r"更多精彩[^。]{0,12}(?:点击|关注)|(?:点击|扫码|长按|下载)[^。]{0,12}(?:关注|APP|客户端|二维码)|下载[^。]{0,8}APP",
    re.IGNORECASE,
)
_CRUMBS = re.compile(r"^(?:您?现在的位置|当前位置|您的位置|首页\s*>)")
# What mirror sites put into a text.
_SPAM = re.compile(
    r"领取[^。]{0,12}(?:关注|APP|资料|红包)|加微信[^。]{0,12}(?:领取|资料|咨询)|棋牌(?:娱乐|游戏|平台)|彩票(?:平台|投注)|娱乐城|代开发票"
)
_DISCLAIMER = re.compile(
    r"[\[【(*#\s]*(?:[一-鿿]{2,8})?(?:声明|提示|Notice)[\]】)]?\s*[:,]?.{0,80}?"
    r"(?:转载|版权|侵权|观点|立场|本[网站平公][^,。]{0,12}(?:仅|不|力求)|自媒体|投资建议|风险自|uploaded)"
)
_COUNTER = re.compile(r"\+?\d{1,7}|\d{1,7}[+次条赞个]?")
_MAX_COUNTERS = 3
_COUNTED = 8  # characters of what a counter counts: 图集 +1
_ENDS = re.compile(r"[。!?!?…)）”\"」』]$")
_CREDIT = re.compile(r"^.{0,60}(?:摄|供图|摄影|资料图|图片来源.{0,20})[)）]?$|^[▲△↑图](?:为|片)?[^。]{2,60}$")


class Body:
    """What the fragment holds: `text`, and the `blocks`, `links`, `images` whose offsets refer to it; `cut` counts
    what was left out, by name."""

    def __init__(self, node: Element, title: str, url: str = "", beside: Sequence[Element] = ()) -> None:
        self.cut = Counter({"beside": len(beside)} if beside else {})
        drop(node, beside)
        reader = _Reader(url, self.cut)
        reader.read(self._soup(node))
        kept = self._kept(reader.blocks, fold(clean(title).text))
        self.text = "\n".join(block.text for block in kept)
        self.blocks: list[Block] = []
        self.links: list[Link] = []
        self.images: list[Image] = []
        at = 0
        for number, block in enumerate(kept):
            kind = block.kind
            if kind == BlockKind.PARAGRAPH and block.images and _CREDIT.search(fold(block.text)):
                kind = BlockKind.CAPTION  # a credit under the picture that came right before it
            for src, alt in block.images:
                caption = block.text if kind == BlockKind.CAPTION else alt
                self.images.append(Image(at, src, caption))
            self.blocks.append(Block(kind, at, at + len(block.text)))
            seen = 0
            for text, href in block.links:
                start = block.text.find(text, seen)
                if start >= 0:
                    seen = start + len(text)
                    self.links.append(Link(at + start, at + seen, href))
            at += len(block.text) + (number < len(kept) - 1)
        self.images += [Image(len(self.text), src, alt) for src, alt in reader.images]  # behind the last block

    def _soup(self, node: Element) -> BeautifulSoup:
        """The fragment, without marks of emphasis; these are half of what pages hold, and say nothing here."""
        for span in node.iter("span"):
            if not span.get("class") and not span.get("id"):
                span.tag = "b"
        etree.strip_tags(node, *_EMPHASIS)
        whole = etree.tostring(node, encoding="unicode", method="html", with_tail=False)
        fragment = whole[:_MAX_FRAGMENT]
        beyond = next(islice(re.finditer("<", fragment), _MAX_TAGS, None), None)
        fragment = fragment[: beyond.start()] if beyond else fragment
        if len(fragment) < len(whole):
            self.cut["too_long"] = 1
        return BeautifulSoup(fragment, "lxml", multi_valued_attributes=None)

    def _kept(self, blocks: "list[_Line]", title: str) -> "list[_Line]":
        kept = []
        for number, block in enumerate(blocks):
            name = _furniture(number, fold(clean(block.text).text), title)
            if name:
                self.cut[name] += 1
            else:
                kept.append(block)
        end = body_end(fold("\n".join(block.text for block in kept)))
        at, body = 0, []
        for block in kept:
            if at >= end or (len(block.text) <= 40 and is_furniture(fold(block.text))):
                self.cut["ending"] += 1
            else:
                body.append(block)
            at += len(block.text) + 1
        return self._without_counters(body)

    def _without_counters(self, blocks: "list[_Line]") -> "list[_Line]":
        """The blocks without a counter (+1) behind the last sentence, and what it counts."""
        last = max((n for n, block in enumerate(blocks) if _ENDS.search(block.text)), default=len(blocks))
        counted = [n for n in range(last + 1, len(blocks)) if _COUNTER.fullmatch(blocks[n].text)]
        if not 0 < len(counted) <= _MAX_COUNTERS:  # more are figures of the article
            return blocks
        self.cut["counter"] += len(counted)
        named = {n - 1 for n in counted if n - 1 > last and len(blocks[n - 1].text) <= _COUNTED}
        return [block for n, block in enumerate(blocks) if n not in counted and n not in named]


def _furniture(number: int, line: str, title: str) -> str:
    """The name of what a folded line is where it is no prose: the headline again, the header, an advertisement."""
    if _DISCLAIMER.match(line):
        return "disclaimer"
    if "。" in line:
        return ""
    if number < 5 and line == title:
        return "title"
    if number < 5 and len(line) <= 80 and (_HEADER.search(line) or _is_stamped(line)):
        return "header"
    if _CRUMBS.search(line):
        return "breadcrumb"
    if _PAGER.fullmatch(line) and not _FIRST_NOTE.fullmatch(line):
        return "pager"
    if _SPAM.search(line):
        return "spam"
    return "promotion" if len(line) <= 60 and _PROMOTED.search(line) else ""


def _is_stamped(line: str) -> bool:
    """Whether a short line is a date with a name beside it."""
    stamp = first_stamp(line)
    return stamp is not None and len(line) - (stamp.end() - stamp.start()) <= _STAMPED


class _Anchor(NamedTuple):
    """A link, and its words."""

    text: str
    href: str


class _Picture(NamedTuple):
    """The address of a picture, and the text in its place."""

    src: str
    alt: str


class _Size(NamedTuple):
    """The characters of an element, those of them in links, and the number of links."""

    characters: int
    in_links: int
    links: int


class _Line:
    """One block in the making."""

    def __init__(self, kind: BlockKind) -> None:
        self.kind = kind
        self.parts: list[str] = []
        self.text = ""
        self.links: list[_Anchor] = []
        self.images: list[_Picture] = []


class _Reader:
    """Walks a fragment once. Fragments are no deeper than the parser lets them be (256), so that it may recurse."""

    def __init__(self, url: str, cut: Counter[str]) -> None:
        self.url = url
        self.cut = cut
        self.blocks: list[_Line] = []
        self.line = _Line(BlockKind.PARAGRAPH)
        self.images: list[_Picture] = []  # seen since the last block
        self.sizes: dict[int, _Size] = {}
        self.found = Counter[str]()

    def read(self, soup: BeautifulSoup) -> None:
        """Read it all into `blocks`."""
        self._measure(soup)
        self._walk(soup, BlockKind.PARAGRAPH)
        self._flush(BlockKind.PARAGRAPH)

    def _measure(self, tag: Tag) -> _Size:
        """Measure each element."""
        characters = in_links = links = 0
        for child in tag.contents:
            if isinstance(child, Tag):
                inner, inner_links, inner_count = self._measure(child)
                characters, in_links, links = characters + inner, in_links + inner_links, links + inner_count
            elif type(child) is NavigableString:
                characters += len(child.strip())
        if tag.name == "a":
            in_links, links = characters, 1
        self.sizes[id(tag)] = size = _Size(characters, in_links, links)
        return size

    def _walk(self, tag: Tag, kind: BlockKind) -> None:
        for child in tag.contents:
            if not isinstance(child, Tag):
                if type(child) is NavigableString:
                    self.line.parts.append(child)
            elif child.name == "a":
                self._link(child, kind)
            elif self._is_leaf(child, kind):
                continue
            elif child.name in ("td", "th"):
                self._cell(child, kind)
            elif child.name in _BLOCK:
                inner = self._kind(child, kind)
                self._flush(inner)
                self._walk(child, inner)
                self._flush(kind)
            else:
                self._walk(child, kind)

    def _is_leaf(self, tag: Tag, kind: BlockKind) -> bool:
        """Take a line break, an image, or what is cut. Returns whether the element was one: nothing inside is read."""
        if tag.name == "br":
            self._flush(kind)
        elif tag.name == "img":
            self._image(tag)
        elif reason := self._why_cut(tag):
            self.cut[reason] += 1
        else:
            return False
        return True

    def _kind(self, tag: Tag, outer: BlockKind) -> BlockKind:
        names = _names(tag)
        if names != " " and _CAPTION.search(names):
            return BlockKind.CAPTION
        if tag.name in ("p", "div", "section") and outer in _CARRIED:
            return outer
        return _KIND.get(tag.name, BlockKind.PARAGRAPH)

    def _why_cut(self, tag: Tag) -> str:
        """The name of what an element is that readers of the article do not want; empty where they do."""
        name = tag.name
        if name in _DROPPED and not (
            name == "form" and _SENTENCE.search(tag.get_text())
        ):  # some systems put the article in a form
            return "control"
        if name in ("html", "body"):
            return ""
        characters, in_links, links = self.sizes[id(tag)]
        names = _names(tag)
        if names != " " and characters < _MAX_FURNITURE and _FURNITURE.search(names) and not self._is_prose(tag):
            return "furniture"
        if links >= 2 and name in ("ul", "ol", "div", "p") and characters < 1500 and in_links > 0.7 * characters:
            return "" if tag.get_text().rstrip().endswith("。") else "links"
        return ""

    def _is_prose(self, tag: Tag) -> bool:
        """Whether an element holds a sentence, and not mostly links."""
        characters, in_links, _ = self.sizes[id(tag)]
        return 4 * in_links < characters and _SENTENCE.search(tag.get_text()) is not None

    def _cell(self, tag: Tag, kind: BlockKind) -> None:
        if kind == BlockKind.ROW and not tag.find(["p", "div", "table"], recursive=True):
            if any(part.strip() for part in self.line.parts):
                self.line.parts.append("\t")
            self._walk(tag, kind)
        elif (
            kind == BlockKind.ROW and self.sizes[id(tag)].characters <= 60
        ):  # a short cell that wraps its words in blocks
            if any(part.strip() for part in self.line.parts):
                self.line.parts.append("\t")
            self.line.parts.append(tag.get_text(" ", strip=True))
        else:  # a table that only lays out the page
            self._flush(BlockKind.PARAGRAPH)
            self._walk(tag, BlockKind.PARAGRAPH)
            self._flush(kind)

    def _link(self, tag: Tag, kind: BlockKind) -> None:
        line = self.line
        before = len(line.parts)
        self._walk(tag, kind)
        href = self._address(tag.get("href"))
        text = squeeze("".join(line.parts[before:])) if line is self.line else ""
        if href and text and self.found["link"] < _MAX_LINKS:
            self.found["link"] += 1
            line.links.append(_Anchor(text, href))

    def _image(self, tag: Tag) -> None:
        src = self._address(tag.get("data-src") or tag.get("data-original") or tag.get("src"))
        if src and self.found["image"] < _MAX_IMAGES:
            self.found["image"] += 1
            self.images.append(_Picture(src, squeeze(str(tag.get("alt") or ""))[:200]))

    def _address(self, value: object) -> str:
        """An absolute http(s) address; empty for scripts, data and what is no address."""
        written = str(value or "").strip()
        if len(written) > LONGEST_LINK:  # most are pictures (data:)
            return ""
        try:
            address = urljoin(self.url, written)
        except ValueError:
            return ""
        relative = not self.url and "://" not in address and not re.match(r"[a-z]+:", address, re.IGNORECASE)
        wanted = address.startswith(("http://", "https://")) or (relative and address != "")
        return address if wanted and len(address) <= LONGEST_LINK else ""

    def _flush(self, following: BlockKind) -> None:
        """End the block in the making; the next one is of the kind `following`."""
        line = self.line
        if line.parts:
            cells = "".join(line.parts).split("\t") if line.kind == BlockKind.ROW else ["".join(line.parts)]
            line.text = "\t".join(squeeze(cell) for cell in cells).strip()
            if line.text:
                line.images, self.images = self.images, []
                self.blocks.append(line)
        if line.parts or line.kind != following:
            self.line = _Line(following)


def _names(tag: Tag) -> str:
    return f"{tag.get('class') or ''} {tag.get('id') or ''}"
