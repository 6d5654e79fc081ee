"""Finding the node that holds the article: by the names that Chinese systems give it, else by where the prose is.

Prose is judged by what it holds. A suspicious name makes prose count less; where a page has no other, it is the article all
the same. The words about another page beside a link to it are no prose of this page.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from lxml.etree import _Element as Element

from archive.reading.page import texts_after
from archive.reading.stamps import has_stamp
from archive.text import fold

# Containers of widespread systems (TRS, 博达, Founder papers, government platforms), each an exact id or class.
_KNOWN = frozenset(
    """TRS_Editor TRS_UEDITOR v_news_content UCAP-CONTENT ozoom vsb_content rm_txt_con rwb_zw detail_article_content
    article-content article_content articleContent article_text articletext artibody endText main-content-txt Zoom zoom
    fontzoom left_zw text_area p-detail js_content news-content news_content newsContent contTxt cnt_bd post_body
    article-body the_body""".split()
)
_SUSPICIOUS = re.compile(
    r"comment|pinglun|related|recommend|tuijian|hot-?news|sidebar|aside|footer|copyright|breadcrumb"
    r"|(?:^|[-_ ])nav(?:$|[-_ ])|share|toolbar|ranking|login|\bad\b|advert|banner|pagination|weixin|qrcode",
    re.IGNORECASE,
)
_SUSPICIOUS_TAGS = frozenset(["nav", "footer", "aside", "header", "button", "select"])
_COMMENTS = re.compile(r"comment|pinglun|reply|liuyan|guestbook", re.IGNORECASE)
_LOWERED = 0.1  # what prose counts under a suspicious name
_HARDLY = 0.01  # under a name of readers' comments, of which there may be more than of the article, and in an imprint
_INLINE = frozenset(
    "a abbr b big br cite code em font i img ins kbd label mark o:p q ruby rt rp small span strong sub sup u wbr".split()
)
_LINE = frozenset("p span font li b strong dt dd td h1 h2 h3 h4 h5 h6 pre blockquote".split())  # hold lines, not blocks
_HEADLINES = ("h1", "h2", "h3", "h4", "h5", "h6")
_NO_PROSE = frozenset("a title script style head option".split())
_HAN = re.compile(r"[一-鿿]")
_PUNCTUATION = re.compile(r"[,。!?;、,::“”!?;]")
_SENTENCE_END = re.compile(r"[。!?!?;;]")
_MORE = re.compile(
    r"^[\[【(（<《\s]*(?:查看|阅读|点击)?(?:详细|详情|全文|更多|阅读)(?:内容|信息|全文|报道)?[\]】)）>》…\s]*$"
)
# The words at the foot of all pages of a site.
_IMPRINT = re.compile(
    r"copyright|版权所有|ICP[备证]|公网安备|许可证|不良信息举报|(?:主办|承办|技术支持)(?:单位)?[::]|声明\s*[::]"
    r"|不代表[^。]{0,16}(?:观点|立场)",
    re.IGNORECASE,
)
_TITLE = 5  # Chinese characters of the shortest link that is a headline
_ITEM_LEVELS, _WIDENED_LEVELS = 5, 6
_MAX_TEASER = 1000  # characters of an item of a list
_MAX_ABOVE = 40  # characters above its headline
_MAX_NAME = 200  # characters of an id or a class that are looked at
_NEARLY = 0.85
_LEAST_PART = 30.0  # prose of a part that goes on with an article
_FAR_PART = 0.15  # of an article's greatest part that another must hold which is no sibling of it
_MIN_WEIGHT = 30.0
_STORY = 100  # Chinese characters of a story beside others
_STORY_LEVELS, _HEADER_LINES, _STAMPED = 4, 4, 60  # characters of the line that states its date
_ARTICLE = 0.25  # of a page's prose that what was chosen must hold, whatever the names of the rest


@dataclass(frozen=True)
class FoundBody:
    """The node that holds an article, how it was found (`known` or `prose`), where in the node the article starts, and
    what stands in the node beside it. Without an article, `node` and `start` are None."""

    node: Element | None
    method: str = ""
    start: Element | None = None
    beside: tuple[Element, ...] = ()


def find_body(root: Element) -> FoundBody:
    """Find the article in a page's tree."""
    prose, weights, known = _prose(root)
    raw = _sums(prose)
    inside = _sums({node: own * weights.get(node, 1.0) for node, own in prose.items()})
    body = root.find("body")
    if body is None or raw.get(body, 0.0) < _MIN_WEIGHT:
        return FoundBody(None)
    total = inside[body]
    most = max((inside.get(node, 0.0) for node in known), default=0.0)
    if most >= max(40.0, 0.5 * total):
        innermost = [node for node in known if inside.get(node, 0.0) >= _NEARLY * most][-1]
        crowded = _is_links(innermost)  # a column of links stands in it beside the article
        return _widened(_core(innermost, prose, raw, inside) if crowded else innermost, "known", raw, inside)
    titled = _titled_article(root, inside)
    core = _core(titled if titled is not None else body, prose, raw, inside)
    whole = _sums({node: own for node, own in prose.items() if weights.get(node, 1.0) > _HARDLY})
    if whole.get(body, 0.0) < _MIN_WEIGHT:
        whole = raw
    if titled is None and whole.get(core, 0.0) < _ARTICLE * whole[body]:
        core = _core(body, prose, whole, whole)
    return _widened(core, "prose", raw, inside)


def count_stories(found: FoundBody) -> int:
    """How many stories the page of an article holds side by side, each with a headline of its own, a date and prose; 1
    where it holds one."""
    most, node = 1, found.node
    for _ in range(_STORY_LEVELS):
        if node is None or node.tag == "html":
            break
        alike = Counter((one.tag, one.get("class")) for one in node if isinstance(one.tag, str))
        if max(alike.values(), default=0) > 1:
            stories = Counter((one.tag, one.get("class")) for one in node if _is_story(one))
            most = max(most, *stories.values(), 0)
        node = node.getparent()
    return most


def _is_story(node: Element) -> bool:
    """Whether a node begins with a headline that is no link, states a date on a line of its own, and holds prose."""
    heading = next(node.iter(*_HEADLINES), None)
    if (
        heading is None
        or next(heading.iter("a"), None) is not None
        or len(_HAN.findall("".join(node.itertext()))) < _STORY
    ):
        return False
    lines = islice((text for one, text in texts_after(heading, None)), _HEADER_LINES)
    return any(len(line) <= _STAMPED and has_stamp(fold(line)) for line in lines)


def _prose(root: Element) -> tuple[dict[Element, float], dict[Element, float], list[Element]]:
    """The prose of each block itself (Han characters outside links, raised by punctuation), what it counts where that is
    less than all, and the nodes whose name is known."""
    prose: dict[Element, float] = {}
    weights: dict[Element, float] = {}
    known: list[Element] = []
    read: set[Element] = set()  # whose text has been looked at, with that of their inline children
    items: dict[Element, bool] = {}
    for node in root.iter():
        if len(node) == 0 and len(node.text or "") < 8:
            continue
        is_known, weight = _weight(node, weights)
        if is_known:
            known.append(node)
        if weight < 1.0:
            weights[node] = weight
        own = _unread_text(node, read)
        value = _worth(own)
        if value and not _is_teaser(node, items):
            prose[node] = value
            if _IMPRINT.search(own):
                weights[node] = _HARDLY
    return prose, weights, known


def _unread_text(node: Element, read: set[Element]) -> str:
    """The text of a node itself; empty for what holds no prose, and for an inline node whose text was read with its
    parent's. Adds the node to `read`."""
    tag = node.tag
    if tag in _NO_PROSE:
        return ""
    if len(node):
        read.add(node)
    if tag in _INLINE and node.getparent() in read:
        return ""
    return _own_text(node)


def _weight(node: Element, weights: dict[Element, float]) -> tuple[bool, float]:
    """Whether a node's name is known, and what prose counts in it, by its name and those of the nodes above."""
    is_known, named = False, 1.0
    if node.attrib:
        is_known, named = _named((node.get("id") or "")[:_MAX_NAME], (node.get("class") or "")[:_MAX_NAME])
    if is_known or node.get("itemprop") == "articleBody":
        return True, 1.0
    above = weights.get(node.getparent(), 1.0) if weights else 1.0
    return False, min(above, named, _LOWERED if node.tag in _SUSPICIOUS_TAGS else 1.0)


def _worth(text: str) -> float:
    """The Han characters of a text, raised by punctuation; 0 for a text that is too short, or an unmarked one."""
    han = len(_HAN.findall(text)) if len(text) >= 8 else 0
    if han < 8:
        return 0.0
    marks = len(_PUNCTUATION.findall(text))
    if not marks and han < 40:
        return 0.0
    return han * (1.0 if marks else 0.3) + 3.0 * marks


@lru_cache(maxsize=4096)  # the nodes of a list have one name
def _named(id_: str, class_: str) -> tuple[bool, float]:
    """Whether an id and classes are those of a known container, and what prose counts under them."""
    names = f"{id_} {class_}"
    weight = _HARDLY if _COMMENTS.search(names) else _LOWERED if _SUSPICIOUS.search(names) else 1.0
    return not _KNOWN.isdisjoint(names.split()), weight


def _own_text(node: Element) -> str:
    """The text of a node and its inline children, links and the blocks in these left out."""
    own = [node.text or ""]
    for child in node:
        if child.tag in _INLINE and child.tag != "a":
            own.append(_own_text(child) if len(child) else child.text or "")
        if child.tail:
            own.append(child.tail)
    return "".join(own)


def _is_teaser(node: Element, items: dict[Element, bool]) -> bool:
    """Whether the words of a block are about another page: they lie in a link, end in one that reads on, or are an item of
    a list whose headline is a link. `items` keeps what is known of the elements above."""
    last = node[-1] if len(node) else None
    if last is not None and last.tag == "a" and last.get("href") and _MORE.match("".join(last.itertext())):
        return True
    item = node
    for _ in range(_ITEM_LEVELS):
        if item is None or item.tag == "body":  # none: text outside of the body
            return False
        if item is not node:
            if item not in items:
                items[item] = bool(item.tag == "a" and item.get("href")) or (
                    _is_listed(item) and _has_headline_link(item)
                )
            if items[item]:
                return True
        item = item.getparent()
    return False


def _is_listed(item: Element) -> bool:
    """Whether an element has a sibling of its kind, made up like itself."""
    return any(
        other is not None
        and other.tag == item.tag
        and (item.tag == "li" or other.get("class") == item.get("class"))
        and (len(other) > 0 and other[0].tag == item[0].tag)
        for other in (item.getnext(), item.getprevious())
    )


def _has_headline_link(item: Element) -> bool:
    """Whether an item of a list has a link that stands alone, is long enough for a headline and has no prose above it."""
    for link in item.iter("a"):
        words = "".join(link.itertext()).strip()
        if link.get("href") and len(_HAN.findall(words)) >= _TITLE:
            block = link.getparent()
            alone = block is not None and len(_own_text(block).strip()) < 8
            text = "".join(item.itertext())
            return alone and len(text) < _MAX_TEASER and len(text.partition(words)[0].strip()) < _MAX_ABOVE
    return False


def _sums(scores: dict[Element, float]) -> dict[Element, float]:
    """The prose inside each node, its own and that of everything below."""
    inside: dict[Element, float] = {}
    for node, own in scores.items():
        inside[node] = inside.get(node, 0.0) + own
        for above in node.iterancestors():
            inside[above] = inside.get(above, 0.0) + own
    return inside


def _titled_article(root: Element, inside: dict[Element, float]) -> Element | None:
    """The one <article> that holds a headline and prose: what lies outside it are other stories."""
    titled = [node for node in root.iter("article") if inside.get(node, 0.0) >= 60.0 and node.find(".//h1") is not None]
    return titled[0] if len(titled) == 1 else None


def _core(
    node: Element, prose: dict[Element, float], raw: dict[Element, float], inside: dict[Element, float]
) -> Element:
    """Walk down from a node while one child holds nearly all its prose, or all that is of one piece."""
    while True:
        children = [child for child in node if child in inside]
        best = max(children, key=lambda child: inside[child], default=None)
        if best is None or best.tag in _LINE:
            return node
        own = prose.get(node, 0.0)
        if own > inside[best]:
            return node
        if inside[best] < 0.6 * (inside[node] - own) and _continuing(best, raw, inside):
            return node
        node = best


def _widened(core: Element, method: str, raw: dict[Element, float], inside: dict[Element, float]) -> FoundBody:
    """The article of which a core is the greatest part: with what stands around it and goes on with it."""
    found = FoundBody(core, method, core)
    beside: list[Element] = []
    child, start, near = core, core, True
    for _ in range(_WIDENED_LEVELS):
        parent = child.getparent()
        if parent is None or parent.tag == "html":
            break
        kept = {child, *(one for one in _continuing(child, raw, inside) if near or raw[one] >= _FAR_PART * raw[core])}
        near = False
        beside.extend(_beside(parent, child, kept, raw, inside))
        if len(kept) > 1:
            first = next(one for one in parent if one in kept)
            start = start if first is child else first
            found = FoundBody(parent, method, start, tuple(beside))
        child = parent
    return found


def _beside(
    parent: Element, child: Element, kept: set[Element], raw: dict[Element, float], inside: dict[Element, float]
) -> Iterator[Element]:
    """The children of a node that are no part of the article, of which the children in `kept` are."""
    met = 0
    for one in parent:
        if one in kept:
            met += 1
        elif one.tag == child.tag and one.get("class") == child.get("class") and not _is_links(one):
            continue  # a short one of the article's paragraphs
        elif met in (0, len(kept)) or _is_links(one) or (one in raw and inside.get(one, 0.0) < 0.5 * raw[one]):
            yield one


def _continuing(node: Element, raw: dict[Element, float], inside: dict[Element, float]) -> list[Element]:
    """The siblings of a node that go on with its prose: no headline and no list of links stands between (one link alone
    is an advertisement), they are neither lowered by their names nor mostly links, and have no headline where the node has
    its own."""
    found = []
    headed = _has(node, ("h1",))
    for step in (Element.getnext,) if headed else (Element.getprevious, Element.getnext):
        one = step(node)
        while one is not None and one.tag != "h1" and not _is_links(one, least=2):
            if raw.get(one, 0.0) >= _LEAST_PART and _SENTENCE_END.search(
                "".join(one.itertext())
            ):  # no headline has one
                if inside.get(one, 0.0) < 0.5 * raw[one] or _has(one, _HEADLINES if headed else ("h1",)):
                    break
                found.append(one)
            one = step(one)
    return found


def _has(node: Element, tags: tuple[str, ...]) -> bool:
    return next(node.iter(*tags), None) is not None


def _is_links(node: Element, least: int = 1) -> bool:
    """Whether a node is a list of links, or mostly links: of `least` links or more."""
    links = [link for link in node.iter("a") if link.get("href")]
    if len(links) < least:
        return False
    linked = sum(len(_HAN.findall("".join(link.itertext()))) for link in links)
    return linked > 10 and 2 * linked > len(_HAN.findall("".join(node.itertext())))
