"""The body fragment to clean text: one block a line, in reading order, without page furniture."""

import re

from bs4 import BeautifulSoup, Comment, NavigableString, Tag
from bs4.element import PageElement
from lxml import etree
from lxml.html import HtmlElement

from archive.reading.page import squeeze
from archive.text import fold
from archive.text.furniture import body_end, is_furniture

_BLOCK = frozenset(
    """p div section article h1 h2 h3 h4 h5 h6 li tr blockquote figcaption table ul ol dl dt dd center pre td th figure
    header footer""".split()
)
_DROPPED = """script style noscript iframe form button select input textarea svg object video audio""".split()
_FURNITURE = re.compile(
    r"share|related|recommend|tuijian|comment|pinglun|toolbar|qrcode|editor-?name|article-?source|copyright|advert"
    r"|(?:^|[-_ ])ad(?:$|[-_ ])|paper_num|pre-?next|prev|breadcrumb|statement|hidden",
    re.IGNORECASE,
)
_MAX_FRAGMENT = 2_000_000  # characters handed to BeautifulSoup
_HEADER = re.compile(r"(?:来源|编辑|作者|责编|浏览|点击|字体|发布时间|发稿时间|时间)\s*[::]")
# What mirror sites put before a text.
_INJECTED = re.compile(
    r"^(?:您?现在的位置|当前位置|您的位置|首页\s*>)|(?:点击|扫码|加微信|下载)[^。]{0,12}(?:领取|关注|APP|资料)"
    r"|棋牌(?:娱乐|游戏|平台)|彩票(?:平台|投注)|娱乐城|代开发票"
)


def read_blocks(node: HtmlElement, title: str) -> tuple[str, int]:
    """The text of a body node, blocks joined by line feeds, and how many blocks were cut as furniture."""
    fragment = etree.tostring(node, encoding="unicode", method="html", with_tail=False)[:_MAX_FRAGMENT]
    soup = BeautifulSoup(fragment, "lxml")
    cut = _drop(soup)
    lines = [line for line in _lines(soup) if line]
    kept = [line for number, line in enumerate(lines) if not _is_furniture(number, fold(line), fold(title))]
    cut += len(lines) - len(kept)
    text = "\n".join(kept)
    end = body_end(fold(text))
    cut += text[end:].count("\n") + (1 if text[end:].strip() else 0)
    body = [line for line in text[:end].split("\n") if not (len(line) <= 40 and is_furniture(fold(line)))]
    return "\n".join(body).strip(), cut


def _is_furniture(number: int, line: str, title: str) -> bool:
    """Whether a folded line is no prose: the headline again, the header under it, an injected advertisement."""
    if "。" in line:
        return False
    if number < 5 and (line == title or (len(line) <= 60 and _HEADER.search(line))):
        return True
    return bool(_INJECTED.search(line))


def _drop(soup: BeautifulSoup) -> int:
    cut = 0
    for tag in soup.find_all(_DROPPED):
        tag.decompose()
        cut += 1
    for comment in soup.find_all(string=lambda s: isinstance(s, Comment)):
        comment.extract()
    for tag in soup.find_all(True):
        if tag.decomposed or tag.name in ("html", "body"):
            continue
        names = " ".join([*tag.get_attribute_list("class"), str(tag.get("id") or "")])
        style = str(tag.get("style") or "").replace(" ", "").lower()
        hidden = "display:none" in style or tag.has_attr("hidden")
        if (
            hidden
            or (_FURNITURE.search(names) and len(tag.get_text()) < 400)
            or (tag.name in ("ul", "ol", "div", "p") and _is_link_list(tag))
        ):
            tag.decompose()
            cut += 1
    return cut


def _is_link_list(tag: Tag) -> bool:
    links = tag.find_all("a")
    if len(links) < 2:
        return False
    text = len(squeeze(tag.get_text()))
    return text < 1500 and sum(len(squeeze(link.get_text())) for link in links) > 0.7 * text


def _lines(soup: BeautifulSoup) -> list[str]:
    lines: list[str] = []
    parts: list[str] = []

    def flush() -> None:
        lines.append(squeeze("".join(parts)))
        parts.clear()

    for node in soup.descendants:
        if isinstance(node, NavigableString):
            parts.append(str(node))
        elif isinstance(node, Tag) and (node.name == "br" or node.name in _BLOCK):
            if node.name in ("td", "th") and node.find_previous_sibling(("td", "th")):
                parts.append(" ")
            else:
                flush()
        # The end of a block is the start of what follows it outside: seen when its next element comes.
        following = node.next_element
        if following is not None and _leaves_block(node, following):
            flush()
    flush()
    return lines


def _leaves_block(node: PageElement, following: PageElement) -> bool:
    """Whether a block ends between two neighbours in document order."""
    if isinstance(node, Tag) and node.contents:
        return False
    parent = node if isinstance(node, Tag) else node.parent
    outer = following.parent
    while parent is not None and parent is not outer:
        if parent.name in _BLOCK and parent.name not in ("td", "th"):
            return True
        parent = parent.parent
    return False
