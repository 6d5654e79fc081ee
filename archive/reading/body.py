"""Finding the node that holds the article: by the names that Chinese systems give it, else by where the prose is."""

import re

from lxml.html import HtmlElement

from archive.reading.page import Page, is_hidden

# Containers of widespread systems (TRS, 博达, Founder papers, government platforms), each an exact id or class.
_KNOWN = frozenset(
    """TRS_Editor TRS_UEDITOR v_news_content UCAP-CONTENT ozoom vsb_content rm_txt_con rwb_zw detail_article_content
    article-content article_content articleContent article_text articletext artibody endText main-content-txt Zoom zoom
    fontzoom left_zw text_area p-detail js_content news-content news_content newsContent contTxt cnt_bd post_body
    article-body the_body""".split()
)
_SKIP = re.compile(
    r"comment|pinglun|related|recommend|tuijian|hot-?news|sidebar|aside|footer|copyright|breadcrumb"
    r"|(?:^|[-_ ])nav(?:$|[-_ ])|share|toolbar|ranking|login|\bad\b|advert|banner|pagination|weixin|qrcode",
    re.IGNORECASE,
)
_SKIP_TAGS = frozenset(["nav", "footer", "aside", "header", "form", "button", "select"])
_PROSE_TAGS = frozenset(
    ["p", "div", "td", "section", "article", "span", "font", "center", "blockquote", "li", "dd", "pre"]
)
_INLINE = frozenset(["strong", "b", "em", "i", "u", "br", "sup", "sub", "o:p"])
_HAN = re.compile(r"[一-鿿]")
_PUNCTUATION = re.compile(r"[,。!?;、,::“”!?;]")


def find_body(page: Page) -> tuple[HtmlElement | None, str]:
    """The node that holds the article and how it was found (`known` or `prose`); (None, "") where there is none."""
    if page.root is None:
        return None, ""
    scores = _prose_scores(page.root)
    total = sum(scores.values()) or 1.0
    inside = _sums(scores)
    known = [node for node in page.root.iter() if isinstance(node.tag, str) and _is_known(node)]
    best = max(known, key=lambda node: inside.get(node, 0.0), default=None)
    if best is not None and inside.get(best, 0.0) >= max(40.0, 0.5 * total):
        return best, "known"
    article = _titled_article(page.root, inside)
    return _by_prose(article if article is not None else page.root.find("body"), scores, inside)


def _is_known(node: HtmlElement) -> bool:
    names = {node.get("id") or "", *(node.get("class") or "").split()}
    return not names.isdisjoint(_KNOWN) or node.get("itemprop") == "articleBody"


def _prose_scores(root: HtmlElement) -> dict[HtmlElement, float]:
    """Own prose of each block: Han characters outside links, raised by punctuation."""
    scores: dict[HtmlElement, float] = {}
    skipped: set[HtmlElement] = set()
    for node in root.iter():
        parent = node.getparent()
        if parent in skipped or is_hidden(node) or _is_furniture(node):
            skipped.add(node)
            continue
        if node.tag not in _PROSE_TAGS or node.tag == "body":
            continue
        own = _own_text(node)
        han = len(_HAN.findall(own))
        marks = len(_PUNCTUATION.findall(own))
        if han >= 8 and (marks or han >= 40):
            scores[node] = han * (1.0 if marks else 0.3) + 3.0 * marks
    return scores


def _is_furniture(node: HtmlElement) -> bool:
    if node.tag in ("body", "html", "article"):
        return False
    if node.tag in _SKIP_TAGS:
        return node.tag != "form" or len(node.findall(".//p")) < 3  # some systems wrap the page in a form
    name = f"{node.get('id') or ''} {node.get('class') or ''}"
    return bool(_SKIP.search(name)) and not _is_known(node)


def _own_text(node: HtmlElement) -> str:
    """The text of a node and its inline children, links left out."""
    parts = [node.text or ""]
    for child in node:
        if isinstance(child.tag, str) and child.tag in _INLINE:
            parts.append(child.text_content())
        parts.append(child.tail or "")
    return "".join(parts)


def _sums(scores: dict[HtmlElement, float]) -> dict[HtmlElement, float]:
    """The prose inside each node, its own and that of everything below."""
    inside: dict[HtmlElement, float] = {}
    for node, own in scores.items():
        at: HtmlElement | None = node
        while at is not None:
            inside[at] = inside.get(at, 0.0) + own
            at = at.getparent()
    return inside


def _titled_article(root: HtmlElement, inside: dict[HtmlElement, float]) -> HtmlElement | None:
    """The one <article> that holds a headline and prose: what lies outside it are other stories."""
    titled = [node for node in root.iter("article") if inside.get(node, 0.0) >= 60.0 and node.find(".//h1") is not None]
    return titled[0] if len(titled) == 1 else None


def _by_prose(
    node: HtmlElement | None, scores: dict[HtmlElement, float], inside: dict[HtmlElement, float]
) -> tuple[HtmlElement | None, str]:
    """Walk down from a node while one child holds nearly all its prose."""
    if node is None or inside.get(node, 0.0) < 30.0:
        return None, ""
    while True:
        children = [child for child in node if child in inside]
        best = max(children, key=lambda child: inside[child], default=None)
        if best is None or best.tag in ("p", "span", "font", "li", "b", "strong"):
            return node, "prose"
        own = scores.get(node, 0.0)
        if inside[best] < 0.6 * (inside[node] - own) or own > inside[best]:
            return node, "prose"
        node = best
