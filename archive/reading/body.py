"""Finding the node that holds the article: by the names that Chinese systems give it, else by where the prose is."""

import re

from lxml.etree import _Element as Element

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


def find_body(root: Element) -> tuple[Element | None, str]:
    """The node of a tree that holds the article and how it was found (`known` or `prose`); (None, "") where
    there is none."""
    scores, known = _prose_scores(root)
    total = sum(scores.values()) or 1.0
    inside = _sums(scores)
    best = max(known, key=lambda node: inside.get(node, 0.0), default=None)
    if best is not None and inside.get(best, 0.0) >= max(40.0, 0.5 * total):
        return best, "known"
    article = _titled_article(root, inside)
    return _by_prose(article if article is not None else root.find("body"), scores, inside)


def _prose_scores(root: Element) -> tuple[dict[Element, float], list[Element]]:
    """Own prose of each block (Han characters outside links, raised by punctuation), and the nodes whose name is known."""
    scores: dict[Element, float] = {}
    known: list[Element] = []
    skipped: set[Element] = set()
    for node in root.iter():
        tag = node.tag
        if skipped and node.getparent() in skipped:
            skipped.add(node)
            continue
        names = f"{node.get('id') or ''} {node.get('class') or ''}"
        is_known = False
        if names != " ":
            is_known = not _KNOWN.isdisjoint(names.split())
            if is_known:
                known.append(node)
        if node.get("itemprop") == "articleBody":
            is_known = True
            known.append(node)
        if not is_known and _is_furniture(node, tag, names):
            skipped.add(node)
            continue
        if tag not in _PROSE_TAGS:
            continue
        own = _own_text(node)
        if len(own) < 8:
            continue
        han = len(_HAN.findall(own))
        if han >= 8:
            marks = len(_PUNCTUATION.findall(own))
            if marks or han >= 40:
                scores[node] = han * (1.0 if marks else 0.3) + 3.0 * marks
    return scores, known


def _is_furniture(node: Element, tag: str, names: str) -> bool:
    if tag in ("body", "html", "article"):
        return False
    if tag in _SKIP_TAGS:
        return tag != "form" or len(node.findall(".//p")) < 3  # some systems wrap the page in a form
    return names != " " and _SKIP.search(names) is not None


def _own_text(node: Element) -> str:
    """The text of a node and its inline children, links left out."""
    own = node.text or ""
    for child in node:
        if child.tag in _INLINE:
            own += "".join(child.itertext(with_tail=False))
        if child.tail:
            own += child.tail
    return own


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


def _by_prose(
    node: Element | None, scores: dict[Element, float], inside: dict[Element, float]
) -> tuple[Element | None, str]:
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
